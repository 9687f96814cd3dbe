/** What a command line asks for, after the grammar has accepted it. */

import type { ServiceRequest } from '../api/routes.ts';
import type { Destination, DestinationKey, ServiceKey } from '../ipvs/service.ts';
import type { SyncDaemonRequest, SyncRole } from '../ipvs/sync-daemon.ts';
import type { Timeouts } from '../ipvs/timeouts.ts';

export type ViewName = 'default' | 'stats' | 'rate' | 'thresholds' | 'persistent' | 'tunnels';

export type ServiceCommand =
  | { readonly kind: 'add-service' | 'edit-service'; readonly service: ServiceRequest }
  | { readonly kind: 'delete-service'; readonly service: ServiceKey };

export type ServerCommand =
  | {
      readonly kind: 'add-server' | 'edit-server';
      readonly service: ServiceKey;
      readonly destination: Destination;
    }
  | {
      readonly kind: 'delete-server';
      readonly service: ServiceKey;
      readonly destination: DestinationKey;
    };

export type Command =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'flush' }
  | ServiceCommand
  | ServerCommand
  /** Without a service: all counters. */
  | { readonly kind: 'zero'; readonly service: ServiceKey | undefined }
  /** Without a service: all of them. */
  | {
      readonly kind: 'list-services';
      readonly service: ServiceKey | undefined;
      readonly view: ViewName;
      readonly numeric: boolean;
      /** Counters in full instead of `12345K`. */
      readonly exact: boolean;
      readonly sort: boolean;
    }
  | { readonly kind: 'set-timeouts'; readonly timeouts: Timeouts }
  | { readonly kind: 'list-timeouts' }
  /** With `engineData`, what the persistence engine keeps is shown, too. */
  | { readonly kind: 'list-connections'; readonly numeric: boolean; readonly engineData: boolean }
  | { readonly kind: 'list-daemons' }
  | { readonly kind: 'start-daemon'; readonly daemon: SyncDaemonRequest }
  | { readonly kind: 'stop-daemon'; readonly role: SyncRole }
  | { readonly kind: 'save'; readonly numeric: boolean }
  /** Command lines come from standard input. */
  | { readonly kind: 'restore' };
