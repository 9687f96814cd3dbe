/**
 * What a health check asks of a real server, as plain data: what is sent, by which way, how often, and how many
 * answers it takes to change one's mind.
 */

import type { Address, Port } from '../ipvs/address.ts';

/** Where a probe goes: to the real server's own address, or to the virtual one at the real server's MAC. */
export const checkVias = ['rip', 'dr'] as const;
export type CheckVia = (typeof checkVias)[number];

export const checkStarts = ['up', 'down'] as const;
/** What is thought of a real server before its first answers. */
export type CheckStart = (typeof checkStarts)[number];

/** Both ends included. */
export type StatusRange = { readonly first: number; readonly last: number };

/** How far a certificate matters. */
export type TlsDemands = {
  /** Server name that is asked for (SNI). */
  readonly name?: string;
  /** Whether the chain must lead to a trusted root and fit the name. */
  readonly verify: boolean;
  /** A file with roots to trust instead of the system's. */
  readonly caFile?: string;
  /** Days that it has to be valid still. */
  readonly daysLeft: number;
};

export const dnsTypes = ['A', 'AAAA', 'CNAME', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT'] as const;
export type DnsType = (typeof dnsTypes)[number];

export const httpMethods = ['GET', 'HEAD', 'OPTIONS', 'POST'] as const;
export type HttpMethod = (typeof httpMethods)[number];

export const smtpTls = ['none', 'starttls', 'implicit'] as const;
export type SmtpTls = (typeof smtpTls)[number];

/** What is done, and what has to come back. Patterns are sources of regular expressions. */
export type Probe =
  | { readonly kind: 'tcp'; readonly send?: string; readonly expect?: string }
  | {
      readonly kind: 'http';
      /** There exactly where it is HTTPS. */
      readonly tls?: TlsDemands;
      readonly method: HttpMethod;
      readonly path: string;
      readonly host?: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly status: readonly StatusRange[];
      readonly body?: string;
      /** Redirections that are followed at most; with 0 the first answer is the answer. */
      readonly redirects: number;
    }
  | { readonly kind: 'tls'; readonly tls: TlsDemands }
  | {
      readonly kind: 'dns';
      readonly name: string;
      readonly type: DnsType;
      readonly transport: 'udp' | 'tcp';
      /** One of the answers. */
      readonly expect?: string;
    }
  | {
      readonly kind: 'udp';
      readonly send: Uint8Array;
      /** Without it no answer is well, too: only an ICMP error is a failure. */
      readonly expect?: { readonly kind: 'any' } | { readonly kind: 'pattern'; readonly pattern: string };
    }
  | { readonly kind: 'smtp'; readonly helo: string; readonly tls: SmtpTls }
  | {
      readonly kind: 'grpc';
      readonly service: string;
      readonly authority?: string;
      readonly tls?: TlsDemands;
    }
  | { readonly kind: 'ping'; readonly bytes: number }
  | {
      readonly kind: 'command';
      /** argv, with `{vip}`, `{vport}`, `{rip}`, `{rport}` to be filled in. 0 is well. */
      readonly run: readonly string[];
      readonly user?: string;
      /** Exit codes 2 to 255 are well, too, and say the weight plus 2 (keepalived's misc_dynamic). */
      readonly weighs: boolean;
    }
  | {
      readonly kind: 'file';
      /** With the same words to be filled in. */
      readonly path: string;
      readonly down: 'present' | 'absent';
    };

/** A probe with its rhythm. */
export type SingleCheck = {
  readonly name: string;
  readonly probe: Probe;
  /** Another port than the real server's. */
  readonly port?: Port;
  /** Another address than the real server's. */
  readonly address?: Address;
  /** Absent: `dr` for what is directly routed, `rip` for the rest. */
  readonly via?: CheckVia;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Answers in a row that make a real server up, or down. */
  readonly rise: number;
  readonly fall: number;
  /** Share of the interval, 0 to 1, by which each probe is moved at random, so that not all go at once. */
  readonly jitter: number;
  readonly start: CheckStart;
};

/** Up where all, or any, of its parts are. */
export type CombinedCheck = {
  readonly name: string;
  readonly combine: 'all' | 'any';
  readonly checks: readonly Check[];
};

export type Check = SingleCheck | CombinedCheck;
