/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How large packets are on the wire. One that the kernel has merged, and will
 * cut again on its way out, counts by its segments.
 */
#ifndef FL_FORWARD_SIZE_H
#define FL_FORWARD_SIZE_H

#include <bpf/bpf_endian.h>
#include <linux/if_ether.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "packet.h"

/* Segments of SCTP have sizes of their own, of which nothing is known here. */
#define GSO_BY_FRAGS 0xffff

static __always_inline int is_merged(const struct __sk_buff *skb)
{
	return skb->gso_size != 0;
}

/* IP octets of the packet, or of its largest segment. */
static __always_inline __u32 wire_bytes(struct __sk_buff *skb, const struct packet *packet)
{
	__u32 headers = packet->transport - packet->network, size = skb->gso_size;
	__u8 data_offset = 0;

	if (!size)
		return packet->bytes;
	if (size == GSO_BY_FRAGS)
		return 0;
	if (packet->key.protocol == IPPROTO_UDP)
		return headers + sizeof(struct udphdr) + size;
	/* The TCP header's length is in the upper half of its 13th octet. */
	if (bpf_skb_load_bytes(skb, packet->transport + 12, &data_offset, 1))
		return packet->bytes;
	return headers + (data_offset >> 4) * 4 + size;
}

/* What Ethernet has put behind a short packet is not part of it, and must not be sent on as such. */
static __always_inline int trim_padding(struct __sk_buff *skb, const struct packet *packet)
{
	__u32 bytes = packet->network + packet->bytes;

	if (is_merged(skb) || skb->len <= bytes)
		return 0;
	return bpf_skb_change_tail(skb, bytes, 0);
}

#endif /* FL_FORWARD_SIZE_H */
