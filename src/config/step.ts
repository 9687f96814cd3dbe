/** One change of a director's configuration, with what was there before. */

import type { HealthPlan } from '../health/plan.ts';
import type { ApiSettings } from '../ipvs/listener.ts';
import type { MarkRule } from '../ipvs/mark-rule.ts';
import type { Destination, Service, ServiceConfiguration, ServiceKey } from '../ipvs/service.ts';
import type { SysctlValues } from '../ipvs/sysctl.ts';
import type { Timeouts } from '../ipvs/timeouts.ts';
import type { Vip } from '../ipvs/vip.ts';

export type Step =
  | { readonly kind: 'add-service'; readonly service: Service }
  | { readonly kind: 'edit-service'; readonly before: Service; readonly after: Service }
  /** With its real servers. */
  | { readonly kind: 'remove-service'; readonly service: ServiceConfiguration }
  | { readonly kind: 'add-server'; readonly service: ServiceKey; readonly server: Destination }
  | {
      readonly kind: 'edit-server';
      readonly service: ServiceKey;
      readonly before: Destination;
      readonly after: Destination;
    }
  | { readonly kind: 'remove-server'; readonly service: ServiceKey; readonly server: Destination }
  | { readonly kind: 'add-vip' | 'remove-vip'; readonly vip: Vip }
  | {
      readonly kind: 'set-timeouts';
      readonly before: Timeouts;
      readonly after: Timeouts;
    }
  | {
      readonly kind: 'set-sysctls';
      readonly before: SysctlValues;
      /** Only those that change. */
      readonly after: Readonly<Partial<SysctlValues>>;
    }
  | {
      readonly kind: 'set-api';
      readonly before: ApiSettings;
      readonly after: ApiSettings;
    }
  | {
      readonly kind: 'set-marks';
      readonly before: readonly MarkRule[];
      readonly after: readonly MarkRule[];
    }
  | { readonly kind: 'set-health'; readonly before: HealthPlan; readonly after: HealthPlan };
