/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lblcr: lblc with replication. A destination address has a set of destinations
 * and is sent to the least loaded of them. When that one is busy while another
 * is idle, wlc's choice joins the set; when the set has not changed for the
 * expiration time, its most loaded member leaves it (ip_vs_lblcr.c).
 *
 * A set has its newest member last; walks begin there.
 */
#ifndef FL_SCHEDULE_LBLCR_H
#define FL_SCHEDULE_LBLCR_H

#include "schedule/cache.h"
#include "schedule/wlc.h"

#define SET_MASK (FL_CACHE_SERVERS - 1)

struct set_search {
	const struct fl_service *service;
	const struct fl_cache *entry;
	struct least_search least;
	__u64 load; /* of the most loaded */
	__u32 weight;
	__u32 most; /* its place in the set, plus 1; 0: none yet */
};

static __always_inline __u32 set_size(const struct fl_cache *entry)
{
	__u32 size = entry->servers;

	return size < FL_CACHE_SERVERS ? size : FL_CACHE_SERVERS;
}

static long set_least_step(__u32 index, void *data)
{
	struct set_search *search = data;
	__u32 size = set_size(search->entry);
	struct listed at;
	__u32 slot;

	if (index >= size)
		return 1;
	slot = search->entry->slot[masked(size - 1 - index, SET_MASK)];
	if (still_listed(search->service, slot, &at) && is_eligible(at.destination))
		least_offer(&search->least, slot, overhead_of(at.state), at.destination->weight);
	return 0;
}

static long set_most_step(__u32 index, void *data)
{
	struct set_search *search = data;
	__u32 size = set_size(search->entry);
	struct listed at;
	__u32 place;
	__u64 load;

	if (index >= size)
		return 1;
	place = masked(size - 1 - index, SET_MASK);
	if (!still_listed(search->service, search->entry->slot[place], &at)) {
		search->most = place + 1;
		return 1;
	}
	load = overhead_of(at.state);
	if (!at.destination->weight ||
	    (search->most && load * search->weight <= search->load * at.destination->weight))
		return 0;
	search->load = load;
	search->weight = at.destination->weight;
	search->most = place + 1;
	return 0;
}

static __always_inline void set_remove(struct fl_cache *entry, __u32 place, __u64 now)
{
	for (__u32 at = 0; at < FL_CACHE_SERVERS - 1; at++) {
		if (at >= place)
			entry->slot[at] = entry->slot[at + 1];
	}
	entry->servers = set_size(entry) - 1;
	entry->last_changed = now;
}

/* A full set loses its oldest member. */
static __noinline int set_add(struct fl_cache *entry, __u32 slot, __u64 now)
{
	__u32 size = set_size(entry);

	for (__u32 at = 0; at < FL_CACHE_SERVERS; at++) {
		if (at < size && entry->slot[at] == slot)
			return 0;
	}
	if (size == FL_CACHE_SERVERS) {
		set_remove(entry, 0, now);
		size--;
	}
	entry->slot[masked(size, SET_MASK)] = slot;
	entry->servers = size + 1;
	entry->last_changed = now;
	return 0;
}

/* The least loaded eligible member, 0 for none. The most loaded one may leave, even if it is that. */
static __noinline __u32 set_choose(const struct fl_service *service, struct fl_cache *entry,
				   __u64 now)
{
	struct set_search search = { .service = service, .entry = entry };

	bpf_loop(FL_CACHE_SERVERS, set_least_step, &search, 0);
	if (set_size(entry) > 1 && now > entry->last_changed + CACHE_EXPIRATION) {
		bpf_loop(FL_CACHE_SERVERS, set_most_step, &search, 0);
		if (search.most)
			set_remove(entry, search.most - 1, now);
	}
	return search.least.chosen;
}

static __noinline __u32 schedule_lblcr(const struct fl_service *service, __u64 now)
{
	struct fl_cache *entry;
	__u32 slot;

	entry = cache_find(service, now);
	if (entry) {
		slot = set_choose(service, entry, now);
		if (slot && !cache_is_busy(service, slot))
			return slot;
	}
	slot = schedule_wlc(service);
	if (slot && entry)
		set_add(entry, slot, now);
	else if (slot)
		cache_start(service, slot, now);
	return slot;
}

#endif /* FL_SCHEDULE_LBLCR_H */
