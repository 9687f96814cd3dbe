/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Takes packets out of the tunnels in which a director sends them, so that a real
 * server needs no tunnel device: the inner packet goes on as if it had come in by the
 * interface itself. Only what is for a virtual address is touched.
 */
#ifndef FL_DECAPSULATE_H
#define FL_DECAPSULATE_H

#include <linux/pkt_cls.h>

#include "decapsulate/inner.h"

#define FIB_INET 2
#define FIB_INET6 10
#define PACKET_FOR_US 0 /* PACKET_HOST */

/*
 * Whether the tunnel ends here. A host that does not forward is asked nothing else:
 * whatever has its MAC address is for it. A router's own addresses are those that the
 * lookup will not forward to.
 */
static __always_inline int ends_here(struct __sk_buff *skb, const struct outer *outer)
{
	struct bpf_fib_lookup fib = {
		.family = outer->family == FL_FAMILY_IPV6 ? FIB_INET6 : FIB_INET,
		.ifindex = skb->ifindex,
	};
	long answer;

	__builtin_memcpy(fib.ipv6_src, &outer->source, sizeof(outer->source));
	__builtin_memcpy(fib.ipv6_dst, &outer->target, sizeof(outer->target));
	answer = bpf_fib_lookup(skb, &fib, sizeof(fib), 0);
	return answer == BPF_FIB_LKUP_RET_FWD_DISABLED || answer == BPF_FIB_LKUP_RET_NOT_FWDED;
}

/* What is to be counted of a packet that is for a virtual address. */
static __always_inline enum fl_decapsulation
fate_of(struct __sk_buff *skb, const struct outer *outer, const struct inner *inner)
{
	if (outer->fragment)
		return FL_LEFT_FRAGMENT;
	if (outer->options)
		return FL_LEFT_OPTIONS;
	if (!inner_fits(skb, outer, inner))
		return FL_LEFT_MALFORMED;
	if (was_congested(outer) && !(inner->tos & ECN_BITS))
		return FL_DROPPED_CONGESTION;
	return outer->kind;
}

/*
 * From one family to another: the kernel changes the length of the header that is
 * going to be taken off, and what it thinks the packet is. adjust_room has flags for
 * that, but only from Linux 6.3 on.
 */
static __always_inline int change_family(struct __sk_buff *skb, struct outer *outer)
{
	const __u32 longer = sizeof(struct ipv6hdr) - sizeof(struct iphdr);
	__be16 protocol = outer->inner_family == FL_FAMILY_IPV6 ? bpf_htons(ETH_P_IPV6)
								: bpf_htons(ETH_P_IP);

	if (bpf_skb_change_proto(skb, protocol, 0))
		return -1;
	outer->headers += outer->inner_family == FL_FAMILY_IPV6 ? longer : -longer;
	return bpf_skb_store_bytes(skb, offsetof(struct ethhdr, h_proto), &protocol,
				   sizeof(protocol), 0);
}

static __always_inline int take_off(struct __sk_buff *skb, struct outer *outer)
{
	if (outer->family != outer->inner_family && change_family(skb, outer))
		return -1;
	/* Merged segments keep their size, which is that of the inner packets. */
	return bpf_skb_adjust_room(skb, -(__s32)outer->headers, BPF_ADJ_ROOM_MAC,
				   BPF_F_ADJ_ROOM_FIXED_GSO);
}

/* A TC action. TC_ACT_UNSPEC: filters behind this one see the packet, too. */
static __always_inline int decapsulate(struct __sk_buff *skb)
{
	struct outer outer = {};
	struct inner inner = {};
	enum fl_decapsulation fate;

	/* A tagged frame belongs to the VLAN's own interface, where it arrives again. */
	if (skb->pkt_type != PACKET_FOR_US || skb->vlan_present || outer_parse(skb, &outer) ||
	    inner_parse(skb, &outer, &inner) || !ends_here(skb, &outer))
		return TC_ACT_UNSPEC;
	fate = fate_of(skb, &outer, &inner);
	if (fate <= FL_DECAPSULATED_GRE &&
	    ((was_congested(&outer) && inner_congested(skb, &outer, &inner)) ||
	     take_off(skb, &outer)))
		fate = FL_DROPPED_FAILED;
	count_decapsulation(fate);
	return fate >= FL_DROPPED_CONGESTION ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

#endif /* FL_DECAPSULATE_H */
