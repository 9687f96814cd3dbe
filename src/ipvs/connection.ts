/** Connections as IPVS lists them (`ipvsadm -Lc`): one entry per client address and port and service. */

import type { Ipv4, Port } from './address.ts';
import type { Protocol } from './service.ts';

/** TCP states by IPVS's own numbers; the words are those `ipvsadm -Lc` prints. */
export const tcpStates = [
  'NONE',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'SYNACK',
] as const;

export type ConnectionState = (typeof tcpStates)[number] | 'UDP';

export type ConnectionStatus = {
  readonly protocol: Protocol;
  readonly state: ConnectionState;
  /** Whole seconds until the entry goes, unless another packet arrives. */
  readonly expiresInSeconds: number;
  readonly client: { readonly address: Ipv4; readonly port: Port };
  readonly virtual: { readonly address: Ipv4; readonly port: Port };
  readonly destination: { readonly address: Ipv4; readonly port: Port };
};
