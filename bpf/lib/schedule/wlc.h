/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* wlc: the destination with the least overhead per weight (ip_vs_wlc.c). */
#ifndef FL_SCHEDULE_WLC_H
#define FL_SCHEDULE_WLC_H

#include "schedule/least.h"

static long wlc_step(__u32 step, void *data)
{
	return least_step(data, step, overhead_of, 1);
}

static __noinline __u32 schedule_wlc(const struct fl_service_config *config)
{
	struct least_search search = { .config = config };

	for_all_listed(config, wlc_step, &search);
	return search.chosen;
}

#endif /* FL_SCHEDULE_WLC_H */
