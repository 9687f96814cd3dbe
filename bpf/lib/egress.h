/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What leaves this host (clsact egress): among it the replies of a real server
 * that is this host itself. They count and move their connection, and get the
 * virtual address where they were translated. What is only passing, or was sent on
 * by us, has come in by some interface and is none of these.
 *
 * What belongs to none of its connections is refused with nat_icmp_send, as anybody's (stray.h), but in silence:
 * IPVS tells the local process by ICMP.
 *
 * A local process that calls a virtual address is not directed.
 *
 * It hangs on interfaces only as long as there may be something to see (docs/design/0004-hooks-and-next-hops.md).
 */
#ifndef FL_EGRESS_H
#define FL_EGRESS_H

#include "parse.h"
#include "reply.h"
#include "stray.h"

/* The packet is not on the stack: the functions that write packets anew need much of that. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct packet);
} leaving SEC(".maps");

static __always_inline int egress(struct __sk_buff *skb, struct packet *packet)
{
	struct reply reply = {};

	__builtin_memset(packet, 0, sizeof(*packet));
	packet->interface = skb->ifindex;
	if (tc_parse(skb, packet) != PARSE_OK)
		return TC_ACT_UNSPEC;
	if (packet->kind == PACKET_FIRST_FRAGMENT)
		fragment_forget(packet);
	if (packet->kind == PACKET_LATER_FRAGMENT && fragment_complete(packet, clock_now()))
		return TC_ACT_UNSPEC;
	if (reply_find(packet, &reply)) {
		if (!strays_are_ours() || !is_stray(skb, packet))
			return TC_ACT_UNSPEC;
		count_stray(packet);
		return TC_ACT_SHOT;
	}
	reply_account(packet, &reply);
	if (!reply_translate(skb, packet, &reply))
		return TC_ACT_UNSPEC;
	count_not_forwarded(packet, FL_REASON_CANNOT_TRANSLATE);
	return TC_ACT_SHOT;
}

SEC("tc")
int fl_director_out(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct packet *packet = bpf_map_lookup_elem(&leaving, &zero);

	if (!packet || skb->ingress_ifindex || skb->vlan_present ||
	    !(pressure_has_replies() || strays_are_ours()))
		return TC_ACT_UNSPEC;
	return egress(skb, packet);
}

#endif /* FL_EGRESS_H */
