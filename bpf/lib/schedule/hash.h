/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What dh, sh and mh share: a table of destinations by hash, which user space
 * fills (src/ipvs/hash/) and the service's configuration names.
 */
#ifndef FL_SCHEDULE_HASH_H
#define FL_SCHEDULE_HASH_H

#include <bpf/bpf_endian.h>

#include "masked.h"
#include "packet.h"
#include "schedule/members.h"

#define HASH_BITS_SH 8 /* CONFIG_IP_VS_SH_TAB_BITS, CONFIG_IP_VS_DH_TAB_BITS */

/* The kernel's hash_32(): the highest bits of a product with the golden ratio. */
static __always_inline __u32 hash_multiplied(__u32 value)
{
	return value * 0x61C88647U >> (32 - HASH_BITS_SH);
}

/* An address as one number; the words that IPv4 does not have are 0. */
static __always_inline __u32 hash_folded(const struct fl_address *address)
{
	return bpf_ntohl(address->word[0] ^ address->word[1] ^ address->word[2] ^ address->word[3]);
}

/* What sh and mh hash of the client; its port as well where the service says so. */
static __always_inline __u32 hash_client(const struct fl_service_config *config,
					 const struct packet *packet)
{
	__u32 client = hash_folded(&packet->key.client);

	return config->flags & FL_SERVICE_FLAG_2 ? client + bpf_ntohs(packet->key.client_port)
						 : client;
}

/* The destination in that place of the service's table; 0: none, the table is empty. */
static __always_inline __u32 hash_table_at(const struct fl_service_config *config, __u32 place)
{
	__u32 key = config->table;
	struct fl_hash_table *table = bpf_map_lookup_elem(&hash_tables, &key);

	return table ? table->slot[masked(place, FL_HASH_SLOTS_ROOM - 1)] : 0;
}

/* Whether a destination of the table may have a new connection. */
static __always_inline int hash_may_have(__u32 service_slot, __u32 slot)
{
	struct remembered at;

	return !remembered_at(service_slot, slot, &at) && may_have_more(at.weight, at.load);
}

/* A search for somebody else, place after place. */
struct hash_search {
	const struct fl_service_config *config;
	__u32 service_slot;
	__u32 client; /* what is hashed */
	__u32 first; /* the hash that found nobody */
	__u32 chosen;
};

/* 1 when the search is over: a destination was found, or the table is empty. */
static __always_inline int hash_try(struct hash_search *search, __u32 place)
{
	__u32 slot = hash_table_at(search->config, place);

	if (!slot)
		return 1;
	if (!hash_may_have(search->service_slot, slot))
		return 0;
	search->chosen = slot;
	return 1;
}

#endif /* FL_SCHEDULE_HASH_H */
