/** Wires with frames on them: one with nothing but the programs that stand for a director, and one with a director. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BpfDataPlane, openBpfDataPlane } from '../../src/dataplane/bpf/dataplane.ts';
import type { Address, Port } from '../../src/ipvs/address.ts';
import { fullNetmask } from '../../src/ipvs/service.ts';
import { attachTc, attachXdp } from '../../src/linux/bpf-hook.ts';
import { listLinks } from '../../src/linux/links.ts';
import { createWire, type Wire } from '../../test/support/wire.ts';
import { type LiveProgram, type LiveSource, openSource, service } from './source.ts';

export type LiveWire = {
  readonly wire: Wire;
  readonly source: LiveSource;
  /** Puts this program where the director's stands, at eth0. */
  receive(program: LiveProgram): void;
  close(): void;
};

const directorObject = fileURLToPath(new URL('../../bpf/director.bpf.o', import.meta.url));
/** Of TC programs that end what the stack sends or receives. */
const endPlace = { priority: 1, handle: 1 };

/** Servers are behind eth1; whatever comes to its other end is counted. */
export function openWire(): LiveWire {
  const wire = createWire();
  wire.ip('route add local 10.32.0.0/12 dev lo');
  wire.ip('route add 10.64.0.0/10 via 10.1.0.17 dev eth1');
  const source = openSource(wire.outside(indexOf)('eth0'), wire.inside(indexOf)('eth1'));
  const attach = (name: string, program: LiveProgram): void => {
    const refusal = attachXdp(indexOf()(name), source.programs[program], true);
    if (refusal !== undefined) throw refusal;
  };
  wire.outside(() => attach('eth1', 'fl_live_sink'));
  return {
    wire,
    source,
    receive: (program) => wire.inside(() => attach('eth0', program)),
    close() {
      source.close();
      wire.remove();
    },
  };
}

/** Within a namespace: its interfaces by name. */
function indexOf(): (name: string) => number {
  const links = listLinks();
  return (name) => {
    const found = links.find((link) => link.name === name);
    if (found === undefined) throw new RangeError(`no interface ${name}`);
    return found.index;
  };
}

/**
 * What comes in by eth0 to the stack, or goes out of eth1 from there, or of that only what opens connections, is counted
 * and goes no further.
 */
export function endStack({ wire, source }: LiveWire, what: 'arriving' | 'leaving' | 'leaving SYNs'): void {
  const [name, direction] =
    what === 'arriving' ? (['eth0', 'ingress'] as const) : (['eth1', 'egress'] as const);
  const program = what === 'leaving SYNs' ? 'fl_live_end_syns' : 'fl_live_end';
  wire.inside(() => void attachTc(indexOf()(name), source.programs[program], endPlace, direction));
}

/**
 * Frames that a full ring has had no room for so far: of the veth that leads to the director, and of the one that leads on
 * from there (drivers/net/veth.c counts them at their receiver and at their sender).
 */
export function overflowed({ wire }: LiveWire): number {
  return wire.inside(() => {
    const text = readFileSync('/proc/thread-self/net/dev', 'utf8');
    const dropped = (name: string, field: number): number =>
      Number(new RegExp(`^ *${name}:(.*)$`, 'm').exec(text)?.[1]?.trim().split(/\s+/)[field]);
    return dropped('eth0', received.dropped) + dropped('eth1', sent.dropped);
  });
}

/** Fields of a line of /proc/net/dev (net/core/net-procfs.c). */
const received = { dropped: 3 } as const;
const sent = { dropped: 11 } as const;

export type DirectedWire = LiveWire & {
  readonly plane: BpfDataPlane;
};

/** With the director's programs at XDP of both interfaces, and a service with ten real servers. */
export function openDirected(connections: number): DirectedWire {
  const live = openWire();
  try {
    const plane = live.wire.inside(() => {
      const opened = openBpfDataPlane(directorObject, { connections, inside: live.wire.inside });
      for (const name of ['eth0', 'eth1']) opened.setHookMode(name, 'xdp');
      opened.batch(() => configure(opened));
      return opened;
    });
    return {
      ...live,
      plane,
      close() {
        plane.close();
        live.close();
      },
    };
  } catch (error) {
    live.close();
    throw error;
  }
}

const realServers = 10;

function configure(plane: BpfDataPlane): void {
  const [address, port] = [service.address as Address, service.port as Port];
  const key = { kind: 'address', protocol: 'tcp', address, port } as const;
  const settings = { flags: [], persistent: 0, netmask: fullNetmask(4), onePacket: false } as const;
  plane.addService({ ...key, scheduler: 'rr', ...settings });
  for (let number = 1; number <= realServers; number++) {
    const place = { address: `10.64.0.${number}` as Address, port };
    plane.addDestination(key, { ...place, method: 'gate', weight: 1, upperThreshold: 0, lowerThreshold: 0 });
  }
}
