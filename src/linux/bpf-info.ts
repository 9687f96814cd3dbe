/** What the kernel knows of a map, and the description of types (BTF) that it keeps with maps and programs. */

import { closeFd, infoOf } from './bpf-program.ts';
import { checked } from './errno.ts';
import { address } from './ffi.ts';
import { type Fd, libbpf } from './libbpf.ts';

const btfFd = libbpf<[number], number>('int bpf_btf_get_fd_by_id(uint32_t id)');
const info = libbpf<[Fd, Uint8Array, Uint32Array], number>(
  'int bpf_obj_get_info_by_fd(int fd, void *info, void *length)',
);

export type MapInfo = {
  /** Octets. */
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  /** Of the description; 0: there is none. */
  readonly btf: number;
  /** Types in it; 0: not described. */
  readonly keyType: number;
  readonly valueType: number;
};

/** By the offsets in struct bpf_map_info. */
export function mapInfo(fd: Fd): MapInfo {
  const view = new DataView(infoOf(fd).buffer);
  const at = (offset: number): number => view.getUint32(offset, true);
  return {
    ...{ keySize: at(8), valueSize: at(12), maxEntries: at(16) },
    ...{ btf: at(64), keyType: at(68), valueType: at(72) },
  };
}

/** The octets of a description (Documentation/bpf/btf.rst), which some map or program keeps. Throws SYSTEM_CALL. */
export function btfBytes(id: number): Uint8Array {
  const fd = checked('bpf_btf_get_fd_by_id', btfFd(id));
  try {
    const size = describedBtf(fd, new Uint8Array());
    const bytes = new Uint8Array(size);
    describedBtf(fd, bytes);
    return bytes;
  } finally {
    closeFd(fd);
  }
}

/** Fills `room`; how large the description is (struct bpf_btf_info: btf at 0, btf_size at 8). */
function describedBtf(fd: Fd, room: Uint8Array): number {
  const asked = new Uint8Array(32);
  const view = new DataView(asked.buffer);
  if (room.length > 0) view.setBigUint64(0, address(room), true);
  view.setUint32(8, room.length, true);
  checked('bpf_obj_get_info_by_fd', info(fd, asked, new Uint32Array([asked.length])));
  return view.getUint32(8, true);
}
