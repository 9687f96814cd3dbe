/** rtnetlink messages for neighbours (linux/neighbour.h): bytes in, data out. */

import { addressFromBytes } from '../ipvs/address.ts';
import { type Neighbour, neighbourStates } from '../ipvs/neighbour.ts';
import { type AnswerPart, NLM_F_DUMP, netlinkMessage, parseAttributes } from './netlink.ts';

const RTM_NEWNEIGH = 28;
const RTM_GETNEIGH = 30;
const NDA_DST = 1;
const NDA_LLADDR = 2;

/** struct ndmsg */
const neighbourHeaderBytes = 12;

/** The request for a list of all neighbours of all interfaces, both families. */
export function neighbourDumpRequest(): Uint8Array {
  return netlinkMessage(RTM_GETNEIGH, NLM_F_DUMP, new Uint8Array(neighbourHeaderBytes));
}

/** The neighbours among the messages of an answer, without those that nobody has asked for. */
export function neighboursIn(messages: AnswerPart['messages']): readonly Neighbour[] {
  return messages.flatMap(({ type, body }) => {
    if (type !== RTM_NEWNEIGH || body.length < neighbourHeaderBytes) return [];
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    const attributes = parseAttributes(body.subarray(neighbourHeaderBytes));
    const address = attributes.get(NDA_DST);
    const bits = view.getUint16(8, true);
    const state = neighbourStates.find((_, bit) => bits === 1 << bit);
    if (!state || (address?.length !== 4 && address?.length !== 16)) return [];
    const mac = attributes.get(NDA_LLADDR);
    const found = { index: view.getInt32(4, true), address: addressFromBytes(address), state };
    return mac?.length === 6
      ? {
          ...found,
          mac: Buffer.from(mac)
            .toString('hex')
            .replace(/..(?!$)/g, '$&:'),
        }
      : found;
  });
}
