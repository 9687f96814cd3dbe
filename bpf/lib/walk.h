/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Walking over connections and templates, for a sweep or to evict those of one real server.
 * Run by the daemon, a slice at a time: of a table so many buckets as a moment is enough for;
 * of what lies in hash maps, those whose keys it has asked for. A kernel that goes over a hash
 * map by itself takes 16 ns for each bucket in which nothing is, and does not stop in between.
 */
#ifndef FL_WALK_H
#define FL_WALK_H

#include "evict.h"
#include "sweep.h"

/* Buckets that are walked over between two looks at the clock: some microseconds. */
#define WALK_STRIDE 64

/* More buckets than any table has: the walk ends with the table. */
#define WALK_BUCKETS (1 << 23)

struct walk {
	struct sweep sweep;
	__u64 until; /* by the kernel's clock */
	__u32 evicted; /* as in struct fl_walk */
	__u32 wants_expired; /* 1: no other entry than those */
	__u32 place; /* of the table, */
	__u32 from; /* the first bucket, */
	__u32 bucket; /* and the one to go on with, or 0 */
	__u32 entries; /* as in struct fl_walk */
};

static __always_inline int walk_entry(const struct fl_connection_key *key,
				      struct fl_connection *connection, const struct walk *walk)
{
	return walk->evicted ? evict_entry(key, connection, walk->evicted, walk->sweep.now)
			     : sweep_entry(key, connection, &walk->sweep);
}

/* Whether nothing but its time could have ended the entry, and has not. */
static __always_inline int walk_passes(const struct fl_connection *connection,
				       const struct walk *walk)
{
	return walk->wants_expired &&
	       !is_over(connection->last_seen, connection->timeout_ms, walk->sweep.now);
}

static __always_inline int walk_pauses(struct walk *walk, __u32 index)
{
	if (!index || index % WALK_STRIDE || bpf_ktime_get_ns() < walk->until)
		return 0;
	walk->bucket = walk->from + index;
	return 1;
}

static long walk_bucket_ipv4(__u32 index, void *data)
{
	struct walk *walk = data;
	const struct fl_table *table = table_of(0);
	struct fl_bucket_ipv4 *bucket;
	struct fl_connection_key key;

	if (walk_pauses(walk, index))
		return 1;
	index += walk->from;
	bucket = chunk_bucket(table, 0, walk->place, index / FL_CHUNK_BUCKETS_IPV4, index);
	if (!bucket)
		return 1;
	for (int i = 0; i < FL_BUCKET_ENTRIES; i++) {
		struct fl_entry_ipv4 *entry = &bucket->entry[i];

		if (!entry->key.used || entry->connection.state == FL_STATE_DEAD)
			continue;
		if (walk_passes(&entry->connection, walk)) {
			walk->entries++;
			continue;
		}
		key = key_of_ipv4(&entry->key);
		walk->entries += walk_entry(&key, &entry->connection, walk);
	}
	return 0;
}

static long walk_bucket_ipv6(__u32 index, void *data)
{
	struct walk *walk = data;
	const struct fl_table *table = table_of(1);
	struct fl_bucket_ipv6 *bucket;
	struct fl_connection_key key;

	if (walk_pauses(walk, index))
		return 1;
	index += walk->from;
	bucket = chunk_bucket(table, 1, walk->place, index / FL_CHUNK_BUCKETS_IPV6, index);
	if (!bucket)
		return 1;
	for (int i = 0; i < FL_BUCKET_ENTRIES; i++) {
		struct fl_entry_ipv6 *entry = &bucket->entry[i];

		if (!entry->key.used || entry->connection.state == FL_STATE_DEAD)
			continue;
		if (walk_passes(&entry->connection, walk)) {
			walk->entries++;
			continue;
		}
		key = key_of_ipv6(&entry->key);
		walk->entries += walk_entry(&key, &entry->connection, walk);
	}
	return 0;
}

SEC("syscall")
int fl_walk_table(struct fl_walk_table *context)
{
	__u32 family = context->family == FL_TABLE_IPV6 ? FL_TABLE_IPV6 : FL_TABLE_IPV4;
	const struct fl_table *table = table_of(family);
	struct walk walk = {
		.sweep = { .now = clock_now_exactly(), .thins = context->walk.thins },
		.until = bpf_ktime_get_ns() + context->slice_us * NSEC_PER_USEC,
		.evicted = context->walk.evicted,
		.place = context->place,
		.from = context->bucket,
	};

	walk.sweep.is_current = table->current == walk.place;
	walk.wants_expired = !walk.evicted && sweep_wants_expired(&walk.sweep);
	if (family == FL_TABLE_IPV6) {
		bpf_loop(WALK_BUCKETS, walk_bucket_ipv6, &walk, 0);
		context->walk.entries[FL_TABLE_IPV6] = walk.entries;
	} else {
		bpf_loop(WALK_BUCKETS, walk_bucket_ipv4, &walk, 0);
		context->walk.entries[FL_TABLE_IPV4] = walk.entries;
	}
	context->bucket = walk.bucket;
	return 0;
}

__noinline int walk_outside_at(const struct fl_connection_key *key, const struct walk *walk)
{
	struct fl_connection *connection;
	struct fl_connection_key copy;

	if (!key || !walk)
		return 0;
	copy = *key;
	connection = bpf_map_lookup_elem(&connections, &copy);
	if (!connection)
		return 0;
	if (connection->state != FL_STATE_DEAD)
		return walk_entry(&copy, connection, walk);
	table_remove(&copy, 0); /* whoever ended it could not */
	return 0;
}

static __always_inline void walk_template(const struct template_place *place,
					  struct fl_template *template, const struct walk *walk)
{
	if (walk->evicted)
		evict_template(place, template, walk->evicted);
	else
		sweep_template(place, template, &walk->sweep);
}

__noinline int walk_template_at(const struct fl_template_key *key, const struct walk *walk)
{
	struct template_place place = {};
	struct fl_template *template;

	if (!key || !walk)
		return 0;
	place.key = *key;
	template = bpf_map_lookup_elem(&templates, &place.key);
	if (template)
		walk_template(&place, template, walk);
	return 0;
}

__noinline int walk_sip_at(const struct fl_sip_key *key, const struct walk *walk)
{
	struct template_place place;
	struct fl_template *template;

	if (!key || !walk)
		return 0;
	place = template_place_of_sip(key);
	template = template_at(&place);
	if (template)
		walk_template(&place, template, walk);
	return 0;
}

/* Of entries by their keys: they lie in no table. */
static __always_inline struct walk walk_of(const struct fl_walk *asked)
{
	return (struct walk){
		.sweep = { .now = clock_now_exactly(), .thins = asked->thins },
		.evicted = asked->evicted,
	};
}

SEC("syscall")
int fl_walk_outside(struct fl_walk_outside *context)
{
	struct walk walk = walk_of(&context->walk);
	struct fl_connection_key key;
	__u32 all = 0, ipv6 = 0, counted;
	__u32 one_in = context->moved_one_in ?: 1;

#pragma unroll
	for (__u32 i = 0; i < FL_WALK_KEYS; i++) {
		if (i >= context->count)
			break;
		key = context->key[i];
		walk.sweep.is_current = !!(bpf_get_prandom_u32() % one_in);
		counted = walk_outside_at(&key, &walk);
		all += counted;
		ipv6 += key.family == FL_FAMILY_IPV6 ? counted : 0;
	}
	context->walk.entries[FL_TABLE_IPV4] = all - ipv6;
	context->walk.entries[FL_TABLE_IPV6] = ipv6;
	return 0;
}

SEC("syscall")
int fl_walk_templates(struct fl_walk_templates *context)
{
	struct walk walk = walk_of(&context->walk);
	struct fl_template_key key;

#pragma unroll
	for (__u32 i = 0; i < FL_WALK_KEYS; i++) {
		if (i >= context->count)
			break;
		key = context->key[i];
		walk_template_at(&key, &walk);
	}
	return 0;
}

SEC("syscall")
int fl_walk_sip(struct fl_walk_sip *context)
{
	struct walk walk = walk_of(&context->walk);
	struct fl_sip_key key;

#pragma unroll
	for (__u32 i = 0; i < FL_WALK_KEYS; i++) {
		if (i >= context->count)
			break;
		key = context->key[i];
		walk_sip_at(&key, &walk);
	}
	return 0;
}

#endif /* FL_WALK_H */
