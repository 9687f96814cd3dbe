/** What the doctor has found: data for people, scripts and tests. */

import type { Address } from '../ipvs/address.ts';
import type { ClientView, DirectorView, RealServerView } from './view.ts';

export type Role = 'director' | 'real server' | 'client' | 'other host';

/** Where something is wrong. Without address and MAC: this host. */
export type Culprit = {
  readonly role: Role;
  /** Its own address (RIP, or the director's), where it is known. */
  readonly address?: Address;
  readonly mac?: string;
  readonly interface?: string;
};

/** What mends it. */
export type Cure = {
  readonly on: Role;
  /** Its address, where it is another host than this. */
  readonly host?: Address;
  /** To be typed there, one after the other. */
  readonly commands: readonly string[];
  /** What no command can do by itself, or a better way that takes longer. */
  readonly note?: string;
  /** What is to be typed on further hosts as well. */
  readonly also?: readonly Cure[];
};

/** One case of a disorder. */
export type Case = {
  /** What is wrong, in a sentence with addresses. */
  readonly problem: string;
  /** What was seen: packets, counters, addresses. */
  readonly evidence: readonly string[];
  readonly host: Culprit;
  readonly vip?: Address;
  /** `tcp:10.0.0.1:80`, those it was seen with. */
  readonly services?: readonly string[];
  readonly cure: Cure;
  /** What does not work, where that is not what it is for every other case. */
  readonly breaks?: string;
};

/** A way to be wrong: what it is called, and how it shows. One file each, one row in findings.ts. */
export type Disorder = {
  /** Also the anchor in docs/doctor.md. */
  readonly code: string;
  readonly title: string;
  /** What does not work because of it. */
  readonly breaks: string;
  /** Where one of these is found, this one follows from it and is not told also. */
  readonly explainedBy?: readonly string[];
  readonly onDirector?: (view: DirectorView) => readonly Case[];
  readonly onRealServer?: (view: RealServerView) => readonly Case[];
  readonly onClient?: (view: ClientView) => readonly Case[];
};

export type Finding = Case & {
  readonly code: string;
  readonly title: string;
  readonly breaks: string;
  readonly page: string;
};

/** Something that could not be told, and why. */
export type Remark = { readonly what: string; readonly why: string };

export function pageOf(code: string): string {
  return `docs/doctor.md#${code}`;
}
