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

#include "schedule/members.h"

struct wrr_search {
	const struct fl_service_config *config;
	__u32 from; /* index the pass began at */
	__u32 threshold;
	__u32 heaviest; /* eligible weight seen */
	__u32 chosen;
	__u32 sequence;
};

static long wrr_step(__u32 index, void *data)
{
	struct wrr_search *search = data;
	struct listed at;

	if (listed_at(search->config, search->from + index, &at))
		return 1;
	if (!is_eligible(&at))
		return 0;
	if (at.member->weight > search->heaviest)
		search->heaviest = at.member->weight;
	if (at.member->weight < search->threshold)
		return 0;
	search->chosen = at.member->destination;
	search->sequence = at.member->sequence;
	return 1;
}

/* One pass from the head at `threshold`. */
static __always_inline void wrr_pass(struct wrr_search *search, __u32 threshold)
{
	search->from = 0;
	search->heaviest = 0;
	search->threshold = threshold;
	for_each_listed(search->config, wrr_step, search);
}

/* The highest threshold: the heaviest weight, less one step, plus one. */
static __always_inline __u32 wrr_ceiling(const struct fl_service_config *config)
{
	return config->weight_max ? config->weight_max - (config->weight_gcd - 1) : 0;
}

/* Fills in the choice, and in `threshold` the cw it was made at. */
static __noinline int wrr_choose(struct wrr_search *search, __u64 cursor)
{
	const struct fl_service_config *config = search->config;
	__u32 threshold = cursor >> 32, sequence = (__u32)cursor;
	__u32 step = config->weight_gcd ? config->weight_gcd : 1;

	search->from = sequence ? first_below(config, sequence) : 0;
	search->heaviest = 0;
	search->chosen = 0;
	if (!threshold || threshold > wrr_ceiling(config))
		threshold = wrr_ceiling(config);
	search->threshold = threshold;
	for_each_listed(config, wrr_step, search);
	if (!search->chosen) {
		threshold = threshold > step ? threshold - step : wrr_ceiling(config);
		wrr_pass(search, threshold);
	}
	if (!search->chosen && search->heaviest) {
		/* Every pass down to the heaviest eligible server would find nobody. */
		threshold -= (threshold - search->heaviest + step - 1) / step * step;
		wrr_pass(search, threshold);
	}
	return 0;
}

static __always_inline __u32 schedule_wrr(const struct fl_service_config *config,
					  struct fl_service_state *state)
{
	struct wrr_search search = { .config = config };

	if (!config->weight_max)
		return 0;
	for (int attempt = 0; attempt < CURSOR_ATTEMPTS; attempt++) {
		__u64 cursor = state->cursor;

		wrr_choose(&search, cursor);
		if (!search.chosen ||
		    cursor_moved(state, cursor, (__u64)search.threshold << 32 | search.sequence))
			break;
	}
	return search.chosen;
}

#endif /* FL_SCHEDULE_WRR_H */
