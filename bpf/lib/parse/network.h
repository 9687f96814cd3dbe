/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* IPv4 (RFC 791) and the fixed part of IPv6 (RFC 8200). */
#ifndef FL_PARSE_NETWORK_H
#define FL_PARSE_NETWORK_H

#include <bpf/bpf_endian.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include "packet.h"

#define IP_DONT_FRAGMENT 0x4000
#define IP_MORE_FRAGMENTS 0x2000
#define IP_FRAGMENT_OFFSET 0x1fff

enum parse_result {
	PARSE_OK,
	PARSE_NOT_OURS,
	PARSE_SHORT, /* the bytes at hand end inside a header */
	PARSE_FURTHER, /* not read in place: parse_further() */
	PARSE_MALFORMED,
};

/* As the header says; where it says 0 the kernel has merged more than it can say (BIG TCP). */
static __always_inline __u32 total_length(__u32 said, __u32 header, __u32 frame_bytes)
{
	__u32 room = frame_bytes - sizeof(struct ethhdr);

	return said || room <= 0xffff ? said + header : room;
}

static __always_inline void take_ipv4(const struct iphdr *ip, __u32 frame_bytes,
				      struct packet *packet)
{
	__u32 fragment = bpf_ntohs(ip->frag_off);

	packet->key.family = FL_FAMILY_IPV4;
	packet->key.protocol = ip->protocol;
	packet->key.client.word[0] = ip->saddr;
	packet->key.vip.word[0] = ip->daddr;
	packet->bytes = total_length(bpf_ntohs(ip->tot_len), 0, frame_bytes);
	packet->network = sizeof(struct ethhdr);
	packet->transport = sizeof(struct ethhdr) + ip->ihl * 4;
	packet->ttl = ip->ttl;
	packet->tos = ip->tos;
	packet->has_options = ip->ihl * 4 > sizeof(*ip);
	packet->dont_fragment = !!(fragment & IP_DONT_FRAGMENT);
	packet->fragment_id = ip->id;
	if (fragment & IP_FRAGMENT_OFFSET)
		packet->kind = PACKET_LATER_FRAGMENT;
	else
		packet->kind = fragment & IP_MORE_FRAGMENTS ? PACKET_FIRST_FRAGMENT : PACKET_WHOLE;
}

static __always_inline void take_ipv6(const struct ipv6hdr *ip, __u32 frame_bytes,
				      struct packet *packet)
{
	packet->key.family = FL_FAMILY_IPV6;
	packet->key.protocol = ip->nexthdr;
	__builtin_memcpy(&packet->key.client, &ip->saddr, sizeof(packet->key.client));
	__builtin_memcpy(&packet->key.vip, &ip->daddr, sizeof(packet->key.vip));
	packet->bytes = total_length(bpf_ntohs(ip->payload_len), sizeof(*ip), frame_bytes);
	packet->network = sizeof(struct ethhdr);
	packet->transport = sizeof(struct ethhdr) + sizeof(*ip);
	packet->ttl = ip->hop_limit;
	packet->tos = ip->priority << 4 | ip->flow_lbl[0] >> 4;
	packet->has_options = 0;
	packet->dont_fragment = 1;
	packet->kind = PACKET_WHOLE;
}

#endif /* FL_PARSE_NETWORK_H */
