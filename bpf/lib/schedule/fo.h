/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fo: fail over. Everything goes to the heaviest eligible destination (ip_vs_fo.c). */
#ifndef FL_SCHEDULE_FO_H
#define FL_SCHEDULE_FO_H

#include "schedule/heaviest.h"

static long fo_step(__u32 index, void *data)
{
	struct heaviest_search *search = data;
	__u32 slot = search->slot;
	struct listed at;

	if (listed_at(slot, &at))
		return 1;
	search->slot = at.destination->next;
	if (is_eligible(at.destination))
		heaviest_offer(search, slot, at.destination->weight);
	return 0;
}

static __noinline __u32 schedule_fo(const struct fl_service *service)
{
	struct heaviest_search search = heaviest_search_of(service);

	for_each_listed(fo_step, &search);
	return search.chosen;
}

#endif /* FL_SCHEDULE_FO_H */
