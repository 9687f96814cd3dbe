import { describe, expect, it } from 'vitest';
import type { Address } from '../../../ipvs/address.ts';
import { sctpStates, tcpStates } from '../../../ipvs/connection.ts';
import { FlConnectionFlag, FlMethod, FlSctpState, FlTcpState } from '../abi.gen.ts';
import { addressToWords } from './address.ts';
import { type Bound, decodeConnection, decodeSipTemplate, decodeTemplate } from './connection.ts';

const second = 1_000_000_000n;
const words = (address: string) => addressToWords(address as Address);
const key = {
  client: words('10.0.0.10'),
  vip: words('10.0.0.100'),
  clientPort: 40001,
  virtualPort: 80,
  protocol: 6,
  family: 4,
  pad: [0, 0],
};
const value = {
  lastSeen: 100n * second,
  timeoutMs: 60_000,
  state: 3,
  destination: 1,
  flags: FlMethod.FL_METHOD_GATE | FlConnectionFlag.FL_CONNECTION_TEMPLATE,
  packets: 1,
  mark: 0,
  serverPort: 8080,
  pad: 0,
  pad2: 0,
  died: 0,
  missed: 0,
  templateSerial: 0,
  templateMask: 0,
};
const bound: Bound = { address: '10.0.0.11' as Address, method: 'gate' };
const at = (now: bigint, over: Partial<typeof value> = {}) =>
  decodeConnection(key, { ...value, ...over }, bound, now);

describe('a connection', () => {
  it('is listed with whole seconds left, rounded down', () => {
    expect(at(100n * second)).toEqual({
      template: false,
      protocol: 'tcp',
      family: 4,
      state: 'SYN_RECV',
      expiresInSeconds: 60,
      client: { address: '10.0.0.10', port: 40001 },
      virtual: { address: '10.0.0.100', port: 80 },
      destination: { address: '10.0.0.11', port: 8080 },
      method: 'gate',
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

  it('is called by the states of its protocol, and one of UDP always UDP', () => {
    const statesOf = (protocol: number, count: number) =>
      Array.from(
        { length: count },
        (_, state) => decodeConnection({ ...key, protocol }, { ...value, state }, bound, 0n)?.state,
      );
    expect(statesOf(6, tcpStates.length)).toEqual(tcpStates);
    expect(statesOf(132, sctpStates.length)).toEqual(sctpStates);
    expect(statesOf(17, 1)).toEqual(['UDP']);
  });

  it('has the numbers of IPVS for its states', () => {
    const numbers = tcpStates.map((name) => FlTcpState[`FL_TCP_${name}`]);
    expect(numbers).toEqual(tcpStates.map((_, index) => index));
    expect([FlTcpState.FL_TCP_STATES, FlSctpState.FL_SCTP_STATES]).toEqual([
      tcpStates.length,
      sctpStates.length,
    ]);
  });

  it('to this host itself is told apart', () => {
    expect(at(0n, { flags: FlMethod.FL_METHOD_LOCAL })?.method).toBe('local');
  });
});

describe('a template', () => {
  const templateKey = { ...key, clientPort: 0, serial: 0 };
  const template = {
    lastSeen: 100n * second,
    timeoutMs: 60_000,
    state: 1,
    destination: 1,
    serial: 1,
    controlled: 0,
    serverPort: 80,
    pad: 0,
    pad2: 0,
    died: 0,
    missed: 0,
  };
  const listed = (now: bigint, over: Partial<typeof template> = {}) =>
    decodeTemplate(templateKey, { ...template, ...over }, bound, now);

  it('has client port 0, and is ASSURED or not', () => {
    expect(listed(100n * second)).toMatchObject({
      template: true,
      state: 'ASSURED',
      client: { address: '10.0.0.10', port: 0 },
      virtual: { address: '10.0.0.100', port: 80 },
      destination: { address: '10.0.0.11', port: 80 },
      method: 'gate',
    });
    expect(listed(100n * second, { state: 0 })?.state).toBe('NONE');
  });

  it('goes with its time, but stays a minute longer, and another, while connections are under it', () => {
    expect(listed(161n * second)).toBeUndefined();
    expect(listed(161n * second, { controlled: 1 })?.expiresInSeconds).toBe(59);
    expect(listed(220n * second, { controlled: 1 })?.expiresInSeconds).toBe(60);
    expect(listed(100n * second, { state: FlTcpState.FL_STATE_DEAD })).toBeUndefined();
  });

  it.each([
    [4, '0.0.0.9'],
    [6, '0:9::'],
  ] as const)('by mark in IPv%i has the mark for its virtual address', (family, address) => {
    const byMark = { ...templateKey, protocol: 0, family, vip: { word: [9, 0, 0, 0] }, virtualPort: 0 };
    expect(decodeTemplate(byMark, template, bound, 0n)).toMatchObject({
      protocol: 'ip',
      virtual: { address, port: 0 },
    });
  });

  it('of SIP shows the Call-ID', () => {
    const callId = [...Buffer.from('a84b4c76e66710@pc33')];
    const sip = {
      template,
      client: words('10.0.0.10'),
      length: callId.length,
      pad: 0,
      pad2: 0,
      died: 0,
      missed: 0,
      callId: [...callId, 0, 0],
    };
    const sipKey = { vip: key.vip, virtualPort: 5060, protocol: 17, family: 4, hash: 7 };
    expect(decodeSipTemplate(sipKey, sip, bound, 100n * second)).toMatchObject({
      template: true,
      protocol: 'udp',
      client: { address: '10.0.0.10', port: 0 },
      engine: { name: 'sip', data: 'a84b4c76e66710@pc33' },
    });
  });
});
