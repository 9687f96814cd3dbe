/** What one concern contributes to a real server: steps now, and what brings them back at every boot. */

import type { Need } from './rights.ts';
import type { Step } from './step.ts';

export type Part = {
  /** In this order. */
  readonly steps: readonly Step[];
  /** Settings, for a file of sysctl.d(5): `name = value`. */
  readonly settings?: readonly string[];
  /** Further files, by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Lines of shell for the boot; each may be said again where it has been said already. */
  readonly start?: readonly string[];
  /** Lines of shell for a stop, in reverse order. They may fail. */
  readonly stop?: readonly string[];
  /** The interfaces and their addresses must be there. */
  readonly needsNetwork?: boolean;
  /** The packet filter's service would take it away when that is stopped or read again. */
  readonly inPacketFilter?: boolean;
  /** What its lines for the boot must be allowed, beside changing the network. */
  readonly needs?: readonly Need[];
  /** Programs that its lines use. */
  readonly programs?: readonly string[];
};
