/** Connections and persistence templates as listings show them. Pure. */

import type { Address, Family, Port } from '../../../ipvs/address.ts';
import {
  type ConnectionState,
  type ConnectionStatus,
  type Endpoint,
  sctpStates,
  tcpStates,
} from '../../../ipvs/connection.ts';
import {
  FlConnectionFlag,
  FlTcpState,
  FlTemplateState,
  type flConnection,
  type flConnectionKey,
  type flSipKey,
  type flSipTemplate,
  type flTemplate,
  type flTemplateKey,
} from '../abi.gen.ts';
import type { Decoded } from '../layout.ts';
import { addressFromWords, type Words } from './address.ts';
import { methodOf } from './destination.ts';
import { keyOf } from './key-of.ts';
import { protocolNumbers } from './service.ts';

/** A connection's real server, as far as the entry itself does not tell. */
export type Bound = { readonly address: Address; readonly method: ConnectionStatus['method'] };

/** What a listing needs of an entry. */
export type ListedKey = Omit<Decoded<typeof flConnectionKey>, 'pad'>;
export type ListedConnection = Pick<
  Decoded<typeof flConnection>,
  'lastSeen' | 'timeoutMs' | 'state' | 'destination' | 'flags' | 'serverPort'
>;

const listedProtocols = { ...protocolNumbers, ip: 0 } as const;

/** IPVS lets a template whose time is up wait this much longer while connections are under it. */
const controlledNanoseconds = 60_000_000_000n;

type Aging = { readonly lastSeen: bigint; readonly timeoutMs: number; readonly state: number };

/** `undefined` for an entry that has expired, or is just being moved. */
export function decodeConnection(
  key: ListedKey,
  value: ListedConnection,
  bound: Bound,
  now: bigint,
): ConnectionStatus | undefined {
  const left = timeLeft(value, now);
  if (value.state >= FlTcpState.FL_STATE_MOVING || left < 0n) return undefined;
  const family = key.family as Family;
  const protocol = keyOf(protocolNumbers, key.protocol, 'protocol');
  return {
    template: false,
    protocol,
    family,
    state: stateOf(protocol, value.state),
    expiresInSeconds: seconds(left),
    client: endpoint(family, key.client, key.clientPort),
    virtual: endpoint(family, key.vip, key.virtualPort),
    destination: { address: bound.address, port: value.serverPort as Port },
    method: methodOf(value.flags & FlConnectionFlag.FL_CONNECTION_METHOD),
  };
}

export function decodeTemplate(
  key: Decoded<typeof flTemplateKey>,
  value: Decoded<typeof flTemplate>,
  bound: Bound,
  now: bigint,
): ConnectionStatus | undefined {
  const left = templateTimeLeft(value, now);
  if (left === undefined) return undefined;
  const family = key.family as Family;
  return {
    template: true,
    protocol: keyOf(listedProtocols, key.protocol, 'protocol'),
    family,
    state: value.state === FlTemplateState.FL_TEMPLATE_ASSURED ? 'ASSURED' : 'NONE',
    expiresInSeconds: seconds(left),
    client: endpoint(family, key.client, 0),
    virtual: endpoint(family, key.vip, key.virtualPort),
    destination: { address: bound.address, port: value.serverPort as Port },
    method: bound.method,
  };
}

export function decodeSipTemplate(
  key: Decoded<typeof flSipKey>,
  value: Decoded<typeof flSipTemplate>,
  bound: Bound,
  now: bigint,
): ConnectionStatus | undefined {
  const status = decodeTemplate({ ...key, client: value.client, serial: 0 }, value.template, bound, now);
  const data = Buffer.from(value.callId.slice(0, value.length)).toString('latin1');
  return status && { ...status, engine: { name: 'sip', data } };
}

/** `undefined` where it has expired. */
function templateTimeLeft(value: Decoded<typeof flTemplate>, now: bigint): bigint | undefined {
  if (value.state === FlTcpState.FL_STATE_DEAD) return undefined;
  const left = timeLeft(value, now);
  if (left >= 0n) return left;
  if (value.controlled === 0) return undefined;
  return controlledNanoseconds - (-left % controlledNanoseconds);
}

function timeLeft({ lastSeen, timeoutMs }: Aging, now: bigint): bigint {
  return lastSeen + BigInt(timeoutMs) * 1_000_000n - now;
}

function seconds(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000_000n);
}

/** The word that is printed for a state's number. */
export function stateOf(protocol: keyof typeof protocolNumbers, state: number): ConnectionState {
  switch (protocol) {
    case 'tcp':
      return tcpStates[state] ?? 'NONE';
    case 'sctp':
      return sctpStates[state] ?? 'NONE';
    case 'udp':
      return 'UDP';
  }
}

function endpoint(family: Family, address: Words, port: number): Endpoint {
  return { address: addressFromWords(family, address), port: port as Port };
}
