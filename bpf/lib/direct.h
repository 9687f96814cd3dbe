/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The core, one for both hooks: from a parsed packet to the real server it goes
 * to. Nothing of the packet itself is changed here.
 */
#ifndef FL_DIRECT_H
#define FL_DIRECT_H

#include "connection.h"
#include "next_hop.h"
#include "schedule.h"

/* Other answers of direct(); a reason (negative) says why a packet is not forwarded. */
enum verdict {
	VERDICT_FORWARD,
	VERDICT_LOCAL, /* the real server is this host: deliver here */
	VERDICT_NOT_OURS, /* no service */
	VERDICT_LATER, /* XDP only: TC must do it */
};

/* TIME_WAIT and CLOSE make room for a new connection from the same port (conn_reuse_mode 1). */
static __always_inline int connection_may_be_reused(const struct fl_connection *connection)
{
	return connection->state == FL_TCP_TIME_WAIT || connection->state == FL_TCP_CLOSE;
}

/*
 * A packet without entry: which service it is for, which real server it gets.
 * VERDICT_FORWARD once there is an entry. A function of its own, so that the
 * path of established connections stays short.
 */
static __noinline int connection_open(void *ctx, const struct packet *packet, __u64 now)
{
	struct fl_service_key key = {
		.address = packet->key.virtual_address,
		.port = packet->key.virtual_port,
		.protocol = packet->key.protocol,
	};
	struct fl_service *service = bpf_map_lookup_elem(&services, &key);
	struct fl_destination *destination;
	__u32 slot;

	if (!service)
		return VERDICT_NOT_OURS;
	if (!address_is_local(ctx, packet->key.virtual_address))
		return -FL_REASON_VIP_NOT_LOCAL;
	if (packet->fragment)
		return -FL_REASON_FRAGMENT;
	if (packet->key.protocol == IPPROTO_TCP && packet->event != TCP_EVENT_SYN)
		return -FL_REASON_NO_CONNECTION;
	slot = schedule(service, packet, now);
	destination = bpf_map_lookup_elem(&destinations, &slot);
	if (!slot || !destination)
		return -FL_REASON_NO_SERVER;
	if (!connection_create(packet, destination, slot, now))
		return -FL_REASON_TABLE_FULL;
	return VERDICT_FORWARD;
}

/*
 * `xdp` is the ingress interface's index in XDP and 0 in TC. In XDP any answer
 * but VERDICT_FORWARD leaves the packet, uncounted, to TC, which decides again.
 */
static __always_inline int direct(void *ctx, const struct packet *packet, __u32 xdp,
				  struct next_hop *hop)
{
	__u64 now = clock_now();
	struct fl_connection *connection = connection_find(&packet->key, now);
	struct fl_destination_state *state;
	struct fl_destination *destination;
	int verdict, route = 0;
	__u32 slot;

	if (connection && packet->syn && connection_may_be_reused(connection)) {
		connection_end(&packet->key, connection);
		connection = NULL;
	}
	if (!connection) {
		verdict = connection_open(ctx, packet, now);
		if (verdict != VERDICT_FORWARD)
			return verdict;
		connection = connection_find(&packet->key, now);
		if (!connection)
			return -FL_REASON_TABLE_FULL;
	} else if (packet->fragment) {
		return -FL_REASON_FRAGMENT;
	}

	slot = connection->destination;
	destination = bpf_map_lookup_elem(&destinations, &slot);
	state = bpf_map_lookup_elem(&dest_state, &slot);
	if (!destination || !state || !(destination->flags & FL_DESTINATION_AVAILABLE))
		return -FL_REASON_SERVER_REMOVED;

	if (xdp) {
		if (packet->ttl <= 1 ||
		    next_hop_neighbour(ctx, destination->address, state, now, hop) ||
		    !xdp_can_send(xdp, hop->interface))
			return VERDICT_LATER;
	} else {
		route = next_hop_route(ctx, destination->address, state, now, hop);
	}
	/* As in IPVS, a packet counts, and moves its connection, before it is sent. */
	count_packet(destination->service_slot, slot, packet->bytes);
	connection_advance(connection, packet, now);
	if (route)
		return route;
	if (hop->interface == LOOPBACK_IFINDEX)
		return VERDICT_LOCAL;
	if (packet->ttl <= 1)
		return -FL_REASON_TTL_EXPIRED;
	return VERDICT_FORWARD;
}

#endif /* FL_DIRECT_H */
