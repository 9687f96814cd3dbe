/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Choosing a real server. A scheduler is one header in schedule/ and one case here. */
#ifndef FL_SCHEDULE_H
#define FL_SCHEDULE_H

#include "schedule/dh.h"
#include "schedule/fo.h"
#include "schedule/lblc.h"
#include "schedule/lblcr.h"
#include "schedule/lc.h"
#include "schedule/mh.h"
#include "schedule/nq.h"
#include "schedule/ovf.h"
#include "schedule/rr.h"
#include "schedule/sed.h"
#include "schedule/sh.h"
#include "schedule/twos.h"
#include "schedule/wlc.h"
#include "schedule/wrr.h"

/* User space says with each change of a service where its scheduler goes on (cursor.ts). */
static __always_inline void take_cursor_over(const struct fl_service_config *config,
					     struct fl_service_state *state)
{
	if (state->edition == config->edition)
		return;
	state->cursor = config->cursor;
	state->edition = config->edition;
}

static __always_inline __u32 schedule_cached(const struct fl_service_config *config,
					     const struct packet *packet, __u32 service_slot,
					     __u64 now)
{
	int replicated = config->scheduler == FL_SCHEDULER_LBLCR;
	struct cache_request request = cache_request_of(
		config, packet, service_slot, now,
		replicated ? settings.sysctl.lblcr_expiration_ms
			   : settings.sysctl.lblc_expiration_ms);

	return replicated ? schedule_lblcr(&request) : schedule_lblc(&request);
}

/* The chosen destination's slot, or 0 when none is eligible. */
__noinline int schedule(const struct fl_service_config *config, const struct packet *packet,
			__u32 service_slot, __u64 now)
{
	struct fl_service_state *state = bpf_map_lookup_elem(&service_state, &service_slot);

	if (!config || !packet || !state)
		return 0;
	take_cursor_over(config, state);
	switch (config->scheduler) {
	case FL_SCHEDULER_RR:
		return schedule_rr(config, state);
	case FL_SCHEDULER_WRR:
		return schedule_wrr(config, state);
	case FL_SCHEDULER_WLC:
		return schedule_wlc(config);
	case FL_SCHEDULER_LC:
		return schedule_lc(config);
	case FL_SCHEDULER_SED:
		return schedule_sed(config);
	case FL_SCHEDULER_NQ:
		return schedule_nq(config);
	case FL_SCHEDULER_FO:
		return schedule_fo(config);
	case FL_SCHEDULER_OVF:
		return schedule_ovf(config);
	case FL_SCHEDULER_TWOS:
		return schedule_twos(config);
	case FL_SCHEDULER_DH:
		return schedule_dh(config, packet, service_slot);
	case FL_SCHEDULER_SH:
		return schedule_sh(config, packet, service_slot);
	case FL_SCHEDULER_MH:
		return schedule_mh(config, packet, service_slot);
	case FL_SCHEDULER_LBLC:
	case FL_SCHEDULER_LBLCR:
		return schedule_cached(config, packet, service_slot, now);
	default:
		return 0;
	}
}

#endif /* FL_SCHEDULE_H */
