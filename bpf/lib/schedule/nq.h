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
	__u32 slot = search->slot;
	struct listed at;

	if (listed_at(slot, &at))
		return 1;
	search->slot = at.destination->next;
	if (!is_eligible(at.destination))
		return 0;
	if (!at.state->active) {
		search->chosen = slot;
		return 1;
	}
	least_offer(search, slot, expected_delay_of(at.state), at.destination->weight);
	return 0;
}

static __noinline __u32 schedule_nq(const struct fl_service *service)
{
	struct least_search search = least_search_of(service);

	for_each_listed(nq_step, &search);
	return search.chosen;
}

#endif /* FL_SCHEDULE_NQ_H */
