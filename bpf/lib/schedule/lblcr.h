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
	const struct cache_request *request;
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
	struct remembered at;
	__u32 slot;

	if (index >= size)
		return 1;
	slot = search->entry->slot[masked(size - 1 - index, SET_MASK)];
	if (!remembered_at(search->request->key.service_slot, slot, &at) &&
	    may_have_more(at.weight, at.load))
		least_offer(&search->least, slot, overhead_of(at.load), at.weight);
	return 0;
}

static long set_most_step(__u32 index, void *data)
{
	struct set_search *search = data;
	__u32 size = set_size(search->entry);
	struct remembered at;
	__u32 place, slot;
	__u64 load;

	if (index >= size)
		return 1;
	place = masked(size - 1 - index, SET_MASK);
	slot = search->entry->slot[place];
	if (remembered_at(search->request->key.service_slot, slot, &at)) {
		search->most = place + 1;
		return 1;
	}
	load = overhead_of(at.load);
	if (!at.weight || (search->most && load * search->weight <= search->load * at.weight))
		return 0;
	search->load = load;
	search->weight = at.weight;
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
static __noinline __u32 set_choose(const struct cache_request *request, struct fl_cache *entry)
{
	struct set_search search = { .request = request, .entry = entry };

	bpf_loop(FL_CACHE_SERVERS, set_least_step, &search, 0);
	if (set_size(entry) > 1 && request->now > entry->last_changed + request->expiration) {
		bpf_loop(FL_CACHE_SERVERS, set_most_step, &search, 0);
		if (search.most)
			set_remove(entry, search.most - 1, request->now);
	}
	return search.least.chosen;
}

static __noinline __u32 schedule_lblcr(const struct cache_request *request)
{
	struct fl_cache *entry = cache_find(request);
	struct remembered at;
	__u32 slot;

	if (entry) {
		slot = set_choose(request, entry);
		if (!remembered_at(request->key.service_slot, slot, &at) &&
		    !cache_is_busy(request, &at))
			return slot;
	}
	slot = schedule_wlc(request->config);
	if (slot && entry)
		set_add(entry, slot, request->now);
	else if (slot)
		cache_start(request, slot);
	return slot;
}

#endif /* FL_SCHEDULE_LBLCR_H */
