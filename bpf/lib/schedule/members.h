/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every scheduler needs: a service's real servers, newest first, and what is known of each. */
#ifndef FL_SCHEDULE_MEMBERS_H
#define FL_SCHEDULE_MEMBERS_H

#include "maps.h"
#include "version.h"

/* A real server as a walk over the members meets it. */
struct listed {
	const struct fl_member *member;
	const struct fl_destination_load *load;
};

/* 0, or -1 at the end. */
static __always_inline int listed_at(const struct fl_service_config *config, __u32 index,
				     struct listed *at)
{
	__u32 place = config->first + index, slot;

	if (index >= config->count)
		return -1;
	at->member = bpf_map_lookup_elem(&members, &place);
	if (!at->member)
		return -1;
	slot = at->member->destination;
	at->load = bpf_map_lookup_elem(&dest_load, &slot);
	return at->load ? 0 : -1;
}

static __always_inline int may_have_more(__u32 weight, const struct fl_destination_load *load)
{
	return weight && !(load->flags & FL_DESTINATION_OVERLOADED);
}

/* IPVS: a real server gets new connections unless it is quiesced or overloaded. */
static __always_inline int is_eligible(const struct listed *at)
{
	return may_have_more(at->member->weight, at->load);
}

/* Calls step(index, search) for one member after the other, until it returns 1. */
#define for_each_listed(config, step, search) bpf_loop((config)->count, step, search, 0)

/* A real server of which only the slot is known, from a table or from earlier. */
struct remembered {
	const struct fl_destination_load *load;
	__u32 weight;
};

/* 0, or -1 if it is no longer one of this service's. */
static __always_inline int remembered_at(__u32 service_slot, __u32 slot, struct remembered *at)
{
	struct fl_destination *destination = bpf_map_lookup_elem(&destinations, &slot);
	const struct fl_settings *conf = &settings;

	at->load = bpf_map_lookup_elem(&dest_load, &slot);
	if (!slot || !destination || !at->load)
		return -1;
	at->weight = destination_config(destination, conf->generation)->weight;
	return destination->service_slot == service_slot &&
			       destination_is_available(destination, conf->generation)
		       ? 0
		       : -1;
}

/* Sequences fall along the members: where those below a sequence begin is found by halving. */
struct below_search {
	const struct fl_service_config *config;
	__u32 sequence;
	__u32 low;
	__u32 high;
};

static long below_step(__u32 index, void *data)
{
	struct below_search *search = data;
	__u32 middle = search->low + (search->high - search->low) / 2;
	__u32 place = search->config->first + middle;
	struct fl_member *member;

	if (search->low >= search->high)
		return 1;
	member = bpf_map_lookup_elem(&members, &place);
	if (member && member->sequence >= search->sequence)
		search->low = middle + 1;
	else
		search->high = middle;
	return 0;
}

/* While nobody is taken out, sequences fall by one: a look at two members instead of a search. */
static __always_inline int is_where_it_began(const struct fl_service_config *config, __u32 sequence,
					     __u32 *below)
{
	__u32 place = config->first, index;
	const struct fl_member *member = bpf_map_lookup_elem(&members, &place);

	if (!member)
		return 0;
	index = member->sequence - sequence;
	if (index >= config->count)
		return 0;
	place += index;
	member = bpf_map_lookup_elem(&members, &place);
	*below = member && member->sequence == sequence ? index + 1 : 0;
	return *below;
}

/* The index of the first member whose sequence is below this one. */
static __always_inline __u32 first_below(const struct fl_service_config *config, __u32 sequence)
{
	struct below_search search = {
		.config = config,
		.sequence = sequence,
		.high = config->count,
	};

	if (is_where_it_began(config, sequence, &search.low))
		return search.low;
	bpf_loop(32, below_step, &search, 0);
	return search.low;
}

/*
 * CPUs that schedule for one service at once take turns, as under IPVS's lock:
 * who finds the cursor moved meanwhile chooses again. After so many attempts a
 * choice is made twice rather than a packet held up.
 */
#define CURSOR_ATTEMPTS 8

static __always_inline int cursor_moved(struct fl_service_state *state, __u64 from, __u64 to)
{
	return __sync_val_compare_and_swap(&state->cursor, from, to) == from;
}

#endif /* FL_SCHEDULE_MEMBERS_H */
