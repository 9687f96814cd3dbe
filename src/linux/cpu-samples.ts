/**
 * Where this thread is within the kernel, by perf_event_open(2) on the clock of its CPU time: no counter of the hardware is
 * needed, which virtual machines lack.
 */

import { SystemCallError } from './errno.ts';
import { errno, libc } from './ffi.ts';

const SYS_perf_event_open: Readonly<Record<string, number>> = { x64: 298, arm64: 241 };
const openEvent = libc<[number, Uint8Array, number, number, number, number], number>(
  'long syscall(long number, void *attributes, int pid, int cpu, int group, unsigned long flags)',
);
const ioctl = libc<[number, number, number], number>(
  'int ioctl(int fd, unsigned long request, long argument)',
);
const mmap = libc<[null, number, number, number, number, number], number>(
  'intptr_t mmap(void *address, size_t length, int protection, int flags, int fd, long offset)',
);
const munmap = libc<[bigint, number], number>('int munmap(intptr_t address, size_t length)');
const memcpy = libc<[Uint8Array, bigint, number], unknown>(
  'void *memcpy(void *to, intptr_t from, size_t length)',
);
const close = libc<[number], number>('int close(int fd)');

const pageBytes = 4096;
const ringBytes = 1 << 22;
/** In struct perf_event_mmap_page. */
const dataHead = 1024;

export type Sampled<T> = { readonly result: T; readonly addresses: readonly bigint[] };

/**
 * The addresses in the kernel at which this thread was met while `action` ran, once in `everyNs` of its CPU time; 200,000 of
 * them at most. Throws SYSTEM_CALL where the kernel does not let it (perf_event_paranoid), or has no such event.
 */
export function sampled<T>(action: () => T, everyNs: number): Sampled<T> {
  const call = SYS_perf_event_open[process.arch] ?? -1;
  const fd = done('perf_event_open', openEvent(call, attributesOf(everyNs), 0, -1, -1, 0));
  const length = pageBytes + ringBytes;
  const [PROT_READ_WRITE, MAP_SHARED] = [3, 1];
  try {
    const ring = BigInt(done('mmap(perf_event)', mmap(null, length, PROT_READ_WRITE, MAP_SHARED, fd, 0)));
    try {
      const [PERF_EVENT_IOC_ENABLE, PERF_EVENT_IOC_DISABLE] = [0x2400, 0x2401];
      done('ioctl(PERF_EVENT_IOC_ENABLE)', ioctl(fd, PERF_EVENT_IOC_ENABLE, 0));
      const result = action();
      done('ioctl(PERF_EVENT_IOC_DISABLE)', ioctl(fd, PERF_EVENT_IOC_DISABLE, 0));
      return { result, addresses: samplesIn(ring) };
    } finally {
      munmap(ring, length);
    }
  } finally {
    close(fd);
  }
}

/** A result that is not -1, which says that the call failed. */
function done(call: string, result: number): number {
  if (result === -1) throw new SystemCallError(call, errno());
  return result;
}

/** struct perf_event_attr. */
function attributesOf(everyNs: number): Uint8Array {
  const [PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, PERF_SAMPLE_IP] = [1, 1, 1n];
  const flag = { disabled: 1n << 0n, excludeUser: 1n << 4n, excludeHypervisor: 1n << 6n };
  const bytes = new Uint8Array(112);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, PERF_TYPE_SOFTWARE, true);
  view.setUint32(4, bytes.length, true);
  view.setBigUint64(8, BigInt(PERF_COUNT_SW_TASK_CLOCK), true);
  view.setBigUint64(16, BigInt(everyNs), true);
  view.setBigUint64(24, PERF_SAMPLE_IP, true);
  view.setBigUint64(40, flag.disabled | flag.excludeUser | flag.excludeHypervisor, true);
  return bytes;
}

/** Nobody has taken anything out of the ring: what is in it begins at 0, and the kernel leaves out what has no room. */
function samplesIn(ring: bigint): readonly bigint[] {
  const page = new Uint8Array(pageBytes);
  memcpy(page, ring, page.length);
  const bytes = new Uint8Array(Number(new DataView(page.buffer).getBigUint64(dataHead, true)));
  memcpy(bytes, ring + BigInt(pageBytes), bytes.length);
  const view = new DataView(bytes.buffer);
  const addresses: bigint[] = [];
  const PERF_RECORD_SAMPLE = 9;
  for (let at = 0; at < bytes.length; at += view.getUint16(at + 6, true))
    if (view.getUint32(at, true) === PERF_RECORD_SAMPLE) addresses.push(view.getBigUint64(at + 8, true));
  return addresses;
}
