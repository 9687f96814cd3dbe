/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How much is in the tables, and what that means for whoever wants in. */
#ifndef FL_PRESSURE_H
#define FL_PRESSURE_H

#include "clock.h"
#include "state.h"

/* So long after a connection was forwarded without an entry its segments are recognised. */
#define STATELESS_LASTS (60 * NSEC_PER_SEC)

static __always_inline struct fl_pressure *pressure_now(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&pressure, &zero);
}

static __always_inline void pressure_count_connections(int amount)
{
	struct fl_pressure *now = pressure_now();

	if (now)
		__sync_fetch_and_add(&now->connections, amount);
}

static __always_inline void pressure_count_outside(int amount)
{
	struct fl_pressure *now = pressure_now();

	if (now)
		__sync_fetch_and_add(&now->outside, amount);
}

static __always_inline void pressure_count_half_open(int amount)
{
	struct fl_pressure *now = pressure_now();

	if (now)
		__sync_fetch_and_add(&now->half_open, amount);
}

static __always_inline void pressure_count_templates(int amount)
{
	struct fl_pressure *now = pressure_now();

	if (now)
		__sync_fetch_and_add(&now->templates, amount);
}

static __always_inline void pressure_count_replies(int amount)
{
	struct fl_pressure *now = pressure_now();

	if (now)
		__sync_fetch_and_add(&now->replies, amount);
}

/* Whether a packet without a connection of its own may be the reply of another one. */
static __always_inline int pressure_has_replies(void)
{
	struct fl_pressure *now = pressure_now();

	return now && now->replies;
}

/* A number no other live template has; never 0. */
static __always_inline __u32 pressure_next_serial(void)
{
	struct fl_pressure *now = pressure_now();
	__u32 serial = now ? __sync_fetch_and_add(&now->template_serial, 1) + 1 : 1;

	return serial ? serial : 1;
}

/* Why there is no room for the packet's connection: a reason, 0 if there is. */
static __always_inline int pressure_no_room(const struct fl_settings *conf,
					    const struct packet *packet)
{
	struct fl_pressure *now = pressure_now();

	if (!now)
		return 0;
	if (now->connections >= conf->connection_limit)
		return FL_REASON_TABLE_FULL;
	if (packet->syn && now->half_open >= conf->half_open_limit)
		return FL_REASON_HALF_OPEN_FULL;
	return 0;
}

/*
 * drop_packet: whether this one, of all that would open a connection, is dropped
 * (ip_vs_todrop()). The first one is; another rate holds from the next drop on.
 */
static __always_inline int pressure_drops(const struct fl_settings *conf)
{
	struct fl_pressure *now = pressure_now();
	__u32 rate = conf->sysctl.drop_rate;

	if (!rate || !now || (__s32)__sync_fetch_and_add(&now->drop_count, -1) > 1)
		return 0;
	now->drop_count = rate;
	return 1;
}

static __always_inline int pressure_is_stateless(__u64 now)
{
	struct fl_pressure *pressed = pressure_now();

	return pressed && pressed->stateless_at && now <= pressed->stateless_at + STATELESS_LASTS;
}

static __always_inline void pressure_mark_stateless(__u64 now)
{
	struct fl_pressure *pressed = pressure_now();

	if (pressed && pressed->stateless_at != now)
		pressed->stateless_at = now;
}

#endif /* FL_PRESSURE_H */
