/** The director's maps as a test holds them: found through the anchor, and kept open. */

import {
  type DirectorMaps,
  directorMaps,
  type MapName,
  mapNames,
} from '../../src/dataplane/bpf/director-maps.ts';
import { directorPlace, loopbackIndex } from '../../src/dataplane/bpf/place.ts';
import { queryTc } from '../../src/linux/bpf-hook.ts';
import { closeFd, programById, programMaps } from '../../src/linux/bpf-program.ts';
import type { Fd } from '../../src/linux/libbpf.ts';
import type { Wire } from './wire.ts';

export type HeldMaps = {
  /** Found when first asked for. */
  readonly maps: () => DirectorMaps;
  readonly close: () => void;
};

export function heldMaps(wire: Pick<Wire, 'inside'>): HeldMaps {
  let found: { readonly maps: DirectorMaps; readonly fds: Readonly<Record<MapName, Fd>> } | undefined;
  const find = () => {
    found ??= wire.inside(findMaps);
    return found;
  };
  return {
    maps: () => find().maps,
    close: () => {
      for (const fd of Object.values(found?.fds ?? {})) closeFd(fd);
      found = undefined;
    },
  };
}

function findMaps() {
  const id = queryTc(loopbackIndex, directorPlace);
  const anchor = (id === undefined ? undefined : programById(id)) ?? raise('no anchor');
  const named = programMaps(anchor, mapNames);
  closeFd(anchor);
  const known = mapNames.map((name) => [name, named.get(name) ?? raise(`no map ${name}`)] as const);
  const fds = Object.fromEntries(known) as Record<MapName, Fd>;
  return { maps: directorMaps(fds), fds };
}

function raise(what: string): never {
  throw new Error(what);
}
