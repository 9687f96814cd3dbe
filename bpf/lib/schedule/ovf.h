/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ovf: overflow. The heaviest destination until it has more active connections
 * than it weighs, then the next heaviest; nobody when all are full (ip_vs_ovf.c).
 */
#ifndef FL_SCHEDULE_OVF_H
#define FL_SCHEDULE_OVF_H

#include "schedule/heaviest.h"

static long ovf_step(__u32 index, void *data)
{
	struct heaviest_search *search = data;
	__u32 slot = search->slot;
	struct listed at;

	if (listed_at(slot, &at))
		return 1;
	search->slot = at.destination->next;
	if (is_eligible(at.destination) && at.state->active <= at.destination->weight)
		heaviest_offer(search, slot, at.destination->weight);
	return 0;
}

static __noinline __u32 schedule_ovf(const struct fl_service *service)
{
	struct heaviest_search search = heaviest_search_of(service);

	for_each_listed(ovf_step, &search);
	return search.chosen;
}

#endif /* FL_SCHEDULE_OVF_H */
