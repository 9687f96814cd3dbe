/**
 * A scenario: what is done to a director, one step after the other, as plain data. Pure.
 *
 * It says what, never how: the same scenario is played against the kernel and against Fairlead (plan.ts),
 * shrunk (shrink.ts), and written as a script (script.ts).
 */

export type Endpoint = { readonly address: string; readonly port: number };

type Ends = { readonly from: Endpoint; readonly to: Endpoint };

/** What an IP header may carry out of the ordinary. */
export type Header = { readonly ttl?: number; readonly tos?: number; readonly dontFragment?: boolean };

export type Segment = Header &
  Ends & {
    readonly kind: 'tcp';
    /** Letters of FSRPAU. */
    readonly flags: string;
    /** Bytes. */
    readonly payload: number;
  };

export type Datagram = Header &
  Ends & {
    readonly kind: 'udp';
    readonly payload: number;
    /** In front of the payload stands a SIP message of this call (RFC 3261). */
    readonly callId?: string;
  };

export type Chunks = Header & Ends & { readonly kind: 'sctp'; readonly chunks: readonly Chunk[] };

/** RFC 9260 section 3.2. */
export const chunkTypes = {
  DATA: 0,
  INIT: 1,
  'INIT-ACK': 2,
  SACK: 3,
  HEARTBEAT: 4,
  ABORT: 6,
  SHUTDOWN: 7,
  'SHUTDOWN-ACK': 8,
  ERROR: 9,
  'COOKIE-ECHO': 10,
  'COOKIE-ACK': 11,
  'SHUTDOWN-COMPLETE': 14,
} as const;
export type Chunk = keyof typeof chunkTypes;

/** A router's or a host's complaint about a packet that was sent to it. */
export type IcmpError = Header & {
  readonly kind: 'icmp';
  readonly from: string;
  readonly to: string;
  readonly type: number;
  readonly code: number;
  readonly about: Transport;
};

export type Transport = Segment | Datagram | Chunks;
export type TransportName = Transport['kind'];
export type Packet = Transport | IcmpError;

/** What gives packets a firewall mark: netfilter for the kernel, the director itself for Fairlead. */
export type MarkRule = {
  readonly mark: number;
  /** Only these bits are set. */
  readonly mask?: number;
  readonly destination: string;
  readonly transport: TransportName;
  /** Any, where it says none. */
  readonly port?: number;
};

export type Step =
  | { readonly kind: 'ipvsadm'; readonly words: readonly string[] }
  | { readonly kind: 'sysctl'; readonly name: string; readonly value: string }
  | { readonly kind: 'mark'; readonly rule: MarkRule }
  /** Takes all rules of marks out. */
  | { readonly kind: 'unmark' }
  /** From the wire into the director; in fragments of at most so many bytes of IP payload, if it says so. */
  | {
      readonly kind: 'send';
      readonly interface: number;
      readonly packet: Packet;
      readonly fragment?: number;
    }
  | { readonly kind: 'pause'; readonly seconds: number }
  /** Listings. With `counters`, once the kernel has added them up, those of --stats as well. */
  | { readonly kind: 'look'; readonly counters: boolean };

export type Scenario = {
  /** Where it came from, for people: `seed 17, scenario 4`. */
  readonly name: string;
  /** Which addresses it uses (network.ts). */
  readonly number: number;
  readonly steps: readonly Step[];
};

export function isIpv6(address: string): boolean {
  return address.includes(':');
}

/** `10.0.0.1:80`, `[fd00::1]:80`. */
export function endText({ address, port }: Endpoint): string {
  return isIpv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
