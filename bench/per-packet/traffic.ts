/** The traffic of bpf/traffic.bpf.c: packets of many flows through a program, by the hundred thousand. */

import { fileURLToPath } from 'node:url';
import { addressToBytes, parseAddress } from '../../src/ipvs/address.ts';
import { mapUpdate } from '../../src/linux/bpf-map.ts';
import { loadObject, readObject } from '../../src/linux/bpf-object.ts';
import { type Repeated, repeatedRunner } from '../../src/linux/bpf-test-run.ts';
import type { Fd } from '../../src/linux/libbpf.ts';
import { frameOf } from '../../test/support/frame/build.ts';
import { contextOf } from '../../test/support/passage.ts';

export type Hook = 'xdp' | 'tc';
export type Family = 4 | 6;

export type TcpFlags = 'SYN' | 'ACK' | 'FIN';

export type Traffic = {
  readonly family: Family;
  /** They take turns, far from one another. */
  readonly flows: number;
  readonly services: number;
  /** log2 of how many flows a client has. */
  readonly ports: number;
  readonly flags: TcpFlags;
  /** Octets of tunnel headers that the program under test puts in front of the packet. */
  readonly headers: number;
  /** Goes to this host, and to no service. */
  readonly isNotOurs: boolean;
  /** One flow after the other from this one on, instead. */
  readonly from?: number;
};

/** What traffic is sent to, and where it comes from: the first of each. */
export const ends = {
  4: { vip: '10.32.0.0', client: '10.128.0.0', other: '10.0.0.2' },
  6: { vip: 'fd18::', client: 'fd80::', other: 'fd00::2' },
} as const;
/** A virtual address has so many services, from port 1024 on. */
export const servicesOfAddress = 256;
export const firstPort = 1024;

/** A FIN has ACK as well. */
const tcpFlags: Readonly<Record<TcpFlags, number>> = { SYN: 0x02, ACK: 0x10, FIN: 0x11 };
const objectPath = fileURLToPath(new URL('../../bpf/traffic.bpf.o', import.meta.url));
const programNames = ['fl_traffic_xdp', 'fl_traffic_tc', 'fl_floor_xdp', 'fl_floor_tc'] as const;
const firstKey = new Uint8Array(4);

export type TrafficSource = {
  /** The packets of the next runs. */
  plan(traffic: Traffic): void;
  /** Hands the packets to this program from now on; without one, to the floor. */
  test(hook: Hook, program?: Fd): void;
  run(hook: Hook, packets: number): Repeated;
  /** The floor by itself, always with the same packet. */
  floor(hook: Hook, packets: number): Repeated;
  close(): void;
};

/** Packets come in by the interface with this index, of the thread's namespace, which has this MAC. */
export function openTraffic(ifindex: number, mac: Uint8Array): TrafficSource {
  const { programs, maps, close } = loadObject(readObject(objectPath), {
    programs: programNames,
    maps: ['plans', 'tested_xdp', 'tested_tc'],
  });
  /** For this host, or the kernel would take it for somebody else's before any program sees it. */
  const frameFor = (family: Family, isNotOurs: boolean): Uint8Array => {
    const frame = frameOfFamily(family, isNotOurs);
    frame.set(mac);
    return frame;
  };
  let frame = frameFor(4, false);
  const runner = (name: (typeof programNames)[number], hook: Hook) =>
    repeatedRunner(programs[name], contextOf(hook, ifindex, frame.length));
  const sources = { xdp: runner('fl_traffic_xdp', 'xdp'), tc: runner('fl_traffic_tc', 'tc') };
  const floors = { xdp: runner('fl_floor_xdp', 'xdp'), tc: runner('fl_floor_tc', 'tc') };
  return {
    plan(traffic) {
      frame = frameFor(traffic.family, traffic.isNotOurs);
      mapUpdate(maps.plans, firstKey, planOf(traffic, mac));
    },
    test: (hook, program = programs[`fl_floor_${hook}`]) =>
      mapUpdate(maps[`tested_${hook}`], firstKey, new Uint8Array(Uint32Array.of(program).buffer)),
    run: (hook, packets) => sources[hook](frame, packets),
    floor: (hook, packets) => floors[hook](frame, packets),
    close,
  };
}

/** A TCP segment of 74 octets in either family. */
function frameOfFamily(family: Family, isNotOurs: boolean): Uint8Array {
  const { client, vip, other } = ends[family];
  const end = (address: string): string => (family === 6 ? `[${address}]:1` : `${address}:1`);
  const [from, to] = [end(client), end(isNotOurs ? other : vip)];
  return frameOf({ kind: 'tcp', from, to, flags: 'A', payload: family === 6 ? 0 : 20 });
}

/** struct plan of bpf/traffic.bpf.c. */
function planOf(traffic: Traffic, mac: Uint8Array): Uint8Array {
  const { family, flows, services, ports, flags, headers, isNotOurs, from } = traffic;
  const { client, vip, other } = ends[family];
  const bytes = new Uint8Array(72);
  const view = new DataView(bytes.buffer);
  const somewhere = Math.floor(Math.random() * flows);
  const [step, at] = from === undefined ? [strideOf(flows), somewhere] : [1, (from || flows) - 1];
  const numbers = [flows, step, at, services, ports, Number(family === 6)];
  for (const [index, number] of numbers.entries()) view.setUint32(index * 4, number, true);
  bytes.set(octets(client), 24);
  bytes.set(octets(isNotOurs ? other : vip), 40);
  view.setUint32(56, headers, true);
  view.setUint32(60, tcpFlags[flags], true);
  bytes.set(mac, 64);
  return bytes;
}

/** About a golden section of the flows, and without a common factor, so that all have their turn. */
function strideOf(flows: number): number {
  let stride = Math.max(1, Math.round(flows * 0.618));
  while (commonFactor(stride, flows) !== 1) stride++;
  return stride % flows;
}

function commonFactor(one: number, other: number): number {
  return other === 0 ? one : commonFactor(other, one % other);
}

function octets(text: string): Uint8Array {
  const address = parseAddress(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return addressToBytes(address);
}
