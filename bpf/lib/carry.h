/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Connections and templates of another version's tables, which the daemon reads and this puts into ours
 * (docs/design/0015-carrying-over.md). Run by the daemon on batches, first while that version's programs
 * forward, at the end while these do. An entry may come again and again: what is here already is
 * brought up to date, and where a packet here has changed it since, that has more say.
 *
 * What entries are counted in (real servers' connections, templates' connections, replies, pressure) is
 * counted anew as they come.
 */
#ifndef FL_CARRY_H
#define FL_CARRY_H

#include "connection.h"
#include "sweep.h"
#include "template.h"

/* Where entry `index` of the batch begins, for entries of `size` octets; NULL behind the end. */
static __always_inline void *carried_at(__u32 index, __u32 size)
{
	__u32 zero = 0, offset = index * size;
	void *batch = bpf_map_lookup_elem(&carried, &zero);

	return batch && offset <= FL_CARRY_OCTETS - size ? batch + offset : NULL;
}

/* The connection counts under its template. Whether that is here. */
static __noinline int carry_hold(const struct fl_connection_key *key,
				 const struct fl_connection *connection)
{
	struct template_place place = template_place_of(key, connection);
	struct fl_template *template = template_by_serial(&place, connection->template_serial);

	if (!template)
		return 0;
	__sync_fetch_and_add(&template->controlled, 1);
	return 1;
}

static __always_inline int carry_insert(const struct fl_connection_key *key,
					const struct fl_connection *from, __u64 now,
					struct fl_carry *carry)
{
	struct fl_connection fresh = *from;
	enum placed placed;
	int held = 0;

	fresh.flags &= ~FL_CONNECTION_IN_TABLE;
	fresh.carried = from->state + 1;
	fresh.missed = 0;
	if (fresh.flags & FL_CONNECTION_TEMPLATE) {
		held = carry_hold(key, &fresh);
		/* The template has just been made there: the next look finds both. */
		if (!held && from->last_seen >= carry->again_from)
			return 0;
	}
	placed = table_put(key, &fresh, now, 1);
	if (placed != PLACED) {
		if (held)
			control_release(key, &fresh);
		if (placed == NO_PLACE)
			carry->refused++; /* else a packet has made one of its own meanwhile */
		return 0;
	}
	bind(fresh.destination,
	     state_is_active(key->protocol, fresh.state) ? BOUND_ACTIVE : BOUND_INACTIVE);
	pressure_count_connections(1);
	if (state_is_half_open(key->protocol, fresh.state))
		pressure_count_half_open(1);
	if (connection_has_replies(&fresh))
		reply_remember(key, &fresh);
	return 0;
}

/* What has happened there since the entry came. A state that it has got here stays: packets came here later. */
static __always_inline int carry_update(const struct fl_connection_key *key,
					struct fl_connection *here,
					const struct fl_connection *from)
{
	__u32 before = here->carried - 1;

	if (from->last_seen > here->last_seen) {
		here->last_seen = from->last_seen;
		if (here->state == before)
			here->timeout_ms = from->timeout_ms;
	}
	if (here->packets < from->packets)
		here->packets = from->packets;
	here->flags |= from->flags & FL_CONNECTION_TWO_WAY;
	if (from->state == before ||
	    __sync_val_compare_and_swap(&here->state, before, from->state) != before)
		return 0;
	here->timeout_ms = from->timeout_ms;
	here->carried = from->state + 1;
	connection_moved(key, here, before, from->state);
	if (here->flags & FL_CONNECTION_TEMPLATE &&
	    state_is_established(key->protocol, from->state))
		control_assure(key, here);
	return 0;
}

__noinline int carry_connection(const struct fl_connection_key *key,
				const struct fl_connection *from, struct fl_carry *carry)
{
	__u64 now = clock_now_exactly();
	struct fl_connection *here;

	if (!key || !from || !carry)
		return 0;
	here = table_find(key);
	if (here && here->state == FL_STATE_DEAD)
		here = NULL;
	if (here && !here->carried)
		return 0; /* packets have made one of their own */
	if (from->state == FL_STATE_DEAD) {
		if (here && here->last_seen <= from->last_seen)
			connection_end(key, here, now);
		return 0;
	}
	if (is_over(from->last_seen, from->timeout_ms, now))
		return 0;
	if (here && (here->destination != from->destination ||
		     here->template_serial != from->template_serial)) {
		connection_end(key, here, now);
		here = NULL;
	}
	return here ? carry_update(key, here, from) : carry_insert(key, from, now, carry);
}

static long carry_connection_at(__u32 index, struct fl_carry *carry)
{
	struct fl_carried *entry = carried_at(index, sizeof(*entry));

	if (!entry)
		return 1;
	carry_connection(&entry->key, &entry->connection, carry);
	return 0;
}

/* A copy of what is by now elsewhere there, or has gone: another has its key. */
static __always_inline void carry_make_way(struct template_place *place, struct fl_template *here)
{
	struct template_place elsewhere = *place;
	struct fl_template *moved;

	template_place_invalid(&elsewhere, here->serial);
	moved = template_at(&elsewhere);
	if (moved && moved->serial == here->serial) { /* it has come already, and counts there */
		unbind(here->destination, BOUND_TEMPLATE);
		pressure_count_templates(-1);
	}
	template_invalidate(place, here);
}

/* Whether `from` is to be put there. */
static __always_inline int carry_template(struct template_place *place,
					  const struct fl_template *from,
					  const struct fl_carry *carry)
{
	struct fl_template *here = template_at(place);

	if (from->state == FL_STATE_DEAD)
		return 0;
	if (here && here->state == FL_STATE_DEAD) {
		template_delete(place);
		return 1;
	}
	if (here && here->serial == from->serial) {
		if (from->last_seen > here->last_seen) {
			here->last_seen = from->last_seen;
			here->timeout_ms = from->timeout_ms;
		}
		if (from->state == FL_TEMPLATE_ASSURED)
			__sync_val_compare_and_swap(&here->state, FL_TEMPLATE_NONE,
						    FL_TEMPLATE_ASSURED);
		return 0;
	}
	if (here && (__s32)(here->serial - carry->serials_from) >= 0)
		return 0; /* packets have made one of their own */
	if (here)
		carry_make_way(place, here);
	return 1;
}

static __always_inline void carried_template(const struct fl_template *from, long missed,
					     struct fl_carry *carry)
{
	if (missed) {
		carry->refused++;
		return;
	}
	bind(from->destination, BOUND_TEMPLATE);
	pressure_count_templates(1);
}

static long carry_template_at(__u32 index, struct fl_carry *carry)
{
	struct fl_carried_template *entry = carried_at(index, sizeof(*entry));
	struct template_place place = {};

	if (!entry)
		return 1;
	place.key = entry->key;
	if (!carry_template(&place, &entry->template, carry))
		return 0;
	entry->template.controlled = 0;
	carried_template(&entry->template,
			 bpf_map_update_elem(&templates, &place.key, &entry->template, BPF_NOEXIST),
			 carry);
	return 0;
}

static long carry_sip_at(__u32 index, struct fl_carry *carry)
{
	struct fl_carried_sip *entry = carried_at(index, sizeof(*entry));
	struct template_place place;
	struct fl_sip_key key;

	if (!entry)
		return 1;
	key = entry->key;
	place = template_place_of_sip(&key);
	if (!carry_template(&place, &entry->template.template, carry))
		return 0;
	entry->template.template.controlled = 0;
	carried_template(&entry->template.template,
			 bpf_map_update_elem(&sip_templates, &key, &entry->template, BPF_NOEXIST),
			 carry);
	return 0;
}

static __always_inline int carry_batch(struct fl_carry *context,
				       long (*carry_one)(__u32, struct fl_carry *))
{
	struct fl_carry carry = *context; /* the verifier takes no pointer into a context */

	bpf_loop(carry.count, carry_one, &carry, 0);
	context->refused = carry.refused;
	return 0;
}

SEC("syscall")
int fl_carry_connections(struct fl_carry *context)
{
	return carry_batch(context, carry_connection_at);
}

/* Before the connections under them. */
SEC("syscall")
int fl_carry_templates(struct fl_carry *context)
{
	return carry_batch(context, carry_template_at);
}

SEC("syscall")
int fl_carry_sip(struct fl_carry *context)
{
	return carry_batch(context, carry_sip_at);
}

/*
 * Once, however often it is run: a daemon that was killed leaves it to the next. Each CPU adds to its own counts, so
 * that a packet's program can only come between two additions.
 */
SEC("syscall")
int fl_carry_drops(struct fl_carried_drops *context)
{
	struct fl_carried_drops drops = *context; /* as above */
	struct fl_pressure *now = pressure_now();

	if (!now || __sync_lock_test_and_set(&now->carried, 1))
		return 0;
	for (__u32 reason = 0; reason < FL_REASONS; reason++) {
		__u32 index = reason;
		__u64 *count = bpf_map_lookup_elem(&not_forwarded, &index);

		if (count)
			__sync_fetch_and_add(count, drops.packets[reason]);
	}
	return 0;
}

#endif /* FL_CARRY_H */
