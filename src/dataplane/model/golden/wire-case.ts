/** A case of wire.jsonl (test/golden/record-wire.py says what its fields mean), replayed through the model. */

import { type Address, endpointText, type Family } from '../../../ipvs/address.ts';
import type { ConnectionStatus } from '../../../ipvs/connection.ts';
import type { MarkRule } from '../../../ipvs/mark-rule.ts';
import type { Protocol } from '../../../ipvs/service.ts';
import { type SysctlName, sysctlNames } from '../../../ipvs/sysctl.ts';
import { translate } from '../forward/masq.ts';
import { createModel, type Model } from '../model.ts';
import type { Outcome } from '../outcome.ts';
import { parsePacket } from '../packet/packet.ts';
import { ipvsadm } from './commands.ts';
import { createGoldenWorld, deviceIndexes, type GoldenWorld } from './world.ts';

export type Sent = { readonly dev: string; readonly frame: string; readonly masked?: readonly number[] };

export type Entry = {
  readonly protocol: string;
  readonly state: string;
  readonly client: string;
  readonly virtual: string;
  readonly destination: string;
  readonly pe_data?: string;
};

export type Step = {
  readonly in?: string;
  readonly frame?: string;
  readonly run?: string;
  /** What `run` had to say when it was refused. */
  readonly error?: string;
  readonly sleep?: number;
  readonly out?: readonly Sent[];
  readonly entries?: readonly Entry[];
};

export type Case = {
  readonly name: string;
  readonly setup: readonly string[];
  readonly steps: readonly Step[];
  readonly left: { readonly entries: readonly Entry[]; readonly services: readonly ServiceLeft[] };
};

export type CountsLeft = {
  readonly conns: number;
  readonly in_packets: number;
  readonly in_bytes: number;
  readonly out_packets: number;
  readonly out_bytes: number;
};

export type ServiceLeft = CountsLeft & {
  readonly servers: readonly (CountsLeft & {
    readonly server: string;
    readonly active: number;
    readonly inactive: number;
  })[];
};

export type Replay = {
  readonly model: Model;
  readonly world: GoldenWorld;
  command(line: string): void;
  receive(dev: string, frame: string): Outcome;
  /** Whether this frame is what becomes of a local process's, which answered for a real server. */
  leave(dev: string, frame: string): boolean;
};

export function openCase({ setup }: Pick<Case, 'setup'>): Replay {
  const world = createGoldenWorld();
  const model = createModel(world);
  const replay: Replay = {
    model,
    world,
    command: (line) => run(model, world, line),
    receive: (dev, frame) => model.receive('tc', deviceIndexes[dev] ?? 0, Buffer.from(frame, 'hex')),
    leave(dev, frame) {
      const outcome = model.leave(deviceIndexes[dev] ?? 0, asByProcess(model, Buffer.from(frame, 'hex')));
      return outcome.fate === 'stack' && Buffer.from(outcome.frame).toString('hex') === frame;
    },
  };
  for (const line of setup) replay.command(line);
  return replay;
}

/** What makes processes listen on the director is left out: the model has no stack. */
function run(model: Model, world: GoldenWorld, line: string): void {
  const [program = '', ...words] = line.split(' ');
  if (program === 'ipvsadm') ipvsadm(model, line);
  else if (program === 'ip') world.ip(words);
  else if (program === 'sysctl') for (const setting of words.slice(1)) setSysctl(model, setting);
  else if (program.includes('tables')) addMark(model, words, program.startsWith('ip6') ? 6 : 4);
  else if (!['timeout', 'until', 'python3', 'true'].includes(program)) throw new Error(line);
}

/** The recording has replies as they leave: where a connection is translated, this is what its process has sent. */
function asByProcess(model: Model, frame: Uint8Array): Uint8Array {
  const packet = parsePacket(frame, 0);
  if (typeof packet === 'string') return frame;
  const isOurs = ({ protocol, client, virtual, method }: ConnectionStatus): boolean =>
    method === 'masq' &&
    protocol === packet.protocol &&
    endpointText(client.address, client.port) === endpointText(packet.virtual, packet.virtualPort) &&
    endpointText(virtual.address, virtual.port) === endpointText(packet.client, packet.clientPort);
  const server = [...model.connections()].find(isOurs)?.destination;
  const { client, clientPort } = packet;
  const change = {
    from: client,
    fromPort: clientPort,
    to: server?.address ?? client,
    toPort: server?.port ?? clientPort,
  };
  if (server) translate(frame, packet, { end: 'source', ...change });
  return frame;
}

/** Those of IPVS; the others are about the machine. */
function setSysctl(model: Model, setting: string): void {
  const [, name, value] = /^net\.ipv4\.vs\.(\w+)=(\d+)$/.exec(setting) ?? [];
  const known = sysctlNames.find((one) => one === name) as SysctlName | undefined;
  if (known) model.setSysctls({ ...model.sysctls(), [known]: Number(value) });
  model.defend(1_000_000);
}

function addMark(model: Model, words: readonly string[], family: Family): void {
  const wordAfter = (name: string): string => words[words.indexOf(name) + 1] ?? '';
  const port = Number(wordAfter('--dport'));
  const rule: MarkRule = {
    family,
    protocol: wordAfter('-p') as Protocol,
    target: { address: wordAfter('-d') as Address, length: family === 4 ? 32 : 128 },
    targetPorts: { first: port, last: port },
    value: Number(wordAfter('--set-mark')),
    mask: 0xffffffff,
    final: false,
  };
  model.setMarkRules([...model.markRules(), rule]);
}

/** What a kernel then puts on the wire; the next hop's MAC ends in its address's last octet. */
export function sentBy(world: GoldenWorld, outcome: Outcome): readonly Sent[] {
  if (outcome.fate !== 'redirected') return [];
  const device = world.interfaces.get(outcome.interface);
  const route = world.routes(outcome.nextHop);
  return [...outcome.before, outcome.frame].map((frame) => {
    const whole = Buffer.from(frame);
    if (device) whole.set(device.mac, 6);
    if (route.kind === 'via' && route.mac) whole.set(route.mac);
    return { dev: device?.name ?? '', frame: whole.toString('hex') };
  });
}

/** With zeros where the recording has them. */
export function masked(frame: string, offsets: readonly number[] = []): string {
  const octets = Buffer.from(frame, 'hex');
  for (const at of offsets) octets[at] = 0;
  return octets.toString('hex');
}
