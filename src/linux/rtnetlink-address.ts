/**
 * rtnetlink messages for addresses of interfaces (linux/if_addr.h): bytes in, data out. Addresses that Fairlead has put
 * on an interface carry its mark, so that it knows them again whichever daemon did it.
 */

import { type Address, addressFromBytes, addressToBytes, familyOf } from '../ipvs/address.ts';
import {
  type AnswerPart,
  attribute,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_REPLACE,
  netlinkMessage,
  numberIn,
  parseAttributes,
} from './netlink.ts';

export type HeldAddress = {
  /** Of the interface. */
  readonly index: number;
  readonly address: Address;
  readonly length: number;
  /** The other end of a point-to-point address: the kernel tells addresses apart by it, too. */
  readonly peer?: Address;
  /** Whether Fairlead has put it there. */
  readonly isOurs: boolean;
  /** The message that puts it there just so: with its lifetimes, flags and label, and whose it is. */
  readonly body: Uint8Array;
};

export type AddressPlace = Pick<HeldAddress, 'index' | 'address' | 'length'>;

const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;
const RTM_GETADDR = 22;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_CACHEINFO = 6;
const IFA_PROTO = 11;
const IFA_F_NODAD = 2;
const AF_INET = 2;
const AF_INET6 = 10;
const forever = 0xffffffff;

/** Who has put an address on an interface (IFA_PROTO, as rt_protos numbers them): any number nobody else has. */
const ourProtocol = 76;

const addressHeaderBytes = 8;

/** The request for a list of all addresses of all interfaces. */
export function addressDumpRequest(): Uint8Array {
  return netlinkMessage(RTM_GETADDR, NLM_F_DUMP, new Uint8Array(addressHeaderBytes));
}

/**
 * Puts an address on an interface; one that is there already becomes ours. IPv6: without asking whether somebody else
 * has it, which would keep it from use for seconds, and never as the source of this host's own connections.
 */
export function addressAddition({ index, address, length }: AddressPlace): Uint8Array {
  const extra = familyOf(address) === 6 ? [attribute(IFA_CACHEINFO, lifetimes(0, forever))] : [];
  return netlinkMessage(
    RTM_NEWADDR,
    NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE,
    Buffer.concat([
      addressHeader(index, address, length),
      ...named(address),
      ...extra,
      attribute(IFA_PROTO, Uint8Array.of(ourProtocol)),
    ]),
  );
}

/** Makes an address again what it was when it was found, whether it is still there or not. */
export function addressRestoration({ body }: Pick<HeldAddress, 'body'>): Uint8Array {
  return netlinkMessage(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, body);
}

/** Takes an address off an interface. */
export function addressRemoval({ index, address, length }: AddressPlace): Uint8Array {
  return netlinkMessage(
    RTM_DELADDR,
    NLM_F_ACK,
    Buffer.concat([addressHeader(index, address, length), ...named(address)]),
  );
}

/** The addresses among the messages of an answer. */
export function addressesIn(messages: AnswerPart['messages']): readonly HeldAddress[] {
  return messages.flatMap(({ type, body }) => {
    if (type !== RTM_NEWADDR || body.length < addressHeaderBytes) return [];
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const attributes = parseAttributes(body.subarray(addressHeaderBytes));
    const other = attributes.get(IFA_ADDRESS);
    const bytes = attributes.get(IFA_LOCAL) ?? other;
    if (bytes?.length !== 4 && bytes?.length !== 16) return [];
    const isPeer = other?.length === bytes.length && Buffer.compare(other, bytes) !== 0;
    const isOurs = attributes.get(IFA_PROTO)?.[0] === ourProtocol;
    const [index, length] = [view.getUint32(4, true), view.getUint8(1)];
    return [
      {
        ...{ index, address: addressFromBytes(bytes), length, isOurs, body: Uint8Array.from(body) },
        ...(isPeer && { peer: addressFromBytes(other) }),
      },
    ];
  });
}

export type AddressStamp = {
  readonly address: Address;
  /** When an interface got it, in seconds since the machine started. */
  readonly createdSeconds: number;
};

/** When the addresses among the messages of an answer were created: the third word of struct ifa_cacheinfo. */
export function stampsIn(messages: AnswerPart['messages']): readonly AddressStamp[] {
  return messages.flatMap(({ type, body }) => {
    if (type !== RTM_NEWADDR || body.length < addressHeaderBytes) return [];
    const attributes = parseAttributes(body.subarray(addressHeaderBytes));
    const bytes = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
    const created = numberIn(attributes.get(IFA_CACHEINFO)?.subarray(8) ?? new Uint8Array());
    if ((bytes?.length !== 4 && bytes?.length !== 16) || created === undefined) return [];
    return [{ address: addressFromBytes(bytes), createdSeconds: (created >>> 0) / 100 }];
  });
}

function addressHeader(index: number, address: Address, length: number): Uint8Array {
  const header = new Uint8Array(addressHeaderBytes);
  const isIpv6 = familyOf(address) === 6;
  header.set([isIpv6 ? AF_INET6 : AF_INET, length, isIpv6 ? IFA_F_NODAD : 0, 0]);
  new DataView(header.buffer).setUint32(4, index, true);
  return header;
}

function named(address: Address): readonly Uint8Array[] {
  const bytes = addressToBytes(address);
  return [attribute(IFA_LOCAL, bytes), attribute(IFA_ADDRESS, bytes)];
}

/** Seconds (struct ifa_cacheinfo). */
function lifetimes(preferred: number, valid: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(preferred, valid, 0, 0).buffer);
}
