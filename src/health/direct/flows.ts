/**
 * Which packets are probes' to be sent through direct routing: from which port, to whom. What a probe has used is kept
 * for a while after it, for what is still on its way.
 */

import { type Address, addressToBytes, type Family, familyOf } from '../../ipvs/address.ts';
import { FlCheckDirection, FlCheckLimit, flCheckFlow } from './abi.gen.ts';

/** By number: IANA's protocols. ICMP is that of the address's family. */
export type FlowProtocol = 'tcp' | 'udp' | 'icmp';

export type Flow = {
  readonly protocol: FlowProtocol;
  readonly rip: Address;
  /** Of the same family. */
  readonly vip: Address;
  /** 0 with ICMP. */
  readonly port: number;
  /** With ICMP: the echo's identifier. */
  readonly localPort: number;
};

/** The BPF map, as bytes. */
export type FlowTable = {
  set(key: Uint8Array, value: Uint8Array): void;
  delete(key: Uint8Array): void;
};

export type FlowBook = {
  /** Room for one more, or `undefined` while every port is taken. */
  take(flow: Omit<Flow, 'localPort'>): Flow | undefined;
  /** It ends soon. */
  release(flow: Flow): void;
  close(): void;
};

const lingerMilliseconds = 2000;
const { FL_CHECK_LIMIT_PORTS: firstPort } = FlCheckLimit;
const ports = 65_536 - firstPort;

export function createFlowBook(table: FlowTable): FlowBook {
  const taken = new Set<string>();
  const leaving: { readonly flow: Flow; readonly at: number }[] = [];
  let next = Math.floor(Math.random() * ports);
  let timer: NodeJS.Timeout | undefined;

  const end = (flow: Flow): void => {
    for (const name of namesOf(flow)) taken.delete(name);
    for (const [key] of entriesOf(flow)) table.delete(key);
  };
  const endDue = (): void => {
    const due = leaving.findIndex(({ at }) => at > performance.now());
    for (const { flow } of leaving.splice(0, due < 0 ? leaving.length : due)) end(flow);
    timer = leaving.length > 0 ? setTimeout(endDue, lingerMilliseconds / 2) : undefined;
  };
  return {
    take(wanted) {
      for (let attempt = 0; attempt < ports; attempt++) {
        const flow = { ...wanted, localPort: firstPort + next };
        next = (next + 1) % ports;
        const names = namesOf(flow);
        if (names.some((name) => taken.has(name))) continue;
        for (const name of names) taken.add(name);
        for (const [key, value] of entriesOf(flow)) table.set(key, value);
        return flow;
      }
      return undefined;
    },
    release(flow) {
      leaving.push({ flow, at: performance.now() + lingerMilliseconds });
      timer ??= setTimeout(endDue, lingerMilliseconds);
    },
    close() {
      clearTimeout(timer);
      for (const { flow } of leaving.splice(0)) end(flow);
    },
  };
}

/** A packet of the probe in either direction must be no other's: the addresses of the peer as each has it. */
function namesOf({ protocol, rip, vip, port, localPort }: Flow): readonly string[] {
  return [rip, vip].map((peer) => `${protocol} ${peer} ${port} ${localPort}`);
}

const numbers: Readonly<Record<FlowProtocol, Readonly<Record<Family, number>>>> = {
  tcp: { 4: 6, 6: 6 },
  udp: { 4: 17, 6: 17 },
  icmp: { 4: 1, 6: 58 },
};

/** Keys and values of the map: struct fl_check_flow and struct fl_address. */
function entriesOf(flow: Flow): readonly (readonly [key: Uint8Array, value: Uint8Array])[] {
  return [
    [keyOf(flow, flow.rip, FlCheckDirection.FL_CHECK_OUT), wide(flow.vip)],
    [keyOf(flow, flow.vip, FlCheckDirection.FL_CHECK_IN), wide(flow.rip)],
  ];
}

function keyOf({ protocol, port, localPort }: Flow, peer: Address, direction: number): Uint8Array {
  const { fields, size } = flCheckFlow;
  const key = new Uint8Array(size);
  const view = new DataView(key.buffer);
  const family = familyOf(peer);
  key.set(addressToBytes(peer), fields.peer.offset);
  view.setUint16(fields.localPort.offset, localPort);
  view.setUint16(fields.peerPort.offset, port);
  key[fields.protocol.offset] = numbers[protocol][family];
  key[fields.family.offset] = family;
  key[fields.direction.offset] = direction;
  return key;
}

/** An address of either family in 16 octets, IPv4's first. */
function wide(address: Address): Uint8Array {
  const bytes = new Uint8Array(flCheckFlow.fields.peer.layout.size);
  bytes.set(addressToBytes(address));
  return bytes;
}
