/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rr: the next eligible destination after the last one chosen.
 *
 * The cursor is (slot << 32 | sequence) of the last choice. If that destination
 * still stands in the list, the search goes on behind it at once; if it was
 * removed, behind where it stood: at the first with a lower sequence.
 */
#ifndef FL_SCHEDULE_RR_H
#define FL_SCHEDULE_RR_H

#include "schedule/list.h"

struct rr_search {
	__u32 slot; /* where the search stands */
	__u32 below; /* choose sequences below this only; 0: any */
	__u32 chosen;
	__u32 sequence;
};

static long rr_step(__u32 index, void *data)
{
	struct rr_search *search = data;
	__u32 slot = search->slot;
	struct fl_destination *destination = bpf_map_lookup_elem(&destinations, &slot);

	if (!slot || !destination)
		return 1;
	if (is_eligible(destination) && (!search->below || destination->sequence < search->below)) {
		search->chosen = slot;
		search->sequence = destination->sequence;
		return 1;
	}
	search->slot = destination->next;
	return 0;
}

static __noinline int rr_choose(const struct fl_service *service, __u64 cursor,
				struct rr_search *search)
{
	__u32 last_slot = cursor >> 32;
	__u32 last_sequence = (__u32)cursor;
	struct fl_destination *last = bpf_map_lookup_elem(&destinations, &last_slot);

	search->slot = service->first;
	search->below = last_sequence;
	search->chosen = 0;
	if (last && last_slot && last->flags & FL_DESTINATION_AVAILABLE &&
	    last->sequence == last_sequence && last->service_slot == service->slot)
		search->slot = last->next;
	bpf_loop(FL_MAX_DESTINATIONS, rr_step, search, 0);
	if (!search->chosen) {
		search->slot = service->first;
		search->below = 0;
		bpf_loop(FL_MAX_DESTINATIONS, rr_step, search, 0);
	}
	return 0;
}

static __always_inline __u32 schedule_rr(const struct fl_service *service,
					 struct fl_service_state *state)
{
	struct rr_search search = {};

	for (int attempt = 0; attempt < CURSOR_ATTEMPTS; attempt++) {
		__u64 cursor = state->cursor;

		rr_choose(service, cursor, &search);
		if (!search.chosen ||
		    cursor_moved(state, cursor, (__u64)search.chosen << 32 | search.sequence))
			break;
	}
	return search.chosen;
}

#endif /* FL_SCHEDULE_RR_H */
