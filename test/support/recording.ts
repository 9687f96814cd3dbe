/** Recordings of the wire (test/golden/wire.jsonl), played to a data plane: what it answers in the same form. */

import { endpointText } from '../../src/ipvs/address.ts';
import {
  destinationKeyText,
  protocols,
  type ServiceKey,
  type ServiceStatus,
} from '../../src/ipvs/service.ts';
import { command } from './commands.ts';
import type { Player, Seen } from './player.ts';

export type Out = { readonly dev: string; readonly frame: string; readonly masked?: readonly number[] };
export type RecordedStep =
  | { readonly run: string; readonly error?: string; readonly out?: readonly Out[] }
  | { readonly sleep: number }
  | {
      readonly in: string;
      readonly frame: string;
      readonly out: readonly Out[];
      /** It answers what the director's own stack has made up. */
      readonly ack?: true;
      readonly watch?: true;
      readonly entries?: readonly Entry[];
    };
export type Entry = {
  readonly protocol: string;
  readonly state: string;
  readonly client: string;
  readonly virtual: string;
  readonly destination: string;
  readonly seconds_left: number;
};
type Counted = {
  readonly conns: number;
  readonly in_packets: number;
  readonly out_packets: number;
  readonly in_bytes: number;
  readonly out_bytes: number;
};
type Server = Counted & { readonly server: string; readonly active: number; readonly inactive: number };
export type Recording = {
  readonly name: string;
  readonly setup: readonly string[];
  readonly steps: readonly RecordedStep[];
  readonly left: {
    readonly services: readonly (Counted & {
      readonly service: string;
      readonly servers: readonly Server[];
    })[];
    readonly entries: readonly Entry[];
  };
};

/** A packet without its Ethernet header, and with what nobody can foresee set to 0. */
export function comparable(frame: Uint8Array, maskedAt: readonly number[] = []): string {
  const copy = Uint8Array.from(frame); // a Buffer's slice() is no copy
  for (const at of maskedAt) copy[at] = 0;
  return Buffer.from(copy.subarray(14)).toString('hex');
}

type FrameStep = Extract<RecordedStep, { readonly in: string }>;

/** What became of a frame, beside what real IPVS made of it. */
export type Answer = {
  readonly step: number;
  readonly frame: Uint8Array;
  readonly seen: Seen;
  readonly recorded: FrameStep;
  /** What was left to the director's own stack, it has answered: as that goes out. */
  readonly left: readonly Seen[];
};

export function playRecording(player: Player, { setup, steps }: Recording): readonly Answer[] {
  for (const line of setup) command(player, line);
  return steps.flatMap((step, index) => {
    if ('run' in step) command(player, step.run);
    else if ('sleep' in step) sleep(player, step.sleep);
    else {
      const frame = Uint8Array.from(Buffer.from(step.frame, 'hex'));
      const seen = player.receive(frame, step.in);
      const answers = seen.fate === 'stack' ? step.out.filter(isOwnAnswer) : [];
      const left = answers.map((each) => player.leave(Buffer.from(each.frame, 'hex'), each.dev));
      return [{ step: index, frame, seen, recorded: step, left }];
    }
    return [];
  });
}

/** A reset, an echo, or an error about what nobody listens to: the director's own stack may have spoken. */
export function isOwnAnswer({ frame }: Out): boolean {
  const bytes = Buffer.from(frame, 'hex');
  const isIpv6 = bytes.readUInt16BE(12) === 0x86dd;
  const [at, protocol] = isIpv6 ? [54, bytes[20]] : [14 + ((bytes[14] ?? 0) & 15) * 4, bytes[23]];
  const [type = 0, code = 0] = bytes.subarray(at);
  if (protocol === 6) return ((bytes[at + 13] ?? 0) & 4) !== 0;
  if (protocol === 1) return type === 0 || (type === 3 && (code === 2 || code === 3));
  return protocol === 58 && (type === 129 || (type === 1 && code === 4));
}

/** The daemon sweeps once a second. */
function sleep(player: Player, seconds: number): void {
  player.advance(seconds * 1000);
  player.plane.sweep();
}

/** As a recording has them: by client, virtual service and real server. */
export function entriesOf({ plane }: Player): readonly Entry[] {
  const entries = [...plane.connections()].map((each) => ({
    protocol: each.protocol.toUpperCase(),
    state: each.state,
    client: destinationKeyText(each.client),
    virtual: destinationKeyText(each.virtual),
    destination: destinationKeyText(each.destination),
    seconds_left: each.expiresInSeconds,
  }));
  return entries.toSorted((one, other) => (textOf(one) < textOf(other) ? -1 : 1));
}

export function textOf({ protocol, client, virtual, destination }: Entry): string {
  return `${protocol} ${client} ${virtual} ${destination}`;
}

/** Counters and connections by service and real server, in the order of `ipvsadm`. */
export function countersOf({ plane }: Player): readonly object[] {
  plane.sweep();
  return [...plane.services()].toSorted(byKey).map(({ counters, destinations, ...service }) => ({
    service: nameOf(service),
    ...countedOf(counters),
    servers: destinations
      .map((server) => ({
        server: destinationKeyText(server),
        ...{ active: server.activeConnections, inactive: server.inactiveConnections },
        ...countedOf(server.counters),
      }))
      .toSorted((one, other) => (one.server < other.server ? -1 : 1)),
  }));
}

/** `TCP 10.0.0.100:80`, `FWM 5` */
function nameOf(service: ServiceKey): string {
  if (service.kind === 'mark') return `FWM ${service.mark}`;
  return `${service.protocol.toUpperCase()} ${endpointText(service.address, service.port)}`;
}

/** By protocol; marks come last. */
function placeOf(service: ServiceKey): number {
  return service.kind === 'mark' ? protocols.length : protocols.indexOf(service.protocol);
}

function byKey(one: ServiceKey, other: ServiceKey): number {
  const [first, second] = [placeOf(one), placeOf(other)];
  if (first !== second) return first - second;
  return nameOf(one) < nameOf(other) ? -1 : 1;
}

function countedOf({
  connections,
  inPackets,
  outPackets,
  inBytes,
  outBytes,
}: ServiceStatus['counters']): Counted {
  return {
    ...{ conns: connections, in_packets: inPackets, out_packets: outPackets },
    ...{ in_bytes: inBytes, out_bytes: outBytes },
  };
}
