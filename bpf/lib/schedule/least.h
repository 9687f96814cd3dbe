/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the schedulers by least load share: the least load per weight seen so
 * far, and the two ideas of what load is. Ties go to the first met, the newest.
 */
#ifndef FL_SCHEDULE_LEAST_H
#define FL_SCHEDULE_LEAST_H

#include "schedule/members.h"

struct least_search {
	const struct fl_service_config *config;
	__u64 load; /* of the best so far */
	__u32 weight; /* of the best so far; 0: none yet */
	__u32 chosen;
};

/* wlc, lc, lblc, lblcr: an active connection is as much as 256 inactive ones. */
static __always_inline __u64 overhead_of(const struct fl_destination_state *state)
{
	return ((__u64)state->active << 8) + state->inactive;
}

/* sed, nq: the active connections as they will be, with the new one. */
static __always_inline __u64 expected_delay_of(const struct fl_destination_state *state)
{
	return (__u64)state->active + 1;
}

/* load / weight < best / best's weight, without the division. */
static __always_inline void least_offer(struct least_search *search, __u32 slot, __u64 load,
					__u32 weight)
{
	if (search->weight && load * search->weight >= search->load * weight)
		return;
	search->load = load;
	search->weight = weight;
	search->chosen = slot;
}

#endif /* FL_SCHEDULE_LEAST_H */
