/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The way back (ip_vs_out): what a real server sends to a client whose
 * connection is translated, or ends on this host. Such replies, and ICMP errors
 * about what the client sent, are counted, move the connection by the table of
 * those that see both ways, and get the virtual address for their source.
 *
 * Those of another host arrive at an interface and are sent on here, one hop
 * older, as a router would. Those of this host leave by one (egress.h).
 */
#ifndef FL_REPLY_H
#define FL_REPLY_H

#include <linux/pkt_cls.h>

#include "connection.h"
#include "count.h"
#include "forward/fragment.h"
#include "forward/masq.h"
#include "forward/size.h"
#include "fragments.h"
#include "icmp.h"
#include "reason.h"

/* What the real server's packets say: for other methods than masq, the virtual address. */
static __always_inline int reply_key_of(const struct fl_connection_key *key,
					const struct fl_connection *connection,
					struct fl_reply_key *reply)
{
	__u32 slot = connection->destination;
	struct fl_destination *destination;

	*reply = (struct fl_reply_key){
		.server = key->vip,
		.client = key->client,
		.server_port = key->virtual_port,
		.client_port = key->client_port,
		.protocol = key->protocol,
		.family = key->family,
	};
	if ((connection->flags & FL_CONNECTION_METHOD) != FL_METHOD_MASQ)
		return 0;
	destination = bpf_map_lookup_elem(&destinations, &slot);
	if (!destination)
		return -1;
	reply->server = destination->address;
	reply->server_port = connection->server_port;
	return 0;
}

__noinline int reply_remember(const struct fl_connection_key *key,
			      const struct fl_connection *connection)
{
	struct fl_connection_key copy;
	struct fl_reply_key reply;

	if (!key || !connection || reply_key_of(key, connection, &reply))
		return -1;
	copy = *key;
	if (bpf_map_update_elem(&replies, &reply, &copy, BPF_NOEXIST))
		return bpf_map_update_elem(&replies, &reply, &copy, BPF_EXIST);
	pressure_count_replies(1);
	return 0;
}

/* The same client port towards the same real server may by now belong to another virtual address. */
__noinline int reply_forget(const struct fl_connection_key *key,
			    const struct fl_connection *connection)
{
	struct fl_connection_key *owner;
	struct fl_reply_key reply;

	if (!key || !connection || reply_key_of(key, connection, &reply))
		return -1;
	owner = bpf_map_lookup_elem(&replies, &reply);
	if (!owner || owner->virtual_port != key->virtual_port ||
	    !address_equals(&owner->vip, &key->vip) || bpf_map_delete_elem(&replies, &reply))
		return -1;
	pressure_count_replies(-1);
	return 0;
}

/* Whose a real server's packet is. */
struct reply {
	struct fl_connection_key key;
	struct fl_connection *connection;
};

/* Where a request has the client, a reply has the real server. 0, or -1 for what is none. */
static __noinline int reply_find(const struct packet *packet, struct reply *reply)
{
	struct fl_reply_key key = {
		.server = packet->key.client,
		.client = packet->key.vip,
		.server_port = packet->key.client_port,
		.client_port = packet->key.virtual_port,
		.protocol = packet->key.protocol,
		.family = packet->key.family,
	};
	struct fl_connection_key *found = bpf_map_lookup_elem(&replies, &key);

	if (!found)
		return -1;
	reply->key = *found;
	reply->connection = connection_find(&reply->key, clock_now());
	return reply->connection ? 0 : -1;
}

/* What a reply that is sent on does to its connection: ICMP errors do nothing but count. */
static __noinline int reply_account(const struct packet *packet, const struct reply *reply)
{
	struct fl_connection *connection = reply->connection;
	__u64 now = clock_now();

	if (!connection)
		return -1;
	count_if_available(connection->destination, DIRECTION_OUT, packet->bytes);
	if (packet->kind == PACKET_LATER_FRAGMENT)
		connection_touch(&settings, &reply->key, connection, connection->state, now);
	else if (packet->kind != PACKET_ICMP_ERROR)
		connection_advance(&reply->key, connection, packet->event, DIRECTION_OUT, now);
	if (packet->kind == PACKET_FIRST_FRAGMENT)
		fragment_remember(packet, now);
	return 0;
}

/* Gives it the virtual address and port, if those are not its own. 0, or -1 if it cannot. */
static __noinline int reply_translate(struct __sk_buff *skb, const struct packet *packet,
				      const struct reply *reply)
{
	struct translation change = {
		.from = packet->key.client,
		.to = reply->key.vip,
		.from_port = packet->key.client_port,
		.to_port = reply->key.virtual_port,
		.end = TRANSLATED_SOURCE,
	};

	if (change.from_port == change.to_port && address_equals(&change.from, &change.to))
		return 0;
	return masq(skb, packet, &change) ? -1 : 0;
}

/* The real server hears of what becomes of its packet from the director, as from any router. */
static __always_inline int reply_refused(struct __sk_buff *skb, const struct packet *packet,
					 enum fl_reason reason, __u32 mtu)
{
	enum icmp_answer answer = reason == FL_REASON_TOO_BIG ? ICMP_TOO_BIG : ICMP_TIME_EXCEEDED;

	count_not_forwarded(packet, reason);
	return icmp_answer(skb, packet,
			   icmp_type_code(answer, packet->key.family) | ICMP_FROM_ROUTE, mtu);
}

/* Out to the client. `too_big`: for the route, whose MTU it must be cut for. */
static __always_inline int reply_send(struct __sk_buff *skb, const struct packet *packet,
				      const struct reply *reply, const struct next_hop *hop,
				      int too_big)
{
	int action = -FL_REASON_CANNOT_FRAGMENT;

	if (trim_padding(skb, packet) || tc_age(skb, packet) || reply_translate(skb, packet, reply))
		action = -FL_REASON_CANNOT_TRANSLATE;
	else if (!too_big)
		return tc_send(hop);
	else if (!complete_checksum(skb, packet, &reply->key.vip, &packet->key.vip))
		action = send_in_fragments(skb, hop, packet->key.family);
	if (action >= 0)
		return action;
	count_not_forwarded(packet, -action);
	return TC_ACT_SHOT;
}

/* The client's own route, as the FIB says; with its MTU, if the packet is too big for it. */
static __noinline long reply_route(struct __sk_buff *skb, const struct packet *packet,
				   struct next_hop *hop, __u32 *too_big)
{
	const struct fl_address *client = &packet->key.vip;
	__u8 family = packet->key.family;
	struct bpf_fib_lookup fib;
	long answer;

	answer = fib_lookup(skb, client, family, wire_bytes(skb, packet) ?: 1, 0, &fib);
	*too_big = answer == BPF_FIB_LKUP_RET_FRAG_NEEDED;
	if (*too_big) {
		hop->mtu = fib.mtu_result;
		answer = fib_lookup(skb, client, family, 1, 0, &fib);
	}
	hop_of_fib(&fib, family, hop);
	return answer;
}

/*
 * To the client. What is refused on its way has not been there for IPVS, which looks
 * at packets the stack is about to forward. A TC action, or VERDICT_LOCAL: the client
 * is this host.
 */
static __always_inline int reply_forward(struct __sk_buff *skb, const struct packet *packet,
					 const struct reply *reply)
{
	struct next_hop hop = {};
	__u32 too_big = 0;
	long route = reply_route(skb, packet, &hop, &too_big);

	if (fib_is_local(route)) {
		reply_account(packet, reply);
		return reply_translate(skb, packet, reply) ? TC_ACT_SHOT : VERDICT_LOCAL;
	}
	if (!fib_is_route(route)) {
		count_not_forwarded(packet, FL_REASON_NO_ROUTE);
		return TC_ACT_SHOT;
	}
	if (packet->ttl <= 1)
		return reply_refused(skb, packet, FL_REASON_TTL_EXPIRED, 0);
	if (too_big && packet->dont_fragment)
		return reply_refused(skb, packet, FL_REASON_TOO_BIG, hop.mtu);
	reply_account(packet, reply);
	return reply_send(skb, packet, reply, &hop, too_big);
}

/*
 * A packet that no client of ours can have sent, at the interface it came in by:
 * a TC action, VERDICT_LOCAL, or VERDICT_NOT_OURS for what is no reply either.
 */
__noinline int reply_tc(struct __sk_buff *skb, const struct packet *packet)
{
	struct reply reply = {};

	if (!packet || reply_find(packet, &reply))
		return VERDICT_NOT_OURS;
	return reply_forward(skb, packet, &reply);
}

#endif /* FL_REPLY_H */
