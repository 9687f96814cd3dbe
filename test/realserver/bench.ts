/** A real server with the decapsulator on eth0, fed with packets one by one through BPF_PROG_TEST_RUN. */

import { fileURLToPath } from 'node:url';
import { test as base } from 'vitest';
import type { Address, Port } from '../../src/ipvs/address.ts';
import { programAt } from '../../src/linux/bpf-hooked.ts';
import { closeFd } from '../../src/linux/bpf-program.ts';
import { listLinks } from '../../src/linux/links.ts';
import { type CounterName, counterNames } from '../../src/realserver/decapsulate/counters.ts';
import {
  decapsulationStatus,
  startDecapsulation,
  stopDecapsulation,
} from '../../src/realserver/decapsulate/decapsulation.ts';
import { hook } from '../../src/realserver/decapsulate/program.ts';
import { type Passage, passageOf } from '../support/passage.ts';
import { obstacle } from '../support/privileged.ts';
import { createWire, type Wire } from '../support/wire.ts';
import { macOfInterface, vip, vip6 } from '../support/world.ts';

export type RealServer = Pick<Wire, 'inside' | 'ip'> & {
  /** It decapsulates what is for 10.0.0.100 and fd00::100, and has counted nothing. */
  begin(guePort?: number): void;
  /** The frame comes in by eth0, whatever MAC it is for. */
  receive(frame: Uint8Array): Passage;
  /** The counters that are not 0. */
  counted(): Partial<Record<CounterName, number>>;
  remove(): void;
};

const objectPath = fileURLToPath(new URL('../../bpf/realserver.bpf.o', import.meta.url));
const vips = [vip, vip6] as readonly string[] as readonly Address[];

/** `test` with a real server, or skipped with the reason why there is none. */
export const test = base
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures it is to give from this pattern
  .extend('standing', { scope: 'worker' }, ({}, { onCleanup }) => {
    const reason = obstacle();
    if (reason !== undefined) return reason;
    const server = createRealServer();
    onCleanup(server.remove);
    return server;
  })
  .extend('server', ({ standing, skip }) => {
    if (typeof standing === 'string') return skip(standing);
    standing.begin();
    return standing;
  });

function createRealServer(): RealServer {
  const wire = createWire();
  const index = wire.inside(() => listLinks().find(({ name }) => name === 'eth0')?.index ?? 0);
  let passage: ((frame: Uint8Array) => Passage) | undefined;
  let program: number | undefined;
  const end = (): void => {
    if (program !== undefined) closeFd(program);
    program = undefined;
    wire.inside(() => stopDecapsulation([]));
  };
  return {
    inside: wire.inside,
    ip: wire.ip,
    begin(guePort = 6080) {
      end();
      wire.inside(() => {
        startDecapsulation(objectPath, { vips, guePort: guePort as Port, interfaces: ['eth0'] });
        const found = programAt(index, hook);
        if (typeof found !== 'object') throw new Error('eth0 has no decapsulator');
        program = found.ours;
        passage = passageOf('tc', program, index);
      });
    },
    receive(frame) {
      const through = passage;
      if (!through) throw new Error('it has not begun');
      const { fate, packet } = wire.inside(() => through(addressed(frame)));
      return { fate, packet: packet.slice() };
    },
    counted() {
      const counts = wire.inside(decapsulationStatus)?.counts;
      const names = counterNames.filter((name) => (counts?.[name] ?? 0) > 0);
      return Object.fromEntries(names.map((name) => [name, counts?.[name] ?? 0]));
    },
    remove() {
      end();
      wire.remove();
    },
  };
}

/** Without this, the kernel would take it for a frame to somebody else. */
function addressed(frame: Uint8Array): Uint8Array {
  const own = frame.slice();
  own.set(
    macOfInterface('eth0')
      .split(':')
      .map((octet) => Number.parseInt(octet, 16)),
  );
  return own;
}
