/** BPF iterators: a program that the kernel runs on every element of a map, in the caller's process. */

import { closeFd } from './bpf-program.ts';
import { checked } from './errno.ts';
import { address, errno, libc } from './ffi.ts';
import { type Fd, libbpf } from './libbpf.ts';

const linkCreate = libbpf<[Fd, number, number, Uint8Array], number>(
  'int bpf_link_create(int program, int target, int attach_type, const void *opts)',
);
const iteratorCreate = libbpf<[Fd], number>('int bpf_iter_create(int link)');
const read = libc<[Fd, Uint8Array, number], number>('long read(int fd, void *data, size_t size)');

const BPF_TRACE_ITER = 28;
const EAGAIN = 11;

/** Ties an iterator program to a map; the answer is a descriptor for iterate(). */
export function linkIterator(program: Fd, map: Fd): Fd {
  const info = new Uint32Array([map, 0, 0, 0]); // union bpf_iter_link_info
  const options = new DataView(new ArrayBuffer(64)); // struct bpf_link_create_opts
  options.setBigUint64(0, BigInt(options.byteLength), true);
  options.setBigUint64(16, address(info), true);
  options.setUint32(24, info.byteLength, true);
  return checked(
    'bpf_link_create(BPF_TRACE_ITER)',
    linkCreate(program, 0, BPF_TRACE_ITER, new Uint8Array(options.buffer)),
  );
}

/** Runs the program over the whole map. Returns when it has seen every element. */
export function iterate(link: Fd): void {
  const fd = checked('bpf_iter_create', iteratorCreate(link));
  const output = new Uint8Array(4096);
  try {
    for (;;) {
      const length = read(fd, output, output.length);
      // The kernel pauses after a million elements that printed nothing.
      if (length < 0 && errno() !== EAGAIN) checked('read(bpf_iter)', -errno());
      if (length === 0) return;
    }
  } finally {
    closeFd(fd);
  }
}
