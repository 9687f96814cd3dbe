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
static __always_inline void take_cursor_over(const struct fl_service *service,
					     struct fl_service_state *state)
{
	if (state->generation == service->generation)
		return;
	state->cursor = service->cursor;
	state->generation = service->generation;
}

/* The chosen destination's slot, or 0 when none is eligible. */
static __always_inline __u32 schedule(const struct fl_service *service, const struct packet *packet,
				      __u64 now)
{
	__u32 slot = service->slot;
	struct fl_service_state *state = bpf_map_lookup_elem(&service_state, &slot);

	if (!state)
		return 0;
	take_cursor_over(service, state);
	switch (service->scheduler) {
	case FL_SCHEDULER_RR:
		return schedule_rr(service, state);
	case FL_SCHEDULER_WRR:
		return schedule_wrr(service, state);
	case FL_SCHEDULER_WLC:
		return schedule_wlc(service);
	case FL_SCHEDULER_LC:
		return schedule_lc(service);
	case FL_SCHEDULER_SED:
		return schedule_sed(service);
	case FL_SCHEDULER_NQ:
		return schedule_nq(service);
	case FL_SCHEDULER_FO:
		return schedule_fo(service);
	case FL_SCHEDULER_OVF:
		return schedule_ovf(service);
	case FL_SCHEDULER_TWOS:
		return schedule_twos(service);
	case FL_SCHEDULER_DH:
		return schedule_dh(service, packet);
	case FL_SCHEDULER_SH:
		return schedule_sh(service, packet);
	case FL_SCHEDULER_MH:
		return schedule_mh(service, packet);
	case FL_SCHEDULER_LBLC:
		return schedule_lblc(service, now);
	case FL_SCHEDULER_LBLCR:
		return schedule_lblcr(service, now);
	default:
		return 0;
	}
}

#endif /* FL_SCHEDULE_H */
