/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lc: the destination with the least overhead, whatever it weighs (ip_vs_lc.c). */
#ifndef FL_SCHEDULE_LC_H
#define FL_SCHEDULE_LC_H

#include "schedule/least.h"

static long lc_step(__u32 step, void *data)
{
	return least_step(data, step, overhead_of, 0);
}

static __noinline __u32 schedule_lc(const struct fl_service_config *config)
{
	struct least_search search = { .config = config };

	for_all_listed(config, lc_step, &search);
	return search.chosen;
}

#endif /* FL_SCHEDULE_LC_H */
