import { describe, expect, it } from 'vitest';
import type { Ipv4, Port } from '../../ipvs/address.ts';
import { tcpStates } from '../../ipvs/connection.ts';
import { schedulers } from '../../ipvs/schedulers.ts';
import { FlTcpState } from './abi.gen.ts';
import {
  decodeConnection,
  decodeServiceKey,
  encodeServiceKey,
  schedulerFromNumber,
  schedulerNumber,
} from './codec.ts';

const second = 1_000_000_000n;
const key = {
  clientAddress: 0x0a00000a,
  virtualAddress: 0x0a000064,
  clientPort: 40001,
  virtualPort: 80,
  protocol: 6,
  pad: [0, 0, 0],
};
const value = { lastSeen: 100n * second, timeoutMs: 60_000, state: 3, destination: 1, pad: 0 };
const destination = { address: '10.0.0.11' as Ipv4, port: 80 as Port };
const at = (now: bigint, over: Partial<typeof value> = {}) =>
  decodeConnection(key, { ...value, ...over }, destination, now);

describe('a service key', () => {
  it.each(['tcp', 'udp'] as const)('of %s is what it was after the way through the map', (protocol) => {
    const service = { protocol, address: '10.0.0.100' as Ipv4, port: 80 as Port };
    expect(decodeServiceKey(encodeServiceKey(service))).toEqual(service);
  });

  it('with a protocol nobody knows is refused', () => {
    const foreign = { address: 0, port: 0, protocol: 132, pad: 0 };
    expect(() => decodeServiceKey(foreign)).toThrow('unknown protocol number 132 in a BPF map');
  });
});

describe('schedulers', () => {
  it('each have a number of their own, which is not 0', () => {
    const numbers = schedulers.map(schedulerNumber);
    expect(new Set(numbers).size).toBe(schedulers.length);
    expect(numbers).not.toContain(0);
    expect(numbers.map(schedulerFromNumber)).toEqual(schedulers);
  });

  it('with a number nobody knows are refused', () => {
    expect(() => schedulerFromNumber(0)).toThrow('unknown scheduler number 0');
  });
});

describe('a connection', () => {
  it('is listed with whole seconds left, rounded down', () => {
    expect(at(100n * second)).toEqual({
      protocol: 'tcp',
      state: 'SYN_RECV',
      expiresInSeconds: 60,
      client: { address: '10.0.0.10', port: 40001 },
      virtual: { address: '10.0.0.100', port: 80 },
      destination,
    });
    expect(at(100n * second + 1n)?.expiresInSeconds).toBe(59);
    expect(at(160n * second)?.expiresInSeconds).toBe(0);
  });

  it('is not listed once its time is over, or once it is dead', () => {
    expect(at(160n * second + 1n)).toBeUndefined();
    expect(at(100n * second, { state: FlTcpState.FL_STATE_DEAD })).toBeUndefined();
  });

  it('lasts longer than a 32-bit number of milliseconds could say in nanoseconds', () => {
    expect(at(100n * second, { timeoutMs: 2_678_400_000 })?.expiresInSeconds).toBe(2_678_400);
  });

  it('is called by its state, and one of UDP always UDP', () => {
    const states = tcpStates.map((_, state) => at(100n * second, { state })?.state);
    expect(states).toEqual(tcpStates);
    const datagram = decodeConnection({ ...key, protocol: 17 }, { ...value, state: 0 }, destination, 0n);
    expect(datagram?.state).toBe('UDP');
  });

  it('has the numbers of IPVS for its states', () => {
    const numbers = tcpStates.map((name) => FlTcpState[`FL_TCP_${name}`]);
    expect(numbers).toEqual(tcpStates.map((_, index) => index));
    expect(FlTcpState.FL_TCP_STATES).toBe(tcpStates.length);
  });
});
