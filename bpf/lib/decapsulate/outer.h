/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The outside of a tunnel packet as IPVS sends it (ip_vs_xmit.c): IPv4 or IPv6, then
 * nothing (RFC 2003, RFC 2473, RFC 4213), UDP and GUE (draft-ietf-intarea-gue), or
 * GRE (RFC 2784, RFC 2890).
 *
 * Checksums of the outer headers are not verified: the inner packet has its own, which
 * the stack verifies, and the network card has looked at the frame.
 */
#ifndef FL_DECAPSULATE_OUTER_H
#define FL_DECAPSULATE_OUTER_H

#include <bpf/bpf_endian.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include "decapsulate/maps.h"

#define OUTER_MORE_FRAGMENTS 0x2000
#define OUTER_FRAGMENT_OFFSET 0x1fff
#define OUTER_IPV6_FRAGMENT 44
#define OUTER_IPV6_MORE_FRAGMENTS 1
#define OUTER_GRE 47

#define GUE_VERSION_AND_CONTROL 0xe0
#define GUE_HEADER_WORDS 0x1f
#define GRE_CHECKSUM 0x8000
#define GRE_KEY 0x2000
#define GRE_SEQUENCE 0x1000

struct gue_start {
	struct udphdr udp;
	__u8 start; /* version, control bit, words of extensions */
	__u8 protocol;
	__be16 flags;
};

struct gre_start {
	__be16 flags;
	__be16 protocol;
};

struct ipv6_fragment {
	__u8 next;
	__u8 reserved;
	__be16 place; /* offset and flags */
	__be32 id;
};

struct outer {
	struct fl_address source;
	struct fl_address target;
	__u32 headers; /* octets of them, behind the Ethernet header */
	__u32 bytes; /* of the whole IP packet */
	__u8 family;
	__u8 protocol;
	__u8 tos;
	__u8 fragment; /* the first of several */
	__u8 options; /* in its tunnel header, which we do not understand */
	__u8 kind; /* FL_DECAPSULATED_* */
	__u8 inner_family;
};

static __always_inline int outer_load(struct __sk_buff *skb, const struct outer *outer, void *to,
				      __u32 bytes)
{
	return bpf_skb_load_bytes(skb, sizeof(struct ethhdr) + outer->headers, to, bytes);
}

/* Fragments behind the first one have nothing that we could go by. */
static __always_inline int outer_ipv4(struct __sk_buff *skb, struct outer *outer)
{
	struct iphdr ip;
	__u32 fragment;

	if (outer_load(skb, outer, &ip, sizeof(ip)) || ip.version != 4 || ip.ihl < 5)
		return -1;
	fragment = bpf_ntohs(ip.frag_off);
	if (fragment & OUTER_FRAGMENT_OFFSET)
		return -1;
	outer->family = FL_FAMILY_IPV4;
	outer->source.word[0] = ip.saddr;
	outer->target.word[0] = ip.daddr;
	outer->headers = ip.ihl * 4;
	outer->bytes = bpf_ntohs(ip.tot_len);
	outer->protocol = ip.protocol;
	outer->tos = ip.tos;
	outer->fragment = !!(fragment & OUTER_MORE_FRAGMENTS);
	return 0;
}

static __always_inline int outer_ipv6_fragment(struct __sk_buff *skb, struct outer *outer)
{
	struct ipv6_fragment fragment;
	__u32 place;

	if (outer_load(skb, outer, &fragment, sizeof(fragment)))
		return -1;
	place = bpf_ntohs(fragment.place);
	if (place & ~7)
		return -1;
	outer->headers += sizeof(fragment);
	outer->protocol = fragment.next;
	outer->fragment = place & OUTER_IPV6_MORE_FRAGMENTS;
	return 0;
}

static __always_inline int outer_ipv6(struct __sk_buff *skb, struct outer *outer)
{
	struct ipv6hdr ip;

	if (outer_load(skb, outer, &ip, sizeof(ip)) || ip.version != 6)
		return -1;
	outer->family = FL_FAMILY_IPV6;
	__builtin_memcpy(&outer->source, &ip.saddr, sizeof(outer->source));
	__builtin_memcpy(&outer->target, &ip.daddr, sizeof(outer->target));
	outer->headers = sizeof(ip);
	outer->bytes = bpf_ntohs(ip.payload_len) + sizeof(ip);
	outer->protocol = ip.nexthdr;
	outer->tos = ip.priority << 4 | ip.flow_lbl[0] >> 4;
	return outer->protocol == OUTER_IPV6_FRAGMENT ? outer_ipv6_fragment(skb, outer) : 0;
}

static __always_inline int outer_inner_protocol(struct outer *outer, __u8 protocol)
{
	if (protocol != IPPROTO_IPIP && protocol != IPPROTO_IPV6)
		return -1;
	outer->inner_family = protocol == IPPROTO_IPV6 ? FL_FAMILY_IPV6 : FL_FAMILY_IPV4;
	return 0;
}

/* Data messages of version 0. Without flags, extensions are padding. */
static __always_inline int outer_gue(struct __sk_buff *skb, struct outer *outer)
{
	__u32 zero = 0;
	__u32 *port = bpf_map_lookup_elem(&gue_port, &zero);
	struct gue_start gue;

	if (!port || outer_load(skb, outer, &gue, sizeof(gue)) ||
	    bpf_ntohs(gue.udp.dest) != *port || gue.start & GUE_VERSION_AND_CONTROL)
		return -1;
	outer->kind = FL_DECAPSULATED_GUE;
	outer->headers += sizeof(gue) + (gue.start & GUE_HEADER_WORDS) * 4;
	outer->options = gue.flags != 0;
	return outer_inner_protocol(outer, gue.protocol);
}

/* A key would say that the packet belongs to some tunnel of its own. */
static __always_inline int outer_gre(struct __sk_buff *skb, struct outer *outer)
{
	struct gre_start gre;
	__u32 flags;

	if (outer_load(skb, outer, &gre, sizeof(gre)))
		return -1;
	flags = bpf_ntohs(gre.flags);
	if (flags & ~(GRE_CHECKSUM | GRE_KEY | GRE_SEQUENCE))
		return -1;
	outer->kind = FL_DECAPSULATED_GRE;
	outer->headers += sizeof(gre) + !!(flags & GRE_CHECKSUM) * 4 + !!(flags & GRE_KEY) * 4 +
			  !!(flags & GRE_SEQUENCE) * 4;
	outer->options = !!(flags & ~GRE_CHECKSUM);
	if (gre.protocol != bpf_htons(ETH_P_IP) && gre.protocol != bpf_htons(ETH_P_IPV6))
		return -1;
	outer->inner_family = gre.protocol == bpf_htons(ETH_P_IPV6) ? FL_FAMILY_IPV6
								    : FL_FAMILY_IPV4;
	return 0;
}

static __always_inline int outer_network(struct __sk_buff *skb, struct outer *outer)
{
	if (skb->protocol == bpf_htons(ETH_P_IP))
		return outer_ipv4(skb, outer);
	return skb->protocol == bpf_htons(ETH_P_IPV6) ? outer_ipv6(skb, outer) : -1;
}

/* 0, or -1 for what is no tunnel packet that we know. */
static __always_inline int outer_parse(struct __sk_buff *skb, struct outer *outer)
{
	if (outer_network(skb, outer))
		return -1;
	if (outer->protocol == IPPROTO_UDP)
		return outer_gue(skb, outer);
	if (outer->protocol == OUTER_GRE)
		return outer_gre(skb, outer);
	outer->kind = FL_DECAPSULATED_IPIP;
	return outer_inner_protocol(outer, outer->protocol);
}

#endif /* FL_DECAPSULATE_OUTER_H */
