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
static __always_inline __u64 overhead_of(const struct fl_destination_load *load)
{
	return ((__u64)load->active << 8) + load->inactive;
}

/* sed, nq: the active connections as they will be, with the new one. */
static __always_inline __u64 expected_delay_of(const struct fl_destination_load *load)
{
	return (__u64)load->active + 1;
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

/* Members that one step looks at: the call of a step costs as much as two of them. */
#define LEAST_STEP 8

/* One step of a search through all members; without `by_weight` all weigh the same. */
static __always_inline long least_step(struct least_search *search, __u32 step,
				       __u64 (*load_of)(const struct fl_destination_load *load),
				       int by_weight)
{
	const struct fl_service_config *config = search->config;
	struct least_search best = *search;
	struct listed at;
	long is_end = 0;

#pragma unroll
	for (int further = 0; further < LEAST_STEP; further++) {
		if (listed_at(config, step * LEAST_STEP + further, &at)) {
			is_end = 1;
			break;
		}
		if (is_eligible(&at))
			least_offer(&best, at.member->destination, load_of(at.load),
				    by_weight ? at.member->weight : 1);
	}
	*search = best;
	return is_end;
}

#define for_all_listed(config, step, search) \
	bpf_loop((config)->count / LEAST_STEP + 1, step, search, 0)

#endif /* FL_SCHEDULE_LEAST_H */
