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

#endif /* FL_SCHEDULE_LIST_H */
