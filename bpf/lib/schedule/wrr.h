/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * wrr: IPVS's interleaved weighted round robin. A threshold cw runs down from
 * the highest weight in steps of the weights' greatest common divisor; a pass
 * over the list at one threshold chooses every destination that weighs as much.
 *
 * The cursor is (cw << 32 | sequence of the last choice), sequence 0 being the
 * head of the list.
 */
#ifndef FL_SCHEDULE_WRR_H
#define FL_SCHEDULE_WRR_H

#include "schedule/list.h"

struct wrr_search {
	__u32 slot;
	__u32 below; /* choose sequences below this only; 0: any */
	__u32 threshold;
	__u32 heaviest; /* eligible weight seen */
	__u32 chosen;
	__u32 sequence;
};

static long wrr_step(__u32 index, void *data)
{
	struct wrr_search *search = data;
	__u32 slot = search->slot;
	struct fl_destination *destination = bpf_map_lookup_elem(&destinations, &slot);

	if (!slot || !destination)
		return 1;
	search->slot = destination->next;
	if (search->below && destination->sequence >= search->below)
		return 0;
	if (!is_eligible(destination))
		return 0;
	if (destination->weight > search->heaviest)
		search->heaviest = destination->weight;
	if (destination->weight < search->threshold)
		return 0;
	search->chosen = slot;
	search->sequence = destination->sequence;
	return 1;
}

/* One pass from the head at `threshold`. */
static __always_inline void wrr_pass(const struct fl_service *service, struct wrr_search *search,
				     __u32 threshold)
{
	search->slot = service->first;
	search->below = 0;
	search->heaviest = 0;
	search->threshold = threshold;
	bpf_loop(FL_MAX_DESTINATIONS, wrr_step, search, 0);
}

/* The highest threshold: the heaviest weight, less one step, plus one. */
static __always_inline __u32 wrr_ceiling(const struct fl_service *service)
{
	return service->weight_max ? service->weight_max - (service->weight_gcd - 1) : 0;
}

/* Fills in the choice, and in `threshold` the cw it was made at. */
static __noinline int wrr_choose(const struct fl_service *service, __u64 cursor,
				 struct wrr_search *search)
{
	__u32 threshold = cursor >> 32;
	__u32 step = service->weight_gcd ? service->weight_gcd : 1;

	search->slot = service->first;
	search->below = (__u32)cursor;
	search->heaviest = 0;
	search->chosen = 0;
	if (!threshold || threshold > wrr_ceiling(service))
		threshold = wrr_ceiling(service);
	search->threshold = threshold;
	bpf_loop(FL_MAX_DESTINATIONS, wrr_step, search, 0);
	if (!search->chosen) {
		threshold = threshold > step ? threshold - step : wrr_ceiling(service);
		wrr_pass(service, search, threshold);
	}
	if (!search->chosen && search->heaviest) {
		/* Every pass down to the heaviest eligible server would find nobody. */
		threshold -= (threshold - search->heaviest + step - 1) / step * step;
		wrr_pass(service, search, threshold);
	}
	return 0;
}

static __always_inline __u32 schedule_wrr(const struct fl_service *service,
					  struct fl_service_state *state)
{
	struct wrr_search search = {};

	if (!service->weight_max)
		return 0;
	for (int attempt = 0; attempt < CURSOR_ATTEMPTS; attempt++) {
		__u64 cursor = state->cursor;

		wrr_choose(service, cursor, &search);
		if (!search.chosen ||
		    cursor_moved(state, cursor, (__u64)search.threshold << 32 | search.sequence))
			break;
	}
	return search.chosen;
}

#endif /* FL_SCHEDULE_WRR_H */
