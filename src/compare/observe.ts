/** What a player answered, as lines that can be compared. Pure. */

import { addressText } from './frames/address.ts';
import { describeFrame } from './frames/describe.ts';
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
  const quotes = !steps.some((step) => step.kind === 'send' && step.fragment !== undefined);
  const seen: Observation[] = [];
  let frames: string[] = [];
  actions.forEach(({ step, action }, index) => {
    const answer = answers[index] ?? { at: 0 };
    if (action.kind === 'send') {
      frames.push(...describeFrames(answer, quotes));
      if (actions[index + 1]?.action.kind === 'send') return;
      seen.push({ step, title: 'what left the director', at: answer.at, lines: frames.sort() });
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

function describeFrames({ frames = [] }: Answer, quotes: boolean): readonly string[] {
  return frames.flatMap(([device, hex]) => {
    const text = describeFrame(Buffer.from(hex, 'hex'), quotes);
    return text === undefined ? [] : [`eth${device} to ${text}`];
  });
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
