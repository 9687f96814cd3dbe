/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether a frame may be for a virtual address: one look, ahead of all others. Most of what a
 * director's host receives for itself is told apart by it.
 *
 * XDP, which may leave any packet to TC, goes by it alone. To TC there is more than addresses that services have:
 * connections, whose service may have gone, and replies (fast.h).
 */
#ifndef FL_VIP_FILTER_H
#define FL_VIP_FILTER_H

#include <bpf/bpf_endian.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "maps.h"
#include "masked.h"

/* Its words, xored. */
static __always_inline __be32 fold_address(const struct in6_addr *address)
{
	const __be32 *word = address->in6_u.u6_addr32;

	return word[0] ^ word[1] ^ word[2] ^ word[3];
}

/* `folded`: an IPv4 address, or an IPv6 one that is. */
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

	if ((void *)(ip + 1) > data_end)
		return 0;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		return conf->mark_services || vip_filter_has(ip->daddr);
	if (eth->h_proto != bpf_htons(ETH_P_IPV6) || (void *)(ipv6 + 1) > data_end)
		return 0;
	return conf->mark_services || vip_filter_has(fold_address(&ipv6->daddr));
}

#endif /* FL_VIP_FILTER_H */
