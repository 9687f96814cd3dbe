/** Random packets: mostly of flows that were met before, some odd, some that are nobody's business. */

import type { Family } from '../../../src/ipvs/address.ts';
import { type Protocol, type ServiceKey, serviceFamily } from '../../../src/ipvs/service.ts';
import type { Chunk, HeaderFields, Packet } from '../../support/frame/fields.ts';
import type { Book } from '../book.ts';
import type { Step } from '../step.ts';
import { addresses, clientPorts, largePayloads, often, payloads, ttls, virtualPorts } from './pools.ts';
import { type Choice, randomFamily, randomProtocol } from './services.ts';

/** A flow as its client sees it. */
export type Flow = {
  readonly protocol: Protocol;
  readonly family: Family;
  readonly from: string;
  readonly to: string;
};

/** Flows that were met, the last ones. */
export type Memory = { readonly flows: Flow[]; next: number; identification: number };
const remembered = 24;

export const emptyMemory = (): Memory => ({ flows: [], next: 0, identification: 1 });

const segments = often([
  ['S', 8],
  ['A', 12],
  ['PA', 3],
  ['FA', 5],
  ['F', 1],
  ['R', 3],
  ['RA', 2],
  ['SA', 2],
  ['', 1],
  ['SF', 1],
  ['SR', 1],
  ['U', 1],
  ['SFRPAU', 1],
]);
const replies = often([
  ['SA', 8],
  ['A', 8],
  ['FA', 4],
  ['R', 2],
  ['RA', 2],
  ['S', 1],
  ['', 1],
]);
const chunks = often<readonly Chunk[]>([
  [['INIT'], 8],
  [['COOKIE-ECHO'], 5],
  [['COOKIE-ECHO', 'DATA'], 2],
  [['COOKIE-ECHO', 'ABORT'], 1],
  [['COOKIE-ACK', 'DATA'], 1],
  [['COOKIE-ACK', 'ABORT'], 1],
  [['DATA'], 5],
  [['DATA', 'SHUTDOWN'], 1],
  [['SACK'], 2],
  [['SHUTDOWN'], 3],
  [['SHUTDOWN-ACK'], 2],
  [['SHUTDOWN-COMPLETE'], 2],
  [['ABORT'], 2],
  [['INIT-ACK'], 1],
  [['COOKIE-ACK'], 1],
  [['ERROR'], 1],
  [['HEARTBEAT'], 1],
  [['HEARTBEAT-ACK'], 1],
]);
const callIds = ['a84b4c76e66710@pc33.example.com', 'f81d4fae@10.0.0.200', 'x', ''];

const at = (device: string, packet: Packet): Step => ({ do: 'packet', at: device, packet });
const end = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;

export function randomPacket(choice: Choice, book: Book, memory: Memory): Step {
  const { random, features } = choice;
  const flow = randomFlow(choice, book, memory);
  const lot = random.below(100);
  if (lot < 10 && (features.has('masq') || features.has('local'))) return reply(choice, book, flow);
  if (lot < 16 && features.has('icmp')) return at('eth0', icmpError(choice, flow));
  if (lot < 22 && features.has('fragments')) return at('eth0', fragment(choice, flow, memory));
  if (lot < 26) return at('eth0', foreign(choice));
  if (lot < 30 && features.has('malformed')) return at('eth0', malformed(choice, flow));
  return at(random.chance(0.05) ? 'eth1' : 'eth0', transport(choice, flow, true));
}

/** One that was met before, or a new one to some service. */
function randomFlow(choice: Choice, book: Book, memory: Memory): Flow {
  const { random } = choice;
  const old = memory.flows.length > 0 && random.chance(0.7) ? random.pick(memory.flows) : undefined;
  if (old) return old;
  const flow = newFlow(choice, book);
  memory.flows[memory.next] = flow;
  memory.next = (memory.next + 1) % remembered;
  return flow;
}

function newFlow(choice: Choice, book: Book): Flow {
  const { random } = choice;
  const entries = [...book.services.values()];
  const key: ServiceKey | undefined = entries.length > 0 ? random.pick(entries).service : undefined;
  const family = key ? serviceFamily(key) : randomFamily(choice);
  const isByAddress = key?.kind === 'address' && random.chance(0.95);
  const protocol = isByAddress ? key.protocol : randomProtocol(choice);
  const address = isByAddress ? key.address : random.pick(addresses[family].vips);
  const port = isByAddress && key.port !== 0 ? key.port : random.pick([...virtualPorts, 21, 1024, 2021]);
  const client = random.pick(addresses[family].clients);
  return { protocol, family, from: end(client, random.pick(clientPorts)), to: end(address, port) };
}

/** A packet of the flow; `fromClient` or the other way round. */
function transport(
  choice: Choice,
  { protocol, from, to, family }: Flow,
  fromClient: boolean,
): Exclude<Packet, { readonly kind: 'icmp' }> {
  const { random, features } = choice;
  const ends = fromClient ? { from, to } : { from: to, to: from };
  const payload =
    features.has('oversize') && random.chance(0.04) ? random.pick(largePayloads) : random.pick(payloads);
  const fields = { ...headers(choice, family), ...ends, ...(payload > 0 && { payload }) };
  switch (protocol) {
    case 'tcp':
      return { kind: 'tcp', ...fields, flags: random.pick(fromClient ? segments : replies) };
    case 'udp':
      return { kind: 'udp', ...fields, ...sip(choice), ...(random.chance(0.05) && { sum: 0 }) };
    case 'sctp':
      return { kind: 'sctp', ...fields, chunks: random.pick(chunks) };
  }
}

function sip({ random, features }: Choice): { readonly text?: string } {
  if (!features.has('sip') || random.chance(0.6)) return {};
  const id = random.pick(callIds);
  const first = random.pick([
    'INVITE sip:bob@example.com SIP/2.0',
    'BYE sip:bob SIP/2.0',
    'SIP/2.0 200 OK',
    'x',
  ]);
  const header = random.pick(['Call-ID: ', 'Call-ID:  ', 'i: ', 'call-id: ']);
  return { text: `${first}\r\nMax-Forwards: 70\r\n${header}${id}\r\nContent-Length: 0\r\n\r\n` };
}

function headers({ random }: Choice, family: Family): HeaderFields {
  const some = (probability: number): boolean => random.chance(probability);
  return {
    ...(some(0.04) && { ttl: random.pick(ttls) }),
    ...(some(0.08) && { tos: random.below(256) }),
    ...(family === 4 && some(0.3) && { fragment: 0x4000 }),
    ...(family === 4 && some(0.5) && { id: random.below(0x10000) }),
    ...(family === 4 &&
      some(0.03) && { options: random.pick([[1, 1, 1, 0], [7, 4, 0, 0], new Array(40).fill(1)]) }),
    ...(family === 6 &&
      some(0.08) && {
        extensions: random.pick([
          ['hop'],
          ['destination'],
          ['hop', 'routing', 'destination'],
          new Array(9).fill('destination'),
        ] as const),
      }),
    ...(some(0.02) && { pad: 60 }),
  };
}

/** What a real server sends back; it is a guess which one has the flow. */
function reply(choice: Choice, book: Book, flow: Flow): Step {
  const { random, features } = choice;
  const servers = [...book.services.values()].flatMap(({ servers }) => [...servers.values()]);
  if (servers.length === 0) return at('eth1', transport(choice, flow, false));
  const { address, port } = random.pick(servers);
  const serverPort = port !== 0 ? port : Number(/\d+$/.exec(flow.to)?.[0]);
  const local = addresses[flow.family].own.some((own) => own === address);
  const answer: Flow = { ...flow, to: local && random.chance(0.5) ? flow.to : end(address, serverPort) };
  const packet = transport(choice, answer, false);
  if (local && features.has('local')) return { do: 'leave', at: 'eth0', packet };
  if (features.has('icmp') && random.chance(0.1))
    return at('eth1', errorAbout(choice, transport(choice, answer, true), flow.family, address));
  return at(random.chance(0.7) ? 'eth1' : 'eth0', packet);
}

/** An error about what a real server would have sent to the client, in the VIP's name. */
function icmpError(choice: Choice, flow: Flow): Packet {
  const { random } = choice;
  const about = transport(choice, flow, false);
  const from = random.pick(addresses[flow.family].clients);
  return errorAbout(choice, about, flow.family, from);
}

const errors: Readonly<Record<Family, readonly (readonly [number, number])[]>> = {
  4: [
    [3, 4],
    [3, 3],
    [3, 1],
    [4, 0],
    [11, 0],
    [5, 1],
    [12, 0],
    [8, 0],
  ],
  6: [
    [2, 0],
    [1, 4],
    [1, 0],
    [3, 0],
    [4, 1],
    [128, 0],
    [100, 0],
  ],
};

function errorAbout({ random }: Choice, about: Packet, family: Family, from: string): Packet {
  const to = about.from.replace(/^\[|\]?:\d+$/g, '');
  const [type, code] = random.pick(errors[family]);
  const quote = random.chance(0.2) ? random.pick([20, 24, 28, 40, 48, 60]) : undefined;
  const word = random.pick([0, 1300, 1400]);
  return { kind: 'icmp', from, to, type, code, word, about, ...(quote && { quote }) };
}

function fragment(choice: Choice, flow: Flow, memory: Memory): Packet {
  const { random } = choice;
  if (random.chance(0.4)) memory.identification = (memory.identification + 1) & 0xff;
  const packet = transport(choice, flow, true);
  const part = random.pick([
    { offset: 0, length: 48 },
    { offset: 0, length: 48 },
    { offset: 48, length: 48 },
    { offset: 48, length: 48 },
    { offset: 96, length: 400 },
    { offset: 0, length: 8 },
    { offset: 0, length: 2000 },
  ]);
  const id = memory.identification - (random.chance(0.2) ? 1 : 0);
  return { ...packet, payload: random.pick([80, 100, 400]), id: id & 0xffff, part };
}

/** For nobody here, or for this host itself. */
function foreign(choice: Choice): Packet {
  const { random } = choice;
  const family = randomFamily(choice);
  const { clients, elsewhere, vips } = addresses[family];
  const [from, to] = [random.pick(clients), random.pick([...elsewhere, ...vips])];
  const lot = random.below(4);
  if (lot === 0) return { kind: 'icmp', from, to, type: family === 4 ? 8 : 128, code: 0, word: 0x10001 };
  if (lot === 1) return { kind: 'raw', from, to, protocol: random.pick([2, 47, 50, 59, 89]), payload: 20 };
  const flow: Flow = { protocol: randomProtocol(choice), family, from: end(from, 1024), to: end(to, 80) };
  const packet = transport(choice, flow, true);
  return lot === 2 ? packet : { ...packet, toMac: random.pick(['02:00:00:00:00:77', 'ff:ff:ff:ff:ff:ff']) };
}

/** The kernel takes no shorter packets for a test run. */
const leastOctets = { 4: 20, 6: 40 } as const;

/** A packet that was cut off, or in which an octet of the headers is another one. */
function malformed(choice: Choice, flow: Flow): Packet {
  const { random, features } = choice;
  const packet =
    features.has('icmp') && random.chance(0.3) ? icmpError(choice, flow) : transport(choice, flow, true);
  const reach = flow.family === 4 ? 44 : 64;
  const least = leastOctets[flow.family];
  const cut = random.chance(0.5) ? { cut: least + random.below(reach - least) } : {};
  const octet = (): readonly [number, number] => [
    random.below(reach),
    random.pick([0, 1, 0x45, 0x4f, 0x60, 44, 58, 255, random.below(256)]),
  ];
  return {
    ...packet,
    ...cut,
    ...(cut.cut === undefined && { patch: random.chance(0.8) ? [octet()] : [octet(), octet()] }),
  };
}
