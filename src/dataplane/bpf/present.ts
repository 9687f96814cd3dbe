/** The programs that an earlier daemon has left on the interfaces of the thread's namespace. */

import { queryTc, queryXdp } from '../../linux/bpf-hook.ts';
import { mapLookup } from '../../linux/bpf-map.ts';
import { closeFd, objectId, programById, programMaps, programName } from '../../linux/bpf-program.ts';
import type { Fd } from '../../linux/libbpf.ts';
import { listLinks } from '../../linux/links.ts';
import { originBytes, originSection } from './origin.ts';
import {
  type AttachedProgram,
  attachedPrograms,
  directorPlace,
  loopbackIndex,
  tcDirections,
  xdpProgram,
} from './place.ts';

export type PresentProgram = {
  readonly id: number;
  /** `undefined`: somebody else's, at a place of ours. */
  readonly name: AttachedProgram | undefined;
  readonly fd: Fd;
};

/**
 * What stands at the director's places, each program once and with a descriptor, which is the caller's. Those of lo
 * come first: the anchor. If somebody has cleared lo's filters, another interface's programs lead to the maps as well.
 */
export function presentPrograms(): readonly PresentProgram[] {
  const present = new Map<number, PresentProgram>();
  const note = (id: number | undefined, only?: AttachedProgram): void => {
    const fd = id === undefined || present.has(id) ? undefined : programById(id);
    if (id === undefined || fd === undefined) return;
    const own = programName(fd);
    const name = attachedPrograms.find((known) => known === own);
    if (only === undefined || name === only) present.set(id, { id, name, fd });
    else closeFd(fd);
  };
  for (const index of [loopbackIndex, ...listLinks().map((link) => link.index)]) {
    for (const direction of tcDirections) note(queryTc(index, directorPlace, direction));
    note(queryXdp(index), xdpProgram); // an interface has but one place for XDP, and it may be another's
  }
  return [...present.values()];
}

/** Whether a program is made of this, and works on these `settings`: an interface may have come from elsewhere. */
export function isMadeOf(program: Fd, origin: Uint8Array, settings: Fd): boolean {
  const held = programMaps(program, ['settings', originSection]);
  try {
    const [own, section] = [held.get('settings'), held.get(originSection)];
    if (own === undefined || section === undefined || objectId(own) !== objectId(settings)) return false;
    const found = new Uint8Array(originBytes);
    return mapLookup(section, new Uint8Array(4), found) && Buffer.from(found).equals(origin);
  } finally {
    for (const fd of held.values()) closeFd(fd);
  }
}
