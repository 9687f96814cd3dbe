/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every scheduler needs: the list of a service's destinations, newest first. */
#ifndef FL_SCHEDULE_LIST_H
#define FL_SCHEDULE_LIST_H

#include "maps.h"

/* IPVS: a destination gets new connections unless its weight is 0 (quiesced). */
static __always_inline int is_eligible(const struct fl_destination *destination)
{
	return destination->flags & FL_DESTINATION_AVAILABLE && destination->weight;
}

/* A destination as a walk over the list meets it. */
struct listed {
	const struct fl_destination *destination;
	const struct fl_destination_state *state;
};

/* 0, or -1 at the end of the list. destination->next says where the walk goes on. */
static __always_inline int listed_at(__u32 slot, struct listed *at)
{
	at->destination = bpf_map_lookup_elem(&destinations, &slot);
	at->state = bpf_map_lookup_elem(&dest_state, &slot);
	return slot && at->destination && at->state ? 0 : -1;
}

/* Whether `slot`, remembered from earlier, is still a destination of this service. */
static __always_inline int still_listed(const struct fl_service *service, __u32 slot,
					struct listed *at)
{
	return !listed_at(slot, at) && at->destination->service_slot == service->slot &&
	       at->destination->flags & FL_DESTINATION_AVAILABLE;
}

/* Calls step(index, search) for one destination after the other, until it returns 1. */
#define for_each_listed(step, search) bpf_loop(FL_MAX_DESTINATIONS, step, search, 0)

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

#endif /* FL_SCHEDULE_LIST_H */
