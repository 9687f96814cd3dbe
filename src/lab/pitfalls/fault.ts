/**
 * What can go wrong with a director and its real servers, as data: a healthy set-up, one thing done to it, what
 * a client then sees, and what the doctor must say. Numbers are those of docs/pitfalls.md.
 */

import type { Scenario, Stage } from '../scenario.ts';

/** A line at the prompt of a host or of a segment's bridge. */
export type Line = { readonly host: string; readonly line: string };

/** A set-up in which nothing is wrong; faults are tried in it one after the other. */
export type Setting = Omit<Scenario, 'tools'> & {
  readonly tools?: readonly string[];
  /** Where the doctor can be asked: every one of them must find nothing. */
  readonly doctors: readonly string[];
  /** Checks with real packets that clients are served by every real server. */
  works(stage: Stage): Promise<void>;
};

type Common = {
  /** Its row in the list of pitfalls. */
  readonly pitfall: number;
  readonly name: string;
  readonly title: string;
  readonly why: string;
  readonly setting: Setting;
  /** Breaks it. Every line must succeed. */
  readonly inject: readonly Line[];
  /** Programs that it needs beyond those of every trial. */
  readonly tools?: readonly string[];
  /** Afterwards: whatever the cure left behind that the next fault must not meet. */
  readonly tidy?: readonly Line[];
};

/** Something that breaks the set-up, that the doctor finds, and whose printed cure mends it. */
export type Fault = Common & {
  readonly kind: 'fault';
  /** What goes on meanwhile, until it is mended. */
  readonly load?: Line;
  /** Checks with real packets what a client sees of it. */
  symptom(stage: Stage): Promise<void>;
  /** What the cure's note asks for, where no command of the doctor's can mend it. */
  readonly advice?: readonly Line[];
  /** Checks that it works again, where that is something else than what the set-up is for. */
  healed?(stage: Stage): Promise<void>;
  /** The host on which the doctor is asked; the director where nothing is said. */
  readonly asked?: string;
  /** The finding that must be there, and the host of the lab that it must name. */
  readonly finding: { readonly code: string; readonly host: string };
};

/** Something that breaks other directors and not this one. */
export type Harmless = Common & {
  readonly kind: 'harmless';
  /** Checks with real packets that nothing has come of it. */
  proof(stage: Stage): Promise<void>;
};

/** Something that is always so: the doctor says it where it is asked, and nothing mends it. */
export type Limit = Omit<Common, 'inject'> & {
  readonly kind: 'limit';
  /** Checks with real packets what a client sees of it. */
  symptom(stage: Stage): Promise<void>;
  readonly asked: string;
  /** What the doctor is asked there. */
  readonly words: string;
  readonly finding: { readonly code: string; readonly host: string };
};

export type Trial = Fault | Harmless | Limit;

/** A row of the list. Without a trial, `unseen` says why it cannot be made to happen here. */
export type Pitfall =
  | { readonly number: number; readonly what: string; readonly trials: readonly [Trial, ...Trial[]] }
  | { readonly number: number; readonly what: string; readonly trials: readonly []; readonly unseen: string };
