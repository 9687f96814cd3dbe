/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* IPv6 extension headers (RFC 8200 §4), read by copies. */
#ifndef FL_PARSE_EXTENSIONS_H
#define FL_PARSE_EXTENSIONS_H

#include "parse/network.h"

#define IPV6_FRAGMENT_OFFSET 0xfff8
#define IPV6_MORE_FRAGMENTS 1

/* More extension headers than this nobody sends in good faith. */
#define EXTENSIONS_MAX 8

struct ipv6_extension {
	__u8 next;
	__u8 length; /* in units of 8 octets, less the first; of a fragment header: reserved */
	__be16 fragment;
	__be32 fragment_id;
};

/* Where a walk along IPv6 headers stands. */
struct header_walk {
	__u32 offset;
	__u32 fragment_id;
	__u8 next; /* what stands at the offset */
	__u8 kind; /* enum packet_kind */
	__u8 extensions; /* walked over */
};

static __always_inline int is_extension(__u8 header)
{
	return header == IPPROTO_HOPOPTS || header == IPPROTO_ROUTING ||
	       header == IPPROTO_DSTOPTS || header == IPPROTO_FRAGMENT;
}

/* To the first header that is no extension. */
static __always_inline enum parse_result walk_extensions(void *ctx, int xdp,
							 struct header_walk *walk)
{
	for (int i = 0; i < EXTENSIONS_MAX; i++) {
		struct ipv6_extension header;
		__u16 fragment;

		if (!is_extension(walk->next))
			return PARSE_OK;
		if (packet_load(ctx, xdp, walk->offset, &header, sizeof(header)))
			return PARSE_MALFORMED;
		walk->extensions++;
		if (walk->next != IPPROTO_FRAGMENT) {
			walk->offset += (header.length + 1) * 8;
			walk->next = header.next;
			continue;
		}
		walk->offset += sizeof(header);
		walk->next = header.next;
		walk->fragment_id = header.fragment_id;
		fragment = bpf_ntohs(header.fragment);
		if (fragment & IPV6_FRAGMENT_OFFSET) {
			walk->kind = PACKET_LATER_FRAGMENT;
			return PARSE_OK;
		}
		if (fragment & IPV6_MORE_FRAGMENTS)
			walk->kind = PACKET_FIRST_FRAGMENT;
	}
	return is_extension(walk->next) ? PARSE_NOT_OURS : PARSE_OK;
}

#endif /* FL_PARSE_EXTENSIONS_H */
