/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a real server is: the kernel's routing table says the interface and the
 * next hop's address, the kernel's neighbour table its MAC. Both are kept per
 * destination for about a second, and learnt from nothing else.
 *
 * bpf_fib_lookup() refuses to answer for an interface with forwarding off. It
 * is asked as if from `lo`, which is what makes it the lookup of a locally sent
 * packet, and the daemon sets net.ipv4.conf.lo.forwarding=1; ip_forward itself
 * may stay off, as with IPVS.
 */
#ifndef FL_NEXT_HOP_H
#define FL_NEXT_HOP_H

#include "clock.h"
#include "maps.h"

#define AF_INET 2
#define LOOPBACK_IFINDEX 1

struct next_hop {
	__u32 interface; /* LOOPBACK_IFINDEX: the real server is this host */
	__be32 address;
	__u8 mac[ETH_ALEN]; /* XDP only */
};

/*
 * What bpf_fib_lookup() says of a locally sent packet to `address`. Without a
 * length it would measure the packet at hand against the MTU.
 */
static __always_inline long fib_lookup(void *ctx, __be32 address, struct bpf_fib_lookup *fib)
{
	*fib = (struct bpf_fib_lookup){
		.family = AF_INET,
		.ipv4_dst = address,
		.ifindex = LOOPBACK_IFINDEX,
		.tot_len = 1,
	};
	return bpf_fib_lookup(ctx, fib, sizeof(*fib), 0);
}

/* Whether this host owns the address. Where the kernel will not say, it counts as owned. */
static __always_inline int address_is_local(void *ctx, __be32 address)
{
	struct bpf_fib_lookup fib;
	long answer = fib_lookup(ctx, address, &fib);

	return answer == BPF_FIB_LKUP_RET_NOT_FWDED || answer == BPF_FIB_LKUP_RET_FWD_DISABLED;
}

static __always_inline __u64 route_word(__u32 interface, __be32 address)
{
	return (__u64)interface << 32 | address;
}

/* Looks the destination up anew. Each word is stored whole, so that no CPU reads half of one. */
static __always_inline int route_refresh(void *ctx, __be32 address,
					 struct fl_destination_state *state, __u32 stamp)
{
	struct bpf_fib_lookup fib;
	__u64 mac = 0;

	switch (fib_lookup(ctx, address, &fib)) {
	case BPF_FIB_LKUP_RET_SUCCESS:
		__builtin_memcpy(&mac, fib.dmac, ETH_ALEN);
		state->neighbour = (__u64)stamp << 48 | mac;
		state->route = route_word(fib.ifindex, fib.ipv4_dst);
		break;
	case BPF_FIB_LKUP_RET_NO_NEIGH:
		state->neighbour = 0;
		state->route = route_word(fib.ifindex, fib.ipv4_dst);
		break;
	case BPF_FIB_LKUP_RET_NOT_FWDED:
		state->route = route_word(LOOPBACK_IFINDEX, address);
		break;
	case BPF_FIB_LKUP_RET_FWD_DISABLED:
		break; /* somebody has switched lo off again: what was known must do */
	default:
		state->route = 0;
	}
	state->route_stamp = stamp;
	return state->route ? 0 : -FL_REASON_NO_ROUTE;
}

/* For TC: interface and address are enough, the kernel finds the neighbour itself. */
static __always_inline int next_hop_route(void *ctx, __be32 address,
					  struct fl_destination_state *state, __u64 now,
					  struct next_hop *hop)
{
	__u32 stamp = clock_stamp(now);

	if (state->route_stamp != stamp || !state->route)
		if (route_refresh(ctx, address, state, stamp))
			return -FL_REASON_NO_ROUTE;
	hop->interface = state->route >> 32;
	hop->address = (__be32)state->route;
	return 0;
}

/*
 * For XDP: the neighbour's MAC as well, or -1 when the packet must go up to TC.
 * One packet a second per destination does, by design: it makes the kernel use
 * the neighbour entry, and so confirm it, which XDP alone would never do.
 */
static __always_inline int next_hop_neighbour(void *ctx, __be32 address,
					      struct fl_destination_state *state, __u64 now,
					      struct next_hop *hop)
{
	__u32 stamp = clock_stamp(now);
	__u64 neighbour = state->neighbour;

	if (!neighbour || neighbour >> 48 != (stamp & 0xffff)) {
		route_refresh(ctx, address, state, stamp);
		return -1;
	}
	hop->interface = state->route >> 32;
	hop->address = (__be32)state->route;
	__builtin_memcpy(hop->mac, &neighbour, ETH_ALEN);
	return 0;
}

/* XDP may send out of its own interface, or of one that also runs XDP natively. */
static __always_inline int xdp_can_send(__u32 in, __u32 out)
{
	struct fl_interface *interface = bpf_map_lookup_elem(&interfaces, &out);

	return interface && (in == out || interface->flags & FL_INTERFACE_XDP);
}

#endif /* FL_NEXT_HOP_H */
