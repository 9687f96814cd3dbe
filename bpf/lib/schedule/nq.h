/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * nq: never queue. The first destination without an active connection, even if a
 * faster one would be done sooner; when all are busy, as sed (ip_vs_nq.c).
 */
#ifndef FL_SCHEDULE_NQ_H
#define FL_SCHEDULE_NQ_H

#include "schedule/least.h"

static long nq_step(__u32 index, void *data)
{
	struct least_search *search = data;
	struct listed at;

	if (listed_at(search->config, index, &at))
		return 1;
	if (!is_eligible(&at))
		return 0;
	if (!at.load->active) {
		search->chosen = at.member->destination;
		return 1;
	}
	least_offer(search, at.member->destination, expected_delay_of(at.load), at.member->weight);
	return 0;
}

static __noinline __u32 schedule_nq(const struct fl_service_config *config)
{
	struct least_search search = { .config = config };

	for_each_listed(config, nq_step, &search);
	return search.chosen;
}

#endif /* FL_SCHEDULE_NQ_H */
