/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The inside of a tunnel packet: is it for a virtual address, is it whole, was it congested. */
#ifndef FL_DECAPSULATE_INNER_H
#define FL_DECAPSULATE_INNER_H

#include "decapsulate/outer.h"

#define ECN_BITS 3
#define ECN_EXPERIENCED 3

struct inner {
	struct fl_realserver_vip target;
	__u32 bytes;
	__u8 tos;
};

static __always_inline int inner_ipv4(struct __sk_buff *skb, const struct outer *outer,
				      struct inner *inner)
{
	struct iphdr ip;

	if (outer_load(skb, outer, &ip, sizeof(ip)) || ip.version != 4)
		return -1;
	inner->target.address.word[0] = ip.daddr;
	inner->bytes = bpf_ntohs(ip.tot_len);
	inner->tos = ip.tos;
	return 0;
}

static __always_inline int inner_ipv6(struct __sk_buff *skb, const struct outer *outer,
				      struct inner *inner)
{
	struct ipv6hdr ip;

	if (outer_load(skb, outer, &ip, sizeof(ip)) || ip.version != 6)
		return -1;
	__builtin_memcpy(&inner->target.address, &ip.daddr, sizeof(inner->target.address));
	inner->bytes = bpf_ntohs(ip.payload_len) + sizeof(ip);
	inner->tos = ip.priority << 4 | ip.flow_lbl[0] >> 4;
	return 0;
}

/* 0, or -1 for what is for no virtual address of ours. */
static __always_inline int inner_parse(struct __sk_buff *skb, const struct outer *outer,
				       struct inner *inner)
{
	inner->target.family = outer->inner_family;
	if (outer->inner_family == FL_FAMILY_IPV6 ? inner_ipv6(skb, outer, inner)
						  : inner_ipv4(skb, outer, inner))
		return -1;
	return bpf_map_lookup_elem(&realserver_vips, &inner->target) ? 0 : -1;
}

/*
 * A fragment's lengths are not the whole's. Packets the kernel has merged may have
 * lengths of one of their parts, or none (BIG TCP).
 */
static __always_inline int inner_fits(struct __sk_buff *skb, const struct outer *outer,
				      const struct inner *inner)
{
	return skb->gso_size || (outer->bytes <= skb->len - sizeof(struct ethhdr) &&
				 outer->headers + inner->bytes <= outer->bytes);
}

static __always_inline int was_congested(const struct outer *outer)
{
	return (outer->tos & ECN_BITS) == ECN_EXPERIENCED;
}

/* Writes "congestion experienced" into the inner header, from outside (RFC 6040 §4.2). */
static __always_inline int inner_congested(struct __sk_buff *skb, const struct outer *outer,
					   const struct inner *inner)
{
	__u32 at = sizeof(struct ethhdr) + outer->headers;
	__u8 tos = inner->tos | ECN_EXPERIENCED;
	__be16 was, is; /* version and what comes before the flow label or the length */

	if (bpf_skb_load_bytes(skb, at, &was, sizeof(was)))
		return -1;
	if (outer->inner_family == FL_FAMILY_IPV6) {
		is = was | bpf_htons(ECN_EXPERIENCED << 4);
		return bpf_skb_store_bytes(skb, at, &is, sizeof(is), BPF_F_RECOMPUTE_CSUM);
	}
	is = (was & bpf_htons(0xff00)) | bpf_htons(tos);
	if (bpf_l3_csum_replace(skb, at + offsetof(struct iphdr, check), was, is, sizeof(is)))
		return -1;
	return bpf_skb_store_bytes(skb, at, &is, sizeof(is), 0);
}

#endif /* FL_DECAPSULATE_INNER_H */
