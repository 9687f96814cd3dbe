/** Connections and persistence templates as IPVS lists them (`ipvsadm -Lc`). */

import type { Address, Family, Port } from './address.ts';
import type { ForwardingMethod, Protocol } from './service.ts';

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

/** SCTP states by IPVS's own numbers (ip_vs_proto_sctp.c), by the words that are printed. */
export const sctpStates = [
  'NONE',
  'INIT1',
  'INIT',
  'C-SENT',
  'C-REPLIED',
  'C-WAIT',
  'COOKIE',
  'C-ECHOED',
  'ESTABLISHED',
  'S-SENT',
  'S-RECEIVED',
  'S-ACK-SENT',
  'REJECTED',
  'CLOSED',
] as const;

export type TcpState = (typeof tcpStates)[number];
export type SctpState = (typeof sctpStates)[number];
/** A template is ASSURED once a connection under it was established. */
export type TemplateState = 'NONE' | 'ASSURED';

export type ConnectionState = TcpState | SctpState | TemplateState | 'UDP';

export type Endpoint = { readonly address: Address; readonly port: Port };

export type ConnectionStatus = {
  /** A persistence template; its client port is 0. */
  readonly template: boolean;
  /** `ip`: a template by firewall mark, whose virtual address is the mark in dotted form and its port 0. */
  readonly protocol: Protocol | 'ip';
  /** Of client and virtual address; a tunnelled real server may have the other one. */
  readonly family: Family;
  readonly state: ConnectionState;
  /** Whole seconds until the entry goes, unless another packet arrives. */
  readonly expiresInSeconds: number;
  readonly client: Endpoint;
  readonly virtual: Endpoint;
  readonly destination: Endpoint;
  /** As it was when the connection was made; `local`: this host itself. */
  readonly method: ForwardingMethod | 'local';
  /** What the persistence engine keeps with it. */
  readonly engine?: { readonly name: 'sip'; readonly data: string };
};
