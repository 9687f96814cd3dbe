/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ICMP errors (RFC 792, RFC 4443) in place of the packet they are about, as Linux
 * writes them for IPVS: from the virtual address, quoting the packet as far as it
 * goes into 576 octets (RFC 1812 §4.3.2.3) or 1280, and over IPv4 with its type of
 * service and precedence "internetwork control" (§4.3.2.5). TC only.
 */
#ifndef FL_ICMP_H
#define FL_ICMP_H

#include <linux/pkt_cls.h>

#include "checksum.h"
#include "count.h"
#include "forward/plan.h"
#include "forward/send.h"

#define ICMP_BYTES_MAX 576
#define ICMPV6_BYTES_MAX 1280
#define ICMP_TOS 0xc0 /* internetwork control */
#define ICMP_TOS_KEPT 0x1e /* of the packet's own (ip.h: IPTOS_TOS_MASK) */
#define ICMP_TTL 64 /* net.ipv4.ip_default_ttl */
/* A flood is not answered with a flood: so many a second and CPU (net.ipv4.icmp_msgs_per_sec). */
#define ICMP_PER_SECOND 1000

/* What may be wrong; type and code depend on the family. */
enum icmp_answer {
	ICMP_PORT_UNREACHABLE,
	ICMP_HOST_UNREACHABLE,
	ICMP_TIME_EXCEEDED,
	ICMP_TOO_BIG, /* fragmentation needed */
};

/* With type and code: from the director's own address, where the packet was not for a virtual one. */
#define ICMP_FROM_ROUTE 0x10000

struct icmp_error {
	__u8 type;
	__u8 code;
	__be16 checksum;
	__be32 rest; /* the MTU, or 0: IPv4 has it in 16 bits, which are the last here, too */
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

/* Who cannot be answered: broadcast, multicast, loopback and nobody (RFC 1122 §3.2.2, RFC 4443 §2.4). */
static __always_inline int is_answerable(const struct fl_address *address, __u8 family)
{
	__u32 first = bpf_ntohl(address->word[0]) >> 24;

	if (family == FL_FAMILY_IPV6)
		return first != 0xff && (address->word[0] | address->word[1] | address->word[2]);
	return first != 0 && first != 127 && first < 224;
}

/* No errors about errors, nor about any fragment but the first. */
static __always_inline int is_worth_an_answer(const struct packet *packet)
{
	return packet->kind != PACKET_ICMP_ERROR && packet->kind != PACKET_LATER_FRAGMENT &&
	       is_answerable(&packet->key.client, packet->key.family);
}

/* Type << 8 | code. */
static __always_inline __u32 icmp_type_code(enum icmp_answer answer, __u8 family)
{
	int ipv6 = family == FL_FAMILY_IPV6;

	switch (answer) {
	case ICMP_PORT_UNREACHABLE:
		return ipv6 ? 1 << 8 | 4 : 3 << 8 | 3;
	case ICMP_HOST_UNREACHABLE:
		return ipv6 ? 1 << 8 | 3 : 3 << 8 | 1;
	case ICMP_TIME_EXCEEDED:
		return ipv6 ? 3 << 8 : 11 << 8;
	default: /* ICMP_TOO_BIG */
		return ipv6 ? 2 << 8 : 3 << 8 | 4;
	}
}

/* Takes the packet's first octets out, with zeros behind them up to a whole step of summing. */
static __always_inline int quote(struct __sk_buff *skb, struct room *room, __u32 bytes)
{
	const __u32 words = ICMPV6_BYTES_MAX / sizeof(__u64);
	volatile __u64 *
		word = (__u64 *)
			       room->octets; /* else the compiler calls memset(), which BPF lacks */

	for (__u32 i = 0; i < words; i++)
		word[i] = 0;
	return room_load(skb, sizeof(struct ethhdr), 0, bytes);
}

static __always_inline __u32 sum_of_quote(const struct room *room, __u32 sum)
{
	for (__u32 at = 0; at < ICMPV6_BYTES_MAX; at += SUM_STEP)
		sum = sum_of(room->octets + at, SUM_STEP, sum);
	return sum;
}

static __always_inline int write_ipv4(struct __sk_buff *skb, const struct fl_address *source,
				      const struct fl_address *target, __u8 tos, __u32 bytes)
{
	struct iphdr ip = {
		.version = 4,
		.ihl = sizeof(ip) / 4,
		.tos = ICMP_TOS | (tos & ICMP_TOS_KEPT),
		.tot_len = bpf_htons(sizeof(ip) + bytes),
		.id = bpf_get_prandom_u32(),
		.ttl = ICMP_TTL,
		.protocol = IPPROTO_ICMP,
		.saddr = source->word[0],
		.daddr = target->word[0],
	};

	ip.check = checksum_folded(sum_of(&ip, sizeof(ip), 0));
	return bpf_skb_store_bytes(skb, sizeof(struct ethhdr), &ip, sizeof(ip), 0);
}

static __always_inline int write_ipv6(struct __sk_buff *skb, const struct fl_address *source,
				      const struct fl_address *target, __u32 bytes)
{
	struct ipv6hdr ip = {
		.version = 6,
		.payload_len = bpf_htons(bytes),
		.nexthdr = IPPROTO_ICMPV6,
		.hop_limit = ICMP_TTL,
	};

	__builtin_memcpy(&ip.saddr, source, sizeof(*source));
	__builtin_memcpy(&ip.daddr, target, sizeof(*target));
	return bpf_skb_store_bytes(skb, sizeof(struct ethhdr), &ip, sizeof(ip), 0);
}

static __always_inline __u32 icmp_headers(const struct packet *packet)
{
	return sizeof(struct icmp_error) + (packet->key.family == FL_FAMILY_IPV6
						    ? sizeof(struct ipv6hdr)
						    : sizeof(struct iphdr));
}

/* So many octets of the packet are quoted: as many as fit. */
static __always_inline __u32 icmp_quoted(const struct packet *packet)
{
	__u32 most = packet->key.family == FL_FAMILY_IPV6 ? ICMPV6_BYTES_MAX : ICMP_BYTES_MAX;

	most -= icmp_headers(packet);
	return packet->bytes < most ? packet->bytes : most;
}

/* Puts an error in the place of the packet. */
static __noinline int icmp_write(struct __sk_buff *skb, const struct packet *packet,
				 const struct fl_address *source, struct icmp_error *error)
{
	const struct fl_address *target = &packet->key.client;
	int ipv6 = packet->key.family == FL_FAMILY_IPV6;
	__u32 quoted = icmp_quoted(packet), bytes = sizeof(*error) + quoted, sum;
	__u32 end = sizeof(struct ethhdr) + icmp_headers(packet), at = end - sizeof(*error);
	struct room *room = room_get();

	if (!room || quote(skb, room, quoted) || frame_renew(skb, end + quoted))
		return -1;
	sum = sum_of_quote(room, sum_of(error, sizeof(*error), 0));
	if (ipv6)
		sum = sum_of_pseudo(source, target, IPPROTO_ICMPV6, bytes, sum);
	error->checksum = checksum_folded(sum);
	if (ipv6 ? write_ipv6(skb, source, target, bytes)
		 : write_ipv4(skb, source, target, packet->tos, bytes))
		return -1;
	return bpf_skb_store_bytes(skb, at, error, sizeof(*error), 0) ||
	       room_store(skb, end, 0, quoted);
}

/* Back to where the packet came from, by that address's own route. */
static __noinline int icmp_route(struct __sk_buff *skb, const struct packet *packet,
				 struct next_hop *hop)
{
	struct bpf_fib_lookup fib;
	__u8 family = packet->key.family;

	if (!fib_is_route(fib_lookup_source(skb, &packet->key.client, family, &fib)))
		return -1;
	hop_of_fib(&fib, family, hop);
	return 0;
}

/* Answers the packet and is done with it; `rest` is the MTU, or 0. A TC action. */
__noinline int icmp_answer(struct __sk_buff *skb, const struct packet *packet, __u32 type_code,
			   __u32 rest)
{
	struct icmp_error error = {
		.type = type_code >> 8 & 0xff,
		.code = type_code & 0xff,
		.rest = bpf_htonl(rest),
	};
	struct next_hop hop = {};

	if (!packet || !is_worth_an_answer(packet) || !icmp_may_be_sent() ||
	    icmp_route(skb, packet, &hop))
		return TC_ACT_SHOT;
	if (!(type_code & ICMP_FROM_ROUTE))
		hop.source = packet->key.vip;
	if (icmp_write(skb, packet, &hop.source, &error))
		return TC_ACT_SHOT;
	return tc_send(&hop);
}

/* A deleted real server's packets no longer count (ip_vs_in_stats(), ip_vs_out_stats()). */
static __always_inline void count_if_available(__u32 slot, enum direction direction, __u32 bytes)
{
	struct fl_destination *destination = bpf_map_lookup_elem(&destinations, &slot);

	if (slot && destination && destination_is_available(destination, settings.generation))
		count_packet(slot, direction, bytes);
}

/*
 * IPVS sees its own error about a connection's packet leave, and takes it for one of
 * the connection's replies: but for masq, whose replies do not have the virtual address.
 */
static __always_inline void icmp_count(const struct packet *packet, __u32 slot)
{
	count_if_available(slot, DIRECTION_OUT, icmp_headers(packet) + icmp_quoted(packet));
}

/* What the client hears of a packet that is dropped: of most nothing. A TC action. */
static __always_inline int icmp_for_reason(struct __sk_buff *skb, const struct packet *packet,
					   const struct forward *forward, int reason)
{
	enum icmp_answer answer;
	int action;

	switch (reason) {
	case FL_REASON_NO_SERVER:
		answer = ICMP_PORT_UNREACHABLE;
		break;
	case FL_REASON_NO_ROUTE:
		answer = ICMP_HOST_UNREACHABLE;
		break;
	case FL_REASON_TTL_EXPIRED:
		answer = ICMP_TIME_EXCEEDED;
		break;
	case FL_REASON_TOO_BIG:
		answer = ICMP_TOO_BIG;
		break;
	default:
		return TC_ACT_SHOT;
	}
	action = icmp_answer(skb, packet, icmp_type_code(answer, packet->key.family),
			     reason == FL_REASON_TOO_BIG ? forward->mtu : 0);
	if (action != TC_ACT_SHOT && !forward->without_entry &&
	    forward_method(forward) != FL_METHOD_MASQ)
		icmp_count(packet, forward->destination);
	return action;
}

#endif /* FL_ICMP_H */
