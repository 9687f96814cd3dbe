/**
 * The data plane of another version as it stands in the kernel: its maps, and how they are laid out, by the description
 * of types that the kernel keeps with them.
 */

import { btfBytes, type MapInfo, mapInfo } from '../../../linux/bpf-info.ts';
import { mapLookup } from '../../../linux/bpf-map.ts';
import type { Fd } from '../../../linux/libbpf.ts';
import { type KnownMapName, u32 } from '../director-maps.ts';
import { type Decoded, decode, decodeIn, type Layout } from '../layout.ts';
import { arrayKey } from '../maps.ts';
import { type Btf, readBtf, Undescribed } from './btf.ts';
import { elementAt } from './elements.ts';
import { meaningsSince } from './meanings.ts';
import { type Translation, translation, Untranslatable, type Ways } from './translate.ts';
import { viewOf } from './views.ts';

/** A section of data is one of as many elements as its octets make, of that size, by their indexes. */
export type EarlierMap = MapInfo & {
  readonly fd: Fd;
  readonly key: Layout;
  readonly value: Layout;
  readonly isSection: boolean;
};

export type Earlier = {
  /** FL_ABI_VERSION. */
  readonly version: number;
  readonly fds: ReadonlyMap<KnownMapName, Fd>;
  /** `undefined`: that version has no such map. Throws Undescribed where the kernel cannot say what is in it. */
  map(name: KnownMapName): EarlierMap | undefined;
  /** A map that every version has. Throws Undescribed. */
  must(name: KnownMapName): EarlierMap;
  struct(name: string): Layout;
  enumeration(name: string): ReadonlyMap<string, number>;
  /** The one element of an array, or that at an index, as a struct of ours. Throws Undescribed, Untranslatable. */
  element<L extends Layout>(name: KnownMapName, struct: string, layout: L, index?: number): Decoded<L>;
  /**
   * To a struct of ours from the one of the same name, or from `from`; or to one and from one that have it `within`, as a
   * field of that name. Throws Untranslatable.
   */
  translation(
    struct: string,
    to: Layout,
    from?: Layout,
    ways?: { readonly within?: string; readonly renamed?: Ways['renamed'] },
  ): Translation;
};

/** FL_ABI_VERSION stands first in `settings`, in every version. */
export function versionOf(settings: Fd | undefined): number {
  if (settings === undefined) return 0;
  const bytes = new Uint8Array(mapInfo(settings).valueSize);
  return mapLookup(settings, arrayKey(0), bytes) ? decode(u32, bytes).value : 0;
}

/** The descriptors stay the caller's. Throws Undescribed. */
export function readEarlier(fds: ReadonlyMap<KnownMapName, Fd>): Earlier {
  const settings = fds.get('settings');
  const id = settings === undefined ? 0 : mapInfo(settings).btf;
  if (id === 0) throw new Undescribed('the kernel keeps no description (BTF) of its maps');
  const btf: Btf = readBtf(btfBytes(id));
  const version = versionOf(settings);
  const map = (name: KnownMapName): EarlierMap | undefined => {
    const fd = fds.get(name);
    if (fd === undefined) return undefined;
    const info = mapInfo(fd);
    const side = (type: number): Layout => (type === 0 ? u32 : btf.type(type));
    const section = info.valueType === 0 ? undefined : btf.section(info.valueType);
    if (section === undefined)
      return { ...info, fd, key: side(info.keyType), value: side(info.valueType), isSection: false };
    const elements = { valueSize: section.size, maxEntries: Math.floor(info.valueSize / section.size) };
    return { ...info, ...elements, fd, key: u32, value: section, isSection: true };
  };
  const must = (name: KnownMapName): EarlierMap => {
    const found = map(name);
    if (!found) throw new Undescribed(`it has no map ${name}`);
    return found;
  };
  const toOurs: Earlier['translation'] = (
    struct,
    to,
    from = btf.struct(struct),
    { within, renamed = {} } = {},
  ) => {
    const changes = [...meaningsSince(version, struct)];
    const meanings = new Map(
      within === undefined ? changes : changes.map(([field, of]) => [`${within}.${field}`, of]),
    );
    try {
      return translation(from, to, { renamed, meanings });
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error;
      throw new Untranslatable(`struct ${struct}: ${error.message}`);
    }
  };
  return {
    ...{ version, fds, map, must, struct: btf.struct, enumeration: btf.enumeration, translation: toOurs },
    element(name, struct, layout, index = 0) {
      const from = must(name);
      const here = viewOf(layout.size);
      toOurs(struct, layout, from.value)(elementAt(from, index), 0, here, 0);
      return decodeIn(layout, here, 0);
    },
  };
}
