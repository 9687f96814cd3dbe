/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every scheduler needs: the list of a service's destinations, newest first. */
#ifndef FL_SCHEDULE_LIST_H
#define FL_SCHEDULE_LIST_H

#include "maps.h"

/* IPVS: a destination gets new connections unless its weight is 0 (quiesced). */
static __always_inline int is_eligible(const struct fl_destination *destination)
{
	return destination->flags & FL_DESTINATION_AVAILABLE && destination->weight;
}

/*
 * CPUs that schedule for one service at once take turns, as under IPVS's lock:
 * who finds the cursor moved meanwhile chooses again. After so many attempts a
 * choice is made twice rather than a packet held up.
 */
#define CURSOR_ATTEMPTS 8

static __always_inline int cursor_moved(struct fl_service_state *state, __u64 from, __u64 to)
{
	return __sync_val_compare_and_swap(&state->cursor, from, to) == from;
}

#endif /* FL_SCHEDULE_LIST_H */
