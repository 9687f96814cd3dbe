/**
 * Keeps the director's programs on the interfaces of the namespace, as they come, change and go.
 *
 * What a person forced is kept in the `interfaces` map, so that it outlives the daemon. The filter on what leaves is there
 * only while somebody looks out (lookout.ts). All functions act in the thread's namespace.
 */

import { FairleadError, messageOf } from '../../ipvs/errors.ts';
import type { HookMode, InterfaceStatus } from '../../ipvs/interface.ts';
import {
  attachTc,
  attachXdp,
  detachTc,
  detachXdp,
  queryTc,
  queryXdp,
  type TcDirection,
} from '../../linux/bpf-hook.ts';
import { closeFd, objectId, programById, programName } from '../../linux/bpf-program.ts';
import type { Fd } from '../../linux/libbpf.ts';
import { listLinks } from '../../linux/links.ts';
import type { Link } from '../../linux/rtnetlink.ts';
import { FlInterfaceFlag } from './abi.gen.ts';
import type { DirectorMaps } from './director-maps.ts';
import { type HookPlan, planHooks } from './hooks.ts';
import { type AttachedProgram, directorPlace, tcDirections, tcPrograms, xdpProgram } from './place.ts';
import type { Programs } from './programs.ts';

type Served = { readonly link: Link; readonly status: InterfaceStatus };

const { FL_INTERFACE_XDP, FL_INTERFACE_FORCE_TC, FL_INTERFACE_FORCE_XDP, FL_INTERFACE_FORCE_OFF } =
  FlInterfaceFlag;
const modeFlags: Readonly<Record<HookMode, number>> = {
  auto: 0,
  tc: FL_INTERFACE_FORCE_TC,
  xdp: FL_INTERFACE_FORCE_XDP,
  off: FL_INTERFACE_FORCE_OFF,
};

/** What the links of the thread's namespace want as long as nobody has forced anything. */
export function wantedPrograms(): readonly AttachedProgram[] {
  const plans = listDirected().map((link) => planHooks(link, 'auto'));
  return programsFor(plans, false);
}

export function createInterfaces(maps: DirectorMaps, programs: Programs) {
  const served = new Map<number, Served>();
  // As an earlier daemon has left it, which knew why.
  let looksOut = listDirected().some(({ index }) => queryTc(index, directorPlace, 'egress') !== undefined);

  const modeOf = (index: number): HookMode => {
    const flags = maps.interfaces.get(index)?.flags ?? 0;
    if (flags & FL_INTERFACE_FORCE_TC) return 'tc';
    if (flags & FL_INTERFACE_FORCE_XDP) return 'xdp';
    return flags & FL_INTERFACE_FORCE_OFF ? 'off' : 'auto';
  };
  /** Of whom the map knows. An earlier daemon's are read once: it takes a look at each of its places. */
  let known: Set<number> | undefined;
  const recorded = (): Set<number> => {
    known ??= new Set(maps.interfaces.indexes());
    return known;
  };
  const record = (link: Link, mode: HookMode, xdp: boolean): void => {
    const flags = modeFlags[mode] | (xdp ? FL_INTERFACE_XDP : 0);
    maps.interfaces.set({ index: link.index, mac: [...link.mac], flags, mtu: link.mtu });
    recorded().add(link.index);
  };

  const watchLeaving = ({ index }: Link): void => {
    if (looksOut) ensureTc(index, programs.fd(tcPrograms.egress), 'egress');
    else detachTc(index, directorPlace, 'egress');
  };

  /** XDP needs the interface's MAC in the map first, and TC below it for what it passes up. */
  const serve = (link: Link, mode: HookMode): InterfaceStatus => {
    const plan = planHooks(link, mode);
    programs.need(programsFor([plan], looksOut));
    const xdpIsOurs = runsOurXdp(link.index);
    if (plan.tc || mode !== 'auto') record(link, mode, xdpIsOurs);
    if (plan.tc) {
      try {
        watchLeaving(link);
      } finally {
        ensureTc(link.index, programs.fd(tcPrograms.ingress), 'ingress');
      }
    }
    let note = plan.note;
    let xdp = false;
    if (plan.xdp) {
      const refusal = attachXdp(link.index, programs.fd(xdpProgram), xdpIsOurs);
      xdp = refusal === undefined;
      note = refusal && `no native XDP: ${refusal.detail}`;
    } else if (xdpIsOurs) {
      detachXdp(link.index);
    }
    if (!plan.tc) detachBoth(link.index);
    if (xdp !== xdpIsOurs) record(link, mode, xdp);
    return {
      index: link.index,
      name: link.name,
      mode,
      hooks: [...(plan.tc ? (['tc'] as const) : []), ...(xdp ? (['xdp'] as const) : [])],
      ...(note === undefined ? {} : { note }),
    };
  };

  return {
    status: (): readonly InterfaceStatus[] => [...served.values()].map(({ status }) => status),

    /** Names of those that somebody has taken a filter off. */
    bare: (): readonly string[] =>
      [...served.values()].flatMap(({ status }) => (isBare(status, looksOut) ? status.name : [])),

    /** Whether what leaves by them is looked at. */
    looksOut: (): boolean => looksOut,

    /**
     * Looks at what leaves from now on, or no more. Returns a line on each link where that could not be brought about; a
     * refresh with `verify` tries again. Throws NO_BPF, SYSTEM_CALL where the kernel does not take the program.
     */
    lookOut(wanted: boolean): readonly string[] {
      if (wanted === looksOut) return [];
      if (wanted) programs.need([tcPrograms.egress]);
      looksOut = wanted;
      const carriesTc = ({ index }: Link): boolean => !!served.get(index)?.status.hooks.includes('tc');
      const failures = failuresOf(listDirected().filter(carriesTc), watchLeaving);
      const left = new Set(failures.length > 0 ? listDirected().map(({ name }) => name) : []);
      return failures.filter(({ name }) => left.has(name)).map(lineOn);
    },

    /**
     * Brings hooks in line with the links that are there now; with `verify`, also puts back what somebody else
     * has taken off. Returns a line on each link that could not be served.
     */
    refresh(verify = false): readonly string[] {
      const links = listDirected();
      const present = new Set(links.map((link) => link.index));
      for (const index of [...recorded()]) {
        if (present.has(index)) continue;
        maps.interfaces.delete(index);
        recorded().delete(index);
        served.delete(index);
      }
      const isServed = (link: Link): boolean => {
        const known = served.get(link.index);
        return (
          known !== undefined && sameLink(known.link, link) && !(verify && isBare(known.status, looksOut))
        );
      };
      const due = links.filter((link) => !isServed(link));
      // What cannot be loaded at all is no single link's failure.
      const plans = due.map((link) => planHooks(link, modeOf(link.index)));
      programs.need(programsFor(plans, looksOut));
      return failuresOf(due, (link) => {
        served.set(link.index, { link, status: serve(link, modeOf(link.index)) });
      }).map(lineOn);
    },

    /** Throws INTERFACE_NOT_FOUND, INTERFACE_NOT_ETHERNET, or HOOK_UNAVAILABLE with everything as before. */
    setMode(name: string, mode: HookMode): void {
      const link = listLinks().find((candidate) => candidate.name === name);
      if (!link) throw new FairleadError('INTERFACE_NOT_FOUND', name);
      if (planHooks(link, 'tc').note) throw new FairleadError('INTERFACE_NOT_ETHERNET', name);
      const before = modeOf(link.index);
      const [refusal] = failuresOf([link], () => {
        const status = serve(link, mode);
        if (mode === 'xdp' && !status.hooks.includes('xdp')) throw new Error(status.note);
        served.set(link.index, { link, status });
      });
      if (!refusal) return;
      failuresOf([link], () => serve(link, before));
      throw new FairleadError('HOOK_UNAVAILABLE', lineOn(refusal));
    },

    /** Takes every program off. */
    detachAll(): void {
      for (const { index } of listDirected()) {
        if (runsOurXdp(index)) detachXdp(index);
        detachBoth(index);
      }
      served.clear();
    },
  };
}

type Failure = { readonly name: string; readonly why: string };

const lineOn = ({ name, why }: Failure): string => `${name}: ${why}`;

function failuresOf(links: readonly Link[], action: (link: Link) => void): readonly Failure[] {
  return links.flatMap((link) => {
    try {
      action(link);
      return [];
    } catch (error) {
      return { name: link.name, why: messageOf(error) };
    }
  });
}

/** All links but lo, which nobody's packets come in by. */
function listDirected(): readonly Link[] {
  return listLinks().filter((link) => link.name !== 'lo');
}

function programsFor(plans: readonly HookPlan[], looksOut: boolean): readonly AttachedProgram[] {
  const names: AttachedProgram[] = plans.some(({ tc }) => tc)
    ? directions(looksOut).map((way) => tcPrograms[way])
    : [];
  return plans.some(({ xdp }) => xdp) ? [...names, xdpProgram] : names;
}

/** Those of TC that are looked at. */
function directions(looksOut: boolean): readonly TcDirection[] {
  return looksOut ? tcDirections : ['ingress'];
}

function ensureTc(index: number, program: Fd, direction: TcDirection): void {
  if (queryTc(index, directorPlace, direction) === objectId(program)) return;
  attachTc(index, program, directorPlace, direction);
}

function detachBoth(index: number): void {
  for (const direction of tcDirections) detachTc(index, directorPlace, direction);
}

/** Whether the XDP program on an interface is the director's, this daemon's or an earlier one's. */
function runsOurXdp(index: number): boolean {
  const id = queryXdp(index);
  const program = id === undefined ? undefined : programById(id);
  if (program === undefined) return false;
  try {
    return programName(program) === 'fl_director_xdp';
  } finally {
    closeFd(program);
  }
}

/** Whether an interface that should carry the director has lost a filter. */
function isBare({ index, hooks }: InterfaceStatus, looksOut: boolean): boolean {
  return (
    hooks.includes('tc') &&
    directions(looksOut).some((direction) => queryTc(index, directorPlace, direction) === undefined)
  );
}

function sameLink(a: Link, b: Link): boolean {
  return (
    a.name === b.name &&
    a.type === b.type &&
    a.master === b.master &&
    a.mtu === b.mtu &&
    Buffer.from(a.mac).equals(b.mac)
  );
}
