/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a real server is: the kernel's routing table says the interface, the
 * next hop's address, the MTU and the director's own address towards it, the
 * kernel's neighbour table its MAC. All are kept per destination for about a
 * second, and learnt from nothing else.
 *
 * bpf_fib_lookup() refuses to answer for an interface with forwarding off. It
 * is asked as if from `lo`, which is what makes it the lookup of a locally sent
 * packet, and the daemon sets net.ipv4.conf.lo.forwarding=1 and the same of IPv6;
 * ip_forward itself may stay off, as with IPVS. It tells an IPv4 route's own MTU
 * only under net.ipv4.ip_forward_use_pmtu=1.
 */
#ifndef FL_NEXT_HOP_H
#define FL_NEXT_HOP_H

#include <bpf/bpf_endian.h>
#include <linux/if_ether.h>

#include "clock.h"
#include "interface.h"
#include "maps.h"

#define AF_INET 2
#define AF_INET6 10
#define LOOPBACK_IFINDEX 1
/* Newer than Debian 12's headers know, but not than its kernel (6.1.80). */
#define FIB_LOOKUP_SRC (1U << 4)
#define FIB_NO_SOURCE 9
#define MTU_MAX 0xffff

struct next_hop {
	struct fl_address address;
	struct fl_address source; /* the director's own; zeros where the kernel does not say */
	__u32 interface; /* LOOPBACK_IFINDEX: this host; 0: unreachable */
	__u32 mtu;
	__u32 family; /* of `address` */
	__u8 mac[ETH_ALEN]; /* XDP only */
	__u8 pad[2];
};

/*
 * What bpf_fib_lookup() says of a locally sent packet to `address`. `bytes` is
 * the length it measures against the MTU; 0 would mean that of the packet at hand.
 */
static __always_inline long fib_lookup(void *ctx, const struct fl_address *address, __u8 family,
				       __u16 bytes, __u32 flags, struct bpf_fib_lookup *fib)
{
	*fib = (struct bpf_fib_lookup){
		.family = family == FL_FAMILY_IPV6 ? AF_INET6 : AF_INET,
		.ifindex = LOOPBACK_IFINDEX,
		.tot_len = bytes,
	};
	__builtin_memcpy(fib->ipv6_dst, address->word, sizeof(*address));
	return bpf_fib_lookup(ctx, fib, sizeof(*fib), flags);
}

/* A route and, where the kernel can say it, the director's own address on it. */
static __always_inline long fib_lookup_source(void *ctx, const struct fl_address *address,
					      __u8 family, struct bpf_fib_lookup *fib)
{
	long answer = fib_lookup(ctx, address, family, 1, FIB_LOOKUP_SRC, fib);

	if (answer < 0 || answer == FIB_NO_SOURCE)
		answer = fib_lookup(ctx, address, family, 1, 0, fib);
	return answer;
}

static __always_inline int fib_is_route(long answer)
{
	return answer == BPF_FIB_LKUP_RET_SUCCESS || answer == BPF_FIB_LKUP_RET_NO_NEIGH;
}

/* The address is this host's own, or has no route at all: the kernel does not tell which. */
static __always_inline int fib_is_local(long answer)
{
	return answer == BPF_FIB_LKUP_RET_NOT_FWDED;
}

static __always_inline void fib_address(const __u32 *words, __u32 family,
					struct fl_address *address)
{
	*address = (struct fl_address){ .word = { words[0] } };
	if (family == AF_INET6)
		__builtin_memcpy(address->word, words, sizeof(*address));
}

/* Whether this host owns the address. Where the kernel will not say, it counts as owned. */
static __always_inline int address_is_local(void *ctx, const struct fl_address *address,
					    __u8 family)
{
	struct bpf_fib_lookup fib;
	long answer = fib_lookup(ctx, address, family, 1, 0, &fib);

	return fib_is_local(answer) || answer == BPF_FIB_LKUP_RET_FWD_DISABLED;
}

/* The MTU of the route: a length that no route takes makes the kernel say what it takes. */
static __always_inline __u32 fib_mtu(void *ctx, const struct fl_address *address, __u8 family,
				     struct bpf_fib_lookup *fib)
{
	if (fib_lookup(ctx, address, family, MTU_MAX, 0, fib) == BPF_FIB_LKUP_RET_FRAG_NEEDED)
		return fib->mtu_result;
	return MTU_MAX;
}

/* All but the MTU. The source keeps the family it was asked in, whatever the next hop's. */
static __always_inline void hop_of_fib(const struct bpf_fib_lookup *fib, __u8 family,
				       struct next_hop *hop)
{
	hop->family = fib->family;
	hop->interface = fib->ifindex;
	fib_address(fib->ipv6_dst, fib->family, &hop->address);
	fib_address(fib->ipv6_src, family == FL_FAMILY_IPV6 ? AF_INET6 : AF_INET, &hop->source);
	__builtin_memcpy(hop->mac, fib->dmac, ETH_ALEN);
}

static __always_inline void hop_of_state(const struct fl_destination_state *state,
					 struct next_hop *hop)
{
	hop->address = state->next_hop;
	hop->source = state->source;
	hop->interface = state->interface;
	hop->mtu = state->mtu;
	hop->family = state->next_hop_family;
}

/*
 * Remembers a route. Readers take it only under one and the same stamp before
 * and after; the exchanges keep the words in between in order.
 */
static __always_inline void hop_remember(struct fl_destination_state *state,
					 const struct next_hop *hop, __u64 neighbour, __u32 stamp)
{
	__sync_lock_test_and_set(&state->route_stamp, 0);
	state->next_hop = hop->address;
	state->source = hop->source;
	state->interface = hop->interface;
	state->mtu = hop->mtu;
	state->next_hop_family = hop->family;
	state->neighbour = neighbour;
	__sync_lock_test_and_set(&state->route_stamp, stamp);
}

/* Asks the kernel anew. A function of its own: once a second and destination. */
static __noinline int route_refresh(void *ctx, const struct fl_destination *destination,
				    struct fl_destination_state *state, __u32 stamp,
				    struct next_hop *hop)
{
	struct bpf_fib_lookup fib;
	__u64 mac = 0, neighbour = 0;
	long answer = fib_lookup_source(ctx, &destination->address, destination->family, &fib);

	*hop = (struct next_hop){};
	if (fib_is_route(answer)) {
		hop_of_fib(&fib, destination->family, hop);
		__builtin_memcpy(&mac, fib.dmac, ETH_ALEN);
		if (answer == BPF_FIB_LKUP_RET_SUCCESS)
			neighbour = (__u64)stamp << 48 | mac;
		hop->mtu = fib_mtu(ctx, &destination->address, destination->family, &fib);
	} else if (fib_is_local(answer)) {
		hop->interface = LOOPBACK_IFINDEX;
		hop->mtu = MTU_MAX;
	} else if (answer == BPF_FIB_LKUP_RET_FWD_DISABLED) {
		hop_of_state(state, hop); /* somebody has switched lo off: what was known must do */
	}
	hop_remember(state, hop, neighbour, stamp);
	return hop->interface ? 0 : -FL_REASON_NO_ROUTE;
}

/* What is remembered under this stamp: 0, or -1 for nothing. */
static __always_inline int next_hop_known(const struct fl_destination_state *state, __u32 stamp,
					  struct next_hop *hop)
{
	/* 0 stands for a route that is being written */
	if (!stamp || *(const volatile __u32 *)&state->route_stamp != stamp || !state->interface)
		return -1;
	barrier();
	hop_of_state(state, hop);
	barrier();
	return *(const volatile __u32 *)&state->route_stamp == stamp ? 0 : -1;
}

/* For TC: interface and address are enough, the kernel finds the neighbour itself. */
static __always_inline int next_hop_route(void *ctx, const struct fl_destination *destination,
					  struct fl_destination_state *state, __u64 now,
					  struct next_hop *hop)
{
	__u32 stamp = clock_stamp(now);

	return next_hop_known(state, stamp, hop)
		       ? route_refresh(ctx, destination, state, stamp, hop)
		       : 0;
}

/*
 * For XDP: the neighbour's MAC as well, or -1 when the packet must go up to TC.
 * One packet a second per destination does, by design: it makes the kernel use
 * the neighbour entry, and so confirm it, which XDP alone would never do.
 */
static __always_inline int next_hop_neighbour(void *ctx, const struct fl_destination *destination,
					      struct fl_destination_state *state, __u64 now,
					      struct next_hop *hop)
{
	__u32 stamp = clock_stamp(now);
	__u64 neighbour = state->neighbour;

	if (!neighbour || neighbour >> 48 != (stamp & 0xffff)) {
		route_refresh(ctx, destination, state, stamp, hop);
		return -1;
	}
	if (next_hop_route(ctx, destination, state, now, hop))
		return -1;
	__builtin_memcpy(hop->mac, &neighbour, ETH_ALEN);
	return 0;
}

/* XDP may send out of its own interface, or of one that also runs XDP natively. */
static __always_inline int xdp_can_send(__u32 in, __u32 out)
{
	struct fl_interface *interface = interface_of(out);

	return interface && (in == out || interface->flags & FL_INTERFACE_XDP);
}

#endif /* FL_NEXT_HOP_H */
