/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Connections: one entry per client address, client port and virtual service
 * (ip_vs_conn.c).
 *
 * ActiveConn and InActConn stay exact because each change of an entry's state
 * is won by exactly one CPU (compare-and-swap on the state word), the entry's
 * death included, and only the winner moves the counts.
 *
 * Entries lie in tables (table.h), which this file leaves to others.
 *
 * Expiry: an entry carries the time it was last seen and its timeout, nothing
 * more. It is dead from its deadline on for whoever looks it up, and a sweep over
 * the table (sweep.h), which the daemon runs once a second, takes it out. Why no
 * timers: docs/design/0003-expiry.md.
 */
#ifndef FL_CONNECTION_H
#define FL_CONNECTION_H

#include "bound.h"
#include "clock.h"
#include "control.h"
#include "count.h"
#include "pressure.h"
#include "state.h"
#include "table.h"

/* How often a packet tries to move its connection's state before it lets another's move stand. */
#define STATE_ATTEMPTS 4

/* Of either protocol. */
#define EVENTS_MAX 16

/* A packet's event as move.h finds it that has moved the entry meanwhile. */
static __always_inline __u32 missed_bit(__u32 event, enum direction direction)
{
	return 1U << (masked(event, EVENTS_MAX - 1) +
		      (direction == DIRECTION_OUT ? EVENTS_MAX : 0));
}

/* reply.h: the way back, of connections whose replies are seen. */
int reply_remember(const struct fl_connection_key *key, const struct fl_connection *connection);
int reply_forget(const struct fl_connection_key *key, const struct fl_connection *connection);

static __always_inline int is_over(__u64 last_seen, __u32 timeout_ms, __u64 now)
{
	return now > last_seen + timeout_ms * NSEC_PER_MSEC;
}

/* Whether the real server's packets pass here, or may: its replies are to be recognised. */
static __always_inline int connection_has_replies(const struct fl_connection *connection)
{
	__u32 method = connection->flags & FL_CONNECTION_METHOD;

	return method == FL_METHOD_MASQ || method == FL_METHOD_LOCAL;
}

/*
 * Ends an entry's life, for whoever comes first: the state it was in, or DEAD for those
 * who come too late, or while it is being moved. It still counts where it is bound.
 */
static __always_inline __u32 connection_kill(const struct fl_connection_key *key,
					     struct fl_connection *connection, __u64 now)
{
	__u32 state = FL_STATE_DEAD;

	connection->died = rest_stamp(now);
	for (int attempt = 0; attempt < STATE_ATTEMPTS; attempt++) {
		state = connection->state;
		if (state == FL_STATE_DEAD || state == FL_STATE_MOVING)
			return FL_STATE_DEAD;
		if (__sync_val_compare_and_swap(&connection->state, state, FL_STATE_DEAD) == state)
			break;
		state = FL_STATE_DEAD;
	}
	if (state == FL_STATE_DEAD)
		return state;
	pressure_count_connections(-1);
	if (state_is_half_open(key->protocol, state))
		pressure_count_half_open(-1);
	if (connection_has_replies(connection))
		reply_forget(key, connection);
	return state;
}

/* What a dead entry, last in `state`, was bound to. */
static __always_inline void connection_unbind(const struct fl_connection_key *key,
					      const struct fl_connection *connection, __u32 state)
{
	if (state == FL_STATE_DEAD)
		return;
	unbind(connection->destination,
	       state_is_active(key->protocol, state) ? BOUND_ACTIVE : BOUND_INACTIVE);
	if (connection->flags & FL_CONNECTION_TEMPLATE)
		control_release(key, connection);
}

/*
 * Takes an entry out of the table. `old`, a copy of it with the state it was in, is to be
 * unbound: by connection_end() at once, but where it makes way for a new connection, when
 * that one has been scheduled. In IPVS, too, the old one counts until then.
 */
__noinline int connection_take_out(const struct fl_connection_key *key,
				   struct fl_connection *connection, struct fl_connection *old,
				   __u64 now)
{
	if (!key || !connection || !old)
		return 0;
	*old = *connection;
	old->state = connection_kill(key, connection, now);
	if (old->state != FL_STATE_DEAD)
		table_remove(key, old->flags);
	return 0;
}

/* Ends an entry now. Harmless when another CPU was first. */
__noinline int connection_end(const struct fl_connection_key *key, struct fl_connection *connection,
			      __u64 now)
{
	struct fl_connection old;

	if (!key || !connection)
		return 0;
	connection_take_out(key, connection, &old, now);
	connection_unbind(key, &old, old.state);
	return 0;
}

/* The live entry of a packet, or NULL. */
static __noinline struct fl_connection *connection_find(const struct fl_connection_key *key,
							__u64 now)
{
	struct fl_connection *connection = table_find(key);

	/* It was there, and has just ended, or been moved. */
	if (connection && connection->state == FL_STATE_DEAD)
		connection = table_find(key);
	if (!connection || connection->state == FL_STATE_DEAD)
		return NULL;
	if (is_over(connection->last_seen, connection->timeout_ms, now)) {
		connection_end(key, connection, now);
		return NULL;
	}
	return connection;
}

/*
 * Puts `fresh`, which says everything but time and state, into the table: 0, or
 * -1 when there is no room. Where another CPU has just made the entry, that one counts.
 */
__noinline int connection_create(const struct fl_connection_key *key, struct fl_connection *fresh,
				 __u64 now)
{
	enum placed placed;

	if (!key || !fresh)
		return -1;
	fresh->last_seen = now;
	fresh->timeout_ms = TIMEOUT_FRESH_MS;
	placed = table_put(key, fresh, now, 1);
	if (placed != PLACED) {
		if (fresh->flags & FL_CONNECTION_TEMPLATE)
			control_release(key, fresh);
		return placed == PLACED_BEFORE ? 0 : -1;
	}
	bind(fresh->destination, BOUND_INACTIVE);
	count_connection(fresh->destination);
	pressure_count_connections(1);
	if (connection_has_replies(fresh))
		reply_remember(key, fresh);
	return 0;
}

/* The winner of a state's change moves what is counted by it. */
static __always_inline void connection_moved(const struct fl_connection_key *key,
					     const struct fl_connection *connection, __u32 from,
					     __u32 to)
{
	__u8 protocol = key->protocol;
	int active = state_is_active(protocol, to);
	int half_open = state_is_half_open(protocol, to);

	if (active != state_is_active(protocol, from))
		rebind(connection->destination, active);
	if (half_open != state_is_half_open(protocol, from))
		pressure_count_half_open(half_open ? 1 : -1);
}

/* Its timer starts anew, for as long as `state` lasts. */
static __always_inline void connection_touch(const struct fl_settings *conf,
					     const struct fl_connection_key *key,
					     struct fl_connection *connection, __u32 state,
					     __u64 now)
{
	__u32 timeout = state_timeout(conf, key->protocol, state);

	if (connection->last_seen != now)
		connection->last_seen = now;
	if (connection->timeout_ms != timeout)
		connection->timeout_ms = timeout;
}

/*
 * What a forwarded packet does to its entry: state, counts, timeout, time. A function of
 * its own for the verifier, which would else look at it once for each place an entry may have.
 */
__noinline int connection_advance(const struct fl_connection_key *key,
				  struct fl_connection *connection, __u8 event,
				  enum direction direction, __u64 now)
{
	const struct fl_settings *conf = &settings;
	enum state_view view;
	__u32 state, next;

	if (!key || !connection)
		return 0;
	if (direction == DIRECTION_OUT && !(connection->flags & FL_CONNECTION_TWO_WAY))
		connection->flags |= FL_CONNECTION_TWO_WAY;
	view = state_view_of(direction, connection->flags);
	/* Lost only against another packet of this connection, or against its end. */
	for (int attempt = 0; attempt < STATE_ATTEMPTS; attempt++) {
		state = connection->state;
		if (state == FL_STATE_MOVING)
			__sync_fetch_and_or(&connection->missed, missed_bit(event, direction));
		if (state == FL_STATE_DEAD || state == FL_STATE_MOVING)
			return 0;
		next = next_state(conf, key->protocol, state, event, view);
		if (next == state)
			break;
		if (__sync_val_compare_and_swap(&connection->state, state, next) == state) {
			connection_moved(key, connection, state, next);
			break;
		}
		next = state;
	}
	/* A UDP connection is taken for established once its server answers. */
	if (connection->flags & FL_CONNECTION_TEMPLATE &&
	    (key->protocol == IPPROTO_UDP
		     ? direction == DIRECTION_OUT
		     : next != state && state_is_established(key->protocol, next)))
		control_assure(key, connection);
	connection_touch(conf, key, connection, next, now);
	return 0;
}

#endif /* FL_CONNECTION_H */
