/** What happens in a director, as others are told. Services and real servers are named as in the API's paths. */

/** A real server in one of its services: `tcp:192.0.2.10:80`, `10.0.0.11:80`. */
type Of = { readonly service: string; readonly server: string };

export type EventBody =
  /** Changes that were made together. */
  | { readonly kind: 'configuration-applied'; readonly changes: number }
  | { readonly kind: 'service-added' | 'service-removed'; readonly service: string }
  | { readonly kind: 'services-flushed'; readonly services: number }
  | ({ readonly kind: 'server-added' | 'server-removed' } & Of)
  /** The director stands on it, with these hooks. */
  | { readonly kind: 'interface-attached'; readonly interface: string; readonly hooks: readonly string[] }
  | { readonly kind: 'interface-detached'; readonly interface: string }
  /** `adopted`: the data plane was there already. */
  | { readonly kind: 'daemon-started'; readonly version: string; readonly adopted: boolean }
  /** Checks say that it serves, or no longer. */
  | ({ readonly kind: 'server-up' | 'server-down'; readonly reason: string } & Of)
  /** Somebody has taken it out: a file, or a command. */
  | ({ readonly kind: 'server-disabled' | 'server-enabled'; readonly reason: string } & Of)
  | ({ readonly kind: 'weight-changed'; readonly from: number; readonly to: number } & Of)
  /** It had weight 0, and its last connection has ended. */
  | ({ readonly kind: 'drain-ended' } & Of)
  /** Weight of the real servers that are up, and what is needed. */
  | {
      readonly kind: 'quorum-lost' | 'quorum-gained';
      readonly service: string;
      readonly weight: number;
      readonly needed: number;
    }
  /** `share` of its weight, 0 to 1. */
  | ({ readonly kind: 'slow-start-step'; readonly share: number } & Of)
  | ({ readonly kind: 'slow-start-ended' } & Of);

export type DirectorEvent = EventBody & {
  /** Grows with each event, over a restart of the daemon as well. */
  readonly id: number;
  /** ISO 8601, of UTC. */
  readonly at: string;
};
