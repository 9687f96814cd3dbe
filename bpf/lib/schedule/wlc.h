/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * wlc: the destination with the least overhead per weight, where an active
 * connection is as much overhead as 256 inactive ones. Ties go to the first in
 * the list, the newest.
 */
#ifndef FL_SCHEDULE_WLC_H
#define FL_SCHEDULE_WLC_H

#include "schedule/list.h"

struct wlc_search {
	__u64 overhead; /* of the best so far */
	__u32 slot;
	__u32 weight; /* of the best so far; 0: none yet */
	__u32 chosen;
};

static long wlc_step(__u32 index, void *data)
{
	struct wlc_search *search = data;
	__u32 slot = search->slot;
	struct fl_destination *destination = bpf_map_lookup_elem(&destinations, &slot);
	struct fl_destination_state *state = bpf_map_lookup_elem(&dest_state, &slot);
	__u64 overhead;

	if (!slot || !destination || !state)
		return 1;
	search->slot = destination->next;
	if (!is_eligible(destination))
		return 0;
	overhead = ((__u64)state->active << 8) + state->inactive;
	/* overhead / weight < best / best's weight, without the division */
	if (!search->weight || overhead * search->weight < search->overhead * destination->weight) {
		search->overhead = overhead;
		search->weight = destination->weight;
		search->chosen = slot;
	}
	return 0;
}

static __always_inline __u32 schedule_wlc(const struct fl_service *service)
{
	struct wlc_search search = { .slot = service->first };

	bpf_loop(FL_MAX_DESTINATIONS, wlc_step, &search, 0);
	return search.chosen;
}

#endif /* FL_SCHEDULE_WLC_H */
