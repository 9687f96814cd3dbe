/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Translation of an address and a port (ip_vs_nat_xmit and the protocols' snat
 * and dnat handlers): of the target on the way to the real server, of the source
 * on the way back. The kernel's helpers know checksums that are left to the device.
 */
#ifndef FL_FORWARD_MASQ_H
#define FL_FORWARD_MASQ_H

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "checksum.h"
#include "forward/crc32c.h"
#include "forward/size.h"
#include "packet.h"

#define SCTP_CHECKSUM_OFFSET 8
#define ICMP_CHECKSUM_OFFSET 2

enum translated_end {
	TRANSLATED_TARGET,
	TRANSLATED_SOURCE,
};

struct translation {
	struct fl_address from;
	struct fl_address to;
	__be16 from_port;
	__be16 to_port;
	__u32 end; /* enum translated_end */
};

static __always_inline __u32 address_offset(__u32 network, __u8 family, __u32 end)
{
	if (family == FL_FAMILY_IPV6)
		return network + (end == TRANSLATED_SOURCE ? offsetof(struct ipv6hdr, saddr)
							   : offsetof(struct ipv6hdr, daddr));
	return network + (end == TRANSLATED_SOURCE ? offsetof(struct iphdr, saddr)
						   : offsetof(struct iphdr, daddr));
}

/* All three protocols begin with the source port and the target port. */
static __always_inline __u32 port_offset(__u32 transport, __u32 end)
{
	return transport + (end == TRANSLATED_SOURCE ? 0 : sizeof(__be16));
}

/* Writes an address into an IP header, with its checksum where it has one. */
static __always_inline int address_write(struct __sk_buff *skb, __u32 network, __u8 family,
					 __u32 end, const struct fl_address *from,
					 const struct fl_address *to)
{
	__u32 at = address_offset(network, family, end);

	if (family == FL_FAMILY_IPV6)
		return bpf_skb_store_bytes(skb, at, to, sizeof(*to), 0);
	return bpf_l3_csum_replace(skb, network + offsetof(struct iphdr, check), from->word[0],
				   to->word[0], sizeof(__be32)) ||
	       bpf_skb_store_bytes(skb, at, to, sizeof(__be32), 0);
}

/* A checksum over a pseudo-header. `flags`: BPF_F_MARK_MANGLED_0 where 0 means that there is none. */
static __always_inline int checksum_rewrite(struct __sk_buff *skb, __u32 at, __u8 family,
					    const struct translation *change, __u64 flags)
{
	__u64 pseudo = flags | BPF_F_PSEUDO_HDR;

	if (family == FL_FAMILY_IPV6) {
		__u32 sum = sum_of_change(&change->from, &change->to, sizeof(change->to));

		if (bpf_l4_csum_replace(skb, at, 0, sum, pseudo))
			return -1;
	} else if (bpf_l4_csum_replace(skb, at, change->from.word[0], change->to.word[0],
				       pseudo | sizeof(__be32))) {
		return -1;
	}
	return bpf_l4_csum_replace(skb, at, change->from_port, change->to_port,
				   flags | sizeof(__be16));
}

/* SCTP's CRC does not cover addresses. 0 is one that is left to the device. */
static __always_inline int sctp_rewrite(struct __sk_buff *skb, const struct packet *packet,
					const struct translation *change)
{
	__u32 at = packet->transport + SCTP_CHECKSUM_OFFSET, sum;
	__u32 difference = change->from_port ^ change->to_port;

	if (!difference)
		return 0;
	/* The CRC is of the whole, of which only a part is here. */
	if (packet->kind != PACKET_WHOLE || bpf_skb_load_bytes(skb, at, &sum, sizeof(sum)))
		return -1;
	if (!sum)
		return 0;
	if (change->end == TRANSLATED_TARGET)
		difference <<= 16;
	sum ^= crc_change(difference, packet->bytes - (packet->transport - packet->network));
	return bpf_skb_store_bytes(skb, at, &sum, sizeof(sum), 0);
}

static __always_inline int transport_rewrite(struct __sk_buff *skb, const struct packet *packet,
					     const struct translation *change)
{
	__u32 transport = packet->transport;

	switch (packet->key.protocol) {
	case IPPROTO_TCP:
		return checksum_rewrite(skb, transport + offsetof(struct tcphdr, check),
					packet->key.family, change, 0);
	case IPPROTO_UDP:
		return checksum_rewrite(skb, transport + offsetof(struct udphdr, check),
					packet->key.family, change, BPF_F_MARK_MANGLED_0);
	default:
		return sctp_rewrite(skb, packet, change);
	}
}

/* UDP may come without a checksum; translated, it gets one (udp_dnat_handler()). */
static __noinline int udp_add_checksum(struct __sk_buff *skb, const struct packet *packet,
				       const struct translation *change)
{
	__u32 at = packet->transport + offsetof(struct udphdr, check), sum;
	__u32 bytes = packet->bytes - (packet->transport - packet->network);
	const struct fl_address *source = &packet->key.client, *target = &packet->key.vip;
	struct sum_walk walk;
	__be16 checksum = 0;

	if (packet->kind != PACKET_WHOLE || is_merged(skb) ||
	    bpf_skb_load_bytes(skb, at, &checksum, sizeof(checksum)) || checksum)
		return 0;
	sum_of_packet(skb, packet->transport, bytes, &walk);
	if (walk.failed)
		return -1;
	if (change->end == TRANSLATED_SOURCE)
		source = &change->to;
	else
		target = &change->to;
	sum = sum_of_pseudo(source, target, IPPROTO_UDP, bytes, walk.sum);
	checksum = checksum_folded(sum) ?: 0xffff;
	return bpf_skb_store_bytes(skb, at, &checksum, sizeof(checksum), 0);
}

/* TCP, UDP and SCTP. Of later fragments only the address is there to be changed. */
__noinline int translate(struct __sk_buff *skb, const struct packet *packet,
			 const struct translation *change)
{
	if (!packet || !change)
		return -FL_REASON_CANNOT_TRANSLATE;
	if (packet->kind != PACKET_LATER_FRAGMENT &&
	    (transport_rewrite(skb, packet, change) ||
	     bpf_skb_store_bytes(skb, port_offset(packet->transport, change->end), &change->to_port,
				 sizeof(change->to_port), 0)))
		return -FL_REASON_CANNOT_TRANSLATE;
	if (address_write(skb, packet->network, packet->key.family, change->end, &change->from,
			  &change->to) ||
	    (packet->key.protocol == IPPROTO_UDP && udp_add_checksum(skb, packet, change)))
		return -FL_REASON_CANNOT_TRANSLATE;
	return 0;
}

/*
 * An ICMP error: its own address, whatever it was, and of the packet it quotes the
 * other end, with the port (ip_vs_nat_icmp). Of IPv4 the quoted header's sum makes
 * up for its address, so only the port changes ICMP's sum.
 */
__noinline int translate_icmp(struct __sk_buff *skb, const struct packet *packet,
			      const struct translation *change)
{
	struct fl_address outer = {};
	__u32 at, inner_end, size;
	__u8 family;

	if (!packet || !change)
		return -FL_REASON_CANNOT_TRANSLATE;
	family = packet->key.family;
	inner_end = change->end == TRANSLATED_TARGET ? TRANSLATED_SOURCE : TRANSLATED_TARGET;
	at = packet->transport + ICMP_CHECKSUM_OFFSET;
	size = family == FL_FAMILY_IPV6 ? sizeof(outer) : sizeof(__be32);
	if (bpf_skb_load_bytes(skb, address_offset(packet->network, family, change->end), &outer,
			       size))
		return -FL_REASON_CANNOT_TRANSLATE;
	if (family == FL_FAMILY_IPV6) {
		__u32 own = sum_of_change(&outer, &change->to, sizeof(outer));
		__u32 quoted = sum_of_change(&change->from, &change->to, sizeof(outer));

		if (bpf_l4_csum_replace(skb, at, 0, own, BPF_F_PSEUDO_HDR) ||
		    bpf_l4_csum_replace(skb, at, 0, quoted, 0))
			return -FL_REASON_CANNOT_TRANSLATE;
	}
	if (bpf_l4_csum_replace(skb, at, change->from_port, change->to_port, sizeof(__be16)) ||
	    address_write(skb, packet->network, family, change->end, &outer, &change->to) ||
	    address_write(skb, packet->inner_network, family, inner_end, &change->from,
			  &change->to) ||
	    bpf_skb_store_bytes(skb, port_offset(packet->inner_transport, inner_end),
				&change->to_port, sizeof(change->to_port), 0))
		return -FL_REASON_CANNOT_TRANSLATE;
	return 0;
}

static __always_inline int masq(struct __sk_buff *skb, const struct packet *packet,
				const struct translation *change)
{
	return packet->kind == PACKET_ICMP_ERROR ? translate_icmp(skb, packet, change)
						 : translate(skb, packet, change);
}

#endif /* FL_FORWARD_MASQ_H */
