/** What a player answered, as lines that can be compared. Pure. */

import { addressText } from './frames/address.ts';
import { describeFrame } from './frames/describe.ts';
import { type Left, reassemble } from './frames/reassemble.ts';
import { type Slot, slotOf } from './network.ts';
import type { Answer, PlannedAction } from './plan.ts';
import type { Scenario } from './scenario.ts';

/** One thing that was seen: what a command printed, or what left the director during a run of packets. */
export type Observation = {
  /** Index of the scenario's step; of the last one, for a run of packets. */
  readonly step: number;
  readonly title: string;
  readonly at: number;
  readonly lines: readonly string[];
  /** Seconds left, for the lines of a connection listing. */
  readonly seconds?: readonly number[];
};

export function observe(
  { number, steps }: Pick<Scenario, 'number' | 'steps'>,
  actions: readonly PlannedAction[],
  answers: readonly Answer[],
): readonly Observation[] {
  const fragmented = steps.some((step) => step.kind === 'send' && step.fragment !== undefined);
  const seen: Observation[] = [];
  let frames: Left[] = [];
  actions.forEach(({ step, action }, index) => {
    const answer = answers[index] ?? { at: 0 };
    if (action.kind === 'send') {
      frames.push(...(answer.frames ?? []).map(([device, hex]): Left => [device, Buffer.from(hex, 'hex')]));
      if (actions[index + 1]?.action.kind === 'send') return;
      const lines = describeFrames(frames, fragmented);
      seen.push({ step, title: 'what left the director', at: answer.at, lines });
      frames = [];
    } else if (action.kind === 'ipvsadm' && action.words[0] === '-Lcn') {
      seen.push({
        step,
        title: `ipvsadm ${action.words.join(' ')}`,
        at: answer.at,
        ...connections(answer, slotOf(number)),
      });
    } else if (action.kind === 'ipvsadm') {
      seen.push({ step, title: `ipvsadm ${action.words.join(' ')}`, at: answer.at, lines: printed(answer) });
    } else if (action.kind === 'sysctl') {
      const lines = [answer.code === 0 ? 'taken' : 'refused'];
      seen.push({ step, title: `sysctl ${action.name}=${action.value}`, at: answer.at, lines });
    } else if (action.kind === 'mark') {
      seen.push({ step, title: action.netfilter.join(' '), at: answer.at, lines: [taken(answer)] });
    }
  });
  return seen;
}

function taken({ code, stderr }: Answer): string {
  return code === 0 ? 'taken' : `refused: ${stderr}`;
}

/** In any order. Of fragments only what they make together: where it cuts again, the kernel decides by how they lie in its memory. */
function describeFrames(frames: readonly Left[], fragmented: boolean): readonly string[] {
  const packets = fragmented ? reassemble(frames) : frames;
  const lines = packets.flatMap(([device, frame]) => {
    const text = describeFrame(frame, !fragmented);
    return text === undefined ? [] : [`eth${device} to ${text}`];
  });
  return lines.sort();
}

function printed({ code, stdout = '', stderr = '' }: Answer): readonly string[] {
  const errors = linesOf(stderr).map((line) => `error: ${line}`);
  return [...linesOf(stdout), ...errors, ...(code === 0 ? [] : ['failed'])];
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** A template of a service by mark has the mark for its virtual address. */
function asAddresses(mark: number): readonly string[] {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(mark);
  return [addressText(bytes.subarray(0, 4)), `[${addressText(bytes)}]`];
}

const row = /^(\S+) +(\d+):(\d\d) +(.*)$/;

/** Sorted, because the kernel lists a hash table with a secret; without what an earlier scenario left behind. */
function connections(answer: Answer, slot: Slot): Pick<Observation, 'lines' | 'seconds'> {
  const virtual = [...slot.ipv4, ...slot.ipv6.map((vip) => `[${vip}]`), ...slot.marks.flatMap(asAddresses)];
  const own = (rest: string) => virtual.some((address) => rest.includes(` ${address}:`));
  const rows = printed(answer).flatMap((line) => {
    const [, protocol = '', minutes = '', seconds = '', rest = ''] = row.exec(line) ?? [];
    if (protocol === '') return [{ line, left: -1 }];
    if (!own(rest)) return [];
    return [{ line: `${protocol} ${rest.trimEnd()}`, left: Number(minutes) * 60 + Number(seconds) }];
  });
  rows.sort((a, b) => (a.line === b.line ? a.left - b.left : a.line < b.line ? -1 : 1));
  return { lines: rows.map(({ line }) => line), seconds: rows.map(({ left }) => left) };
}
