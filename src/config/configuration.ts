/**
 * What a configuration file asks for, in the domain's own terms. What it leaves out is not managed: `undefined` here,
 * and left as it is.
 */

import type { Check } from '../health/check.ts';
import type { HealthPlan, OnFailure, Panic, Quorum } from '../health/plan.ts';
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

export type ServiceHealth = {
  readonly checks: readonly Check[];
  readonly onFailure: OnFailure;
  readonly quorum: Quorum;
  /** The quorum is back at so much weight above it. */
  readonly hysteresis: number;
  readonly panic: Panic;
  readonly sorry?: WantedServer;
  readonly resetConnections: boolean;
  readonly slowStartMs: number;
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
  /** The directory of files that take real servers out. */
  readonly maintenance?: string;
};

/** What a director has of all this. */
export type Running = {
  readonly services: readonly ServiceConfiguration[];
  readonly vips: readonly Vip[];
  readonly sysctls: SysctlValues;
  readonly timeouts: Timeouts;
  readonly marks: readonly MarkRule[];
  readonly api: ApiSettings;
  readonly health: HealthPlan;
};
