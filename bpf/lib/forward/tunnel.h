/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Encapsulation (ip_vs_tunnel_xmit): IP in IP (RFC 2003, RFC 2473, RFC 4213), GUE
 * (draft-ietf-intarea-gue) over UDP, or GRE (RFC 2784), each family in each.
 *
 * An outer checksum covers the whole inner packet, but a part of that with a
 * right checksum of its own sums up to its pseudo-header: so does one whose
 * checksum the device is going to fill in. Packets the kernel has merged leave
 * without outer checksum, because it will not make one for each segment.
 */
#ifndef FL_FORWARD_TUNNEL_H
#define FL_FORWARD_TUNNEL_H

#include <bpf/bpf_endian.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include "checksum.h"
#include "forward/plan.h"
#include "forward/size.h"

#define IPPROTO_GRE_HEADER 47
#define GRE_HAS_CHECKSUM 0x8000
/* GUE's source port is the inner flow's hash, in the kernel's default range (ip_local_port_range). */
#define GUE_PORT_FIRST 32768
#define GUE_PORTS (60999 - GUE_PORT_FIRST)
#define IP_DF 0x4000
#define ECN_MASK 3
#define ECN_CE 3
#define ECN_ECT_0 2

/* Between the outer IP header and the inner packet. Only so much of it as its kind has. */
struct tunnel_header {
	union {
		struct {
			struct udphdr udp;
			__u8 hlen; /* version 0, data message, no extensions */
			__u8 protocol;
			__be16 flags;
		} gue;
		struct {
			__be16 flags;
			__be16 protocol;
			__be16 checksum; /* and the rest only with GRE_HAS_CHECKSUM */
			__be16 reserved;
		} gre;
		__be32 word[3];
	};
};

/* A remote checksum is for packets whose checksum the device fills in; others get an outer one instead. */
static __always_inline int has_checksum(struct __sk_buff *skb, const struct forward *forward)
{
	return forward->config.tunnel_flags & (FL_TUNNEL_CSUM | FL_TUNNEL_REMCSUM) &&
	       !is_merged(skb);
}

static __always_inline __u32 tunnel_header_bytes(struct __sk_buff *skb,
						 const struct forward *forward)
{
	if (forward->config.tunnel == FL_TUNNEL_GUE)
		return sizeof(struct tunnel_header);
	if (forward->config.tunnel == FL_TUNNEL_GRE)
		return has_checksum(skb, forward) ? 8 : 4;
	return 0;
}

static __always_inline __u32 network_header_bytes(__u8 family)
{
	return family == FL_FAMILY_IPV6 ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
}

/* By so much does a packet grow. */
static __always_inline __u32 tunnel_overhead(struct __sk_buff *skb, const struct forward *forward)
{
	return network_header_bytes(forward->server_family) + tunnel_header_bytes(skb, forward);
}

static __always_inline __u8 inner_protocol(const struct packet *packet)
{
	return packet->key.family == FL_FAMILY_IPV6 ? IPPROTO_IPV6 : IPPROTO_IPIP;
}

/* Congestion, once experienced, is not told outside: ECT(0) stands for it (RFC 3168 §9.1.1). */
static __always_inline __u8 outer_tos(__u8 tos)
{
	return (tos & ECN_MASK) == ECN_CE ? (tos & ~ECN_MASK) | ECN_ECT_0 : tos;
}

/* Whether what stands behind the network header has a sum that is known without reading it. */
static __always_inline int sums_up(struct __sk_buff *skb, const struct packet *packet)
{
	__be16 checksum = 0;

	if (packet->kind == PACKET_ICMP_ERROR)
		return 1;
	if (packet->kind != PACKET_WHOLE || packet->key.protocol == IPPROTO_SCTP)
		return 0;
	if (packet->key.protocol == IPPROTO_TCP)
		return 1;
	return !bpf_skb_load_bytes(skb, packet->transport + offsetof(struct udphdr, check),
				   &checksum, sizeof(checksum)) &&
	       checksum;
}

/* Of an IPv4 packet: the header sums up to nothing, the rest to what its pseudo-header lacks. */
static __always_inline int sum_of_inner_ipv4(struct __sk_buff *skb, const struct packet *packet,
					     __u32 *sum)
{
	__be32 addresses[2];
	__be32 rest[2] = { bpf_htonl(packet->bytes - (packet->transport - packet->network)),
			   bpf_htonl(packet->key.protocol) };

	if (packet->kind == PACKET_ICMP_ERROR)
		return 0;
	if (bpf_skb_load_bytes(skb, packet->network + offsetof(struct iphdr, saddr), addresses,
			       sizeof(addresses)))
		return -1;
	*sum = bpf_csum_diff(addresses, sizeof(addresses), NULL, 0, *sum);
	*sum = bpf_csum_diff(rest, sizeof(rest), NULL, 0, *sum);
	return 0;
}

/* Of an IPv6 packet: the addresses are in both, and so make up for each other. */
static __always_inline int sum_of_inner_ipv6(struct __sk_buff *skb, const struct packet *packet,
					     __u32 *sum)
{
	__u8 protocol = packet->kind == PACKET_ICMP_ERROR ? IPPROTO_ICMPV6 : packet->key.protocol;
	__u32 headers = packet->transport - packet->network - sizeof(struct ipv6hdr);
	__be32 rest[2] = { bpf_htonl(packet->bytes - (packet->transport - packet->network)),
			   bpf_htonl(protocol) };
	struct sum_walk walk;
	__be32 first[2];

	if (bpf_skb_load_bytes(skb, packet->network, first, sizeof(first)))
		return -1;
	if (headers) {
		sum_of_packet(skb, packet->network + sizeof(struct ipv6hdr), headers, &walk);
		if (walk.failed)
			return -1;
		*sum = sum_added(*sum, walk.sum);
	}
	*sum = bpf_csum_diff(rest, sizeof(rest), first, sizeof(first), *sum);
	return 0;
}

/* Adds the inner packet to a sum. */
static __noinline int sum_of_inner(struct __sk_buff *skb, const struct packet *packet, __u32 *sum)
{
	struct sum_walk walk;

	if (sums_up(skb, packet))
		return packet->key.family == FL_FAMILY_IPV6 ? sum_of_inner_ipv6(skb, packet, sum)
							    : sum_of_inner_ipv4(skb, packet, sum);
	sum_of_packet(skb, packet->network, packet->bytes, &walk);
	*sum = sum_added(*sum, walk.sum);
	return walk.failed ? -1 : 0;
}

static __always_inline void gue_header(struct __sk_buff *skb, const struct packet *packet,
				       const struct forward *forward, struct tunnel_header *header)
{
	__u32 hash = bpf_get_hash_recalc(skb);

	hash ^= hash << 16; /* as udp_flow_src_port: the upper half counts for most */
	header->gue.udp.source = bpf_htons(GUE_PORT_FIRST +
					   (__u32)(((__u64)hash * GUE_PORTS) >> 32));
	header->gue.udp.dest = forward->config.tunnel_port;
	header->gue.udp.len = bpf_htons(sizeof(*header) + packet->bytes);
	header->gue.protocol = inner_protocol(packet);
}

static __always_inline int gue_checksum(struct __sk_buff *skb, const struct packet *packet,
					const struct forward *forward, struct tunnel_header *header)
{
	__u32 sum = sum_of_pseudo(&forward->hop.source, &forward->server, IPPROTO_UDP,
				  sizeof(*header) + packet->bytes,
				  sum_of(header, sizeof(*header), 0));

	if (sum_of_inner(skb, packet, &sum))
		return -1;
	header->gue.udp.check = checksum_folded(sum) ?: 0xffff;
	return 0;
}

static __always_inline int gre_checksum(struct __sk_buff *skb, const struct packet *packet,
					struct tunnel_header *header)
{
	__u32 sum = sum_of(header, 8, 0);

	if (sum_of_inner(skb, packet, &sum))
		return -1;
	header->gre.checksum = checksum_folded(sum);
	return 0;
}

/* Fills in what goes between the IP headers, while the packet is still the client's. */
static __always_inline int tunnel_prepare(struct __sk_buff *skb, const struct packet *packet,
					  const struct forward *forward,
					  struct tunnel_header *header)
{
	int summed = has_checksum(skb, forward);

	if (forward->config.tunnel == FL_TUNNEL_GUE) {
		gue_header(skb, packet, forward, header);
		return summed ? gue_checksum(skb, packet, forward, header) : 0;
	}
	if (forward->config.tunnel == FL_TUNNEL_GRE) {
		header->gre.protocol = packet->key.family == FL_FAMILY_IPV6 ? bpf_htons(ETH_P_IPV6)
									    : bpf_htons(ETH_P_IP);
		header->gre.flags = summed ? bpf_htons(GRE_HAS_CHECKSUM) : 0;
		return summed ? gre_checksum(skb, packet, header) : 0;
	}
	return 0;
}

static __always_inline __u8 outer_protocol(const struct packet *packet,
					   const struct forward *forward)
{
	if (forward->config.tunnel == FL_TUNNEL_GUE)
		return IPPROTO_UDP;
	return forward->config.tunnel == FL_TUNNEL_GRE ? IPPROTO_GRE_HEADER
						       : inner_protocol(packet);
}

static __always_inline int outer_ipv4(struct __sk_buff *skb, const struct packet *packet,
				      const struct forward *forward, __u32 bytes)
{
	int dont_fragment = packet->key.family == FL_FAMILY_IPV4 && packet->dont_fragment &&
			    pmtu_discovery();
	struct iphdr ip = {
		.version = 4,
		.ihl = sizeof(ip) / 4,
		.tos = outer_tos(packet->tos),
		.tot_len = bpf_htons(bytes),
		.id = dont_fragment ? 0 : bpf_get_prandom_u32(),
		.frag_off = dont_fragment ? bpf_htons(IP_DF) : 0,
		.ttl = packet->ttl - 1,
		.protocol = outer_protocol(packet, forward),
		.saddr = forward->hop.source.word[0],
		.daddr = forward->server.word[0],
	};

	ip.check = checksum_folded(sum_of(&ip, sizeof(ip), 0));
	return bpf_skb_store_bytes(skb, sizeof(struct ethhdr), &ip, sizeof(ip), 0);
}

static __always_inline int outer_ipv6(struct __sk_buff *skb, const struct packet *packet,
				      const struct forward *forward, __u32 bytes)
{
	__u8 tos = outer_tos(packet->tos);
	struct ipv6hdr ip = {
		.version = 6,
		.priority = tos >> 4,
		.flow_lbl = { tos << 4 },
		.payload_len = bpf_htons(bytes - sizeof(ip)),
		.nexthdr = outer_protocol(packet, forward),
		.hop_limit = packet->ttl - 1,
	};

	__builtin_memcpy(&ip.saddr, &forward->hop.source, sizeof(ip.saddr));
	__builtin_memcpy(&ip.daddr, &forward->server, sizeof(ip.daddr));
	return bpf_skb_store_bytes(skb, sizeof(struct ethhdr), &ip, sizeof(ip), 0);
}

/* Merged TCP whose segments would no longer fit is cut into smaller ones. */
static __always_inline __u64 room_flags(struct __sk_buff *skb, const struct packet *packet,
					const struct forward *forward)
{
	__u64 flags = forward->server_family == FL_FAMILY_IPV6 ? BPF_F_ADJ_ROOM_ENCAP_L3_IPV6
							       : BPF_F_ADJ_ROOM_ENCAP_L3_IPV4;

	if (forward->config.tunnel == FL_TUNNEL_GUE)
		flags |= BPF_F_ADJ_ROOM_ENCAP_L4_UDP;
	if (forward->config.tunnel == FL_TUNNEL_GRE)
		flags |= BPF_F_ADJ_ROOM_ENCAP_L4_GRE;
	if (packet->key.protocol != IPPROTO_TCP ||
	    wire_bytes(skb, packet) + tunnel_overhead(skb, forward) <= forward->hop.mtu)
		flags |= BPF_F_ADJ_ROOM_FIXED_GSO;
	return flags;
}

/*
 * Room in front of a packet that will be cut, which the kernel does not allow of
 * one it knows to be encapsulated. Only IPv4 is ever cut, so the first step to
 * another family adds octets and loses none.
 */
static __always_inline int make_plain_room(struct __sk_buff *skb, const struct forward *forward,
					   __u32 bytes)
{
	const __u32 longer = sizeof(struct ipv6hdr) - sizeof(struct iphdr);

	if (forward->server_family == FL_FAMILY_IPV6) {
		if (bpf_skb_change_proto(skb, bpf_htons(ETH_P_IPV6), 0))
			return -1;
		bytes -= longer;
	}
	return bpf_skb_adjust_room(skb, bytes, BPF_ADJ_ROOM_MAC, 0);
}

/* Puts the outer headers in front of the packet, which is then cut or not. 0, or why not. */
__noinline int encapsulate(struct __sk_buff *skb, const struct packet *packet,
			   const struct forward *forward, int cut)
{
	struct tunnel_header header = {};
	__u32 bytes, network, between;

	if (!packet || !forward || trim_padding(skb, packet))
		return -FL_REASON_CANNOT_ENCAPSULATE;
	network = network_header_bytes(forward->server_family);
	between = tunnel_header_bytes(skb, forward);
	bytes = network + between + packet->bytes;
	if (tunnel_prepare(skb, packet, forward, &header))
		return -FL_REASON_CANNOT_ENCAPSULATE;
	if (cut ? make_plain_room(skb, forward, network + between)
		: bpf_skb_adjust_room(skb, network + between, BPF_ADJ_ROOM_MAC,
				      room_flags(skb, packet, forward)))
		return -FL_REASON_CANNOT_ENCAPSULATE;
	if (forward->server_family == FL_FAMILY_IPV6 ? outer_ipv6(skb, packet, forward, bytes)
						     : outer_ipv4(skb, packet, forward, bytes))
		return -FL_REASON_CANNOT_ENCAPSULATE;
	if (between > sizeof(header))
		between = sizeof(header);
	if (between &&
	    bpf_skb_store_bytes(skb, sizeof(struct ethhdr) + network, &header, between, 0))
		return -FL_REASON_CANNOT_ENCAPSULATE;
	return 0;
}

#endif /* FL_FORWARD_TUNNEL_H */
