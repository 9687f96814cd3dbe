/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Exchanges the addresses of a probe's packets. Only whole packets without IPv6
 * extension headers: a probe's are short, and what is left alone is dropped by the
 * stack, since its source is an address of this host.
 */
#ifndef FL_CHECK_PATH_H
#define FL_CHECK_PATH_H

#include <bpf/bpf_endian.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include <bpf/bpf_helpers.h>

#include "checks_abi.h"

#define IP_FRAGMENT 0x3fff /* more fragments, or not the first */

/* RFC 792, RFC 4443; <linux/icmp.h> cannot be had here. */
#define ECHO_REPLY 0
#define UNREACHABLE 3
#define TIME_EXCEEDED 11
#define PARAMETER_PROBLEM 12
#define ECHO 8
#define ECHO_IPV6 128
#define ECHO_REPLY_IPV6 129

/* ICMP and ICMPv6. The last two fields are an echo's; an error quotes a packet behind them. */
struct icmp_header {
	__u8 type;
	__u8 code;
	__be16 checksum;
	__be16 id;
	__be16 sequence;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FL_MAX_CHECK_FLOWS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct fl_check_flow);
	__type(value, struct fl_address);
} check_flows SEC(".maps");

/* The headers of a packet, or of one that an ICMP error quotes. Offsets from the start of the frame. */
struct check_headers {
	struct fl_address source;
	struct fl_address target;
	__u32 network;
	__u32 transport;
	__u8 family;
	__u8 protocol;
};

static __always_inline int read_network(struct __sk_buff *skb, __u32 at, __u8 family,
					struct check_headers *headers)
{
	headers->network = at;
	headers->family = family;
	if (family == FL_FAMILY_IPV6) {
		struct ipv6hdr ip;

		if (bpf_skb_load_bytes(skb, at, &ip, sizeof(ip)))
			return -1;
		__builtin_memcpy(&headers->source, &ip.saddr, sizeof(headers->source));
		__builtin_memcpy(&headers->target, &ip.daddr, sizeof(headers->target));
		headers->protocol = ip.nexthdr;
		headers->transport = at + sizeof(ip);
	} else {
		struct iphdr ip;

		if (bpf_skb_load_bytes(skb, at, &ip, sizeof(ip)) ||
		    ip.frag_off & bpf_htons(IP_FRAGMENT))
			return -1;
		headers->source.word[0] = ip.saddr;
		headers->target.word[0] = ip.daddr;
		headers->protocol = ip.protocol;
		headers->transport = at + ip.ihl * 4;
	}
	return 0;
}

/* Tagged frames are for the interface of their VLAN, which has the programs as well. */
static __always_inline int read_packet(struct __sk_buff *skb, struct check_headers *headers)
{
	if (skb->vlan_present)
		return -1;
	if (skb->protocol == bpf_htons(ETH_P_IP))
		return read_network(skb, ETH_HLEN, FL_FAMILY_IPV4, headers);
	if (skb->protocol == bpf_htons(ETH_P_IPV6))
		return read_network(skb, ETH_HLEN, FL_FAMILY_IPV6, headers);
	return -1;
}

static __always_inline int is_echo(__u8 protocol, __u8 type, __u8 direction)
{
	if (protocol == IPPROTO_ICMP)
		return type == (direction == FL_CHECK_OUT ? ECHO : ECHO_REPLY);
	return type == (direction == FL_CHECK_OUT ? ECHO_IPV6 : ECHO_REPLY_IPV6);
}

/*
 * The flow that a packet belongs to, if it is a probe's: `sender` is the director's end where it is the source.
 * Nothing is looked up for other ports, and thereby for nearly all packets.
 */
static __always_inline int read_flow(struct __sk_buff *skb, const struct check_headers *headers,
				     int sender, __u8 direction, struct fl_check_flow *flow)
{
	__be16 ports[2];

	__builtin_memset(flow, 0, sizeof(*flow));
	flow->peer = sender ? headers->target : headers->source;
	flow->protocol = headers->protocol;
	flow->family = headers->family;
	flow->direction = direction;
	if (headers->protocol == IPPROTO_TCP || headers->protocol == IPPROTO_UDP) {
		if (bpf_skb_load_bytes(skb, headers->transport, ports, sizeof(ports)))
			return -1;
		flow->local_port = ports[!sender];
		flow->peer_port = ports[!!sender];
	} else if (headers->protocol == IPPROTO_ICMP || headers->protocol == IPPROTO_ICMPV6) {
		struct icmp_header echo;

		if (bpf_skb_load_bytes(skb, headers->transport, &echo, sizeof(echo)) ||
		    !is_echo(headers->protocol, echo.type, sender ? FL_CHECK_OUT : FL_CHECK_IN))
			return -1;
		flow->local_port = echo.id;
	} else {
		return -1;
	}
	return bpf_ntohs(flow->local_port) >= FL_CHECK_PORTS ? 0 : -1;
}

/* IPv4's header sums itself; IPv6's has no sum. */
static __always_inline int write_address(struct __sk_buff *skb, const struct check_headers *headers,
					 int source, const struct fl_address *from,
					 const struct fl_address *to)
{
	__u32 at = headers->network;

	if (headers->family == FL_FAMILY_IPV6) {
		at += source ? offsetof(struct ipv6hdr, saddr) : offsetof(struct ipv6hdr, daddr);
		return bpf_skb_store_bytes(skb, at, to, sizeof(*to), 0);
	}
	if (bpf_l3_csum_replace(skb, at + offsetof(struct iphdr, check), from->word[0], to->word[0],
				sizeof(__be32)))
		return -1;
	at += source ? offsetof(struct iphdr, saddr) : offsetof(struct iphdr, daddr);
	return bpf_skb_store_bytes(skb, at, to, sizeof(__be32), 0);
}

/*
 * A checksum whose pseudo-header has had an address exchanged. With IPv6 address and checksum cancel each other out
 * in a sum over the whole packet (CHECKSUM_COMPLETE), which the helper does not know; IPv4's header does so by itself.
 */
static __always_inline int sum_pseudo(struct __sk_buff *skb, const struct check_headers *headers,
				      __u32 at, __u64 flags, const struct fl_address *from,
				      const struct fl_address *to)
{
	__s64 change;

	if (headers->family == FL_FAMILY_IPV4)
		return bpf_l4_csum_replace(skb, at, from->word[0], to->word[0],
					   flags | BPF_F_PSEUDO_HDR | sizeof(__be32));
	change = bpf_csum_diff((__be32 *)from, sizeof(*from), (__be32 *)to, sizeof(*to), 0);
	if (change < 0 || bpf_l4_csum_replace(skb, at, 0, change, flags | BPF_F_PSEUDO_HDR))
		return -1;
	bpf_csum_update(skb, change);
	return 0;
}

/* Where the packet's own checksum covers its addresses. */
static __always_inline int sum_transport(struct __sk_buff *skb, const struct check_headers *headers,
					 const struct fl_address *from, const struct fl_address *to)
{
	__u32 at = headers->transport;

	switch (headers->protocol) {
	case IPPROTO_TCP:
		return sum_pseudo(skb, headers, at + offsetof(struct tcphdr, check), 0, from, to);
	case IPPROTO_UDP:
		return sum_pseudo(skb, headers, at + offsetof(struct udphdr, check),
				  BPF_F_MARK_MANGLED_0, from, to);
	case IPPROTO_ICMPV6:
		return sum_pseudo(skb, headers, at + offsetof(struct icmp_header, checksum), 0,
				  from, to);
	default:
		return 0;
	}
}

static __always_inline int exchange(struct __sk_buff *skb, const struct check_headers *headers,
				    int source, const struct fl_address *from,
				    const struct fl_address *to)
{
	return sum_transport(skb, headers, from, to) ||
	       write_address(skb, headers, source, from, to);
}

/* A packet that is neither one nor the other reaches nobody. */
static __always_inline int check_out(struct __sk_buff *skb)
{
	struct check_headers headers = {};
	struct fl_check_flow flow;
	struct fl_address *vip;

	if (read_packet(skb, &headers) || read_flow(skb, &headers, 1, FL_CHECK_OUT, &flow))
		return TC_ACT_UNSPEC;
	vip = bpf_map_lookup_elem(&check_flows, &flow);
	if (!vip)
		return TC_ACT_UNSPEC;
	return exchange(skb, &headers, 0, &flow.peer, vip) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

static __always_inline int is_error(const struct check_headers *headers, __u8 type)
{
	if (headers->protocol == IPPROTO_ICMP)
		return type == UNREACHABLE || type == TIME_EXCEEDED || type == PARAMETER_PROBLEM;
	return type < ECHO_IPV6;
}

static __always_inline int address_is(const struct fl_address *one, const struct fl_address *other)
{
	return !((one->word[0] ^ other->word[0]) | (one->word[1] ^ other->word[1]) |
		 (one->word[2] ^ other->word[2]) | (one->word[3] ^ other->word[3]));
}

/*
 * An ICMP error about a probe, which the stack knows under the real server's own address. The real server sends it
 * from the virtual one. IPv4's quoted header sums itself, so that ICMP's checksum stays right.
 */
static __always_inline int check_error(struct __sk_buff *skb, const struct check_headers *outer)
{
	struct check_headers inner = {};
	struct fl_check_flow flow;
	struct fl_address *rip;
	struct icmp_header error;

	if (bpf_skb_load_bytes(skb, outer->transport, &error, sizeof(error)) ||
	    !is_error(outer, error.type) ||
	    read_network(skb, outer->transport + sizeof(error), outer->family, &inner) ||
	    read_flow(skb, &inner, 1, FL_CHECK_IN, &flow))
		return TC_ACT_UNSPEC;
	rip = bpf_map_lookup_elem(&check_flows, &flow);
	if (!rip)
		return TC_ACT_UNSPEC;
	if (outer->family == FL_FAMILY_IPV6) {
		__s64 change = bpf_csum_diff((__be32 *)&flow.peer, sizeof(flow.peer), (__be32 *)rip,
					     sizeof(*rip), 0);

		if (change < 0 ||
		    bpf_l4_csum_replace(skb,
					outer->transport + offsetof(struct icmp_header, checksum),
					0, change, 0))
			return TC_ACT_SHOT;
	}
	if (write_address(skb, &inner, 0, &flow.peer, rip))
		return TC_ACT_SHOT;
	if (!address_is(&outer->source, &flow.peer))
		return TC_ACT_UNSPEC;
	return exchange(skb, outer, 1, &flow.peer, rip) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

static __always_inline int check_in(struct __sk_buff *skb)
{
	struct check_headers headers = {};
	struct fl_check_flow flow;
	struct fl_address *rip;

	if (read_packet(skb, &headers))
		return TC_ACT_UNSPEC;
	if (read_flow(skb, &headers, 0, FL_CHECK_IN, &flow)) {
		if (headers.protocol == IPPROTO_ICMP || headers.protocol == IPPROTO_ICMPV6)
			return check_error(skb, &headers);
		return TC_ACT_UNSPEC;
	}
	rip = bpf_map_lookup_elem(&check_flows, &flow);
	if (!rip) {
		/* Clients take no answer from the real server's own address: neither must the probe. */
		flow.direction = FL_CHECK_OUT;
		return bpf_map_lookup_elem(&check_flows, &flow) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
	}
	return exchange(skb, &headers, 1, &flow.peer, rip) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

#endif /* FL_CHECK_PATH_H */
