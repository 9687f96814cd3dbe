/** bpf(2) on programs that are already loaded: finding them and their maps. */

import { checked, ENOENT } from './errno.ts';
import { address, libc } from './ffi.ts';
import { type Fd, libbpf } from './libbpf.ts';

const programFd = libbpf<[number], number>('int bpf_prog_get_fd_by_id(uint32_t id)');
const mapFd = libbpf<[number], number>('int bpf_map_get_fd_by_id(uint32_t id)');
const info = libbpf<[Fd, Uint8Array, Uint32Array], number>(
  'int bpf_obj_get_info_by_fd(int fd, void *info, void *length)',
);
const bind = libbpf<[Fd, Fd, null], number>('int bpf_prog_bind_map(int program, int map, void *opts)');
const close = libc<[Fd], number>('int close(int fd)');
const fcntl = libc<[Fd, number, number], number>('int fcntl(int fd, int command, int argument)');

export function closeFd(fd: Fd): void {
  close(fd);
}

/** A second descriptor of the same object, closed on exec. */
export function duplicateFd(fd: Fd): Fd {
  const F_DUPFD_CLOEXEC = 1030;
  return checked('fcntl(F_DUPFD_CLOEXEC)', fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

/** A descriptor of the program with this id, or `undefined` when it is gone. */
export function programById(id: number): Fd | undefined {
  const fd = programFd(id);
  return fd === -ENOENT ? undefined : checked('bpf_prog_get_fd_by_id', fd);
}

/** A descriptor of the map with this id, or `undefined` when it is gone. */
export function mapById(id: number): Fd | undefined {
  const fd = mapFd(id);
  return fd === -ENOENT ? undefined : checked('bpf_map_get_fd_by_id', fd);
}

/** What libbpf calls the map that is a section of data: `SEC(".data.settings")` is the map `settings` to us. */
export const sectionPrefix = '.data.';
/** BPF_OBJ_NAME_LEN less its 0: the kernel has the beginning of a longer name. */
const mostOfName = 15;

/** Descriptors of those of the named maps, or sections of data, that a program holds. */
export function programMaps<N extends string>(program: Fd, names: readonly N[]): Map<N, Fd> {
  const held = new Map<N, Fd>();
  for (const id of programMapIds(program)) {
    const fd = mapById(id);
    if (fd === undefined) continue;
    const own = mapName(fd);
    const name = names.find(
      (known) => own === known || own === `${sectionPrefix}${known}`.slice(0, mostOfName),
    );
    if (name === undefined) closeFd(fd);
    else held.set(name, fd);
  }
  return held;
}

/** The ids of the maps a program holds (struct bpf_prog_info: nr_map_ids at 52, map_ids at 56). */
function programMapIds(fd: Fd): readonly number[] {
  const ids = new Uint32Array(64);
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  view.setUint32(52, ids.length, true);
  view.setBigUint64(56, address(ids), true);
  checked('bpf_obj_get_info_by_fd', info(fd, bytes, new Uint32Array([bytes.length])));
  return [...ids.slice(0, view.getUint32(52, true))];
}

/** A program's name, at most 15 characters (struct bpf_prog_info: name at 64). */
export function programName(fd: Fd): string {
  return nameAt(infoOf(fd), 64);
}

/** A map's name, at most 15 characters (struct bpf_map_info: name at 24). */
function mapName(fd: Fd): string {
  return nameAt(infoOf(fd), 24);
}

/** The number by which the kernel knows a program or a map (id in either struct: at 4). */
export function objectId(fd: Fd): number {
  return new DataView(infoOf(fd).buffer).getUint32(4, true);
}

/** struct bpf_map_info or bpf_prog_info, as far as the kernel knows it. */
export function infoOf(fd: Fd): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(256);
  checked('bpf_obj_get_info_by_fd', info(fd, bytes, new Uint32Array([bytes.length])));
  return bytes;
}

function nameAt(bytes: Uint8Array, offset: number): string {
  const name = bytes.subarray(offset, offset + 16);
  return Buffer.from(name.subarray(0, name.indexOf(0))).toString('latin1');
}

/** Makes a program hold a map it does not refer to. */
export function bindMap(program: Fd, map: Fd): void {
  checked('bpf_prog_bind_map', bind(program, map, null));
}
