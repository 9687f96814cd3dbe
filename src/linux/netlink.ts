/**
 * Netlink messages (RFC 3549 §2, linux/netlink.h): a header, a fixed part, and attributes. Bytes in, data out.
 *
 * Native byte order, which on every machine this runs on is little-endian.
 */

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_REQUEST = 1;
export const NLM_F_ACK = 4;
export const NLM_F_DUMP = 0x300;
export const NLM_F_REPLACE = 0x100;
export const NLM_F_CREATE = 0x400;

/** Stands for an error message that ends before its number. */
const EPROTO = 71;

const headerBytes = 16;
const aligned = (length: number): number => (length + 3) & ~3;

/** One message, with the length of what follows its header filled in. */
export function netlinkMessage(type: number, flags: number, body: Uint8Array): Uint8Array {
  const message = new Uint8Array(headerBytes + body.length);
  const view = new DataView(message.buffer);
  view.setUint32(0, message.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, NLM_F_REQUEST | flags, true);
  message.set(body, headerBytes);
  return message;
}

export type AnswerPart = {
  readonly messages: readonly { readonly type: number; readonly body: Uint8Array }[];
  /** Nothing comes behind it. */
  readonly done: boolean;
  /** errno of a refused request, positive. */
  readonly error?: number;
};

/** One datagram of an answer. An acknowledgement is an end without an error. */
export function parseAnswer(datagram: Uint8Array): AnswerPart {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const messages: { type: number; body: Uint8Array }[] = [];
  for (let at = 0; at + headerBytes <= datagram.length; ) {
    const length = view.getUint32(at, true);
    const type = view.getUint16(at + 4, true);
    if (length < headerBytes || at + length > datagram.length) break;
    if (type === NLMSG_DONE) return { messages, done: true };
    const body = datagram.subarray(at + headerBytes, at + length);
    if (type === NLMSG_ERROR) {
      const error = -(numberIn(body) ?? -EPROTO);
      return error === 0 ? { messages, done: true } : { messages, done: true, error };
    }
    messages.push({ type, body });
    at += aligned(length);
  }
  return { messages, done: false };
}

/** Type, length and value (struct rtattr), padded. */
export function attribute(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(aligned(4 + value.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 4 + value.length, true);
  view.setUint16(2, type, true);
  bytes.set(value, 4);
  return bytes;
}

/** The attributes by type; the nested flag is masked off. */
export function parseAttributes(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
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
export function numberIn(bytes: Uint8Array): number | undefined {
  if (bytes.length < 4) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getInt32(0, true);
}
