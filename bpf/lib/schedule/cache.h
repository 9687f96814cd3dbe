/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What lblc and lblcr remember: which destination, or which few, the packets to
 * an address were last sent to. An entry that was not used for the expiration
 * time is as good as gone; so is one of an earlier service in the same slot.
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

/* A packet's question to the cache. */
struct cache_request {
	const struct fl_service_config *config;
	struct fl_cache_key key;
	__u64 now;
	__u64 expiration; /* ns */
};

static __always_inline struct cache_request cache_request_of(const struct fl_service_config *config,
							     const struct packet *packet,
							     __u32 service_slot, __u64 now,
							     __u32 expiration_ms)
{
	return (struct cache_request){
		.config = config,
		.key = { .address = packet->key.vip, .service_slot = service_slot },
		.now = now,
		.expiration = expiration_ms * NSEC_PER_MSEC,
	};
}

/* The entry, now used, or NULL. */
static __always_inline struct fl_cache *cache_find(const struct cache_request *request)
{
	struct fl_cache *entry = bpf_map_lookup_elem(&cache, &request->key);

	if (!entry || entry->born != request->config->born)
		return NULL;
	if (request->now > entry->last_used + request->expiration)
		return NULL;
	entry->last_used = request->now;
	return entry;
}

/* Begins the entry anew with one server. */
static __noinline int cache_start(const struct cache_request *request, __u32 slot)
{
	struct fl_cache *entry;

	bpf_map_update_elem(&cache, &request->key, &cache_nothing, BPF_ANY);
	entry = bpf_map_lookup_elem(&cache, &request->key);
	if (!entry)
		return -1;
	entry->born = request->config->born;
	entry->last_used = request->now;
	entry->last_changed = request->now;
	entry->slot[0] = slot;
	entry->servers = 1;
	return 0;
}

struct idle_search {
	const struct fl_service_config *config;
	__u32 found;
};

static long idle_step(__u32 index, void *data)
{
	struct idle_search *search = data;
	struct listed at;

	if (listed_at(search->config, index, &at))
		return 1;
	search->found = (__u64)at.load->active * 2 < at.member->weight;
	return search->found;
}

/* More active connections than it weighs, while another has less than half of that. */
static __noinline int cache_is_busy(const struct cache_request *request,
				    const struct remembered *at)
{
	struct idle_search search = { .config = request->config };

	if (at->load->active <= at->weight)
		return 0;
	for_each_listed(request->config, idle_step, &search);
	return search.found;
}

#endif /* FL_SCHEDULE_CACHE_H */
