/** What a director says of the health of its services. */

/** Why a real server gets connections, or does not. */
export const serverStates = [
  'up',
  'starting',
  'down',
  'panic',
  'disabled',
  'maintenance',
  'standby',
] as const;
/**
 * `up`: it has its share; `starting`: a growing part of it; `down`: its checks have failed; `panic`: they have, but it
 * serves for want of a quorum; `disabled`: weight 0 was asked for; `maintenance`: a file keeps it out; `standby`: it is
 * well, but the sorry server serves for want of a quorum.
 */
export type ServerState = (typeof serverStates)[number];

export type CheckStatus = {
  readonly name: string;
  readonly verdict: 'up' | 'down' | 'unknown';
  /** Since the daemon has been asking. */
  readonly passed: number;
  readonly failed: number;
  /** Of the last good answer. */
  readonly latencyMs?: number;
  /** What the last answer said: why it failed, or what is worth telling. */
  readonly said?: string;
  /** When it came; ISO 8601. */
  readonly at?: string;
  /** Why nothing is known of late: this host could not ask, or nobody asks. */
  readonly problem?: string;
};

export type ServerHealth = {
  /** `10.0.0.11:80` */
  readonly server: string;
  readonly state: ServerState;
  /** When its checks last changed their mind, and why; ISO 8601. */
  readonly since: string;
  readonly reason: string;
  /** As it is wanted, and as the table has it: nothing where it has left it. */
  readonly wanted: number;
  readonly weight?: number;
  /** Of a slow start, 0 to 1. */
  readonly share?: number;
  readonly checks: readonly CheckStatus[];
};

export type ServiceHealthStatus = {
  /** `tcp:192.0.2.10:80` */
  readonly service: string;
  readonly name?: string;
  readonly hasQuorum: boolean;
  /** Of the real servers that are up, and what is needed. */
  readonly weight: number;
  readonly needed: number;
  /** Whether the sorry server serves. */
  readonly isSorry: boolean;
  readonly servers: readonly ServerHealth[];
};

export type HealthStatus = {
  readonly services: readonly ServiceHealthStatus[];
  /** Questions that are repeated, each however many services it is for. */
  readonly jobs: number;
};

/** How it goes on the whole, and what stands out. */
export type HealthSummary = {
  /** Real servers that are looked after, and those of them that serve. */
  readonly servers: number;
  readonly serving: number;
  /** Some of the others. */
  readonly out: readonly {
    readonly service: string;
    readonly name?: string;
    readonly server: ServerHealth;
  }[];
  /** Services without their quorum: how many, and some of them. */
  readonly withoutQuorum: number;
  readonly quorumless: readonly Omit<ServiceHealthStatus, 'servers'>[];
  /** Real servers of whom a check has known nothing of late: how many, and one of them. */
  readonly blind: number;
  readonly blindOne?: { readonly service: string; readonly server: string; readonly problem: string };
  readonly jobs: number;
};
