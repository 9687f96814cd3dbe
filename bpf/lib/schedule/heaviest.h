/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What fo and ovf share: the heaviest seen so far. Ties go to the first in the list, the newest. */
#ifndef FL_SCHEDULE_HEAVIEST_H
#define FL_SCHEDULE_HEAVIEST_H

#include "schedule/list.h"

struct heaviest_search {
	__u32 slot; /* where the search stands */
	__u32 weight; /* of the best so far */
	__u32 chosen;
};

static __always_inline void heaviest_offer(struct heaviest_search *search, __u32 slot, __u32 weight)
{
	if (weight <= search->weight)
		return;
	search->weight = weight;
	search->chosen = slot;
}

static __always_inline struct heaviest_search heaviest_search_of(const struct fl_service *service)
{
	struct heaviest_search search = {
		.slot = service->first,
	};

	return search;
}

#endif /* FL_SCHEDULE_HEAVIEST_H */
