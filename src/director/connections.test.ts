import { expect, it } from 'vitest';
import type { Address, Port } from '../ipvs/address.ts';
import type { ConnectionStatus } from '../ipvs/connection.ts';
import { counted, wantedConnections } from './connections.ts';

const endpoint = (address: string, port: number) => ({ address: address as Address, port: port as Port });
const connection = (port: number): ConnectionStatus => ({
  ...{
    template: false,
    protocol: 'tcp',
    family: 4,
    state: 'ESTABLISHED',
    expiresInSeconds: 1,
    method: 'gate',
  },
  client: endpoint('10.0.0.10', port),
  ...{ virtual: endpoint('10.0.0.100', 80), destination: endpoint('10.0.0.11', 80) },
});

/** So many connections, and how many of them somebody has asked for. */
function connections(count: number) {
  const asked = { count: 0 };
  return {
    asked,
    *all() {
      for (; asked.count < count; ) yield connection(asked.count++ % 65_536);
    },
  };
}

it('no more connections are looked at than somebody takes', () => {
  const { all, asked } = connections(1_000_000);
  const wanted = wantedConnections(all)[Symbol.iterator]();
  const first = wanted.next().value as readonly ConnectionStatus[];
  expect(first.length).toBe(asked.count);
  expect(asked.count).toBeLessThan(1000);
});

it('others have their turns while one is looked for among many', () => {
  const { all, asked } = connections(10_000);
  const looked: number[] = [];
  let found = 0;
  for (const some of wantedConnections(all, { client: '10.0.0.99' })) {
    looked.push(asked.count);
    found += some.length;
  }
  expect(found).toBe(0);
  expect(Math.max(...looked.map((count, at) => count - (looked[at - 1] ?? 0)))).toBeLessThan(1000);
});

it('all are there, and counted', () => {
  const { all } = connections(1000);
  expect([...wantedConnections(all)].flat().map(({ client }) => client.port)).toEqual(
    Array.from({ length: 1000 }, (_, port) => port),
  );
  expect([...counted(wantedConnections(connections(1000).all))].flat()).toEqual([{ connections: 1000 }]);
});
