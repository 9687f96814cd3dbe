/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Cutting a packet that may be fragmented (RFC 791 §3.2, RFC 8200 §4.5). The
 * kernel does not fragment what BPF redirects, so each fragment is written over
 * the packet and a copy of it sent. Copies need the neighbour's MAC: while it is
 * not known only the first fragment leaves, which makes the kernel ask for it.
 */
#ifndef FL_FORWARD_FRAGMENT_H
#define FL_FORWARD_FRAGMENT_H

#include <bpf/bpf_endian.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>

#include "checksum.h"
#include "forward/send.h"

#define IP_MORE 0x2000
#define IP_OFFSET 0x1fff
#define IPPROTO_FRAGMENT_HEADER 44
#define OPTION_NOP 1
#define OPTION_COPIED 0x80
/* More than the longest packet there is room for has at the smallest MTU. */
#define FRAGMENTS_MAX 512

struct fragment_header {
	__u8 next_header;
	__u8 reserved;
	__be16 offset; /* in octets, the lowest bit says that more follow */
	__be32 id;
};

struct cutting {
	struct __sk_buff *skb;
	__u32 interface;
	__u32 network_bytes; /* of the IP header */
	__u32 total; /* octets to be cut */
	__u32 step; /* octets of all fragments but the last */
	__u32 offset; /* of this fragment */
	__u32 resolved; /* the frame has the neighbour's MAC */
	__u32 failed;
	__be32 id; /* IPv6 */
	__u16 first_offset; /* IPv4: what was cut is a fragment itself */
	__u16 more; /* IPv4: and others follow it */
	__u8 family;
	__u8 next_header; /* IPv6 */
};

/* The IP header waits at the beginning of the room, and behind it what is cut. */
#define ROOM_HEADER_BYTES 64
#define ROOM_PAYLOAD_BYTES (ROOM_BYTES - ROOM_HEADER_BYTES)

static __always_inline int write_header_ipv4(const struct cutting *cutting, struct room *room,
					     __u32 bytes, int last)
{
	struct iphdr *ip = (void *)room->octets;
	__u32 header = cutting->network_bytes;
	__u16 offset = cutting->first_offset + cutting->offset / 8;

	ip->tot_len = bpf_htons(header + bytes);
	ip->frag_off = bpf_htons(offset | (last ? cutting->more : IP_MORE));
	ip->check = 0;
	ip->check = checksum_folded(sum_of(ip, masked(header, 0x3c), 0));
	return room_store(cutting->skb, sizeof(struct ethhdr), 0, header);
}

static __always_inline int write_header_ipv6(const struct cutting *cutting, struct room *room,
					     __u32 bytes, int last)
{
	struct ipv6hdr *ip = (void *)room->octets;
	struct fragment_header header = {
		.next_header = cutting->next_header,
		.offset = bpf_htons(cutting->offset | !last),
		.id = cutting->id,
	};

	ip->payload_len = bpf_htons(sizeof(header) + bytes);
	ip->nexthdr = IPPROTO_FRAGMENT_HEADER;
	return bpf_skb_store_bytes(cutting->skb, sizeof(struct ethhdr), ip, sizeof(*ip), 0) ||
	       bpf_skb_store_bytes(cutting->skb, sizeof(struct ethhdr) + sizeof(*ip), &header,
				   sizeof(header), 0);
}

struct option_walk {
	__u32 left; /* octets of the option at hand */
	__u32 kept;
};

/* One octet further in the options. */
static long option_step(__u32 index, void *data)
{
	struct option_walk *walk = data;
	struct room *room = room_get();
	__u32 at = sizeof(struct iphdr) + index;
	__u8 *octet;

	if (!room || at >= ROOM_HEADER_BYTES - 1)
		return 1;
	octet = room->octets + masked(at, ROOM_HEADER_BYTES - 1);
	if (!walk->left) {
		walk->left = octet[0] <= OPTION_NOP ? 1 : octet[1];
		walk->kept = octet[0] <= OPTION_NOP || octet[0] & OPTION_COPIED;
	}
	if (!walk->left)
		return 1;
	if (!walk->kept)
		octet[0] = OPTION_NOP;
	walk->left--;
	return 0;
}

/* Later fragments keep of the options those that are to be copied; the others become padding. */
__noinline int drop_uncopied_options(__u32 network_bytes)
{
	struct option_walk walk = {};

	bpf_loop(network_bytes - sizeof(struct iphdr), option_step, &walk, 0);
	return 0;
}

/* Writes one fragment over the packet, and sends a copy of it unless it is the last. */
static long cut_step(__u32 index, void *data)
{
	struct cutting *cutting = data;
	__u32 at = sizeof(struct ethhdr) + cutting->network_bytes, bytes = cutting->step;
	struct room *room = room_get();
	int last = cutting->offset + bytes >= cutting->total;

	cutting->failed = 1;
	if (!room)
		return 1;
	if (last)
		bytes = cutting->total - cutting->offset;
	if (cutting->family == FL_FAMILY_IPV6)
		at += sizeof(struct fragment_header);
	if (bpf_skb_change_tail(cutting->skb, at + bytes, 0) ||
	    (cutting->family == FL_FAMILY_IPV6 ? write_header_ipv6(cutting, room, bytes, last)
					       : write_header_ipv4(cutting, room, bytes, last)) ||
	    room_store(cutting->skb, at, ROOM_HEADER_BYTES + cutting->offset, bytes))
		return 1;
	if (!last && cutting->resolved && bpf_clone_redirect(cutting->skb, cutting->interface, 0))
		return 1;
	if (index == 0 && cutting->network_bytes > sizeof(struct iphdr) &&
	    cutting->family == FL_FAMILY_IPV4)
		drop_uncopied_options(cutting->network_bytes);
	cutting->offset += bytes;
	cutting->failed = 0;
	return last || !cutting->resolved;
}

/* Takes the packet apart into the room. */
static __always_inline int cut_open(struct cutting *cutting, __u32 mtu)
{
	struct __sk_buff *skb = cutting->skb;
	struct room *room = room_get();
	struct iphdr *ip;

	if (!room)
		return -1;
	ip = (void *)room->octets;
	if (bpf_skb_load_bytes(skb, sizeof(struct ethhdr), ip, 60))
		return -1;
	if (cutting->family == FL_FAMILY_IPV4) {
		cutting->network_bytes = ip->ihl * 4;
		cutting->first_offset = bpf_ntohs(ip->frag_off) & IP_OFFSET;
		cutting->more = bpf_ntohs(ip->frag_off) & IP_MORE;
		cutting->step = (mtu - cutting->network_bytes) & ~7;
	} else {
		cutting->network_bytes = sizeof(struct ipv6hdr);
		cutting->next_header = ((struct ipv6hdr *)ip)->nexthdr;
		cutting->id = bpf_get_prandom_u32();
		cutting->step = (mtu - sizeof(struct ipv6hdr) - sizeof(struct fragment_header)) &
				~7;
	}
	cutting->total = skb->len - sizeof(struct ethhdr) - cutting->network_bytes;
	if (cutting->total >= ROOM_PAYLOAD_BYTES || mtu < 128)
		return -1;
	return room_load(skb, sizeof(struct ethhdr) + cutting->network_bytes, ROOM_HEADER_BYTES,
			 cutting->total);
}

/* Fills in the frame's MACs, if they are known. */
static __noinline int cut_address(struct cutting *cutting, const struct next_hop *hop)
{
	__u8 next_family = hop->family == AF_INET6 ? FL_FAMILY_IPV6 : FL_FAMILY_IPV4;
	struct bpf_fib_lookup fib;
	struct ethhdr eth = {
		.h_proto = cutting->family == FL_FAMILY_IPV6 ? bpf_htons(ETH_P_IPV6)
							     : bpf_htons(ETH_P_IP),
	};

	if (fib_lookup(cutting->skb, &hop->address, next_family, 1, 0, &fib) ||
	    fib.ifindex != hop->interface)
		return -1;
	__builtin_memcpy(eth.h_dest, fib.dmac, ETH_ALEN);
	__builtin_memcpy(eth.h_source, fib.smac, ETH_ALEN);
	return bpf_skb_store_bytes(cutting->skb, 0, &eth, sizeof(eth), 0);
}

/* Sends a finished packet of this family in fragments. A TC action or why not. */
__noinline int send_in_fragments(struct __sk_buff *skb, const struct next_hop *hop, __u32 family)
{
	struct cutting cutting = { .skb = skb, .family = family };

	if (!hop || skb->gso_size)
		return -FL_REASON_CANNOT_FRAGMENT;
	cutting.interface = hop->interface;
	if (cut_open(&cutting, hop->mtu) || frame_renew(skb, sizeof(struct ethhdr) + 128))
		return -FL_REASON_CANNOT_FRAGMENT;
	cutting.resolved = !cut_address(&cutting, hop);
	bpf_loop(FRAGMENTS_MAX, cut_step, &cutting, 0);
	if (cutting.failed)
		return -FL_REASON_CANNOT_FRAGMENT;
	return tc_send(hop);
}

/*
 * A checksum that was left to the device covers the whole packet, which is about
 * to be gone. It is known by what stands in its place: the pseudo-header's sum.
 */
__noinline int complete_checksum(struct __sk_buff *skb, const struct packet *packet,
				 const struct fl_address *source, const struct fl_address *target)
{
	__u32 at, bytes, sum;
	struct sum_walk walk;
	__be16 stored, whole;

	if (!packet || !source || !target || packet->kind != PACKET_WHOLE ||
	    packet->key.protocol != IPPROTO_UDP)
		return 0;
	at = packet->transport + offsetof(struct udphdr, check);
	bytes = packet->bytes - (packet->transport - packet->network);
	sum = sum_of_pseudo(source, target, IPPROTO_UDP, bytes, 0);
	if (bpf_skb_load_bytes(skb, at, &stored, sizeof(stored)) ||
	    stored != (__be16)~checksum_folded(sum))
		return 0;
	sum_of_packet(skb, packet->transport, bytes, &walk);
	whole = checksum_folded(walk.sum) ?: 0xffff;
	return walk.failed ? -1 : bpf_skb_store_bytes(skb, at, &whole, sizeof(whole), 0);
}

#endif /* FL_FORWARD_FRAGMENT_H */
