/**
 * Attaching programs to interfaces, by netlink: TC (clsact, both directions) and XDP. The kernel then holds the
 * program for as long as the interface has it. Interfaces are named by index, in the thread's namespace.
 */

import { checked, EEXIST, ENOENT, SystemCallError } from './errno.ts';
import { struct } from './ffi.ts';
import { type Fd, libbpf } from './libbpf.ts';
import { hasFilters } from './tc-filters.ts';

struct('bpf_tc_hook', {
  sz: 'size_t',
  ifindex: 'int',
  attach_point: 'int',
  parent: 'uint32_t',
});
struct('bpf_tc_opts', {
  sz: 'size_t',
  prog_fd: 'int',
  flags: 'uint32_t',
  prog_id: 'uint32_t',
  handle: 'uint32_t',
  priority: 'uint32_t',
});
type TcHook = { sz: number; ifindex: number; attach_point: number; parent: number };
type TcOptions = {
  sz: number;
  prog_fd: number;
  flags: number;
  prog_id: number;
  handle: number;
  priority: number;
};

const hookCreate = libbpf<[TcHook], number>('int bpf_tc_hook_create(_Inout_ bpf_tc_hook *hook)');
const hookDestroy = libbpf<[TcHook], number>('int bpf_tc_hook_destroy(bpf_tc_hook *hook)');
const tcAttach = libbpf<[TcHook, TcOptions], number>(
  'int bpf_tc_attach(bpf_tc_hook *hook, _Inout_ bpf_tc_opts *opts)',
);
const tcDetach = libbpf<[TcHook, TcOptions], number>(
  'int bpf_tc_detach(bpf_tc_hook *hook, bpf_tc_opts *opts)',
);
const tcQuery = libbpf<[TcHook, TcOptions], number>(
  'int bpf_tc_query(bpf_tc_hook *hook, _Inout_ bpf_tc_opts *opts)',
);
const xdpAttach = libbpf<[number, Fd, number, null], number>(
  'int bpf_xdp_attach(int ifindex, int program, uint32_t flags, void *opts)',
);
const xdpDetach = libbpf<[number, number, null], number>(
  'int bpf_xdp_detach(int ifindex, uint32_t flags, void *opts)',
);
const xdpQueryId = libbpf<[number, number, Uint32Array], number>(
  'int bpf_xdp_query_id(int ifindex, int flags, void *id)',
);

/** What a TC program sees: what comes in by an interface, or what goes out of it (enum bpf_tc_attach_point). */
export type TcDirection = 'ingress' | 'egress';
const attachPoints: Readonly<Record<TcDirection, number>> = { ingress: 1, egress: 2 };
const BPF_TC_F_REPLACE = 1;
const XDP_FLAGS_UPDATE_IF_NOEXIST = 1;
const XDP_FLAGS_DRV_MODE = 4;

/** A filter's place on an interface: priority (order among filters) and handle. */
export type TcPlace = { readonly priority: number; readonly handle: number };

const hook = (ifindex: number, direction: TcDirection): TcHook => ({
  sz: 24,
  ifindex,
  attach_point: attachPoints[direction],
  parent: 0,
});
const place = (at: TcPlace, program = 0, flags = 0): TcOptions => ({
  sz: 32,
  prog_fd: program,
  flags,
  prog_id: 0,
  handle: at.handle,
  priority: at.priority,
});

/** Puts a program at its place, in one step where another stands there already. Returns its id. */
export function attachTc(
  ifindex: number,
  program: Fd,
  at: TcPlace,
  direction: TcDirection = 'ingress',
): number {
  const created = hookCreate(hook(ifindex, direction));
  if (created !== -EEXIST) checked('bpf_tc_hook_create', created);
  const options = place(at, program, BPF_TC_F_REPLACE);
  checked('bpf_tc_attach', tcAttach(hook(ifindex, direction), options));
  return options.prog_id;
}

/** Takes the program at this place off; absence is fine. */
export function detachTc(ifindex: number, at: TcPlace, direction: TcDirection = 'ingress'): void {
  if (queryTc(ifindex, at, direction) === undefined) return;
  checked('bpf_tc_detach', tcDetach(hook(ifindex, direction), place(at)));
}

/** Takes the clsact qdisc away that `attachTc` has made, or somebody else, once no filter stands there any more. */
export function removeUnusedTc(ifindex: number): void {
  if (hasFilters(ifindex)) return;
  const both = { ...hook(ifindex, 'ingress'), attach_point: attachPoints.ingress | attachPoints.egress };
  checked('bpf_tc_hook_destroy', hookDestroy(both));
}

/** The id of the program at this place, or `undefined`. */
export function queryTc(
  ifindex: number,
  at: TcPlace,
  direction: TcDirection = 'ingress',
): number | undefined {
  const EINVAL = 22;
  const ENODEV = 19;
  const options = place(at);
  const result = tcQuery(hook(ifindex, direction), options);
  // Without a clsact qdisc the kernel says EINVAL or ENOENT, depending on its age.
  if (result === -ENOENT || result === -EINVAL || result === -ENODEV) return undefined;
  checked('bpf_tc_query', result);
  return options.prog_id;
}

/**
 * Attaches a program natively. `replace` exchanges the one that is there in one step; without it, a program
 * that is there is left alone and the answer is EBUSY. A refusal is returned, not thrown, because a driver
 * without XDP is an ordinary answer.
 */
export function attachXdp(ifindex: number, program: Fd, replace: boolean): SystemCallError | undefined {
  const flags = XDP_FLAGS_DRV_MODE | (replace ? 0 : XDP_FLAGS_UPDATE_IF_NOEXIST);
  const result = xdpAttach(ifindex, program, flags, null);
  return result < 0 ? new SystemCallError('bpf_xdp_attach', result) : undefined;
}

export function detachXdp(ifindex: number): void {
  checked('bpf_xdp_detach', xdpDetach(ifindex, XDP_FLAGS_DRV_MODE, null));
}

/** The id of the program an interface runs natively, or `undefined`. */
export function queryXdp(ifindex: number): number | undefined {
  const id = new Uint32Array(1);
  return xdpQueryId(ifindex, XDP_FLAGS_DRV_MODE, id) === 0 ? id[0] || undefined : undefined;
}
