/**
 * What a test says of a packet, as plain data that can be written down as JSON. Everything that is not said is
 * right, checksums included; what is said wins, so that wrong packets can be described as well. Pure.
 */

/** `10.0.0.10:40001`, `[fd00::a]:40001`; of packets without ports the address alone. */
export type EndText = string;
export type Mac = string;

/** SCTP chunk types by name (RFC 9260 section 3.2). */
export const chunkTypes = {
  DATA: 0,
  INIT: 1,
  'INIT-ACK': 2,
  SACK: 3,
  HEARTBEAT: 4,
  'HEARTBEAT-ACK': 5,
  ABORT: 6,
  SHUTDOWN: 7,
  'SHUTDOWN-ACK': 8,
  ERROR: 9,
  'COOKIE-ECHO': 10,
  'COOKIE-ACK': 11,
  'SHUTDOWN-COMPLETE': 14,
} as const;
export type Chunk = keyof typeof chunkTypes;

/** IPv6 extension headers by name, with 8 octets each. */
export const extensionTypes = { hop: 0, routing: 43, destination: 60 } as const;
export type Extension = keyof typeof extensionTypes;

/** Of the link, and of the IP header of either family. */
export type HeaderFields = {
  readonly toMac?: Mac;
  readonly fromMac?: Mac;
  /** IPv6: hop limit. */
  readonly ttl?: number;
  /** IPv6: traffic class. */
  readonly tos?: number;
  /** IPv6: of the fragment header, where there is one. */
  readonly id?: number;
  /** IPv4 flags and fragment offset as on the wire: 0x4000 is "don't fragment", 0x2000 "more fragments". */
  readonly fragment?: number;
  /** IPv4 option octets, a multiple of 4. */
  readonly options?: readonly number[];
  readonly extensions?: readonly Extension[];
  readonly version?: number;
  /** IPv4 header length in 32-bit words, as the packet claims it. */
  readonly headerWords?: number;
  /** IPv4: header and payload, IPv6: payload in octets, as the packet claims them. */
  readonly totalLength?: number;
  /** One fragment of the packet: `length` octets of what stands behind the IP header, from `offset` on. */
  readonly part?: { readonly offset: number; readonly length: number };
  /** The frame ends after so many octets of IP, as if the rest had been lost. */
  readonly cut?: number;
  /** Zeros follow, so that the frame has at least so many octets. */
  readonly pad?: number;
  /** Octets of the IP packet that are something else in the end: [offset, value]. */
  readonly patch?: readonly (readonly [number, number])[];
};

type Ends = { readonly from: EndText; readonly to: EndText };

/** `flags` are letters: S SYN, A ACK, P PSH, F FIN, R RST, U URG. `payload` is its length in octets. */
export type TcpFields = HeaderFields & Ends & { readonly flags: string; readonly payload?: number };
/** `text` stands at the payload's beginning. `sum: 0` sends no checksum. */
export type UdpFields = HeaderFields &
  Ends & { readonly payload?: number; readonly text?: string; readonly sum?: 0 };
export type SctpFields = HeaderFields &
  Ends & { readonly chunks: readonly Chunk[]; readonly payload?: number };
/** `word` is the second one of the ICMP header: the MTU in some. `quote` is how much of the packet is quoted. */
export type IcmpFields = HeaderFields &
  Ends & {
    readonly type: number;
    readonly code: number;
    readonly word?: number;
    readonly about?: Packet;
    readonly quote?: number;
  };
/** Any other protocol. */
export type RawFields = HeaderFields & Ends & { readonly protocol: number; readonly payload?: number };

export type Packet =
  | ({ readonly kind: 'tcp' } & TcpFields)
  | ({ readonly kind: 'udp' } & UdpFields)
  | ({ readonly kind: 'sctp' } & SctpFields)
  | ({ readonly kind: 'icmp' } & IcmpFields)
  | ({ readonly kind: 'raw' } & RawFields);
