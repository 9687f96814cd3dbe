/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The MTU of a tunnel's way as routers tell it (RFC 1191). The kernel learns it
 * for packets of its own, and of what BPF has sent it knows nothing.
 */
#ifndef FL_PATH_MTU_H
#define FL_PATH_MTU_H

#include "clock.h"
#include "forward/plan.h"

#define PATH_MTU_MIN 552 /* net.ipv4.route.min_pmtu */
#define PATH_MTU_STAMPS 559 /* net.ipv4.route.mtu_expires, 600 s, in stamps of 2^30 ns */

/* The smaller one of the route's MTU and of what was told since. */
static __always_inline __u32 path_mtu(const struct fl_destination_state *state, __u32 mtu)
{
	if (!state->path_mtu || state->path_mtu >= mtu ||
	    clock_stamp(clock_now()) - state->path_mtu_stamp >= PATH_MTU_STAMPS)
		return mtu;
	return state->path_mtu;
}

/* A way does not grow by what a router says; it is forgotten in time. */
static __always_inline void path_mtu_learn(struct fl_destination_state *state, __u32 mtu)
{
	if (mtu < PATH_MTU_MIN)
		mtu = PATH_MTU_MIN;
	if (mtu >= path_mtu(state, state->mtu))
		return;
	state->path_mtu = mtu;
	state->path_mtu_stamp = clock_stamp(clock_now());
}

/* The same of the destination a packet is on its way to. */
static __always_inline __u32 path_mtu_of(const struct forward *forward)
{
	__u32 slot = forward->destination, mtu = forward->hop.mtu;
	struct fl_destination_state *state = bpf_map_lookup_elem(&dest_state, &slot);

	if (!state)
		return mtu;
	mtu = path_mtu(state, mtu);
	if (state->sent_mtu != mtu)
		state->sent_mtu = mtu;
	return mtu;
}

#endif /* FL_PATH_MTU_H */
