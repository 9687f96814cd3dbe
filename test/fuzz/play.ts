/** Plays a case to two data planes side by side, and says where they part. */

import { frameOf } from '../support/frame/build.ts';
import { trimmed } from '../support/packet.ts';
import type { Player, Seen } from '../support/player.ts';
import { apply } from './apply.ts';
import { emptyBook, turned } from './book.ts';
import { masked } from './mask.ts';
import { firstDifference, snapshot } from './snapshot.ts';
import type { Case, Step } from './step.ts';

const [etherType, ethernet] = [12, 14];

export type Difference = {
  /** Index of the step after which the two differ. */
  readonly step: number;
  /** What differs: fate, the hook that had the last word, octets, fragments, tables (in which reasons are counted). */
  readonly what: string;
  /** What each of the two has. */
  readonly ours: string;
  readonly theirs: string;
};

export type Played = { readonly packets: number; readonly difference?: Difference };

/** The tables are compared after every `every`-th packet, and at the end. */
export function playBoth(given: Case, ours: Player, theirs: Player, every: number): Played {
  let packets = 0;
  let book = emptyBook;
  for (const player of [ours, theirs]) {
    player.clear();
    player.limit(given.limits);
  }
  for (const [index, step] of given.steps.entries()) {
    const next = turned(book, step);
    if (!next) continue;
    book = next;
    let found: Omit<Difference, 'step'> | undefined;
    if (step.do === 'packet' || step.do === 'leave') {
      const frame = frameOf(step.packet);
      found = difference(send(ours, step, frame), send(theirs, step, frame), frame);
      packets++;
      if (!found && packets % every === 0) found = tablesDiffer(ours, theirs);
    } else {
      for (const player of [ours, theirs]) apply(player, step, book);
    }
    if (found) return { packets, difference: { step: index, ...found } };
  }
  const found = tablesDiffer(ours, theirs);
  return { packets, ...(found && { difference: { step: given.steps.length - 1, ...found } }) };
}

function send(
  player: Player,
  step: Extract<Step, { readonly do: 'packet' | 'leave' }>,
  frame: Uint8Array,
): Seen {
  return step.do === 'packet' ? player.receive(frame, step.at) : player.leave(frame, step.at);
}

/** The packets; Ethernet headers only as far as the program leaves nothing of them to the kernel. */
function difference(ours: Seen, theirs: Seen, frame: Uint8Array): Omit<Difference, 'step'> | undefined {
  if (ours.fate !== theirs.fate) return { what: 'fate', ours: ours.fate, theirs: theirs.fate };
  if (ours.by !== theirs.by) return { what: 'hook', ours: ours.by, theirs: theirs.by };
  if (ours.fate === 'dropped') return undefined;
  const from = ours.by === 'xdp' ? 0 : ours.fate === 'forwarded' ? ethernet : etherType;
  const early = earlier(ours, theirs);
  if (early) return early;
  if (equal(ours.packet, theirs.packet, from)) return undefined;
  // XDP leaves a frame its padding.
  const [mine, other] = [masked(trimmed(ours.packet), frame), masked(trimmed(theirs.packet), frame)];
  if (equal(mine, other, from)) return undefined;
  return { what: 'octets', ours: hex(mine), theirs: hex(other) };
}

/** Fragments that have left before the last one. */
function earlier(
  { before: mine = [] }: Seen,
  { before: other = [] }: Seen,
): Omit<Difference, 'step'> | undefined {
  if (mine.length === 0 && other.length === 0) return undefined;
  const [ours, theirs] = [mine, other].map((frames) => frames.map(hexWithoutIdentification).join(' '));
  return ours === theirs ? undefined : { what: 'fragments', ours: ours ?? '', theirs: theirs ?? '' };
}

function equal(one: Uint8Array, other: Uint8Array, from: number): boolean {
  if (one.length !== other.length) return false;
  for (let at = from; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}

function tablesDiffer(ours: Player, theirs: Player): Omit<Difference, 'step'> | undefined {
  const found = firstDifference(snapshot(ours.plane), snapshot(theirs.plane));
  return found && { what: 'tables', ours: found[0], theirs: found[1] };
}

function hexWithoutIdentification(frame: Uint8Array): string {
  return hex(masked(frame, new Uint8Array()));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
