/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Persistence (ip_vs_sched_persist()): a template stands for all connections of a
 * client network to a service, and says which destination they go to, even one
 * that is quiesced or overloaded. One whose destination has gone is invalidated:
 * it keeps its time and its connections, but nobody asks it any more.
 */
#ifndef FL_TEMPLATE_H
#define FL_TEMPLATE_H

#include "control.h"
#include "schedule.h"
#include "sip.h"

/* How much longer a template lasts whose time is over while connections are under it. */
#define TEMPLATE_KEPT_MS 60000

static __always_inline int template_is_over(const struct fl_template *template, __u64 now)
{
	return now > template->last_seen + template->timeout_ms * NSEC_PER_MSEC;
}

/* Whether its time is over, and so it ends; with connections under it, it starts anew instead. */
static __always_inline int template_expire(const struct template_place *place,
					   struct fl_template *template, __u64 now)
{
	if (!template_is_over(template, now))
		return 0;
	if (template->controlled) {
		template->timeout_ms = TEMPLATE_KEPT_MS;
		template->last_seen = now;
		return 0;
	}
	template_end(place, template);
	return 1;
}

/* ip_vs_check_template() */
static __always_inline int template_is_valid(const struct fl_settings *conf,
					     const struct fl_template *template)
{
	__u32 slot = template->destination;
	struct fl_destination *destination = bpf_map_lookup_elem(&destinations, &slot);

	if (!destination || !destination_is_available(destination, conf->generation))
		return 0;
	return !conf->sysctl.expire_quiescent_template ||
	       destination_config(destination, conf->generation)->weight;
}

/* The place's living template, or NULL. */
static __always_inline struct fl_template *template_find(const struct template_place *place,
							 __u64 now)
{
	struct fl_template *template = template_at(place);

	if (!template || template->state == FL_STATE_DEAD || template_expire(place, template, now))
		return NULL;
	return template;
}

/* A copy of the template, put elsewhere: NULL where there is no room. */
static __always_inline struct fl_template *template_copy(struct fl_template *template,
							 const struct template_place *to,
							 struct fl_sip_template *whole)
{
	struct fl_sip_key key;

	if (!to->is_sip) {
		bpf_map_update_elem(&templates, &to->key, template, BPF_NOEXIST);
	} else if (whole) {
		key = sip_key_of(to);
		bpf_map_update_elem(&sip_templates, &key, whole, BPF_NOEXIST);
	}
	return template_at(to);
}

/*
 * Out of the way, under a key nobody asks for. Connections may leave it meanwhile:
 * the copy begins with none, and their number follows in one step.
 */
static __noinline int template_invalidate(struct template_place *place,
					  struct fl_template *template)
{
	__u32 state = __sync_lock_test_and_set(&template->state, FL_STATE_DEAD);
	struct fl_sip_template *whole = place->is_sip ? sip_template_at(place) : NULL;
	__be16 port = place->key.virtual_port;
	struct fl_template *moved;

	if (state == FL_STATE_DEAD)
		return 0;
	template_place_invalid(place, template->serial);
	moved = template_copy(template, place, whole);
	place->key.virtual_port = port;
	place->key.serial = 0;
	if (moved && moved->serial == template->serial) {
		moved->controlled = 0;
		moved->server_port = TEMPLATE_PORT_INVALID;
		moved->state = state;
		__sync_fetch_and_add(&moved->controlled,
				     __sync_lock_test_and_set(&template->controlled, 0));
	} else {
		unbind(template->destination, BOUND_TEMPLATE);
		pressure_count_templates(-1);
	}
	template_delete(place);
	return 0;
}

/* The template to follow, or NULL: none, or none any more. */
static __always_inline struct fl_template *template_ask(const struct fl_settings *conf,
							struct template_place *place, __u64 now)
{
	struct fl_template *template = template_find(place, now);

	if (!template)
		return NULL;
	if (place->is_sip && !sip_is_same(place))
		template_invalidate(place, template);
	else if (template_is_valid(conf, template))
		return template;
	else
		template_invalidate(place, template);
	return NULL;
}

/* A new one, for the destination that the scheduler has just chosen; NULL for want of room. */
static __noinline int template_create(const struct template_place *place,
				      const struct fl_service_config *config, __u32 slot, __u64 now)
{
	struct fl_destination *destination = bpf_map_lookup_elem(&destinations, &slot);
	struct fl_template fresh = {
		.last_seen = now,
		.timeout_ms = config->persistence_ms,
		.destination = slot,
		.serial = pressure_next_serial(),
	};
	long missed;

	if (!destination)
		return -1;
	if (place->key.virtual_port)
		fresh.server_port = destination->port;
	missed = place->is_sip ? sip_template_create(place, &fresh)
			       : bpf_map_update_elem(&templates, &place->key, &fresh, BPF_NOEXIST);
	if (missed)
		return -1;
	bind(slot, BOUND_TEMPLATE);
	pressure_count_templates(1);
	return 0;
}

/* The template's say: its destination. The connection counts under it, unless it is one packet only. */
static __always_inline void template_follow(struct fl_template *template,
					    struct fl_connection *fresh, __u64 now, int one_packet)
{
	fresh->destination = template->destination;
	fresh->template_serial = template->serial;
	template->last_seen = now;
	if (!one_packet)
		__sync_fetch_and_add(&template->controlled, 1);
}

/*
 * Asks for the template of a packet whose connection `fresh` is to be, which says all
 * that the template's key follows from: 0 and a destination, or -1 if there is none.
 */
__noinline int template_look_up(const struct packet *packet, struct fl_connection *fresh, __u64 now,
				int one_packet)
{
	const struct fl_settings *conf = &settings;
	struct template_place place;
	struct fl_template *template;

	if (!packet || !fresh)
		return -1;
	place = template_place_of(&packet->key, fresh);
	template = template_ask(conf, &place, now);
	if (!template)
		return -1;
	template_follow(template, fresh, now, one_packet);
	return 0;
}

/* Makes one for the destination the scheduler has chosen. Another CPU's, just made, has more say. */
__noinline int template_open(const struct packet *packet, const struct fl_service_config *config,
			     struct fl_connection *fresh, __u64 now, int one_packet)
{
	struct template_place place;
	struct fl_template *template;

	if (!packet || !config || !fresh)
		return -FL_REASON_TABLE_FULL;
	place = template_place_of(&packet->key, fresh);
	template_create(&place, config, fresh->destination, now);
	template = template_find(&place, now);
	if (!template)
		return -FL_REASON_TABLE_FULL;
	template_follow(template, fresh, now, one_packet);
	return 0;
}

#endif /* FL_TEMPLATE_H */
