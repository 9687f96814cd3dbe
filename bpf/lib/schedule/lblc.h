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

static __noinline __u32 schedule_lblc(const struct cache_request *request)
{
	struct fl_cache *entry = cache_find(request);
	struct remembered at;
	__u32 slot;

	if (entry) {
		slot = entry->slot[0];
		if (!remembered_at(request->key.service_slot, slot, &at) && at.weight &&
		    !cache_is_busy(request, &at))
			return slot;
	}
	slot = schedule_wlc(request->config);
	if (slot && entry)
		entry->slot[0] = slot;
	else if (slot)
		cache_start(request, slot);
	return slot;
}

#endif /* FL_SCHEDULE_LBLC_H */
