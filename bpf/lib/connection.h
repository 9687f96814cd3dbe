/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Connections: one entry per client address, client port and virtual service.
 *
 * ActiveConn and InActConn stay exact because each change of an entry's state
 * is won by exactly one CPU (compare-and-swap on the state word), the entry's
 * death included, and only the winner moves the counts.
 *
 * Expiry: an entry carries the time it was last seen and its timeout, nothing
 * more. It is dead from its deadline on for whoever looks it up, and a sweep over
 * the table (fl_sweep), which the daemon runs once a second, takes it out. Why no
 * timers: docs/design/0003-expiry.md.
 */
#ifndef FL_CONNECTION_H
#define FL_CONNECTION_H

#include "clock.h"
#include "count.h"
#include "maps.h"
#include "masked.h"
#include "packet.h"
#include "tcp_state.h"

/* How often a packet tries to move its connection's state before it lets another's move stand. */
#define STATE_ATTEMPTS 4

static __always_inline __u32 connection_timeout(__u8 protocol, __u32 state)
{
	__u32 zero = 0;
	struct fl_settings *conf = bpf_map_lookup_elem(&settings, &zero);

	if (!conf)
		return 0;
	if (protocol == IPPROTO_UDP)
		return conf->udp_timeout_ms;
	return conf->tcp_timeout_ms[masked(state, FL_TCP_STATES_ROOM - 1)];
}

static __always_inline int connection_is_over(__u64 last_seen, __u32 timeout_ms, __u64 now)
{
	return now > last_seen + timeout_ms * NSEC_PER_MSEC;
}

static __always_inline int connection_is_active(__u8 protocol, __u32 state)
{
	return protocol == IPPROTO_TCP && tcp_state_is_active(state);
}

/* Adds `amount` (1 or -1) to the destination's ActiveConn or InActConn. */
static __always_inline void count_bound(__u32 destination, int active, int amount)
{
	struct fl_destination_state *state = bpf_map_lookup_elem(&dest_state, &destination);

	if (!state)
		return;
	if (active)
		__sync_fetch_and_add(&state->active, amount);
	else
		__sync_fetch_and_add(&state->inactive, amount);
}

/* Ends an entry now. Harmless when another CPU was first. */
static __always_inline void connection_end(const struct fl_connection_key *key,
					   struct fl_connection *connection)
{
	__u32 destination = connection->destination;
	__u32 state = __sync_lock_test_and_set(&connection->state, FL_STATE_DEAD);

	if (state == FL_STATE_DEAD)
		return;
	count_bound(destination, connection_is_active(key->protocol, state), -1);
	bpf_map_delete_elem(&connections, key);
}

/* The live entry of a packet, or NULL. */
static __always_inline struct fl_connection *connection_find(const struct fl_connection_key *key,
							     __u64 now)
{
	struct fl_connection *connection = bpf_map_lookup_elem(&connections, key);

	if (!connection || connection->state == FL_STATE_DEAD)
		return NULL;
	if (connection_is_over(connection->last_seen, connection->timeout_ms, now)) {
		connection_end(key, connection);
		return NULL;
	}
	return connection;
}

/* A new entry bound to `destination`; NULL when the table is full. */
static __always_inline struct fl_connection *
connection_create(const struct packet *packet, const struct fl_destination *destination,
		  __u32 destination_slot, __u64 now)
{
	__u8 protocol = packet->key.protocol;
	__u32 state = protocol == IPPROTO_TCP ? tcp_next_state(FL_TCP_NONE, packet->event) : 0;
	struct fl_connection fresh = {
		.last_seen = now,
		.timeout_ms = connection_timeout(protocol, state),
		.state = state,
		.destination = destination_slot,
	};

	/* Refused where another CPU has just made the entry: then that one counts. */
	if (!bpf_map_update_elem(&connections, &packet->key, &fresh, BPF_NOEXIST)) {
		count_bound(destination_slot, connection_is_active(protocol, state), 1);
		count_connection(destination->service_slot, destination_slot);
	}
	return bpf_map_lookup_elem(&connections, &packet->key);
}

/* What a forwarded packet does to its entry: state, counts, timeout, time. */
static __always_inline void connection_advance(struct fl_connection *connection,
					       const struct packet *packet, __u64 now)
{
	__u8 protocol = packet->key.protocol;
	__u32 destination = connection->destination;
	__u32 state, next, timeout;

	/* Lost only against another packet of this connection, or against its end. */
	for (int attempt = 0; attempt < STATE_ATTEMPTS; attempt++) {
		state = connection->state;
		if (state == FL_STATE_DEAD)
			return;
		next = protocol == IPPROTO_TCP ? tcp_next_state(state, packet->event) : state;
		if (next == state ||
		    __sync_val_compare_and_swap(&connection->state, state, next) == state)
			break;
		next = state;
	}
	if (connection_is_active(protocol, state) != connection_is_active(protocol, next)) {
		count_bound(destination, connection_is_active(protocol, state), -1);
		count_bound(destination, connection_is_active(protocol, next), 1);
	}
	if (connection->last_seen != now)
		connection->last_seen = now;
	timeout = connection_timeout(protocol, next);
	if (connection->timeout_ms != timeout)
		connection->timeout_ms = timeout;
}

#endif /* FL_CONNECTION_H */
