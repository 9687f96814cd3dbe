/** A name server answers a question without an error (RFC 1035), and with one answer in particular, if that is asked for. */

import { type Answer, decode, encode, type Packet, streamEncode } from 'dns-packet';
import { parseAddress } from '../../ipvs/address.ts';
import { type Attempt, ProbeFailure, type Success } from '../attempt.ts';
import type { DnsType, Probe } from '../check.ts';
import { readUntil } from '../read.ts';

type DnsProbe = Extract<Probe, { kind: 'dns' }>;

/** `rcode` is not among dns-packet's own declarations. */
type Reply = Packet & { readonly rcode?: string; readonly flag_tc?: boolean };

export async function probeDns(probe: DnsProbe, attempt: Attempt): Promise<Success> {
  const reply = probe.transport === 'tcp' ? await askTcp(probe, attempt) : await askUdp(probe, attempt);
  if (reply.rcode !== 'NOERROR') throw new ProbeFailure('status', reply.rcode ?? 'no response code');
  const answers = (reply.answers ?? []).flatMap((answer) => textsOf(answer, probe.type));
  if (probe.expect !== undefined && !answers.some((texts) => texts.includes(canonical(probe.expect ?? ''))))
    throw new ProbeFailure('mismatch', `${probe.expect} is not among ${summary(answers)}`);
  return { detail: summary(answers) };
}

function question({ name, type }: DnsProbe, id: number): Packet {
  const RECURSION_DESIRED = 0x100;
  return {
    type: 'query',
    id,
    flags: RECURSION_DESIRED,
    questions: [{ type, name: name.replace(/\.$/, '') }],
  };
}

function randomId(): number {
  return Math.floor(Math.random() * 0x10000);
}

/** What does not fit a datagram is asked for again by TCP, as resolvers do. */
async function askUdp(probe: DnsProbe, attempt: Attempt): Promise<Reply> {
  const socket = await attempt.dialer.udp(attempt);
  const id = randomId();
  attempt.awaits('the answer by UDP');
  const reply = await new Promise<Reply>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (octets) => {
      try {
        const found = decoded(octets);
        if (found.id === id) resolve(found); // a late one of an earlier question is none of ours
      } catch (error) {
        reject(error);
      }
    });
    socket.send(encode(question(probe, id)));
  });
  return reply.flag_tc ? await askTcp(probe, attempt) : reply;
}

async function askTcp(probe: DnsProbe, attempt: Attempt): Promise<Reply> {
  const socket = await attempt.dialer.tcp(attempt);
  const id = randomId();
  attempt.awaits('the answer by TCP');
  socket.write(streamEncode(question(probe, id)));
  const octets = await readUntil(
    socket,
    (text) => {
      if (text.length < 2) return undefined;
      const all = Buffer.from(text, 'latin1');
      const end = 2 + all.readUInt16BE(0);
      return all.length >= end ? all.subarray(2, end) : undefined;
    },
    'the answer by TCP',
  );
  const reply = decoded(octets);
  if (reply.id !== id) throw new ProbeFailure('malformed', 'an answer to another question');
  return reply;
}

function decoded(octets: Buffer): Reply {
  try {
    const reply: Reply = decode(octets);
    if (reply.type === 'response') return reply;
  } catch {
    // said below
  }
  throw new ProbeFailure('malformed', 'not a DNS answer');
}

/** The forms in which an answer may be expected. Aliases on the way to it are answers of another type. */
function textsOf(answer: Answer, type: DnsType): readonly (readonly string[])[] {
  if (answer.type !== type) return [];
  switch (answer.type) {
    case 'MX':
      return [
        [answer.data.exchange, `${answer.data.preference ?? 0} ${answer.data.exchange}`].map(canonical),
      ];
    case 'SRV': {
      const { priority = 0, weight = 0, port, target } = answer.data;
      return [[target, `${target}:${port}`, `${priority} ${weight} ${port} ${target}`].map(canonical)];
    }
    case 'SOA':
      return [[answer.data.mname, String(answer.data.serial)].map(canonical)];
    case 'TXT':
      return [
        [Buffer.concat([answer.data].flat().map((part) => Buffer.from(part))).toString()].map(canonical),
      ];
    case 'A':
    case 'AAAA':
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return [[canonical(answer.data)]];
    default:
      return [];
  }
}

/** Addresses in one form; names without their last dot, in small letters. */
function canonical(text: string): string {
  return parseAddress(text) ?? text.toLowerCase().replace(/\.$/, '');
}

function summary(answers: readonly (readonly string[])[]): string {
  const most = 3;
  const shown = answers.slice(0, most).map((texts) => texts.at(-1) ?? '');
  const rest = answers.length > most ? [`${answers.length - most} more`] : [];
  return answers.length === 0 ? 'no answers' : [...shown, ...rest].join(', ');
}
