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
	struct listed at;

	if (listed_at(search->config, index, &at))
		return 1;
	if (is_eligible(&at) && at.load->active <= at.member->weight)
		heaviest_offer(search, &at);
	return 0;
}

static __noinline __u32 schedule_ovf(const struct fl_service_config *config)
{
	struct heaviest_search search = { .config = config };

	for_each_listed(config, ovf_step, &search);
	return search.chosen;
}

#endif /* FL_SCHEDULE_OVF_H */
