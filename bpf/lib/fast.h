/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What nearly every packet is: TCP's ACK or a datagram of a connection that goes on as it
 * is, by direct routing, to a real server whose place is known. It takes one look at each
 * thing and no detour; whatever is else about a packet is left, untouched and uncounted,
 * to direct.h, whose rules these are.
 *
 * TC takes segments that move their connection as well, as far as they do not ask for a new one.
 */
#ifndef FL_FAST_H
#define FL_FAST_H

#include <bpf/bpf_endian.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "connection.h"
#include "forward/send.h"
#include "interface.h"
#include "next_hop.h"
#include "parse/transport.h"
#include "stray.h"
#include "vip_filter.h"

/* No action of either hook: TC_ACT_UNSPEC is -1. */
#define FAST_NOT (-2)

#define TCP_FLAG_BITS 0x17 /* ACK, RST, SYN, FIN */
#define TCP_FLAG_BIT_ACK 0x10
#define IP_IS_A_FRAGMENT (0x2000 | 0x1fff)

/* Which TCP segments are meant: ACK alone, of what is established, or any without SYN. */
enum fast_segments {
	FAST_ACKS,
	FAST_ANY,
};

struct fast {
	union {
		struct table_key key;
		struct fl_connection_key connection_key; /* once the other is not needed any more */
	};
	__be32 folded; /* the destination's words, xored: vip_filter.h */
	__u32 bytes; /* IP total length */
	__u8 protocol;
	__u8 ttl; /* or hop limit */
	__u8 event; /* enum tcp_event, where segments are meant that may move their connection */
};

static __always_inline int fast_is_ack(const struct tcphdr *tcp)
{
	return (((const __u8 *)tcp)[13] & TCP_FLAG_BITS) == TCP_FLAG_BIT_ACK;
}

/* Whether what stands behind the IP header is a segment or datagram as meant, of `bytes` octets. */
static __always_inline int fast_transport(const struct tcphdr *tcp, __u8 protocol, __u32 bytes,
					  enum fast_segments segments, struct fast *fast)
{
	fast->event = TCP_EVENT_NONE;
	if (protocol != IPPROTO_TCP)
		return protocol == IPPROTO_UDP && bytes >= sizeof(struct udphdr);
	if (segments == FAST_ACKS)
		return bytes >= sizeof(struct tcphdr) && fast_is_ack(tcp);
	fast->event = tcp_event_of(tcp);
	return bytes >= sizeof(struct tcphdr) && !tcp->syn;
}

/* 0, or -1 for what is else. `room`: the frame's octets behind the Ethernet header. */
static __always_inline int fast_ipv4(const struct iphdr *ip, void *data_end, __u32 room,
				     enum fast_segments segments, struct fast *fast)
{
	const struct tcphdr *tcp = (void *)(ip + 1);

	if ((void *)(tcp + 1) > data_end || *(const __u8 *)ip != 0x45 || ip->ttl <= 1 ||
	    ip->frag_off & bpf_htons(IP_IS_A_FRAGMENT))
		return -1;
	fast->folded = ip->daddr;
	fast->bytes = bpf_ntohs(ip->tot_len);
	fast->protocol = ip->protocol;
	fast->ttl = ip->ttl;
	if (fast->bytes > room || fast->bytes < sizeof(*ip) ||
	    !fast_transport(tcp, ip->protocol, fast->bytes - sizeof(*ip), segments, fast))
		return -1;
	table_key_of_ipv4(ip->saddr, ip->daddr, tcp->source, tcp->dest, ip->protocol, &fast->key);
	return 0;
}

static __always_inline int fast_ipv6(const struct ipv6hdr *ip, void *data_end, __u32 room,
				     enum fast_segments segments, struct fast *fast)
{
	const struct tcphdr *tcp = (void *)(ip + 1);

	if ((void *)(tcp + 1) > data_end || *(const __u8 *)ip >> 4 != 6 || ip->hop_limit <= 1)
		return -1;
	fast->folded = fold_address(&ip->daddr);
	fast->bytes = bpf_ntohs(ip->payload_len) + sizeof(*ip);
	fast->protocol = ip->nexthdr;
	fast->ttl = ip->hop_limit;
	if (fast->bytes > room ||
	    !fast_transport(tcp, ip->nexthdr, fast->bytes - sizeof(*ip), segments, fast))
		return -1;
	table_key_of_ipv6((const struct fl_address *)&ip->saddr,
			  (const struct fl_address *)&ip->daddr, tcp->source, tcp->dest,
			  ip->nexthdr, &fast->key);
	return 0;
}

/* Whether the packet leaves its connection in the state that it is in: ACK alone, or a datagram. */
static __always_inline int fast_stays(const struct fast *fast, enum fast_segments segments,
				      const struct fl_connection *connection)
{
	if (fast->protocol != IPPROTO_TCP)
		return connection->state == 0;
	return connection->state == FL_TCP_ESTABLISHED &&
	       (segments == FAST_ACKS || fast->event == TCP_EVENT_ACK);
}

/* The entry, if it is in the table in use, by direct routing, and of what is meant. And what time it is. */
static __always_inline struct fl_connection *fast_find(const struct fast *fast, int ipv6,
						       enum fast_segments segments, __u64 *now)
{
	const struct fl_table *table = table_of(ipv6);
	struct fl_connection *connection;
	void *bucket;
	__u32 hash;
	int index;

	hash = table_hash(&fast->key, ipv6, table->seed);
	bucket = table_bucket(table, ipv6, table->current, hash);
	if (!bucket)
		return NULL;
	index = bucket_search(bucket, ipv6, &fast->key, hash);
	if (index < 0)
		return NULL;
	connection = entry_connection(bucket, ipv6, masked(index, FL_BUCKET_ENTRIES - 1));
	*now = clock_now();
	if ((segments == FAST_ACKS && !fast_stays(fast, segments, connection)) ||
	    (connection->flags & FL_CONNECTION_METHOD) != FL_METHOD_GATE ||
	    is_over(connection->last_seen, connection->timeout_ms, *now))
		return NULL;
	return connection;
}

/* As account() in direct.h, of a state that stays. */
static __always_inline void fast_account(const struct fl_settings *conf, const struct fast *fast,
					 struct fl_connection *connection, __u64 now)
{
	__u32 timeout = fast->protocol == IPPROTO_TCP ? conf->tcp_timeout_ms[FL_TCP_ESTABLISHED]
						      : conf->udp_timeout_ms;

	if (connection->packets < FL_PACKETS_COUNTED)
		connection->packets++;
	if (connection->last_seen != now)
		connection->last_seen = now;
	if (connection->timeout_ms != timeout)
		connection->timeout_ms = timeout;
}

_Static_assert(__builtin_offsetof(struct fl_connection_key, virtual_port) ==
			       __builtin_offsetof(struct fl_key_ipv6, virtual_port) &&
		       __builtin_offsetof(struct fl_connection_key, protocol) ==
			       __builtin_offsetof(struct fl_key_ipv6, protocol),
	       "a table's IPv6 key is a connection's, but for its family");

/* As account() in direct.h, of a segment that may move its connection. What is at hand of its key is spent for it. */
static __noinline int fast_move(struct fast *fast, int ipv6, struct fl_connection *connection,
				__u64 now)
{
	struct fl_key_ipv4 key;

	if (ipv6) {
		fast->connection_key.family = FL_FAMILY_IPV6;
	} else {
		__builtin_memcpy(&key, &fast->key, sizeof(key));
		fast->connection_key = key_of_ipv4(&key);
	}
	if (connection->packets < FL_PACKETS_COUNTED)
		connection->packets++;
	return connection_advance(&fast->connection_key, connection, fast->event, DIRECTION_IN,
				  now);
}

/* Where a packet that `fast` says all about goes. */
struct fast_way {
	struct fl_connection *connection;
	struct fl_destination *destination;
	struct fl_destination_state *state;
	__u32 slot;
};

/* 0, or -1 for what is else. */
static __always_inline int fast_way(const struct fl_settings *conf, const struct fast *fast,
				    int ipv6, enum fast_segments segments, __u64 *now,
				    struct fast_way *way)
{
	way->connection = fast_find(fast, ipv6, segments, now);
	if (!way->connection)
		return -1;
	way->slot = way->connection->destination;
	way->destination = bpf_map_lookup_elem(&destinations, &way->slot);
	way->state = bpf_map_lookup_elem(&dest_state, &way->slot);
	return way->destination && way->state &&
			       destination_is_available(way->destination, conf->generation)
		       ? 0
		       : -1;
}

/* It is on its way: counters, and its connection. */
static __always_inline void fast_count(const struct fl_settings *conf, struct fast *fast, int ipv6,
				       enum fast_segments segments, const struct fast_way *way,
				       __u64 now)
{
	count_packet(way->slot, DIRECTION_IN, fast->bytes);
	if (segments == FAST_ACKS || fast_stays(fast, segments, way->connection))
		fast_account(conf, fast, way->connection, now);
	else
		fast_move(fast, ipv6, way->connection, now);
}

/* What of a real server's place XDP goes by, as long as it is sure. */
struct fast_hop {
	__u64 neighbour;
	__u32 interface;
	__u32 mtu;
};

/* Read as in next_hop.h: between two looks at the stamp. */
static __always_inline int fast_hop(const struct fl_destination_state *state, __u32 stamp,
				    struct fast_hop *hop)
{
	if (!stamp || *(const volatile __u32 *)&state->route_stamp != stamp)
		return -1;
	barrier();
	hop->neighbour = state->neighbour;
	hop->interface = state->interface;
	hop->mtu = state->mtu;
	barrier();
	if (*(const volatile __u32 *)&state->route_stamp != stamp)
		return -1;
	return hop->neighbour >> 48 == (stamp & 0xffff) ? 0 : -1;
}

/* Out again with new MACs, one hop older. An XDP action. */
static __always_inline int fast_send(struct xdp_md *xdp, int ipv6, const struct fast_hop *hop,
				     const struct fl_interface *in, const struct fl_interface *out)
{
	void *data = (void *)(long)xdp->data, *data_end = (void *)(long)xdp->data_end;
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > data_end ||
	    (ipv6 ? age_ipv6(data, data_end) : age_ipv4(data, data_end)))
		return XDP_ABORTED;
	__builtin_memcpy(eth->h_source, out->mac, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, &hop->neighbour, ETH_ALEN);
	return out == in ? XDP_TX : bpf_redirect(hop->interface, 0);
}

/* Of a packet that `fast` says all about. */
static __always_inline int fast_xdp_direct(struct xdp_md *xdp, int ipv6,
					   const struct fl_settings *conf,
					   const struct fl_interface *in, struct fast *fast)
{
	const struct fl_interface *out;
	struct fast_hop hop;
	struct fast_way way;
	__u64 now;

	if (fast_way(conf, fast, ipv6, FAST_ACKS, &now, &way) ||
	    fast_hop(way.state, clock_stamp(now), &hop) || fast->bytes > hop.mtu)
		return FAST_NOT;
	out = hop.interface == in->index ? in : interface_of(hop.interface);
	if (!out || (out != in && !(out->flags & FL_INTERFACE_XDP)))
		return FAST_NOT;
	fast_count(conf, fast, ipv6, FAST_ACKS, &way, now);
	return fast_send(xdp, ipv6, &hop, in, out);
}

/* By the Ethernet header: enum fl_family, or 0. */
static __always_inline int family_of(void *data, void *data_end)
{
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > data_end)
		return 0;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		return FL_FAMILY_IPV4;
	return eth->h_proto == bpf_htons(ETH_P_IPV6) ? FL_FAMILY_IPV6 : 0;
}

/* A frame of `family`, a constant: 0, or -1 for what is else. */
static __always_inline int fast_parse(void *data, void *data_end, __u32 frame_bytes,
				      const struct fl_settings *conf, int family,
				      enum fast_segments segments, struct fast *fast)
{
	__u32 room = frame_bytes - sizeof(struct ethhdr);
	void *ip = data + sizeof(struct ethhdr);

	if (family == FL_FAMILY_IPV6)
		return conf->ipv6_services ? fast_ipv6(ip, data_end, room, segments, fast) : -1;
	return conf->ipv4_services ? fast_ipv4(ip, data_end, room, segments, fast) : -1;
}

/* As fast_xdp(), of a frame of `family`, a constant. */
static __always_inline int fast_xdp_of(struct xdp_md *xdp, const struct fl_settings *conf,
				       const struct fl_interface *in, int family)
{
	void *data = (void *)(long)xdp->data, *data_end = (void *)(long)xdp->data_end;
	struct fast fast;

	return fast_parse(data, data_end, data_end - data, conf, family, FAST_ACKS, &fast)
		       ? FAST_NOT
		       : fast_xdp_direct(xdp, family == FL_FAMILY_IPV6, conf, in, &fast);
}

/* An XDP action, or FAST_NOT with nothing done. `in`: the interface it came in by. */
static __always_inline int fast_xdp(struct xdp_md *xdp, const struct fl_settings *conf,
				    const struct fl_interface *in)
{
	switch (family_of((void *)(long)xdp->data, (void *)(long)xdp->data_end)) {
	case FL_FAMILY_IPV4:
		return fast_xdp_of(xdp, conf, in, FL_FAMILY_IPV4);
	case FL_FAMILY_IPV6:
		return fast_xdp_of(xdp, conf, in, FL_FAMILY_IPV6);
	default:
		return FAST_NOT;
	}
}

/*
 * Whether the packet is none of the director's for sure: to no address of a service, and of no connection, be it of a
 * service that has gone. Nearly all that a director's host receives for itself.
 */
static __always_inline int fast_is_another_s(const struct fl_settings *conf,
					     const struct fast *fast, int ipv6)
{
	const struct fl_table *table = table_of(ipv6);
	const __u32 *outside;
	void *bucket;
	__u32 hash;

	if (vip_filter_has(fast->folded) || conf->mark_services || pressure_has_replies() ||
	    strays_are_ours() || table->chunks[masked(table->current ^ 1, FL_TABLE_PLACES - 1)])
		return 0;
	hash = table_hash(&fast->key, ipv6, table->seed);
	outside = outside_count(hash);
	bucket = table_bucket(table, ipv6, table->current, hash);
	return outside && !*outside && bucket && bucket_search(bucket, ipv6, &fast->key, hash) < 0;
}

/* To a neighbour whom the kernel resolves. FAST_NOT with nothing done, or a TC action. */
static __always_inline int fast_tc_direct(struct __sk_buff *skb, const struct fl_settings *conf,
					  int ipv6, enum fast_segments segments, struct fast *fast)
{
	const __u32 at = sizeof(struct ethhdr) + offsetof(struct ipv6hdr, hop_limit);
	struct next_hop hop;
	struct fast_way way;
	__u64 now;
	__u8 left;

	/* Padding is to go, and what is longer than a route takes is not all that simple. */
	if (fast->bytes != skb->len - sizeof(struct ethhdr) ||
	    fast_way(conf, fast, ipv6, segments, &now, &way) ||
	    next_hop_known(way.state, clock_stamp(now), &hop) ||
	    hop.interface == LOOPBACK_IFINDEX || fast->bytes > hop.mtu)
		return FAST_NOT;
	fast_count(conf, fast, ipv6, segments, &way, now);
	left = fast->ttl - 1;
	if (ipv6 ? bpf_skb_store_bytes(skb, at, &left, sizeof(left), BPF_F_RECOMPUTE_CSUM)
		 : age_ipv4((void *)(long)skb->data, (void *)(long)skb->data_end))
		return TC_ACT_SHOT;
	return tc_send(&hop);
}

/* Of a frame of `family`; it and `segments` are constants. */
static __always_inline int fast_tc_of(struct __sk_buff *skb, const struct fl_settings *conf,
				      int family, enum fast_segments segments)
{
	void *data = (void *)(long)skb->data, *data_end = (void *)(long)skb->data_end;
	int ipv6 = family == FL_FAMILY_IPV6;
	struct fast fast;

	if (fast_parse(data, data_end, skb->len, conf, family, segments, &fast))
		return FAST_NOT;
	if (segments == FAST_ANY && fast_is_another_s(conf, &fast, ipv6))
		return TC_ACT_UNSPEC;
	return fast_tc_direct(skb, conf, ipv6, segments, &fast);
}

static __always_inline int fast_tc_by_family(struct __sk_buff *skb, const struct fl_settings *conf,
					     enum fast_segments segments)
{
	switch (family_of((void *)(long)skb->data, (void *)(long)skb->data_end)) {
	case FL_FAMILY_IPV4:
		return fast_tc_of(skb, conf, FL_FAMILY_IPV4, segments);
	case FL_FAMILY_IPV6:
		return fast_tc_of(skb, conf, FL_FAMILY_IPV6, segments);
	default:
		return FAST_NOT;
	}
}

/* A TC action, or FAST_NOT with nothing done. A function of its own, so that its stack is free again for what comes next. */
static __noinline int fast_tc(struct __sk_buff *skb, const struct fl_settings *conf)
{
	return fast_tc_by_family(skb, conf, FAST_ACKS);
}

/* The same, of what moves its connection, and of what is none of ours: nearly every packet is neither. */
static __noinline int fast_tc_further(struct __sk_buff *skb, const struct fl_settings *conf)
{
	return fast_tc_by_family(skb, conf, FAST_ANY);
}

#endif /* FL_FAST_H */
