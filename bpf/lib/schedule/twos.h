/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * twos: the power of two choices. Two destinations are drawn at random, each
 * with a chance in proportion to its weight, and the one with less overhead per
 * weight gets the connection; the first drawn on a tie (ip_vs_twos.c).
 */
#ifndef FL_SCHEDULE_TWOS_H
#define FL_SCHEDULE_TWOS_H

#include "schedule/least.h"

struct twos_search {
	struct least_search least;
	__u64 total; /* of the eligible weights */
	__u64 draw; /* below `total`: whose stretch of the weights laid end to end is drawn */
};

static long twos_add_up(__u32 index, void *data)
{
	struct twos_search *search = data;
	struct listed at;

	if (listed_at(search->least.config, index, &at))
		return 1;
	/* Atomically, lest the verifier does the sum and finds no end. */
	if (is_eligible(&at))
		__sync_fetch_and_add(&search->total, at.member->weight);
	return 0;
}

static long twos_walk_to(__u32 index, void *data)
{
	struct twos_search *search = data;
	struct listed at;

	if (listed_at(search->least.config, index, &at))
		return 1;
	if (!is_eligible(&at))
		return 0;
	if (search->draw >= at.member->weight) {
		search->draw -= at.member->weight;
		return 0;
	}
	least_offer(&search->least, at.member->destination, overhead_of(at.load),
		    at.member->weight);
	return 1;
}

/* A number below `total`. */
static __always_inline __u64 twos_random(__u64 total)
{
	return ((__u64)bpf_get_prandom_u32() << 32 | bpf_get_prandom_u32()) % total;
}

static __noinline __u32 schedule_twos(const struct fl_service_config *config)
{
	struct twos_search search = { .least = { .config = config } };

	for_each_listed(config, twos_add_up, &search);
	if (!search.total)
		return 0;
	search.draw = twos_random(search.total);
	for_each_listed(config, twos_walk_to, &search);
	search.draw = twos_random(search.total);
	for_each_listed(config, twos_walk_to, &search);
	return search.least.chosen;
}

#endif /* FL_SCHEDULE_TWOS_H */
