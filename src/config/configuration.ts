/**
 * What a configuration file asks for, in the domain's own terms. What it leaves out is not managed: `undefined` here,
 * and left as it is.
 */

import type { Check } from '../health/check.ts';
import type { ApiSettings } from '../ipvs/listener.ts';
import type { MarkRule } from '../ipvs/mark-rule.ts';
import type { Destination, ServiceConfiguration, ServiceKey, ServiceSettings } from '../ipvs/service.ts';
import type { SysctlValues } from '../ipvs/sysctl.ts';
import type { Timeouts } from '../ipvs/timeouts.ts';
import type { Vip } from '../ipvs/vip.ts';

/** Without a weight it keeps the one it has, or begins with 1. */
export type WantedServer = Omit<Destination, 'weight'> & {
  readonly weight?: number;
  /** Instead of the service's. */
  readonly checks?: readonly Check[];
};

/** Of the weights of real servers: so much, or such a share of all. */
export type Quorum = { readonly kind: 'weight' | 'percent'; readonly value: number };

export const onFailures = ['remove', 'quiesce'] as const;
/** What becomes of a real server whose checks fail: it leaves the table, or keeps its connections with weight 0. */
export type OnFailure = (typeof onFailures)[number];

export const panics = ['sorry', 'all', 'none'] as const;
/** Who serves when there is no quorum: the sorry server, all real servers whatever their checks say, or nobody else. */
export type Panic = (typeof panics)[number];

export type ServiceHealth = {
  readonly checks: readonly Check[];
  readonly onFailure: OnFailure;
  readonly quorum: Quorum;
  /** The quorum is back at so much weight above it. */
  readonly hysteresis: number;
  readonly panic: Panic;
  readonly sorry?: WantedServer;
};

export type WantedService = ServiceKey &
  ServiceSettings & {
    readonly name?: string;
    /** In the order of the file: the first is added first. */
    readonly servers: readonly WantedServer[];
    readonly health: ServiceHealth;
  };

export type Configuration = {
  readonly services?: readonly WantedService[];
  readonly vips?: readonly Vip[];
  readonly sysctls?: Readonly<Partial<SysctlValues>>;
  readonly timeouts?: Readonly<Partial<Timeouts>>;
  readonly marks?: readonly MarkRule[];
  readonly api?: ApiSettings;
  readonly checks: readonly Check[];
};

/** What a director has of all this. */
export type Running = {
  readonly services: readonly ServiceConfiguration[];
  readonly vips: readonly Vip[];
  readonly sysctls: SysctlValues;
  readonly timeouts: Timeouts;
  readonly marks: readonly MarkRule[];
  readonly api: ApiSettings;
};
