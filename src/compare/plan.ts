/** From a scenario to the job that the player carries out (player.py), and what it answers. Pure. */

import type { Feature } from './features.ts';
import { buildFrames } from './frames/build.ts';
import { buildProbe } from './frames/probe.ts';
import { fairleadClearing, fairleadWords, netfilterClearings, netfilterWords } from './marks.ts';
import { directorMacs, links, macOf, slots, sysctls } from './network.ts';
import type { Scenario, Step } from './scenario.ts';
import { defenceRows, sysctlRows } from './sysctls.ts';

export type Action =
  | { readonly kind: 'ipvsadm'; readonly words: readonly string[] }
  | { readonly kind: 'sysctl'; readonly name: string; readonly value: string }
  /** What gives, or takes away, a mark: a program for netfilter, a command for Fairlead. */
  | { readonly kind: 'mark'; readonly netfilter: readonly string[]; readonly fairlead: readonly string[] }
  | { readonly kind: 'send'; readonly interface: number; readonly frame: string }
  | { readonly kind: 'pause'; readonly seconds: number };

export type Job = {
  /** For each interface of the director a frame that it answers, to the MAC the frame came from. */
  readonly probes: readonly string[];
  readonly sysctls: readonly (readonly [string, string])[];
  readonly links: readonly string[];
  /** Jobs of different slots may be played on the same director, after `reset`; a fresh job is played on its own. */
  readonly slot: number;
  readonly fresh: boolean;
  readonly reset: readonly Action[];
  readonly steps: readonly Action[];
  /** When each step is due, in seconds since the first one; where it is not given, the steps follow each other at once. */
  readonly pace?: readonly number[];
};

export type Answer = {
  /** When it was done, in seconds since the first action began. */
  readonly at: number;
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  /** What left the director, and where. */
  readonly frames?: readonly (readonly [number, string])[];
};

export type Played = { readonly answers: readonly Answer[] } | { readonly error: string };

/** An action, and the step of the scenario it belongs to. */
export type PlannedAction = { readonly step: number; readonly action: Action };

/** The kernel adds up counters every two seconds (ip_vs_est.c); -Z takes what has been added up. */
const countersSeconds = 2.2;

export function planActions({ steps }: Scenario, features: readonly Feature[]): readonly PlannedAction[] {
  let uncounted = false;
  return steps.flatMap((step, index) => {
    const waits = uncounted && needsCounters(step);
    if (waits) uncounted = false;
    if (step.kind === 'send') uncounted = true;
    const pause: readonly Action[] = waits ? [{ kind: 'pause', seconds: countersSeconds }] : [];
    return [...pause, ...actionsOf(step, features)].map((action) => ({ step: index, action }));
  });
}

export function jobOf(
  { number }: Scenario,
  actions: readonly PlannedAction[],
  { fresh, features }: { readonly fresh: boolean; readonly features: readonly Feature[] },
): Job {
  const steps = actions.map(({ action }) => action);
  const reset = resetActions(features);
  return { probes, sysctls, links, slot: number % slots, fresh, reset, steps };
}

const clearings: readonly Action[] = netfilterClearings.map((netfilter) => ({
  kind: 'mark',
  netfilter,
  fairlead: fairleadClearing,
}));

const probes = directorMacs.map((_, index) => buildProbe(`10.0.${index}.2`).toString('hex'));

/** Everything but connections, which a slot's own addresses keep apart. */
function resetActions(features: readonly Feature[]): readonly Action[] {
  return [
    { kind: 'ipvsadm', words: ['-C'] },
    { kind: 'ipvsadm', words: ['--set', '900', '120', '300'] },
    ...[
      ...(features.includes('sysctl') ? sysctlRows : []),
      ...(features.includes('defence') ? defenceRows : []),
    ].map(({ name, usual }) => ({ kind: 'sysctl', name, value: usual }) as const),
    ...(features.includes('marks') ? clearings : []),
  ];
}

function needsCounters(step: Step): boolean {
  return (step.kind === 'look' && step.counters) || (step.kind === 'ipvsadm' && step.words[0] === '-Z');
}

function actionsOf(step: Step, features: readonly Feature[]): readonly Action[] {
  switch (step.kind) {
    case 'ipvsadm':
    case 'sysctl':
    case 'pause':
      return [step];
    case 'mark':
      return [{ kind: 'mark', netfilter: netfilterWords(step.rule), fairlead: fairleadWords(step.rule) }];
    case 'unmark':
      return clearings;
    case 'send': {
      const { packet } = step;
      const source = packet.kind === 'icmp' ? packet.from : packet.from.address;
      const to = directorMacs[step.interface] ?? directorMacs[0];
      return buildFrames(packet, { from: macOf(source), to }, step.fragment).map((frame) => ({
        kind: 'send',
        interface: step.interface,
        frame: frame.toString('hex'),
      }));
    }
    case 'look':
      return viewsOf(step.counters, features).map((words) => ({ kind: 'ipvsadm', words }));
  }
}

/** The listings of a look. */
function viewsOf(counters: boolean, features: readonly Feature[]): readonly (readonly string[])[] {
  return [
    ['-Ln'],
    ...(features.includes('thresholds') && counters ? [['-Ln', '--thresholds']] : []),
    ...(features.includes('persistence') && counters ? [['-Ln', '--persistent-conn']] : []),
    ...(features.includes('tunnel') && counters ? [['-Ln', '--tun-info']] : []),
    features.includes('sip') && counters ? ['-Lcn', '--persistent-conn'] : ['-Lcn'],
    ...(counters
      ? [
          ['-Ln', '--stats', '--exact'],
          ['-S', '-n'],
        ]
      : []),
  ];
}
