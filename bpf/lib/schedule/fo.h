/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fo: fail over. Everything goes to the heaviest eligible destination (ip_vs_fo.c). */
#ifndef FL_SCHEDULE_FO_H
#define FL_SCHEDULE_FO_H

#include "schedule/heaviest.h"

static long fo_step(__u32 index, void *data)
{
	struct heaviest_search *search = data;
	struct listed at;

	if (listed_at(search->config, index, &at))
		return 1;
	if (is_eligible(&at))
		heaviest_offer(search, &at);
	return 0;
}

static __noinline __u32 schedule_fo(const struct fl_service_config *config)
{
	struct heaviest_search search = { .config = config };

	for_each_listed(config, fo_step, &search);
	return search.chosen;
}

#endif /* FL_SCHEDULE_FO_H */
