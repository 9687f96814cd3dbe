/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What dh, sh and mh share: a table of destinations by hash, which user space
 * fills (src/ipvs/hash/) and the service's configuration names.
 */
#ifndef FL_SCHEDULE_HASH_H
#define FL_SCHEDULE_HASH_H

#include <bpf/bpf_endian.h>

#include "schedule/list.h"

#define HASH_BITS_SH 8 /* CONFIG_IP_VS_SH_TAB_BITS, CONFIG_IP_VS_DH_TAB_BITS */

/* The kernel's hash_32(): the highest bits of a product with the golden ratio. */
static __always_inline __u32 hash_multiplied(__u32 value)
{
	return value * 0x61C88647U >> (32 - HASH_BITS_SH);
}

/* The destination in that place of the service's table; 0: none, the table is empty. */
static __always_inline __u32 hash_table_at(const struct fl_service *service, __u32 place)
{
	__u32 slot = service->slot;
	struct fl_hash_table *table = bpf_map_lookup_elem(&hash_tables, &slot);

	return table ? table->slot[masked(place, FL_HASH_SLOTS_ROOM - 1)] : 0;
}

/* Whether a destination of the table may have a new connection. */
static __always_inline int hash_may_have(const struct fl_service *service, __u32 slot)
{
	struct listed at;

	return still_listed(service, slot, &at) && is_eligible(at.destination);
}

/* A search for somebody else, place after place. */
struct hash_search {
	const struct fl_service *service;
	__u32 client; /* what is hashed */
	__u32 first; /* the hash that found nobody */
	__u32 chosen;
};

/* 1 when the search is over: a destination was found, or the table is empty. */
static __always_inline int hash_try(struct hash_search *search, __u32 place)
{
	__u32 slot = hash_table_at(search->service, place);

	if (!slot)
		return 1;
	if (!hash_may_have(search->service, slot))
		return 0;
	search->chosen = slot;
	return 1;
}

#endif /* FL_SCHEDULE_HASH_H */
