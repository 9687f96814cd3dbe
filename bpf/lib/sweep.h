/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Taking out what has expired. Walks do it (walk.h), once a second and before a
 * listing: packets do not wait for them. Connections first, since a template does
 * not end before them.
 *
 * With drop_entry a sweep also thins out (ip_vs_random_dropentry()): it looks at
 * one entry in 32, at random, and ends half-open ones and those that were idle for
 * a minute after a few packets.
 */
#ifndef FL_SWEEP_H
#define FL_SWEEP_H

#include "connection.h"
#include "move.h"
#include "template.h"

#define THIN_OUT_ONE_IN 32
#define THIN_OUT_IDLE (60 * NSEC_PER_SEC)
#define THIN_OUT_PACKETS 8

struct sweep {
	__u64 now;
	__u32 is_current; /* 1: the entries lie where new ones go, too */
	__u32 thins; /* 1: by drop_entry */
};

/* expire_nodest_conn: what belongs to a real server that was deleted goes at once. */
static __always_inline int sweep_expels(const struct fl_settings *conf, __u32 destination_slot)
{
	struct fl_destination *destination;

	if (!conf->sysctl.expire_nodest_conn)
		return 0;
	destination = bpf_map_lookup_elem(&destinations, &destination_slot);
	return !destination || !destination_is_available(destination, conf->generation);
}

static __always_inline int sweep_picks(const struct sweep *sweep)
{
	return sweep->thins && bpf_get_prandom_u32() % THIN_OUT_ONE_IN == 0;
}

/* todrop_entry(): the fewer its packets, the likelier. */
static __always_inline int was_idle(const struct fl_connection *connection, __u64 now)
{
	__u32 packets = connection->packets;

	return now >= connection->last_seen + THIN_OUT_IDLE && packets &&
	       packets <= THIN_OUT_PACKETS && bpf_get_prandom_u32() % packets == 0;
}

static __always_inline int is_thinned_out(__u8 protocol, const struct fl_connection *connection,
					  __u64 now)
{
	__u32 state = connection->state;

	if (protocol == IPPROTO_TCP) {
		if (state == FL_TCP_SYN_RECV || state == FL_TCP_SYNACK)
			return 1;
		return state == FL_TCP_ESTABLISHED && was_idle(connection, now);
	}
	if (protocol == IPPROTO_SCTP) {
		if (state == FL_SCTP_INIT1 || state == FL_SCTP_INIT)
			return 1;
		return state == FL_SCTP_ESTABLISHED && was_idle(connection, now);
	}
	return was_idle(connection, now);
}

/* As connection_end(), with a template that has led to nothing. The entry's place may be another's by then. */
__noinline int thin_out(const struct fl_connection_key *key, struct fl_connection *connection,
			__u64 now)
{
	struct fl_connection old;

	if (!key || !connection)
		return 0;
	connection_take_out(key, connection, &old, now);
	connection_unbind(key, &old, old.state);
	if (old.flags & FL_CONNECTION_TEMPLATE)
		control_drop(key, &old);
	return 0;
}

/* Whether an entry that has not expired stays where it is, whatever it is: nearly always. */
static __always_inline int sweep_wants_expired(const struct sweep *sweep)
{
	const struct fl_settings *conf = &settings;

	return sweep->is_current && !sweep->thins && !conf->sysctl.expire_nodest_conn;
}

/* Whether the entry goes on where it lies. */
__noinline int sweep_entry(const struct fl_connection_key *key, struct fl_connection *connection,
			   const struct sweep *sweep)
{
	const struct fl_settings *conf = &settings;

	if (!key || !connection || !sweep)
		return 1;
	if (is_over(connection->last_seen, connection->timeout_ms, sweep->now) ||
	    sweep_expels(conf, connection->destination)) {
		connection_end(key, connection, sweep->now);
		return 0;
	}
	if (!sweep_picks(sweep) || !is_thinned_out(key->protocol, connection, sweep->now))
		return sweep->is_current || !entry_move(key, connection, sweep->now);
	return thin_out(key, connection, sweep->now);
}

static __always_inline void sweep_template(const struct template_place *place,
					   struct fl_template *template, const struct sweep *sweep)
{
	const struct fl_settings *conf = &settings;

	if (template->state == FL_STATE_DEAD) {
		template_delete(place);
		return;
	}
	if (template_expire(place, template, sweep->now) || template->controlled)
		return;
	if (sweep_expels(conf, template->destination) ||
	    (template->state == FL_TEMPLATE_NONE && sweep_picks(sweep)))
		template_end(place, template);
}

struct fl_slot {
	__u32 slot;
};

/* An edit has raised a destination's upper threshold, or lifted it: it may have connections again. */
SEC("syscall")
int fl_relieve(struct fl_slot *context)
{
	__u32 slot = context->slot;
	struct fl_destination_load *load = bpf_map_lookup_elem(&dest_load, &slot);

	if (load)
		__sync_fetch_and_and(&load->flags, ~FL_DESTINATION_OVERLOADED);
	return 0;
}

#endif /* FL_SWEEP_H */
