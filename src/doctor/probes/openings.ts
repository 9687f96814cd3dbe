/** Connections that clients open while the doctor looks: each a SYN, with the MAC that brought it. */

import type { Address } from '../../ipvs/address.ts';
import type { LocalInterface } from '../../linux/iproute.ts';
import { everyEthertype, openPacketSocket, type PacketSocket } from '../../linux/packet-socket.ts';
import { opensTcp } from '../../linux/socket-filter.ts';
import { readFrame } from '../frames/read.ts';

export type Opening = {
  readonly mac: string;
  readonly client: Address;
  readonly clientPort: number;
  readonly vip: Address;
  readonly port: number;
  /** Its initial sequence number: one that is sent again has the same. */
  readonly sequence: number;
};

export type OpeningsTap = {
  /** What has been heard so far; the sockets are closed. */
  close(): readonly Opening[];
};

const pollMilliseconds = 10;
const perPoll = 512;
const most = 20_000;

/**
 * Listens on Ethernet interfaces for SYNs to these addresses. The kernel runs a short filter for each packet until
 * it is closed; XDP programs that forward by themselves pass by unheard.
 */
export function tapOpenings(interfaces: readonly LocalInterface[], vips: ReadonlySet<Address>): OpeningsTap {
  const sockets = interfaces
    .filter(({ mac }) => mac !== undefined)
    .map(({ index }) => openPacketSocket(index, everyEthertype, opensTcp()));
  const heard: Opening[] = [];
  const poll = (): void => {
    for (const socket of sockets) drain(socket, vips, heard);
  };
  const timer = setInterval(poll, pollMilliseconds);
  let isOpen = true;
  return {
    close() {
      if (!isOpen) return heard;
      isOpen = false;
      clearInterval(timer);
      poll();
      for (const socket of sockets) socket.close();
      return heard;
    },
  };
}

function drain(socket: PacketSocket, vips: ReadonlySet<Address>, heard: Opening[]): void {
  for (let count = 0; count < perPoll && heard.length < most; count++) {
    const bytes = socket.receive();
    if (!bytes) return;
    const frame = readFrame(bytes);
    if (frame?.content.kind !== 'tcp' || !vips.has(frame.content.to)) continue;
    const { from, to, sourcePort, port, sequence } = frame.content;
    heard.push({ mac: frame.source, client: from, clientPort: sourcePort, vip: to, port, sequence });
  }
}
