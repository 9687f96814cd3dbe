/** Steps as calls of the director's API, which makes them all or none. */

import { withoutOctets } from '../health/octets.ts';
import type { HealthPlan } from '../health/plan.ts';
import type { ApiSettings } from '../ipvs/listener.ts';
import type { MarkRule } from '../ipvs/mark-rule.ts';
import {
  type Destination,
  type DestinationSettings,
  destinationKeyText,
  type Service,
  type ServiceSettings,
  serviceKeyText,
} from '../ipvs/service.ts';
import type { Timeouts } from '../ipvs/timeouts.ts';
import { type Vip, vipText } from '../ipvs/vip.ts';
import type { Step } from './step.ts';

type ServiceParams = { readonly service: string };
type DestinationParams = ServiceParams & { readonly destination: string };

/** One change as api/transaction.ts takes it. */
export type Call =
  | { readonly route: 'addService'; readonly body: Service }
  | { readonly route: 'editService'; readonly params: ServiceParams; readonly body: ServiceSettings }
  | { readonly route: 'deleteService'; readonly params: ServiceParams }
  | { readonly route: 'addDestination'; readonly params: ServiceParams; readonly body: Destination }
  | {
      readonly route: 'editDestination';
      readonly params: DestinationParams;
      readonly body: DestinationSettings;
    }
  | { readonly route: 'deleteDestination'; readonly params: DestinationParams }
  | { readonly route: 'setTimeouts'; readonly body: Timeouts }
  | { readonly route: 'setSysctls'; readonly body: Readonly<Record<string, number>> }
  | { readonly route: 'replaceMarkRules'; readonly body: readonly MarkRule[] }
  | { readonly route: 'setApi'; readonly body: ApiSettings }
  | { readonly route: 'replaceHealth'; readonly body: HealthPlan }
  | { readonly route: 'addVip'; readonly body: Vip }
  | { readonly route: 'deleteVip'; readonly params: { readonly interface: string; readonly vip: string } };

/** The one call that makes a step. */
export function callOf(step: Step): Call {
  switch (step.kind) {
    case 'add-service':
      return { route: 'addService', body: step.service };
    case 'edit-service':
      return {
        route: 'editService',
        params: { service: serviceKeyText(step.after) },
        body: settingsOf(step.after),
      };
    case 'remove-service':
      return { route: 'deleteService', params: { service: serviceKeyText(step.service) } };
    case 'add-server':
      return {
        ...{ route: 'addDestination', params: { service: serviceKeyText(step.service) }, body: step.server },
      };
    case 'edit-server': {
      const { address: _, port: __, ...body } = step.after;
      return { route: 'editDestination', params: destinationParams(step.service, step.after), body };
    }
    case 'remove-server':
      return { route: 'deleteDestination', params: destinationParams(step.service, step.server) };
    case 'set-timeouts':
      return { route: 'setTimeouts', body: step.after };
    case 'set-sysctls':
      return { route: 'setSysctls', body: step.after as Readonly<Record<string, number>> };
    case 'set-marks':
      return { route: 'replaceMarkRules', body: step.after };
    case 'set-api':
      return { route: 'setApi', body: step.after };
    case 'set-health':
      return { route: 'replaceHealth', body: withoutOctets(step.after) };
    case 'add-vip':
      return { route: 'addVip', body: step.vip };
    case 'remove-vip':
      return { route: 'deleteVip', params: { interface: step.vip.interface, vip: vipText(step.vip) } };
  }
}

function settingsOf({ scheduler, flags, persistent, netmask, engine, onePacket }: Service): ServiceSettings {
  return { scheduler, flags, persistent, netmask, onePacket, ...(engine && { engine }) };
}

function destinationParams(
  service: Parameters<typeof serviceKeyText>[0],
  server: Destination,
): DestinationParams {
  return { service: serviceKeyText(service), destination: destinationKeyText(server) };
}
