/** rtnetlink messages for links (RFC 3549, linux/rtnetlink.h, linux/if_link.h): bytes in, data out. */

import {
  type AnswerPart,
  attribute,
  NLM_F_DUMP,
  netlinkMessage,
  numberIn,
  parseAnswer,
  parseAttributes,
} from './netlink.ts';

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
export const ARPHRD_LOOPBACK = 772;
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const IFF_UP = 1;
const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_MASTER = 10;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
const IFLA_EXT_MASK = 29;
const RTEXT_FILTER_SKIP_STATS = 1 << 3;

const linkHeaderBytes = 16;

/** The request for a list of all links. Without their counters, for which the kernel asks each driver. */
export function linkDumpRequest(): Uint8Array {
  const mask = attribute(IFLA_EXT_MASK, new Uint8Array(Uint32Array.of(RTEXT_FILTER_SKIP_STATS).buffer));
  return netlinkMessage(RTM_GETLINK, NLM_F_DUMP, Uint8Array.of(...new Uint8Array(linkHeaderBytes), ...mask));
}

export type DumpPart = Omit<AnswerPart, 'messages'> & { readonly links: readonly Link[] };

/** One datagram of the answer. */
export function parseLinkDump(datagram: Uint8Array): DumpPart {
  const { messages, ...ending } = parseAnswer(datagram);
  return { ...ending, links: linksIn(messages) };
}

/** The links among the messages of an answer. */
export function linksIn(messages: AnswerPart['messages']): readonly Link[] {
  return messages
    .filter(({ type, body }) => type === RTM_NEWLINK && body.length >= linkHeaderBytes)
    .map(({ body }) => parseLink(body));
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

function text(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? [])
    .toString()
    .replace(/\0.*$/s, '');
}
