/**
 * A table's entries as listings show them, read where they lie and field by field: there may be a million of them. What
 * decodeConnection makes of one that was decoded as a whole, this makes of its octets. Pure.
 */

import {
  type Address,
  addressFromBytes,
  type Family,
  ipv4FromNumber,
  type Port,
} from '../../../ipvs/address.ts';
import type { ConnectionStatus, Endpoint } from '../../../ipvs/connection.ts';
import type { Protocol } from '../../../ipvs/service.ts';
import { FlConnectionFlag, FlTcpState, flConnection, flEntryIpv4, flEntryIpv6 } from '../abi.gen.ts';
import { type Bound, stateOf } from './connection.ts';
import { methodOf } from './destination.ts';
import { keyOf } from './key-of.ts';
import { protocolNumbers } from './service.ts';

export type EntryReader = {
  /** Octets of an entry. */
  readonly size: number;
  /** Whether there is one: a place that nobody has ever written to, or whose entry is dead or being moved, has none. */
  isThere(values: DataView, at: number): boolean;
  /** The slot of its real server. */
  slot(values: DataView, at: number): number;
  /** `undefined` where it has expired. `now`: nanoseconds. */
  read(values: DataView, at: number, bound: Bound, now: number): ConnectionStatus | undefined;
};

/** `endpoints`: endpoints that many have in common. */
export function entryReader(family: Family, endpoints: Endpoints): EntryReader {
  const { size, fields } = family === 4 ? flEntryIpv4 : flEntryIpv6;
  const key = fields.key.layout.fields;
  const connection = flConnection.fields;
  const base = fields.connection.offset;
  const [used, protocolAt] = [key.used.offset, key.protocol.offset];
  const [client, clientPort] = [key.client.offset, key.clientPort.offset];
  const [vip, virtualPort] = [key.vip.offset, key.virtualPort.offset];
  const [lastSeen, timeoutMs] = [base + connection.lastSeen.offset, base + connection.timeoutMs.offset];
  const [state, destination] = [base + connection.state.offset, base + connection.destination.offset];
  const [flags, serverPort] = [base + connection.flags.offset, base + connection.serverPort.offset];
  const address = family === 4 ? ipv4At : ipv6At;
  const port = (values: DataView, at: number): Port => values.getUint16(at) as Port;
  return {
    size,
    isThere: (values, at) =>
      values.getUint8(at + used) !== 0 && values.getUint32(at + state, true) < FlTcpState.FL_STATE_MOVING,
    slot: (values, at) => values.getUint32(at + destination, true),
    read(values, at, bound, now) {
      // A number has nanoseconds exactly for 104 days, and some few of them amiss after years.
      const seen =
        values.getUint32(at + lastSeen, true) + values.getUint32(at + lastSeen + 4, true) * 2 ** 32;
      const left = seen + values.getUint32(at + timeoutMs, true) * 1e6 - now;
      if (left < 0) return undefined;
      const protocol = protocolOf(values.getUint8(at + protocolAt));
      return {
        template: false,
        protocol,
        family,
        state: stateOf(protocol, values.getUint32(at + state, true)),
        expiresInSeconds: Math.floor(left / 1e9),
        client: { address: address(values, at + client), port: port(values, at + clientPort) },
        virtual: endpoints(address(values, at + vip), port(values, at + virtualPort)),
        destination: endpoints(bound.address, port(values, at + serverPort)),
        method: methodOf(values.getUint16(at + flags, true) & FlConnectionFlag.FL_CONNECTION_METHOD),
      };
    },
  };
}

export type Endpoints = (address: Address, port: Port) => Endpoint;

/** Most that are remembered; services and real servers are fewer. */
const mostEndpoints = 1 << 14;

/** The same object for the same endpoint each time, as long as they are few: whoever writes a million connections goes by it. */
export function sharedEndpoints(): Endpoints {
  const byPort = new Map<Port, Map<Address, Endpoint>>();
  let count = 0;
  return (address, port) => {
    const known = byPort.get(port)?.get(address);
    if (known) return known;
    if (count++ === mostEndpoints) {
      byPort.clear();
      count = 1;
    }
    const made = { address, port };
    const others = byPort.get(port) ?? new Map<Address, Endpoint>();
    byPort.set(port, others.set(address, made));
    return made;
  };
}

function ipv4At(values: DataView, at: number): Address {
  return ipv4FromNumber(values.getUint32(at));
}

function ipv6At(values: DataView, at: number): Address {
  return addressFromBytes(new Uint8Array(values.buffer, values.byteOffset + at, 16));
}

function protocolOf(number: number): Protocol {
  return number === protocolNumbers.tcp ? 'tcp' : keyOf(protocolNumbers, number, 'protocol');
}
