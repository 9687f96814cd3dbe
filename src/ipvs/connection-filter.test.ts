import { describe, expect, it } from 'vitest';
import type { ConnectionStatus } from './connection.ts';
import { connectionFilter, type FilterWords, filterNames } from './connection-filter.ts';

const endpoint = (address: string, port: number) => ({ address, port });
const connection = (more: object): ConnectionStatus =>
  ({
    ...{
      template: false,
      protocol: 'tcp',
      family: 4,
      state: 'ESTABLISHED',
      expiresInSeconds: 900,
      method: 'gate',
    },
    client: endpoint('198.51.100.7', 40001),
    virtual: endpoint('192.0.2.10', 80),
    destination: endpoint('10.0.0.11', 8080),
    ...more,
  }) as ConnectionStatus;

const all = {
  web: connection({}),
  closing: connection({ state: 'FIN_WAIT', client: endpoint('198.51.101.7', 9) }),
  dns: connection({ protocol: 'udp', state: 'UDP', virtual: endpoint('192.0.2.10', 53) }),
  six: connection({
    family: 6,
    client: endpoint('2001:db8:1::7', 5),
    virtual: endpoint('fd00::100', 80),
    destination: endpoint('fd00::11', 80),
  }),
  template: connection({ template: true, state: 'ASSURED', client: endpoint('198.51.100.0', 0) }),
};

function found(words: FilterWords): readonly string[] | string {
  const filter = connectionFilter(words);
  if ('expected' in filter) return `${filter.name}: ${filter.expected}`;
  return Object.entries(all).flatMap(([name, each]) => (filter.fits(each) ? name : []));
}

describe('a filter of connections', () => {
  it('without conditions lets all through', () => {
    expect(found({})).toEqual(Object.keys(all));
  });

  it('takes each condition by itself', () => {
    expect(found({ protocol: 'udp' })).toEqual(['dns']);
    expect(found({ virtual: '192.0.2.10' })).toEqual(['web', 'closing', 'dns', 'template']);
    expect(found({ virtual: '192.0.2.10:53' })).toEqual(['dns']);
    expect(found({ virtual: '[fd00:0::100]:80' })).toEqual(['six']);
    expect(found({ port: '80' })).toEqual(['web', 'closing', 'six', 'template']);
    expect(found({ client: '198.51.100.0/24' })).toEqual(['web', 'dns', 'template']);
    expect(found({ client: '198.51.101.7' })).toEqual(['closing']);
    expect(found({ client: '2001:db8::/32' })).toEqual(['six']);
    expect(found({ client: '0.0.0.0/0' })).toEqual(['web', 'closing', 'dns', 'template']);
    expect(found({ server: '10.0.0.11:8080' })).toEqual(['web', 'closing', 'dns', 'template']);
    expect(found({ server: 'fd00::11' })).toEqual(['six']);
    expect(found({ state: 'fin_wait,UDP' })).toEqual(['closing', 'dns']);
    expect(found({ templates: 'only' })).toEqual(['template']);
    expect(found({ templates: 'none' })).toEqual(['web', 'closing', 'dns', 'six']);
  });

  it('wants all of several conditions', () => {
    expect(found({ port: '80', client: '198.51.100.0/24', templates: 'none' })).toEqual(['web']);
  });

  it('says what it would understand of each, where it does not', () => {
    for (const name of filterNames)
      expect(found({ [name]: 'nonsense' }), name).toMatch(new RegExp(`^${name}: .`));
    expect(found({ port: '65536' })).toBe('port: 0 to 65535');
    expect(found({ client: '10.0.0.0/33' })).toMatch(/^client: an address, or a prefix/);
  });
});
