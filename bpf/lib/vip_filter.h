/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether a frame may be for a virtual address: one look, ahead of all others. Most of what a
 * director's host receives for itself is told apart by it.
 *
 * For XDP, which may leave any packet to TC. TC goes by more than addresses that services have: by
 * connections, whose service may have gone, and by replies.
 */
#ifndef FL_VIP_FILTER_H
#define FL_VIP_FILTER_H

#include <bpf/bpf_endian.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "maps.h"
#include "masked.h"

/* `folded`: the address's words, xored. */
static __always_inline int vip_filter_has(__be32 folded)
{
	__u32 place = bpf_ntohl(folded) * FL_FILTER_FACTOR >> 16;
	return vip_filter[masked(place / 64, FL_FILTER_WORDS - 1)] >> (place % 64) & 1;
}

/* Packets with a mark may be for any address. */
static __always_inline int may_be_for_a_vip(void *data, void *data_end,
					    const struct fl_settings *conf)
{
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);
	struct ipv6hdr *ipv6 = data + sizeof(*eth);
	const __be32 *to;

	if ((void *)(ip + 1) > data_end)
		return 0;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		return conf->mark_services || vip_filter_has(ip->daddr);
	if (eth->h_proto != bpf_htons(ETH_P_IPV6) || (void *)(ipv6 + 1) > data_end)
		return 0;
	to = ipv6->daddr.in6_u.u6_addr32;
	return conf->mark_services || vip_filter_has(to[0] ^ to[1] ^ to[2] ^ to[3]);
}

#endif /* FL_VIP_FILTER_H */
