import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ConnectionStatus, sctpStates, tcpStates } from '../ipvs/connection.ts';
import { connectionLine } from './connection-line.ts';

const address = fc.oneof(fc.ipV4(), fc.ipV6());
const endpoint = fc.record({ address, port: fc.nat(65_535) });
const connection = fc.record({
  template: fc.boolean(),
  protocol: fc.constantFrom('tcp', 'udp', 'sctp', 'ip'),
  family: fc.constantFrom(4, 6),
  state: fc.constantFrom(...tcpStates, ...sctpStates, 'UDP', 'ASSURED'),
  expiresInSeconds: fc.nat(),
  ...{ client: endpoint, virtual: endpoint, destination: endpoint },
  method: fc.constantFrom('gate', 'ipip', 'masq', 'local'),
});
const withEngine = fc
  .tuple(connection, fc.string({ unit: 'binary' }))
  .map(([each, data]) => ({ ...each, engine: { name: 'sip', data } }));

it('a connection is written as JSON.stringify writes it, whatever its engine keeps', () => {
  fc.assert(
    fc.property(fc.oneof(connection, withEngine), (each) => {
      expect(connectionLine(each as ConnectionStatus)).toBe(JSON.stringify(each));
    }),
  );
});
