/**
 * rtnetlink messages for links (RFC 3549, linux/rtnetlink.h, linux/if_link.h): bytes in, data out.
 *
 * Native byte order, which on every machine this runs on is little-endian.
 */

export type Link = {
  readonly index: number;
  readonly name: string;
  /** ARPHRD_*: 1 is Ethernet, 772 loopback. */
  readonly type: number;
  /** Six bytes for Ethernet. */
  readonly mac: Uint8Array;
  readonly mtu: number;
  /** As an administrator has set it, whether there is a carrier or not. */
  readonly isUp: boolean;
  /** The driver's kind for virtual interfaces (`veth`, `bridge`, …); `undefined` for hardware. */
  readonly kind: string | undefined;
  /** Index of the bridge or bond this interface is a port of. */
  readonly master: number | undefined;
};

export const ARPHRD_ETHER = 1;
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const NLMSG_ERROR = 2;
/** Stands for an error message that ends before its number. */
const EPROTO = 71;
const NLMSG_DONE = 3;
const NLM_F_REQUEST = 1;
const NLM_F_DUMP = 0x300;
const IFF_UP = 1;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_MASTER = 10;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;

const headerBytes = 16;
const linkHeaderBytes = 16;
const aligned = (length: number): number => (length + 3) & ~3;

/** The request for a list of all links. */
export function linkDumpRequest(): Uint8Array {
  const message = new Uint8Array(headerBytes + linkHeaderBytes);
  const view = new DataView(message.buffer);
  view.setUint32(0, message.length, true);
  view.setUint16(4, RTM_GETLINK, true);
  view.setUint16(6, NLM_F_REQUEST | NLM_F_DUMP, true);
  return message;
}

export type DumpPart = {
  readonly links: readonly Link[];
  readonly done: boolean;
  /** errno of a refused request, positive. */
  readonly error?: number;
};

/** One datagram of the answer. */
export function parseLinkDump(datagram: Uint8Array): DumpPart {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const links: Link[] = [];
  for (let at = 0; at + headerBytes <= datagram.length; ) {
    const length = view.getUint32(at, true);
    const type = view.getUint16(at + 4, true);
    if (length < headerBytes || at + length > datagram.length) break;
    if (type === NLMSG_DONE) return { links, done: true };
    const body = datagram.subarray(at + headerBytes, at + length);
    if (type === NLMSG_ERROR) return { links, done: true, error: -(numberIn(body) ?? -EPROTO) };
    if (type === RTM_NEWLINK && body.length >= linkHeaderBytes) links.push(parseLink(body));
    at += aligned(length);
  }
  return { links, done: false };
}

function parseLink(body: Uint8Array): Link {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const attributes = parseAttributes(body.subarray(linkHeaderBytes));
  const info = attributes.get(IFLA_LINKINFO);
  const kind = info && parseAttributes(info).get(IFLA_INFO_KIND);
  const mtu = attributes.get(IFLA_MTU);
  const master = attributes.get(IFLA_MASTER);
  return {
    type: view.getUint16(2, true),
    index: view.getInt32(4, true),
    name: text(attributes.get(IFLA_IFNAME)),
    mac: attributes.get(IFLA_ADDRESS)?.slice() ?? new Uint8Array(),
    mtu: (mtu && numberIn(mtu)) ?? 0,
    isUp: (view.getUint32(8, true) & IFF_UP) !== 0,
    kind: kind && text(kind),
    master: master && numberIn(master),
  };
}

/** Type-length-value triples (struct rtattr); the nested flag is masked off. */
function parseAttributes(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const attributes = new Map<number, Uint8Array>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = view.getUint16(at, true);
    if (length < 4 || at + length > bytes.length) break;
    attributes.set(view.getUint16(at + 2, true) & 0x3fff, bytes.subarray(at + 4, at + length));
    at += aligned(length);
  }
  return attributes;
}

/** The 32-bit number that bytes begin with; `undefined` where there is no room for one. */
function numberIn(bytes: Uint8Array): number | undefined {
  if (bytes.length < 4) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0, true);
}

function text(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? [])
    .toString()
    .replace(/\0.*$/s, '');
}
