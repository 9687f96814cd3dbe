/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * sh: the destination that a table has under the hash of the client's address,
 * and of its port with sh-port. If that one is not eligible the connection is
 * refused, or with sh-fallback goes to the next eligible one (ip_vs_sh.c).
 */
#ifndef FL_SCHEDULE_SH_H
#define FL_SCHEDULE_SH_H

#include "schedule/hash.h"

/* The walk starts as many places further as the hash itself is: so does IPVS. */
static long sh_step(__u32 index, void *data)
{
	struct hash_search *search = data;
	__u32 offset = index + search->first;

	return hash_try(search,
			(hash_multiplied(search->client) + offset) & (FL_HASH_SLOTS_SH - 1));
}

static __noinline __u32 schedule_sh(const struct fl_service_config *config,
				    const struct packet *packet, __u32 service_slot)
{
	struct hash_search search = {
		.config = config,
		.service_slot = service_slot,
		.client = hash_client(config, packet),
	};

	search.first = hash_multiplied(search.client);
	if (!hash_try(&search, search.first) && config->flags & FL_SERVICE_FLAG_1)
		bpf_loop(FL_HASH_SLOTS_SH, sh_step, &search, 0);
	return search.chosen;
}

#endif /* FL_SCHEDULE_SH_H */
