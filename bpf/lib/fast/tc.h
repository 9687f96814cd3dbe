/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The short path at TC, which takes what moves its connection as well, and tells what is none of the director's. */
#ifndef FL_FAST_TC_H
#define FL_FAST_TC_H

#include <linux/pkt_cls.h>

#include "fast.h"
#include "forward/send.h"
#include "next_hop.h"
#include "pressure.h"
#include "stray.h"

/*
 * Whether the packet is none of the director's for sure: to no address of a service, and of no connection, be it of a
 * service that has gone. Nearly all that a director's host receives for itself.
 */
static __always_inline int fast_is_another_s(const struct fl_settings *conf,
					     const struct fast *fast, int ipv6)
{
	const struct fl_table *table = table_of(ipv6);
	const __u32 *outside;
	void *bucket;
	__u32 hash;

	if (vip_filter_has(fast->folded) || conf->mark_services || pressure_has_replies() ||
	    strays_are_ours() || table_is_being_replaced(table))
		return 0;
	hash = table_hash(&fast->key, ipv6, table->seed);
	outside = outside_count(hash);
	bucket = table_bucket(table, ipv6, table->current, hash);
	return outside && !*outside && bucket && bucket_search(bucket, ipv6, &fast->key, hash) < 0;
}

/* To a neighbour whom the kernel resolves. FAST_NOT with nothing done, or a TC action. */
static __always_inline int fast_tc_direct(struct __sk_buff *skb, const struct fl_settings *conf,
					  int ipv6, enum fast_segments segments, struct fast *fast)
{
	const __u32 at = sizeof(struct ethhdr) + offsetof(struct ipv6hdr, hop_limit);
	struct next_hop hop;
	struct fast_way way;
	__u64 now;
	__u8 left;

	/* Padding is to go, and what is longer than a route takes is not all that simple. */
	if (fast->bytes != skb->len - sizeof(struct ethhdr) ||
	    fast_way(conf, fast, ipv6, segments, &now, &way) ||
	    next_hop_known(way.state, clock_stamp(now), &hop) ||
	    hop.interface == LOOPBACK_IFINDEX || fast->bytes > hop.mtu)
		return FAST_NOT;
	fast_count(conf, fast, ipv6, segments, &way, now);
	left = fast->ttl - 1;
	if (ipv6 ? bpf_skb_store_bytes(skb, at, &left, sizeof(left), BPF_F_RECOMPUTE_CSUM)
		 : age_ipv4((void *)(long)skb->data, (void *)(long)skb->data_end))
		return TC_ACT_SHOT;
	return tc_send(&hop);
}

/* Of a frame of `family`; it and `segments` are constants. */
static __always_inline int fast_tc_of(struct __sk_buff *skb, const struct fl_settings *conf,
				      int family, enum fast_segments segments)
{
	void *data = (void *)(long)skb->data, *data_end = (void *)(long)skb->data_end;
	int ipv6 = family == FL_FAMILY_IPV6;
	struct fast fast;

	if (fast_parse(data, data_end, skb->len, conf, family, segments, &fast))
		return FAST_NOT;
	if (segments == FAST_ANY && fast_is_another_s(conf, &fast, ipv6))
		return TC_ACT_UNSPEC;
	return fast_tc_direct(skb, conf, ipv6, segments, &fast);
}

static __always_inline int fast_tc_by_family(struct __sk_buff *skb, const struct fl_settings *conf,
					     enum fast_segments segments)
{
	switch (family_of((void *)(long)skb->data, (void *)(long)skb->data_end)) {
	case FL_FAMILY_IPV4:
		return fast_tc_of(skb, conf, FL_FAMILY_IPV4, segments);
	case FL_FAMILY_IPV6:
		return fast_tc_of(skb, conf, FL_FAMILY_IPV6, segments);
	default:
		return FAST_NOT;
	}
}

/* A TC action, or FAST_NOT with nothing done. A function of its own, so that its stack is free again for what comes next. */
static __noinline int fast_tc(struct __sk_buff *skb, const struct fl_settings *conf)
{
	return fast_tc_by_family(skb, conf, FAST_ACKS);
}

/* The same, of what moves its connection, and of what is none of ours: nearly every packet is neither. */
static __noinline int fast_tc_further(struct __sk_buff *skb, const struct fl_settings *conf)
{
	return fast_tc_by_family(skb, conf, FAST_ANY);
}

#endif /* FL_FAST_TC_H */
