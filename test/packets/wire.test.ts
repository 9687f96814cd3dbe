/**
 * What real IPVS put on the wire, octet by octet (test/golden/wire.jsonl): the same frames come in here, and the same
 * must go out, with the same counters and connections at the end.
 */

import { describe, expect } from 'vitest';
import { readGolden } from '../support/golden.ts';
import { oneHopFurther, trimmed } from '../support/packet.ts';
import { hooks } from '../support/player.ts';
import {
  type Answer,
  comparable,
  countersOf,
  type Entry,
  entriesOf,
  isOwnAnswer,
  type Out,
  playRecording,
  type Recording,
  textOf,
} from '../support/recording.ts';
import { test } from '../support/test.ts';
import { differences } from './wire-differences.ts';

const recordings = readGolden<Recording>('wire.jsonl');
const isReplayed = ({ name, steps }: Recording): boolean =>
  differences[name] === undefined && !steps.some((step) => 'ack' in step || 'error' in step);

describe.for(hooks)('with %s in front', (hook) => {
  test.for(recordings.filter(isReplayed).map((each) => [each.name, each] as const))(
    '%s',
    ([, recording], { players }) => {
      const player = players[hook];
      const answers = playRecording(player, recording);
      if (answers.some(({ frame }) => isFragment(frame))) {
        // Real IPVS waits for the whole; here each fragment goes its way.
        expect(answers.flatMap(sentOf)).toEqual(answers.flatMap(({ recorded }) => wanted(recorded.out)));
      } else {
        for (const answer of answers) expect(spoken(answer), `step ${answer.step}`).toEqual(expected(answer));
      }
      expect(entriesOf(player).map(textAndState)).toEqual(sorted(recording.left.entries).map(textAndState));
      expect(countersOf(player)).toEqual(countersLeft(recording));
    },
  );
});

/** What goes out; what is left to the stack is the stack's to answer, on whose way out we look as well. */
function spoken(answer: Answer): readonly string[] {
  if (answer.seen.fate !== 'stack') return sentOf(answer);
  return isRouted(answer) ? ['routed'] : answer.left.map(({ packet }) => comparable(packet));
}

function expected(answer: Answer): readonly string[] {
  const { seen, recorded } = answer;
  if (isRouted(answer)) return ['routed'];
  const isTheStacks = seen.fate === 'stack' && recorded.out.every(isOwnAnswer);
  return isTheStacks
    ? recorded.out.map(({ frame }) => comparable(Buffer.from(frame, 'hex')))
    : wanted(recorded.out);
}

/** What is left to the stack is routed by it, where this host is a router. */
function isRouted({ seen, frame, recorded }: Answer): boolean {
  const [only, ...others] = recorded.out;
  if (seen.fate !== 'stack' || !only || others.length > 0) return false;
  return comparable(oneHopFurther(frame)) === comparable(Buffer.from(only.frame, 'hex'));
}

function sentOf({ seen, recorded }: Answer): readonly string[] {
  if (seen.fate !== 'forwarded') return [];
  const frames = [...(seen.before ?? []), seen.packet];
  // XDP leaves the padding of a short frame on it, and TC and IPVS do not.
  return frames.map((frame, index) => comparable(trimmed(frame), recorded.out[index]?.masked));
}

function wanted(out: readonly Out[]): readonly string[] {
  return out.map(({ frame, masked }) => comparable(Buffer.from(frame, 'hex'), masked));
}

function isFragment(frame: Uint8Array): boolean {
  const isIpv6 = frame[12] === 0x86;
  return isIpv6 ? frame[20] === 44 : (((frame[20] ?? 0) & 0x3f) | (frame[21] ?? 0)) !== 0;
}

function textAndState(entry: Entry): string {
  return `${textOf(entry)} ${entry.state}`;
}

function sorted(entries: readonly Entry[]): readonly Entry[] {
  return [...entries].sort((one, other) => (textOf(one) < textOf(other) ? -1 : 1));
}

function countersLeft({ left }: Recording): readonly object[] {
  return left.services.map(({ service, servers, ...counted }) => ({
    service: service.split(' ').slice(0, 2).join(' '),
    ...counted,
    servers: servers.map(
      ({ server, active, inactive, conns, in_packets, out_packets, in_bytes, out_bytes }) => ({
        ...{ server, active, inactive, conns, in_packets, out_packets, in_bytes, out_bytes },
      }),
    ),
  }));
}
