/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The core, one for both hooks (ip_vs_in()): from a parsed packet to the real
 * server it goes to. Nothing of the packet itself is changed here.
 */
#ifndef FL_DIRECT_H
#define FL_DIRECT_H

#include "forward.h"
#include "icmp.h"
#include "open.h"

/* Whether a SYN on an entry in this state is a new connection (is_new_conn_expected()). */
static __always_inline int is_reused(const struct fl_settings *conf, __u8 protocol,
				     const struct fl_connection *connection)
{
	__u32 mode = conf->sysctl.conn_reuse_mode, state = connection->state;

	if (!mode || connection->flags & FL_CONNECTION_TEMPLATE)
		return 0;
	if (protocol == IPPROTO_SCTP)
		return state == FL_SCTP_CLOSED;
	return state == FL_TCP_TIME_WAIT || state == FL_TCP_CLOSE ||
	       (mode & 2 && state == FL_TCP_FIN_WAIT &&
		!(connection->flags & FL_CONNECTION_TWO_WAY));
}

/* Whether the entry is to end for the sake of the packet, which then has none. */
static __always_inline int makes_way(const struct fl_settings *conf, const struct packet *packet,
				     const struct fl_connection *connection,
				     const struct fl_destination *destination, int available)
{
	if (packet->syn && packet->kind != PACKET_LATER_FRAGMENT) {
		if (conf->sysctl.expire_nodest_conn &&
		    !destination_config(destination, conf->generation)->weight)
			return 1;
		if (is_reused(conf, packet->key.protocol, connection))
			return 1;
	}
	return !available && conf->sysctl.expire_nodest_conn;
}

static __always_inline void plan(const struct fl_settings *conf,
				 const struct fl_destination *destination, __u32 slot, __u32 flags,
				 __be16 port, struct forward *forward)
{
	forward->destination = slot;
	forward->flags = flags;
	forward->server = destination->address;
	forward->server_port = port;
	forward->server_family = destination->family;
	forward->config = *destination_config(destination, conf->generation);
}

/*
 * The packet on its way to the planned destination: the hop, and once that is sure,
 * the counters. As in IPVS, a packet counts before it is sent.
 */
static __always_inline int set_out(void *ctx, int xdp, const struct fl_settings *conf,
				   const struct packet *packet, __u64 now,
				   const struct fl_destination *destination,
				   struct forward *forward)
{
	__u32 slot = forward->destination;
	struct fl_destination_state *state = bpf_map_lookup_elem(&dest_state, &slot);
	int route = 0;

	if (!state)
		return -FL_REASON_SERVER_REMOVED;
	if (!xdp)
		route = next_hop_route(ctx, destination, state, now, &forward->hop);
	else if (next_hop_neighbour(ctx, destination, state, now, &forward->hop) ||
		 !forward_xdp_can(ctx, packet, forward))
		return VERDICT_LATER;
	if (destination_is_available(destination, conf->generation))
		count_packet(slot, DIRECTION_IN, packet->bytes);
	return route ? route : VERDICT_FORWARD;
}

/* What the packet does to its entry. An ICMP error does nothing, a later fragment keeps the state. */
static __always_inline void account(const struct fl_settings *conf, const struct packet *packet,
				    struct fl_connection *connection, __u64 now)
{
	if (packet->kind == PACKET_ICMP_ERROR)
		return;
	if (connection->packets < FL_PACKETS_COUNTED)
		connection->packets++;
	if (packet->kind == PACKET_LATER_FRAGMENT)
		connection_touch(conf, &packet->key, connection, connection->state, now);
	else
		connection_advance(&packet->key, connection, packet->event, DIRECTION_IN, now);
}

static __always_inline int direct_by_entry(void *ctx, int xdp, const struct fl_settings *conf,
					   const struct packet *packet, __u64 now,
					   struct fl_connection *connection,
					   const struct fl_destination *destination,
					   struct forward *forward)
{
	int answer;

	plan(conf, destination, connection->destination, connection->flags, connection->server_port,
	     forward);
	forward->without_entry = 0;
	answer = set_out(ctx, xdp, conf, packet, now, destination, forward);
	if (answer != VERDICT_LATER)
		account(conf, packet, connection, now);
	return answer;
}

/* Of a connection with an entry. VERDICT_NOT_OURS: the entry is to make way. */
static __always_inline int direct_known(void *ctx, int xdp, const struct fl_settings *conf,
					const struct packet *packet, __u64 now,
					struct fl_connection *connection, struct forward *forward)
{
	__u32 slot = connection->destination;
	struct fl_destination *destination = bpf_map_lookup_elem(&destinations, &slot);
	int available;

	if (!destination)
		return -FL_REASON_SERVER_REMOVED;
	available = destination_is_available(destination, conf->generation);
	/* IPVS sends an ICMP error on even to a real server that was deleted. */
	if (packet->kind != PACKET_ICMP_ERROR) {
		if (makes_way(conf, packet, connection, destination, available))
			return VERDICT_NOT_OURS;
		if (!available)
			return -FL_REASON_SERVER_REMOVED;
	}
	return direct_by_entry(ctx, xdp, conf, packet, now, connection, destination, forward);
}

/* Of a packet that goes where `opening` says, without an entry. */
static __always_inline int direct_without_entry(void *ctx, int xdp, const struct fl_settings *conf,
						const struct packet *packet, __u64 now,
						const struct opening *opening,
						struct forward *forward)
{
	__u32 slot = opening->fresh.destination;
	struct fl_destination *destination = bpf_map_lookup_elem(&destinations, &slot);
	int answer;

	if (!destination)
		return -FL_REASON_NO_SERVER;
	plan(conf, destination, slot, opening->fresh.flags, opening->fresh.server_port, forward);
	forward->without_entry = 1;
	answer = set_out(ctx, xdp, conf, packet, now, destination, forward);
	if (answer == VERDICT_FORWARD && opening->without_entry != ONE_PACKET)
		count_not_forwarded(packet, opening->without_entry);
	return answer;
}

/* Of a packet that has no entry, or none any more. */
static __always_inline int direct_new(void *ctx, int xdp, const struct fl_settings *conf,
				      const struct packet *packet, __u64 now,
				      struct opening *opening, struct forward *forward)
{
	struct fl_connection *connection;
	struct fl_destination *destination;
	__u32 slot;
	int answer;

	if (packet->kind == PACKET_LATER_FRAGMENT)
		return -FL_REASON_FRAGMENT;
	answer = open(ctx, xdp, conf, packet, now, &forward->hop, opening);
	if (answer != VERDICT_FORWARD)
		return answer;
	if (opening->has_no_neighbour)
		return VERDICT_LATER;
	if (opening->without_entry)
		return direct_without_entry(ctx, xdp, conf, packet, now, opening, forward);
	connection = connection_find(&packet->key, now);
	if (!connection)
		return -FL_REASON_TABLE_FULL;
	slot = connection->destination;
	destination = bpf_map_lookup_elem(&destinations, &slot);
	if (!destination)
		return -FL_REASON_SERVER_REMOVED;
	return direct_by_entry(ctx, xdp, conf, packet, now, connection, destination, forward);
}

/*
 * Of an entry that made way, and nobody takes the new connection. For IPVS the entry lives until the clock's next
 * tick, so that the ICMP error counts as its reply. XDP leaves the answer to TC, which knows nothing of the entry.
 */
static __always_inline void count_refusal(const struct packet *packet,
					  const struct fl_connection *old)
{
	if ((old->flags & FL_CONNECTION_METHOD) != FL_METHOD_MASQ)
		icmp_count(packet, old->destination);
}

/*
 * `connection` is the packet's entry, or NULL; `opening` is room that is used without
 * one. In XDP any answer but VERDICT_FORWARD leaves the packet, uncounted, to TC, which
 * decides again.
 */
static __always_inline int direct(void *ctx, int xdp, const struct fl_settings *conf,
				  const struct packet *packet, __u64 now,
				  struct fl_connection *connection, struct opening *opening,
				  struct forward *forward)
{
	int answer = VERDICT_NOT_OURS;

	if (connection)
		answer = direct_known(ctx, xdp, conf, packet, now, connection, forward);
	if (answer != VERDICT_NOT_OURS)
		return answer;
	__builtin_memset(opening, 0, sizeof(*opening));
	if (connection)
		connection_take_out(&packet->key, connection, &opening->old, now);
	answer = direct_new(ctx, xdp, conf, packet, now, opening, forward);
	if (connection && answer == -FL_REASON_NO_SERVER)
		count_refusal(packet, &opening->old);
	if (connection)
		connection_unbind(&packet->key, &opening->old, opening->old.state);
	return answer;
}

#endif /* FL_DIRECT_H */
