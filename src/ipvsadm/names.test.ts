import { describe, expect, it } from 'vitest';
import type { Address, Port } from '../ipvs/address.ts';
import { parseHostsFile, parseServicesFile } from './etc-files.ts';
import { createNames, type NameSources, reverseName } from './names.ts';

const nothing: NameSources = {
  readText: () => Promise.resolve(''),
  lookup: () => Promise.reject(new Error('ENOTFOUND')),
  reverse: () => Promise.reject(new Error('ENOTFOUND')),
};

const address = (text: string) => text as Address;

describe('/etc/services', () => {
  const file = parseServicesFile(
    'http 80/tcp www # web\n# x 81/tcp\nshell 514/tcp cmd syslog\nsyslog 514/udp\nwebx 80/tcp\n',
  );

  it.each([
    ['http', 'tcp', 80],
    ['www', 'tcp', 80],
    ['webx', 'tcp', 80],
    ['syslog', 'tcp', 514],
    ['http', 'udp', undefined],
    ['HTTP', 'tcp', undefined],
    ['x', 'tcp', undefined],
  ] as const)('%s over %s is port %s', (name, protocol, port) => {
    expect(file.port(name, protocol)).toBe(port);
  });

  it('names a port after its first line, by protocol', () => {
    expect(file.name(80 as Port, 'tcp')).toBe('http');
    expect(file.name(514 as Port, 'tcp')).toBe('shell');
    expect(file.name(514 as Port, 'udp')).toBe('syslog');
    expect(file.name(81 as Port, 'tcp')).toBeUndefined();
  });
});

describe('/etc/hosts', () => {
  it('names an address by the first name of its first line', () => {
    const hosts = parseHostsFile(
      '127.0.0.1\tlocalhost\n10.0.0.1 a.example a # b\n10.0.0.1 c.example\n10.0.0.2\nFD00:0::1 six\nfe80::1%lo0 zone\n',
    );
    expect([...hosts]).toEqual([
      ['127.0.0.1', 'localhost'],
      ['10.0.0.1', 'a.example'],
      ['fd00::1', 'six'],
    ]);
  });
});

describe('the name of an address', () => {
  it('comes from /etc/hosts before DNS', async () => {
    const names = createNames({
      readText: (path) => Promise.resolve(path === '/etc/hosts' ? '10.0.0.1 file.example' : ''),
      lookup: nothing.lookup,
      reverse: () => Promise.resolve(['dns.example', 'other.example']),
    });
    expect(await names.hostOfAddress(address('10.0.0.1'))).toBe('file.example');
    expect(await names.hostOfAddress(address('10.0.0.2'))).toBe('dns.example');
  });

  it('is asked for once', async () => {
    let questions = 0;
    const reverse = () => {
      questions++;
      return Promise.resolve(['dns.example']);
    };
    const names = createNames({ ...nothing, reverse });
    await Promise.all([names.hostOfAddress(address('10.0.0.1')), names.hostOfAddress(address('10.0.0.1'))]);
    expect(questions).toBe(1);
  });

  it('is given up for good when nobody answers three times', async () => {
    let questions = 0;
    const reverse = () => {
      questions++;
      return Promise.reject(Object.assign(new Error('no answer'), { code: 'ETIMEOUT' }));
    };
    const names = createNames({ ...nothing, reverse });
    for (const last of [1, 2, 3, 4, 5]) {
      expect(await names.hostOfAddress(address(`10.0.0.${last}`))).toBeUndefined();
    }
    expect(questions).toBe(3);
  });

  it('that does not exist does not count against the name server', async () => {
    let questions = 0;
    const reverse = () => {
      questions++;
      return Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }));
    };
    const names = createNames({ ...nothing, reverse });
    for (const last of [1, 2, 3, 4, 5]) await names.hostOfAddress(address(`10.0.0.${last}`));
    expect(questions).toBe(5);
  });
});

it.each([
  ['192.0.2.1', '1.2.0.192.in-addr.arpa'],
  ['2001:db8::1', '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa'],
])('%s has its names in DNS under %s', (text, name) => {
  expect(reverseName(address(text))).toBe(name);
});

it('a host that cannot be looked up is no host', async () => {
  expect(await createNames(nothing).addressOfHost('nosuchhost')).toBeUndefined();
});
