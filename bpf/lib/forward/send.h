/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The last steps of every method: one hop less to live, and out to the next hop. */
#ifndef FL_FORWARD_SEND_H
#define FL_FORWARD_SEND_H

#include <bpf/bpf_endian.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "next_hop.h"
#include "packet.h"

/* One hop further: IPv4 with the header checksum that goes with it (RFC 1624, eqn. 3). */
static __always_inline int age_ipv4(void *data, void *data_end)
{
	struct iphdr *ip = data + sizeof(struct ethhdr);
	__u32 sum;

	if ((void *)(ip + 1) > data_end)
		return -1;
	sum = (__u32)ip->check + bpf_htons(0x0100);
	ip->check = sum + (sum >= 0xffff);
	ip->ttl--;
	return 0;
}

static __always_inline int age_ipv6(void *data, void *data_end)
{
	struct ipv6hdr *ip = data + sizeof(struct ethhdr);

	if ((void *)(ip + 1) > data_end)
		return -1;
	ip->hop_limit--;
	return 0;
}

/* In TC. IPv6 has nothing that makes up for the change, so the device's sum of it changes, too. */
static __always_inline int tc_age(struct __sk_buff *skb, const struct packet *packet)
{
	const __u32 at = sizeof(struct ethhdr) + offsetof(struct ipv6hdr, hop_limit);
	__u8 left = packet->ttl - 1;

	if (packet->key.family == FL_FAMILY_IPV6)
		return bpf_skb_store_bytes(skb, at, &left, sizeof(left), BPF_F_RECOMPUTE_CSUM);
	if (!age_ipv4((void *)(long)skb->data, (void *)(long)skb->data_end))
		return 0;
	if (bpf_skb_pull_data(skb, sizeof(struct ethhdr) + sizeof(struct iphdr)))
		return -1;
	return age_ipv4((void *)(long)skb->data, (void *)(long)skb->data_end);
}

/* To the neighbour, whom the kernel resolves with an address of its own. A TC action. */
static __always_inline int tc_send(const struct next_hop *hop)
{
	struct bpf_redir_neigh to = { .nh_family = hop->family };

	__builtin_memcpy(to.ipv6_nh, hop->address.word, sizeof(hop->address));
	return bpf_redirect_neigh(hop->interface, &to, sizeof(to), 0);
}

#endif /* FL_FORWARD_SEND_H */
