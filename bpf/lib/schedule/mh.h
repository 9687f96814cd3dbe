/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * mh: Maglev hashing (ip_vs_mh.c). As sh, with another table and another hash:
 * when real servers come and go, few clients change theirs. Eisenbud et al.:
 * Maglev, NSDI 2016.
 */
#ifndef FL_SCHEDULE_MH_H
#define FL_SCHEDULE_MH_H

#include "schedule/hash.h"
#include "schedule/siphash.h"

#define MH_KEY 2654435761ULL

static __always_inline __u32 mh_place(__u32 client)
{
	return siphash_1_3(client, MH_KEY) % FL_HASH_SLOTS_MH;
}

static long mh_step(__u32 index, void *data)
{
	struct hash_search *search = data;
	__u32 offset = (index + search->first) % FL_HASH_SLOTS_MH;

	return hash_try(search, mh_place(search->client + offset));
}

static __noinline __u32 schedule_mh(const struct fl_service_config *config,
				    const struct packet *packet, __u32 service_slot)
{
	struct hash_search search = {
		.config = config,
		.service_slot = service_slot,
		.client = hash_client(config, packet),
	};

	search.first = mh_place(search.client);
	if (!hash_try(&search, search.first) && config->flags & FL_SERVICE_FLAG_1)
		bpf_loop(FL_HASH_SLOTS_MH, mh_step, &search, 0);
	return search.chosen;
}

#endif /* FL_SCHEDULE_MH_H */
