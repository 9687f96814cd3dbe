/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Ending everything that is bound to one real server, whether its service still
 * lists it or not. Walks do it (walk.h), when somebody wants its flows reset: their
 * next packet finds no entry. One of TCP then goes up the stack, which answers it
 * with a reset; one of UDP is scheduled to another real server.
 */
#ifndef FL_EVICT_H
#define FL_EVICT_H

#include "connection.h"
#include "template.h"

/* Whether it was one of the destination's. */
__noinline int evict_entry(const struct fl_connection_key *key, struct fl_connection *connection,
			   __u32 destination, __u64 now)
{
	if (!key || !connection || connection->destination != destination)
		return 0;
	connection_end(key, connection, now);
	return 1;
}

/* Connections are gone by then. One that has been opened since keeps its template, as in a sweep. */
static __always_inline void evict_template(const struct template_place *place,
					   struct fl_template *template, __u32 destination)
{
	if (template->destination != destination || template->state == FL_STATE_DEAD ||
	    template->controlled)
		return;
	template_end(place, template);
}

#endif /* FL_EVICT_H */
