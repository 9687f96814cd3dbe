/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ICMP errors to the client, in place of the packet they are about (RFC 792), as
 * Linux writes them for IPVS: from the virtual address, quoting the packet as far
 * as it goes into 576 octets (RFC 1812 §4.3.2.3), with its type of service and
 * precedence "internetwork control" (§4.3.2.5). TC only.
 */
#ifndef FL_ICMP_H
#define FL_ICMP_H

#include <linux/pkt_cls.h>

#include "next_hop.h"
#include "packet.h"

#define ICMP_BYTES_MAX 576
#define ICMP_QUOTE_MAX (ICMP_BYTES_MAX - sizeof(struct iphdr) - sizeof(struct icmp_error))
#define ICMP_TOS 0xc0 /* internetwork control */
#define ICMP_TOS_KEPT 0x1e /* of the packet's own (ip.h: IPTOS_TOS_MASK) */
#define ICMP_TTL 64 /* net.ipv4.ip_default_ttl */
/* A flood is not answered with a flood: so many a second and CPU (net.ipv4.icmp_msgs_per_sec). */
#define ICMP_PER_SECOND 1000

enum icmp_answer {
	ICMP_PORT_UNREACHABLE = 3 << 8 | 3, /* type << 8 | code */
	ICMP_TIME_EXCEEDED = 11 << 8 | 0,
};

struct icmp_error {
	__u8 type;
	__u8 code;
	__be16 checksum;
	__be32 unused;
};

struct icmp_budget {
	__u32 stamp; /* the second, more or less */
	__u32 sent; /* in it */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct icmp_budget);
} icmp_budgets SEC(".maps");

static __always_inline int icmp_may_be_sent(void)
{
	__u32 zero = 0, stamp = clock_stamp(clock_now());
	struct icmp_budget *budget = bpf_map_lookup_elem(&icmp_budgets, &zero);

	if (!budget)
		return 0;
	if (budget->stamp != stamp) {
		budget->stamp = stamp;
		budget->sent = 0;
	}
	return budget->sent++ < ICMP_PER_SECOND;
}

/* Who cannot be answered: broadcast, multicast, loopback and 0.0.0.0 (RFC 1122 §3.2.2). */
static __always_inline int is_answerable(__be32 address)
{
	__u32 first = bpf_ntohl(address) >> 24;

	return first != 0 && first != 127 && first < 224;
}

static __always_inline __be16 checksum_folded(__u64 sum)
{
	for (int i = 0; i < 4; i++)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

struct checksum_walk {
	struct __sk_buff *skb;
	__u32 offset;
	__u32 bytes; /* left */
	__u64 sum;
};

/* Two octets further, the last one padded with 0. */
static long checksum_step(__u32 index, void *data)
{
	struct checksum_walk *walk = data;
	__u16 word = 0;

	if (!walk->bytes)
		return 1;
	if (bpf_skb_load_bytes(walk->skb, walk->offset, &word, walk->bytes > 1 ? 2 : 1))
		return 1;
	walk->sum += word;
	walk->offset += 2;
	walk->bytes -= walk->bytes > 1 ? 2 : 1;
	return 0;
}

/* Puts an error in the place of the packet, whose first `quoted` octets it quotes. */
static __always_inline int icmp_write(struct __sk_buff *skb, const struct packet *packet,
				      enum icmp_answer answer, __u8 tos, __u32 quoted)
{
	const __u32 headers = sizeof(struct iphdr) + sizeof(struct icmp_error);
	struct checksum_walk walk = { .skb = skb };
	struct icmp_error error = { .type = answer >> 8, .code = answer & 0xff };
	struct iphdr ip = {
		.version = 4,
		.ihl = sizeof(ip) / 4,
		.tos = ICMP_TOS | (tos & ICMP_TOS_KEPT),
		.tot_len = bpf_htons(headers + quoted),
		.id = bpf_get_prandom_u32(),
		.ttl = ICMP_TTL,
		.protocol = IPPROTO_ICMP,
		.saddr = packet->key.virtual_address,
		.daddr = packet->key.client_address,
	};

	if (bpf_skb_change_tail(skb, sizeof(struct ethhdr) + quoted, 0) ||
	    bpf_skb_adjust_room(skb, headers, BPF_ADJ_ROOM_MAC, 0))
		return -1;
	ip.check = checksum_folded(bpf_csum_diff(NULL, 0, (__be32 *)&ip, sizeof(ip), 0));
	walk.sum = bpf_csum_diff(NULL, 0, (__be32 *)&error, sizeof(error), 0);
	walk.offset = sizeof(struct ethhdr) + headers;
	walk.bytes = quoted;
	bpf_loop(ICMP_QUOTE_MAX / 2 + 1, checksum_step, &walk, 0);
	error.checksum = checksum_folded(walk.sum);
	return bpf_skb_store_bytes(skb, sizeof(struct ethhdr), &ip, sizeof(ip), 0) ||
	       bpf_skb_store_bytes(skb, sizeof(struct ethhdr) + sizeof(ip), &error, sizeof(error),
				   0);
}

/* Answers the packet and is done with it. A TC action. */
static __noinline int icmp_answer(struct __sk_buff *skb, const struct packet *packet,
				  enum icmp_answer answer)
{
	struct bpf_fib_lookup fib;
	struct bpf_redir_neigh to = {};
	__u32 quoted = packet->bytes;
	long route;
	__u8 tos;

	if (quoted > ICMP_QUOTE_MAX)
		quoted = ICMP_QUOTE_MAX;
	if (!is_answerable(packet->key.client_address) || skb->gso_segs > 1 || !icmp_may_be_sent())
		return TC_ACT_SHOT;
	route = fib_lookup(skb, packet->key.client_address, &fib);
	if (route != BPF_FIB_LKUP_RET_SUCCESS && route != BPF_FIB_LKUP_RET_NO_NEIGH)
		return TC_ACT_SHOT;
	if (bpf_skb_load_bytes(skb, sizeof(struct ethhdr) + offsetof(struct iphdr, tos), &tos, 1) ||
	    icmp_write(skb, packet, answer, tos, quoted))
		return TC_ACT_SHOT;
	to.nh_family = AF_INET;
	to.ipv4_nh = fib.ipv4_dst;
	return bpf_redirect_neigh(fib.ifindex, &to, sizeof(to), 0);
}

#endif /* FL_ICMP_H */
