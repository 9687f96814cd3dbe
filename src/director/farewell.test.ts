import { describe, expect, it } from 'vitest';
import type { Address, Port } from '../ipvs/address.ts';
import type { ConnectionState, ConnectionStatus } from '../ipvs/connection.ts';
import type { Protocol, ServiceKey } from '../ipvs/service.ts';
import type { IpPacket } from '../linux/raw-ip-socket.ts';
import { createFarewell, mostTold } from './farewell.ts';

const server = { address: '10.0.0.11' as Address, port: 80 as Port };
const vip = { address: '192.0.2.10' as Address, port: 80 as Port };

function service(protocol: Protocol): ServiceKey {
  return { kind: 'address', protocol, ...vip };
}

function connection(number: number, state: ConnectionState, protocol: Protocol = 'tcp'): ConnectionStatus {
  const client = { address: '198.51.100.1' as Address, port: number as Port };
  return {
    ...{ template: false, protocol, family: 4, state, expiresInSeconds: 9, method: 'gate' },
    ...{ client, virtual: vip, destination: server },
  };
}

function world(
  connections: Iterable<ConnectionStatus>,
  sendAll: (packets: readonly IpPacket[]) => void,
  ended = Array.isArray(connections) ? connections.length : 0,
  missing: readonly ConnectionStatus[] = [],
) {
  const due: (() => void)[] = [];
  const warnings: string[] = [];
  const steps: string[] = [];
  let isThere = true;
  const farewell = createFarewell({
    plane: {
      connectionsOn: () => (isThere ? connections : []),
      evict: () => {
        steps.push('evict');
        isThere = false;
        if (ended < 0) throw new Error('no memory');
        return ended;
      },
    },
    sendAll,
    awaitAnswers: () => {
      steps.push('listen');
      return {
        ...{ hear: () => {}, missing: () => missing },
        ...{ linger: () => steps.push('linger'), close: () => steps.push('close') },
      };
    },
    log: { warning: (line) => warnings.push(line) },
    later: (action) => due.push(action),
    pause: (action) => due.push(action),
  });
  const settle = (): void => {
    for (let action = due.shift(); action; action = due.shift()) action();
  };
  return { farewell, settle, warnings, steps };
}

const portsOf = (packets: readonly IpPacket[]): readonly number[] =>
  packets.map(({ packet }) => new DataView(packet.buffer).getUint16(22));

describe('the end of connections', () => {
  it('is asked for at the clients of those that are established, each once', () => {
    const sent: IpPacket[] = [];
    const states = ['SYN_RECV', 'ESTABLISHED', 'FIN_WAIT', 'CLOSE_WAIT', 'TIME_WAIT', 'CLOSE'] as const;
    const connections = states.map((state, number) => connection(number, state));
    const { farewell, settle } = world(connections, (packets) => sent.push(...packets));
    expect(farewell(service('tcp'), server)).toBe(6);
    expect(sent, 'not before the entries are out').toEqual([]);
    settle();
    expect(portsOf(sent)).toEqual([1, 2, 3]);
    const [first] = sent;
    expect(first?.to).toBe('198.51.100.1');
    expect(first?.packet[33], 'SYN and ACK').toBe(0x12);
  });

  it('is listened for from before the entries are out: a client that is not silent answers without being asked', () => {
    const { farewell, settle, steps } = world([connection(1, 'ESTABLISHED')], () => {});
    farewell(service('tcp'), server);
    settle();
    expect(steps).toEqual(['listen', 'evict', 'linger']);

    const failing = world([connection(1, 'ESTABLISHED')], () => {}, -1);
    expect(() => failing.farewell(service('tcp'), server)).toThrow('no memory');
    failing.settle();
    expect(failing.steps).toEqual(['listen', 'evict', 'close']);
  });

  it('is asked for once more, and no more, at those that have not answered', () => {
    const sent: IpPacket[] = [];
    const connections = [1, 2, 3].map((number) => connection(number, 'ESTABLISHED'));
    const missing = connections.slice(1, 2);
    const { farewell, settle } = world(connections, (packets) => sent.push(...packets), 3, missing);
    farewell(service('tcp'), server);
    settle();
    expect(portsOf(sent)).toEqual([1, 2, 3, 2]);
  });

  it('is known to nobody but the director where the protocol has no such thing', () => {
    const sent: IpPacket[] = [];
    const { farewell, settle } = world([connection(1, 'UDP', 'udp')], (packets) => sent.push(...packets));
    expect(farewell(service('udp'), server)).toBe(1);
    settle();
    expect(sent).toEqual([]);
  });

  it("is asked for at so many clients and no more: the others are in nobody's memory, and end all the same", () => {
    let looked = 0;
    let sent = 0;
    const crowd = function* (): Generator<ConnectionStatus> {
      while (looked < 10 * mostTold) yield connection(looked++ % 65_536, 'ESTABLISHED');
    };
    const count = (packets: readonly IpPacket[]): void => {
      sent += packets.length;
    };
    const { farewell, settle, warnings } = world(crowd(), count, 10 * mostTold);
    expect(farewell(service('tcp'), server)).toBe(10 * mostTold);
    expect(looked).toBe(mostTold);
    settle();
    expect(sent).toBe(mostTold);
    expect(warnings).toEqual([
      `10.0.0.11:80 has gone with ${10 * mostTold} connections: ${mostTold} clients are told, the others with their next segment`,
    ]);
  });

  it('is told of in portions, and no more when they cannot be sent', () => {
    const portions: number[] = [];
    const many = Array.from({ length: 700 }, (_, number) => connection(number, 'ESTABLISHED'));
    const whole = world(many, (packets) => portions.push(packets.length));
    whole.farewell(service('tcp'), server);
    whole.settle();
    expect(portions).toEqual([256, 256, 188]);

    const broken = world(many, () => {
      throw new Error('no way in');
    });
    broken.farewell(service('tcp'), server);
    broken.settle();
    expect(broken.warnings).toEqual(['clients of a real server that has gone are not told: no way in']);
  });
});
