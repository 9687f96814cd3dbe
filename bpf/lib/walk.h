/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Walking over all connections, for a sweep or to evict those of one real server: a table
 * at a time, and what lies outside every table. Run by the daemon.
 */
#ifndef FL_WALK_H
#define FL_WALK_H

#include "evict.h"
#include "sweep.h"

struct walk {
	__u64 now;
	__u32 place; /* of the table */
	__u32 is_current; /* 1: new entries go there */
	__u32 evicted; /* as in struct fl_walk */
	__u32 entries[FL_TABLE_FAMILIES];
};

static __always_inline __u32 walk_entry(const struct fl_connection_key *key,
					struct fl_connection *connection, const struct walk *walk)
{
	return walk->evicted ? evict_entry(key, connection, walk->evicted, walk->now)
			     : sweep_entry(key, connection, walk->now, walk->is_current);
}

static long walk_outside(struct bpf_map *map, struct fl_connection_key *key,
			 struct fl_connection *connection, struct walk *walk)
{
	struct fl_connection_key copy = *key;

	if (connection->state == FL_STATE_DEAD)
		table_remove(&copy, 0); /* whoever ended it could not */
	else
		walk->entries[copy.family == FL_FAMILY_IPV6] += walk_entry(&copy, connection, walk);
	return 0;
}

static long walk_bucket_ipv4(__u32 index, void *data)
{
	struct walk *walk = data;
	const struct fl_table *table = table_of(0);
	struct fl_bucket_ipv4 *bucket;
	struct fl_connection_key key;

	bucket = chunk_bucket(table, 0, walk->place, index / FL_CHUNK_BUCKETS_IPV4, index);
	if (!bucket)
		return 1;
	for (int i = 0; i < FL_BUCKET_ENTRIES; i++) {
		struct fl_entry_ipv4 *entry = &bucket->entry[i];

		if (!entry->key.used || entry->connection.state == FL_STATE_DEAD)
			continue;
		key = key_of_ipv4(&entry->key);
		walk->entries[FL_TABLE_IPV4] += walk_entry(&key, &entry->connection, walk);
	}
	return 0;
}

static long walk_bucket_ipv6(__u32 index, void *data)
{
	struct walk *walk = data;
	const struct fl_table *table = table_of(1);
	struct fl_bucket_ipv6 *bucket;
	struct fl_connection_key key;

	bucket = chunk_bucket(table, 1, walk->place, index / FL_CHUNK_BUCKETS_IPV6, index);
	if (!bucket)
		return 1;
	for (int i = 0; i < FL_BUCKET_ENTRIES; i++) {
		struct fl_entry_ipv6 *entry = &bucket->entry[i];

		if (!entry->key.used || entry->connection.state == FL_STATE_DEAD)
			continue;
		key = key_of_ipv6(&entry->key);
		walk->entries[FL_TABLE_IPV6] += walk_entry(&key, &entry->connection, walk);
	}
	return 0;
}

/* More buckets than any table has: the walk ends with the table. */
#define WALK_BUCKETS (1 << 23)

SEC("syscall")
int fl_walk_table(struct fl_walk *context)
{
	const struct fl_table *table = table_of(context->family);
	struct walk walk = {
		.now = clock_now_exactly(),
		.place = context->place,
		.evicted = context->evicted,
	};

	walk.is_current = table->current == walk.place;
	if (context->family == FL_TABLE_IPV6)
		bpf_loop(WALK_BUCKETS, walk_bucket_ipv6, &walk, 0);
	else
		bpf_loop(WALK_BUCKETS, walk_bucket_ipv4, &walk, 0);
	context->entries[FL_TABLE_IPV4] = walk.entries[FL_TABLE_IPV4];
	context->entries[FL_TABLE_IPV6] = walk.entries[FL_TABLE_IPV6];
	return 0;
}

SEC("syscall")
int fl_walk_outside(struct fl_walk *context)
{
	struct walk walk = { .now = clock_now_exactly(), .evicted = context->evicted };

	bpf_for_each_map_elem(&connections, walk_outside, &walk, 0);
	context->entries[FL_TABLE_IPV4] = walk.entries[FL_TABLE_IPV4];
	context->entries[FL_TABLE_IPV6] = walk.entries[FL_TABLE_IPV6];
	return 0;
}

#endif /* FL_WALK_H */
