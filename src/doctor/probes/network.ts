/**
 * The segments a host stands on, as probes use them: frames out by one interface, answers in by any.
 *
 * Nothing blocks: sockets are asked every few milliseconds while somebody waits for an answer.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalInterface } from '../../linux/iproute.ts';
import { openPacketSocket, type PacketSocket } from '../../linux/packet-socket.ts';
import { icmpOrPort4, icmpOrPort6 } from '../../linux/socket-filter.ts';
import { ethertypes } from '../frames/build.ts';
import { type Frame, readFrame } from '../frames/read.ts';

const pollMilliseconds = 4;
/** A busy segment must not keep one poll going for ever. */
const framesPerPoll = 256;

export type Heard = Frame & { readonly interface: string };

export type Question<T> = {
  readonly interface: string;
  readonly frames: readonly Uint8Array[];
  /** What an answer means; `undefined` for frames that are none. */
  readonly take: (frame: Heard) => T | undefined;
  /** Ends the wait before its time. */
  readonly isEnough: (answers: readonly T[]) => boolean;
  /** The frames are sent so often, and so long is waited each time. */
  readonly attempts: number;
  readonly milliseconds: number;
};

export type Network = {
  /** What was heard, in its order. */
  ask<T>(question: Question<T>): Promise<readonly T[]>;
  /** Sends without waiting for anything. */
  send(interfaceName: string, frame: Uint8Array): void;
  close(): void;
};

/**
 * Sockets on Ethernet interfaces; those that are down hear nothing. `port` is the one probes send from.
 * Throws SYSTEM_CALL. All of it acts in the calling process's namespace.
 */
export function openNetwork(interfaces: readonly LocalInterface[], port: number): Network {
  const sockets = new Map<string, readonly PacketSocket[]>();
  const listeners = new Set<(frame: Heard) => void>();
  const close = (): void => {
    for (const socket of [...sockets.values()].flat()) socket.close();
    sockets.clear();
  };
  try {
    for (const { name, index, mac } of interfaces) {
      if (mac !== undefined) sockets.set(name, openSockets(index, port));
    }
  } catch (error) {
    close();
    throw error;
  }

  const poll = (): void => {
    for (const [name, opened] of sockets) {
      for (const socket of opened) deliver(socket, name, listeners);
    }
  };
  const send = (name: string, frame: Uint8Array): void => sockets.get(name)?.[0]?.send(frame);

  return {
    send,
    close,
    async ask({ interface: name, frames, take, isEnough, attempts, milliseconds }) {
      const answers: NonNullable<ReturnType<typeof take>>[] = [];
      const listener = (frame: Heard): void => {
        const answer = take(frame);
        if (answer !== undefined && answer !== null) answers.push(answer);
      };
      listeners.add(listener);
      try {
        for (let attempt = 0; attempt < attempts; attempt++) {
          for (const frame of frames) send(name, frame);
          const deadline = performance.now() + milliseconds;
          while (performance.now() < deadline) {
            await sleep(pollMilliseconds);
            poll();
            if (isEnough(answers)) return answers;
          }
        }
        return answers;
      } finally {
        listeners.delete(listener);
      }
    },
  };
}

function openSockets(index: number, port: number): readonly PacketSocket[] {
  const opened: PacketSocket[] = [];
  try {
    opened.push(openPacketSocket(index, ethertypes.arp));
    opened.push(openPacketSocket(index, ethertypes.ipv4, icmpOrPort4(port)));
    opened.push(openPacketSocket(index, ethertypes.ipv6, icmpOrPort6(port)));
    return opened;
  } catch (error) {
    for (const socket of opened) socket.close();
    throw error;
  }
}

function deliver(socket: PacketSocket, name: string, listeners: ReadonlySet<(frame: Heard) => void>): void {
  for (let count = 0; count < framesPerPoll; count++) {
    const bytes = socket.receive();
    if (!bytes) return;
    const frame = readFrame(bytes);
    if (frame) for (const listener of listeners) listener({ ...frame, interface: name });
  }
}
