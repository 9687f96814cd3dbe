/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Ending everything that is bound to one real server, whether its service still
 * lists it or not. Run by the daemon when somebody wants its flows reset: their
 * next packet finds no entry. One of TCP then goes up the stack, which answers it
 * with a reset; one of UDP is scheduled to another real server.
 */
#ifndef FL_EVICT_H
#define FL_EVICT_H

#include "connection.h"
#include "template.h"

struct bpf_map; /* the kernel's own */

/* What the programs below are run with. */
struct fl_eviction {
	__u32 destination;
	__u32 ended; /* templates that there were */
};

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
static __always_inline void evict_template_at(const struct template_place *place,
					      struct fl_template *template,
					      struct fl_eviction *eviction)
{
	if (template->destination != eviction->destination || template->state == FL_STATE_DEAD ||
	    template->controlled)
		return;
	template_end(place, template);
	eviction->ended++;
}

static long evict_template(struct bpf_map *map, struct fl_template_key *key,
			   struct fl_template *template, struct fl_eviction *eviction)
{
	struct template_place place = { .key = *key };

	evict_template_at(&place, template, eviction);
	return 0;
}

static long evict_sip_template(struct bpf_map *map, struct fl_sip_key *key,
			       struct fl_sip_template *whole, struct fl_eviction *eviction)
{
	struct template_place place = template_place_of_sip(key);

	evict_template_at(&place, &whole->template, eviction);
	return 0;
}

SEC("syscall")
int fl_evict_templates(struct fl_eviction *context)
{
	struct fl_eviction eviction = { .destination = context->destination };

	bpf_for_each_map_elem(&templates, evict_template, &eviction, 0);
	return eviction.ended;
}

SEC("syscall")
int fl_evict_sip(struct fl_eviction *context)
{
	struct fl_eviction eviction = { .destination = context->destination };

	bpf_for_each_map_elem(&sip_templates, evict_sip_template, &eviction, 0);
	return eviction.ended;
}

#endif /* FL_EVICT_H */
