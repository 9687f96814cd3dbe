/** bpf(2) on maps: single entries and batches, as bytes. Signatures follow bpf/bpf.h. */

import { checked, ENOENT, ENOSPC, SystemCallError } from './errno.ts';
import { struct } from './ffi.ts';
import { type Fd, libbpf } from './libbpf.ts';

const update = libbpf<[Fd, Uint8Array, Uint8Array, number], number>(
  'int bpf_map_update_elem(int fd, const void *key, const void *value, uint64_t flags)',
);
const lookup = libbpf<[Fd, Uint8Array, Uint8Array], number>(
  'int bpf_map_lookup_elem(int fd, const void *key, void *value)',
);
const remove = libbpf<[Fd, Uint8Array], number>('int bpf_map_delete_elem(int fd, const void *key)');
const lookupBatch = libbpf<
  [Fd, Uint8Array | null, Uint8Array, Uint8Array, Uint8Array, Uint32Array, null],
  number
>('int bpf_map_lookup_batch(int fd, void *in, void *out, void *keys, void *values, void *count, void *opts)');
const updateBatch = libbpf<[Fd, Uint8Array, Uint8Array, Uint32Array, null], number>(
  'int bpf_map_update_batch(int fd, const void *keys, const void *values, _Inout_ uint32_t *count, void *opts)',
);
const cpus = libbpf<[], number>('int libbpf_num_possible_cpus()');

struct('bpf_map_create_opts', {
  sz: 'size_t',
  btf_fd: 'uint32_t',
  btf_key_type_id: 'uint32_t',
  btf_value_type_id: 'uint32_t',
  btf_vmlinux_value_type_id: 'uint32_t',
  inner_map_fd: 'uint32_t',
  map_flags: 'uint32_t',
  map_extra: 'uint64_t',
  numa_node: 'uint32_t',
  map_ifindex: 'uint32_t',
});
const create = libbpf<[number, string, number, number, number, Readonly<Record<string, number>>], number>(
  'int bpf_map_create(int type, const char *name, uint32_t key, uint32_t value, uint32_t entries, bpf_map_create_opts *opts)',
);

/** An array of zeros. */
export function createArray(name: string, valueSize: number, entries: number): Fd {
  const BPF_MAP_TYPE_ARRAY = 2;
  const none = { btf_fd: 0, btf_key_type_id: 0, btf_value_type_id: 0, btf_vmlinux_value_type_id: 0 };
  const options = { sz: 48, ...none, inner_map_fd: 0, map_flags: 0, map_extra: 0 };
  const rest = { numa_node: 0, map_ifindex: 0 };
  return checked(
    'bpf_map_create',
    create(BPF_MAP_TYPE_ARRAY, name, 4, valueSize, entries, { ...options, ...rest }),
  );
}

/** Values of per-CPU maps have this many parts. */
export function possibleCpus(): number {
  return checked('libbpf_num_possible_cpus', cpus());
}

export function mapUpdate(fd: Fd, key: Uint8Array, value: Uint8Array): void {
  checked('bpf_map_update_elem', update(fd, key, value, 0));
}

/** Writes `count` entries, one behind the other in `keys` and `values`. Not as a whole: some may be written when it throws. */
export function mapUpdateBatch(fd: Fd, keys: Uint8Array, values: Uint8Array, count: number): void {
  checked('bpf_map_update_batch', updateBatch(fd, keys, values, new Uint32Array([count]), null));
}

/** Fills `value`; false when the map has no such key. */
export function mapLookup(fd: Fd, key: Uint8Array, value: Uint8Array): boolean {
  return found('bpf_map_lookup_elem', lookup(fd, key, value));
}

/** False when the map had no such key. */
export function mapDelete(fd: Fd, key: Uint8Array): boolean {
  return found('bpf_map_delete_elem', remove(fd, key));
}

export type Batch = {
  /** Where the next call goes on; `undefined` once the map is exhausted. */
  readonly next: Uint8Array | undefined;
  readonly count: number;
};

/**
 * Fills `keys` and `values` with up to `capacity` entries. `undefined` means that one hash bucket alone
 * holds more: the caller tries again with a larger capacity.
 */
export function mapLookupBatch(
  fd: Fd,
  from: Uint8Array | undefined,
  keys: Uint8Array,
  values: Uint8Array,
  capacity: number,
): Batch | undefined {
  const next = new Uint8Array(64);
  const count = new Uint32Array([capacity]);
  const result = lookupBatch(fd, from ?? null, next, keys, values, count, null);
  if (result === -ENOSPC) return undefined;
  if (result < 0 && result !== -ENOENT) throw new SystemCallError('bpf_map_lookup_batch', result);
  return { next: result === 0 ? next : undefined, count: count[0] ?? 0 };
}

function found(call: string, result: number): boolean {
  if (result === -ENOENT) return false;
  checked(call, result);
  return true;
}
