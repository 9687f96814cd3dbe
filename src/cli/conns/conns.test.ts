import { describe, expect, it } from 'vitest';
import type { ConnectionStatus } from '../../ipvs/connection.ts';
import { connectionHeading, connectionRow } from './rows.ts';
import { type SortKey, sorted } from './sort.ts';

const endpoint = (address: string, port: number) => ({ address, port });
const connection = (client: string, port: number, more: object = {}): ConnectionStatus =>
  ({
    ...{
      template: false,
      protocol: 'tcp',
      family: 4,
      state: 'ESTABLISHED',
      expiresInSeconds: 898,
      method: 'gate',
    },
    ...{
      client: endpoint(client, port),
      virtual: endpoint('192.0.2.10', 80),
      destination: endpoint('10.0.0.11', 80),
    },
    ...more,
  }) as ConnectionStatus;

describe('a row', () => {
  it('stands under its heading', () => {
    expect([connectionHeading, connectionRow(connection('198.51.100.7', 40001))]).toEqual([
      'PROTO STATE       EXPIRES  CLIENT                VIRTUAL               REAL SERVER           METHOD',
      'tcp   ESTABLISHED 14:58    198.51.100.7:40001    192.0.2.10:80         10.0.0.11:80          gate',
    ]);
  });

  it('has hours, IPv6 and what the persistence engine keeps', () => {
    const engine = { name: 'sip', data: 'a@b' };
    const virtual = endpoint('fd00::100', 5060);
    expect(connectionRow(connection('2001:db8::7', 0, { virtual, expiresInSeconds: 7265, engine }))).toBe(
      'tcp   ESTABLISHED 2:01:05  [2001:db8::7]:0       [fd00::100]:5060      10.0.0.11:80          gate sip a@b',
    );
  });
});

describe('the order', () => {
  async function* arriving() {
    await Promise.resolve();
    yield [
      connection('10.0.0.9', 2, { expiresInSeconds: 5 }),
      connection('fd00::1', 1, { expiresInSeconds: 3 }),
    ];
    yield [
      connection('10.0.0.10', 1, { expiresInSeconds: 9 }),
      connection('10.0.0.9', 1, { expiresInSeconds: 7 }),
    ];
  }
  const clients = async (key: SortKey, limit: number) => {
    const found: string[] = [];
    for await (const piece of sorted(arriving(), key, limit))
      found.push(...piece.map(({ client }) => `${client.address} ${client.port}`));
    return found;
  };

  it('of clients is by octets, not by letters', async () => {
    expect(await clients('client', 9)).toEqual(['10.0.0.9 1', '10.0.0.9 2', '10.0.0.10 1', 'fd00::1 1']);
  });

  it('has the first ones, however many come', async () => {
    expect(await clients('expires', 1)).toEqual(['fd00::1 1']);
    expect(await clients('expires', 3)).toEqual(['fd00::1 1', '10.0.0.9 2', '10.0.0.9 1']);
  });
});
