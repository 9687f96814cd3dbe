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
#include <linux/tcp.h>
#include <linux/udp.h>

#include "connection.h"
#include "parse/transport.h"
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

#endif /* FL_FAST_H */
