/**
 * Loading a compiled BPF object. A spec (which programs, which maps to take over) becomes kernel objects
 * (descriptors of programs and maps) in one step that succeeds as a whole or leaves nothing.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { FairleadError } from '../ipvs/errors.ts';
import { closeFd, duplicateFd, sectionPrefix } from './bpf-program.ts';
import { checked, ENOSYS, EPERM, errnoText, SystemCallError } from './errno.ts';
import { errno, struct } from './ffi.ts';
import { type Fd, libbpf, type Pointer, withLog } from './libbpf.ts';

struct('bpf_object_open_opts', { sz: 'size_t', object_name: 'const char *' });
type OpenOptions = { sz: number; object_name: string };

const openMemory = libbpf<[Uint8Array, number, OpenOptions], Pointer>(
  'void *bpf_object__open_mem(const void *bytes, size_t size, bpf_object_open_opts *opts)',
);
const loadAll = libbpf<[Pointer], number>('int bpf_object__load(void *object)');
const closeObject = libbpf<[Pointer], void>('void bpf_object__close(void *object)');
const mapNamed = libbpf<[Pointer, string], Pointer>(
  'void *bpf_object__find_map_by_name(void *object, const char *name)',
);
const findProgram = libbpf<[Pointer, string], Pointer>(
  'void *bpf_object__find_program_by_name(void *object, const char *name)',
);
const mapFd = libbpf<[Pointer], number>('int bpf_map__fd(void *map)');
const reuseMap = libbpf<[Pointer, Fd], number>('int bpf_map__reuse_fd(void *map, int fd)');
const setMaxEntries = libbpf<[Pointer, number], number>(
  'int bpf_map__set_max_entries(void *map, uint32_t entries)',
);
const setInitialValue = libbpf<[Pointer, Uint8Array, number], number>(
  'int bpf_map__set_initial_value(void *map, const void *data, size_t size)',
);
const nextProgram = libbpf<[Pointer, Pointer], Pointer>(
  'void *bpf_object__next_program(void *object, void *program)',
);
const programName = libbpf<[Pointer], string>('const char *bpf_program__name(void *program)');
const setAutoload = libbpf<[Pointer, boolean], number>(
  'int bpf_program__set_autoload(void *program, bool autoload)',
);
const programFd = libbpf<[Pointer], number>('int bpf_program__fd(void *program)');

/** A compiled object in memory: what is loaded later comes from the file that was there at the beginning. */
export type ObjectFile = { readonly name: string; readonly bytes: Uint8Array };

export type ObjectSpec<Program extends string, Map extends string> = {
  /** Those to be loaded; the verifier does not see the object's others. */
  readonly programs: readonly Program[];
  readonly maps: readonly Map[];
  /** Existing maps to use instead of new ones. Their layouts must fit. */
  readonly reuse?: ReadonlyMap<string, Fd>;
  /** Sizes of new maps, where not what the object says. */
  readonly entries?: Readonly<Partial<Record<Map, number>>>;
  /** Sections of constants (`.rodata.clock`) by name, as the programs are to see them. */
  readonly constants?: Readonly<Record<string, Uint8Array>>;
};

export type LoadedObject<Program extends string, Map extends string> = {
  readonly programs: Readonly<Record<Program, Fd>>;
  readonly maps: Readonly<Record<Map, Fd>>;
  /** Closes every descriptor. What is attached stays. */
  close(): void;
};

/** Throws OBJECT_MISMATCH if it is not the object with this SHA-256 (hexadecimal), with which the layouts were made. */
export function readObject(path: string, sha256?: string): ObjectFile {
  const bytes = readFileSync(path);
  if (sha256 !== undefined && createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw new FairleadError('OBJECT_MISMATCH', `${path}; 'npm run build' makes the programs anew`);
  return { name: basename(path).replace(/\..*/, ''), bytes };
}

/** Throws NO_BPF when the kernel refuses bpf(2) altogether, else SYSTEM_CALL with the verifier's last words. */
export function loadObject<P extends string, M extends string>(
  { name, bytes }: ObjectFile,
  spec: ObjectSpec<P, M>,
): LoadedObject<P, M> {
  return withLog(() => {
    const object = openMemory(bytes, bytes.length, { sz: 16, object_name: name });
    if (!object) throw new SystemCallError(`bpf_object__open_mem(${name})`, errno());
    try {
      return load(object, spec);
    } finally {
      closeObject(object);
    }
  }, loadFailure);
}

/** The map of this name, or the section of data. */
function findMap(object: Pointer, name: string): Pointer {
  return mapNamed(object, name) || mapNamed(object, `${sectionPrefix}${name}`);
}

function load<P extends string, M extends string>(
  object: Pointer,
  spec: ObjectSpec<P, M>,
): LoadedObject<P, M> {
  for (const [name, fd] of spec.reuse ?? []) {
    const map = findMap(object, name);
    if (map) checked(`bpf_map__reuse_fd(${name})`, reuseMap(map, fd));
  }
  for (const [name, entries] of Object.entries<number | undefined>(spec.entries ?? {})) {
    if (entries === undefined || spec.reuse?.has(name)) continue;
    checked(`bpf_map__set_max_entries(${name})`, setMaxEntries(findMap(object, name), entries));
  }
  for (const [section, bytes] of Object.entries(spec.constants ?? {})) {
    const map = findMap(object, section);
    if (!map) throw new SystemCallError(`bpf_object__find_map_by_name(${section})`, errno());
    checked(`bpf_map__set_initial_value(${section})`, setInitialValue(map, bytes, bytes.length));
  }
  for (let program = nextProgram(object, null); program; program = nextProgram(object, program)) {
    const wanted = spec.programs.some((name) => name === programName(program));
    checked('bpf_program__set_autoload', setAutoload(program, wanted));
  }
  checked('bpf_object__load', loadAll(object));
  const owned: Fd[] = [];
  const own = (fd: number): Fd => {
    const copy = duplicateFd(fd);
    owned.push(copy);
    return copy;
  };
  const programs = Object.fromEntries(
    spec.programs.map((name) => [name, own(programFd(findProgram(object, name)))]),
  ) as Record<P, Fd>;
  const maps = Object.fromEntries(spec.maps.map((name) => [name, own(mapFd(findMap(object, name)))]));
  return {
    programs,
    maps: maps as Record<M, Fd>,
    close: () => owned.splice(0).forEach(closeFd),
  };
}

/** Which line of libbpf's log says why: the verifier's verdict, else the last line there is. */
function lastWord(log: readonly string[]): string | undefined {
  const lines = log.map((line) => line.trim()).filter((line) => line !== '');
  const verdict = lines.findLastIndex((line) => line.startsWith('processed '));
  return verdict > 0 ? lines[verdict - 1] : lines.at(-1);
}

function loadFailure(log: readonly string[], cause: unknown): Error {
  if (!(cause instanceof SystemCallError)) return cause as Error;
  if (cause.errno === EPERM || cause.errno === ENOSYS) {
    const why = `bpf(2): ${errnoText(cause.errno)}`;
    return new FairleadError('NO_BPF', `${why}; Linux 5.17 or newer with CONFIG_BPF_SYSCALL is needed`, {
      cause,
    });
  }
  const verifier = lastWord(log);
  return new FairleadError('SYSTEM_CALL', `${cause.detail}${verifier ? `; ${verifier.trim()}` : ''}`, {
    cause: new Error(log.join('\n'), { cause }),
  });
}
