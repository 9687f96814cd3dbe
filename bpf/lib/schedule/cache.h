/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What lblc and lblcr remember: which destination, or which few, a destination
 * address was last sent to. A service has one address: the entries are by service. An entry that was not used for the expiration time
 * is as good as gone; so is one of an earlier service in the same slot.
 *
 * Entries are changed in place, without a lock: a race may forget a server or
 * keep it twice, and whatever a slot says is looked at again before it is used.
 */
#ifndef FL_SCHEDULE_CACHE_H
#define FL_SCHEDULE_CACHE_H

#include "clock.h"
#include "packet.h"
#include "schedule/least.h"

static const struct fl_cache cache_nothing = {};

#define CACHE_EXPIRATION (86400000 * NSEC_PER_MSEC) /* lblc_expiration, lblcr_expiration: a day */

/* The entry, now used, or NULL. */
static __always_inline struct fl_cache *cache_find(const struct fl_service *service, __u64 now)
{
	__u32 key = service->slot;
	struct fl_cache *entry = bpf_map_lookup_elem(&cache, &key);

	if (!entry || entry->born != service->born)
		return NULL;
	if (now > entry->last_used + CACHE_EXPIRATION)
		return NULL;
	entry->last_used = now;
	return entry;
}

/* Begins the entry anew with one server. */
static __noinline int cache_start(const struct fl_service *service, __u32 slot, __u64 now)
{
	__u32 key = service->slot;
	struct fl_cache *entry;

	bpf_map_update_elem(&cache, &key, &cache_nothing, BPF_ANY);
	entry = bpf_map_lookup_elem(&cache, &key);
	if (!entry)
		return -1;
	entry->born = service->born;
	entry->last_used = now;
	entry->last_changed = now;
	entry->slot[0] = slot;
	entry->servers = 1;
	return 0;
}

struct idle_search {
	__u32 slot;
	__u32 found;
};

static long idle_step(__u32 index, void *data)
{
	struct idle_search *search = data;
	struct listed at;

	if (listed_at(search->slot, &at))
		return 1;
	search->slot = at.destination->next;
	search->found = (__u64)at.state->active * 2 < at.destination->weight;
	return search->found;
}

/* More active connections than it weighs, while another has less than half of that. */
static __noinline int cache_is_busy(const struct fl_service *service, __u32 slot)
{
	struct idle_search search = {
		.slot = service->first,
	};
	struct listed at;

	if (listed_at(slot, &at) || at.state->active <= at.destination->weight)
		return 0;
	for_each_listed(idle_step, &search);
	return search.found;
}

#endif /* FL_SCHEDULE_CACHE_H */
