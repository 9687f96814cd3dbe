/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lblc: locality-based least connections. A destination address stays with the
 * destination it was last sent to, unless that one is quiesced, gone or busy
 * while another is idle; then as wlc (ip_vs_lblc.c). As in IPVS, its upper
 * threshold does not keep it from being stayed with.
 */
#ifndef FL_SCHEDULE_LBLC_H
#define FL_SCHEDULE_LBLC_H

#include "schedule/cache.h"
#include "schedule/wlc.h"

static __noinline __u32 schedule_lblc(const struct fl_service *service, __u64 now)
{
	struct fl_cache *entry;
	struct listed at;
	__u32 slot;

	entry = cache_find(service, now);
	if (entry) {
		slot = entry->slot[0];
		if (still_listed(service, slot, &at) && at.destination->weight &&
		    !cache_is_busy(service, slot))
			return slot;
	}
	slot = schedule_wlc(service);
	if (slot && entry)
		entry->slot[0] = slot;
	else if (slot)
		cache_start(service, slot, now);
	return slot;
}

#endif /* FL_SCHEDULE_LBLC_H */
