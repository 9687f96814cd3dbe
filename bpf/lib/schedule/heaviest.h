/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What fo and ovf share: the heaviest seen so far. Ties go to the first met, the newest. */
#ifndef FL_SCHEDULE_HEAVIEST_H
#define FL_SCHEDULE_HEAVIEST_H

#include "schedule/members.h"

struct heaviest_search {
	const struct fl_service_config *config;
	__u32 weight; /* of the best so far */
	__u32 chosen;
};

static __always_inline void heaviest_offer(struct heaviest_search *search, const struct listed *at)
{
	if (at->member->weight <= search->weight)
		return;
	search->weight = at->member->weight;
	search->chosen = at->member->destination;
}

#endif /* FL_SCHEDULE_HEAVIEST_H */
