/** Echoes of all pings under way: one raw socket per family and source, and who waits for what. */

import { type Address, type Family, familyOf } from '../ipvs/address.ts';
import { type IcmpSocket, openIcmpSocket } from '../linux/icmp-socket.ts';
import { ProbeFailure } from './attempt.ts';

export type Ping = {
  readonly to: Address;
  /** From this address of this host, instead of what the kernel takes. */
  readonly source?: Address;
  /** 0..65535. The same for no other ping under way. */
  readonly id: number;
  /** Octets behind the header. */
  readonly bytes: number;
};

export type Echoes = {
  /** Resolves when the echo is back; rejects with `unreachable` when somebody says that it cannot be. */
  ask(ping: Ping): Promise<void>;
  /** Its echo is waited for no longer. */
  forget(id: number): void;
};

type Waiting = { readonly ping: Ping; resolve(): void; reject(error: Error): void };

/** Node watches no raw sockets: while somebody waits they are looked at so often, in milliseconds. */
const lookEvery = 2;

const headerBytes = 8;
const types = {
  4: { request: 8, reply: 0, unreachable: 3 },
  6: { request: 128, reply: 129, unreachable: 1 },
} as const;

export function createEchoes(): Echoes {
  const sockets = new Map<string, { readonly family: Family; readonly socket: IcmpSocket }>();
  const waiting = new Map<number, Waiting>();
  let timer: NodeJS.Timeout | undefined;

  const socketFor = ({ to, source }: Ping): IcmpSocket => {
    const family = familyOf(to);
    const name = `${family} ${source ?? ''}`;
    const found = sockets.get(name)?.socket;
    if (found) return found;
    const { reply, unreachable } = types[family];
    const socket = openIcmpSocket(family, [reply, unreachable], source);
    sockets.set(name, { family, socket });
    return socket;
  };
  const look = (): void => {
    for (const [name, { family, socket }] of sockets) {
      try {
        for (let heard = socket.receive(); heard; heard = socket.receive()) take(family, heard);
      } catch {
        // Who waits for something by it hears nothing; the next one opens another.
        socket.close();
        sockets.delete(name);
      }
    }
    if (waiting.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
  const take = (family: Family, { from, message }: { from: Address; message: Uint8Array }): void => {
    if (message.length < headerBytes) return;
    const { reply, unreachable } = types[family];
    const quoted = message[0] === unreachable ? quotedRequest(family, message) : undefined;
    const about = waiting.get(idOf(quoted ?? message));
    if (!about) return;
    if (message[0] === reply && from === about.ping.to) about.resolve();
    if (quoted) about.reject(new ProbeFailure('unreachable', `${from} says that it cannot be reached`));
  };
  return {
    ask: (ping) =>
      new Promise((resolve, reject) => {
        waiting.set(ping.id, { ping, resolve, reject });
        try {
          socketFor(ping).send(ping.to, request(ping));
        } catch (error) {
          reject(error);
        }
        timer ??= setInterval(look, lookEvery);
      }),
    forget: (id) => {
      waiting.delete(id);
    },
  };
}

/** An echo request as it is sent. ICMPv6's checksum is the kernel's affair. */
function request({ to, id, bytes }: Ping): Uint8Array {
  const family = familyOf(to);
  const message = new Uint8Array(headerBytes + bytes);
  const view = new DataView(message.buffer);
  message[0] = types[family].request;
  view.setUint16(4, id);
  view.setUint16(6, 1);
  for (let at = headerBytes; at < message.length; at++) message[at] = at & 0xff;
  if (family === 4) view.setUint16(2, checksum(message));
  return message;
}

/** RFC 1071. */
function checksum(octets: Uint8Array): number {
  let sum = 0;
  for (const [at, octet] of octets.entries()) sum += at % 2 === 0 ? octet << 8 : octet;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** The echo request that an error quotes behind its own header and the request's network header. */
function quotedRequest(family: Family, error: Uint8Array): Uint8Array | undefined {
  const network = family === 4 ? ((error[headerBytes] ?? 0) & 0xf) * 4 : 40;
  const quoted = error.subarray(headerBytes + network);
  return quoted.length >= headerBytes && quoted[0] === types[family].request ? quoted : undefined;
}

function idOf(message: Uint8Array): number {
  return ((message[4] ?? 0) << 8) | (message[5] ?? 0);
}
