/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sed: the shortest expected delay, which is the active connections with the new
 * one per weight; inactive ones do not matter (ip_vs_sed.c).
 */
#ifndef FL_SCHEDULE_SED_H
#define FL_SCHEDULE_SED_H

#include "schedule/least.h"

static long sed_step(__u32 step, void *data)
{
	return least_step(data, step, expected_delay_of, 1);
}

static __noinline __u32 schedule_sed(const struct fl_service_config *config)
{
	struct least_search search = { .config = config };

	for_all_listed(config, sed_step, &search);
	return search.chosen;
}

#endif /* FL_SCHEDULE_SED_H */
