/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a connection goes that no entry can be made for, because the table or its
 * share of half-open connections is full: by rendezvous hashing (Thaler,
 * Ravishankar 1998), so that all its segments, and another director's, agree. Of
 * all eligible destinations the one wins whose hash with the client is luckiest
 * for its weight: least -log2(hash) / weight, by which weights are kept.
 */
#ifndef FL_STATELESS_H
#define FL_STATELESS_H

#include "hash.h"
#include "schedule/least.h"
#include "template.h"

struct stateless_search {
	struct least_search least;
	__u64 seed; /* of the client */
};

/* -log2(value / 2^32) in units of 2^-16; between powers of 2 by a parabola, right to 1 %. */
static __always_inline __u32 negative_log2(__u32 value)
{
	__u32 exponent = 0, fraction;

	value |= 1;
	for (__u32 bits = 16; bits; bits /= 2) {
		if (value >> (exponent + bits))
			exponent += bits;
	}
	fraction = (value << (31 - exponent) & 0x7fffffff) >> 15;
	fraction += (__u64)fraction * (0x10000 - fraction) * 22572 >> 32;
	return (32 << 16) - (exponent << 16) - fraction;
}

static long stateless_step(__u32 index, void *data)
{
	struct stateless_search *search = data;
	struct fl_destination *destination;
	struct listed at;
	__u32 slot, hash;

	if (listed_at(search->least.config, index, &at))
		return 1;
	slot = at.member->destination;
	destination = bpf_map_lookup_elem(&destinations, &slot);
	if (!destination || !is_eligible(&at))
		return 0;
	hash = mixed_address(search->seed ^ bpf_ntohs(destination->port), &destination->address) >>
	       32;
	least_offer(&search->least, slot, negative_log2(hash), at.member->weight);
	return 0;
}

/* A persistent service takes a client network for one client, and of SIP each call of it. */
static __always_inline __u64 stateless_seed(const struct packet *packet,
					    const struct fl_connection *fresh)
{
	struct fl_template_key key;
	__u64 seed;

	if (fresh->flags & FL_CONNECTION_TEMPLATE_SIP)
		return mixed_address(fresh->template_mask, &packet->key.vip);
	template_key_of(&packet->key, fresh, &key);
	if (fresh->flags & FL_CONNECTION_TEMPLATE)
		return mixed_address(mixed_address(key.protocol, &key.client), &packet->key.vip);
	seed = mixed_address(packet->key.protocol, &packet->key.client);
	seed ^= (__u64)bpf_ntohs(packet->key.client_port) << 32 |
		bpf_ntohs(packet->key.virtual_port);
	return mixed_address(seed, &packet->key.vip);
}

/* The slot, 0 if none is eligible. */
__noinline int stateless_choose(const struct packet *packet, const struct fl_service_config *config,
				const struct fl_connection *fresh)
{
	struct stateless_search search = { .least = { .config = config } };

	if (!packet || !config || !fresh)
		return 0;
	search.seed = stateless_seed(packet, fresh);
	for_each_listed(config, stateless_step, &search);
	return search.least.chosen;
}

#endif /* FL_STATELESS_H */
