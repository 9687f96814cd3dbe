/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table of connections (docs/design/0008-connection-table.md). Each family has a
 * table of buckets, sized by the daemon for what is in it, and until all has been moved
 * there, the one before. What finds no place there lies outside, in the hash map `connections`,
 * as does everything while there is no table.
 */
#ifndef FL_TABLE_H
#define FL_TABLE_H

#include "maps.h"
#include "pressure.h"
#include "table/bucket.h"

/* A bucket's writers wait for one another, but not for ever: an entry may lie outside as well. */
#define LOCK_ATTEMPTS 64
#define TABLE_LOCKS 1024

static __always_inline const struct fl_table *table_of(int ipv6)
{
	return &tables[ipv6 ? FL_TABLE_IPV6 : FL_TABLE_IPV4];
}

/* A chunk's memory; NULL where there is no such chunk at `place`. */
static __always_inline void *chunk_memory(int ipv6, __u32 place, __u32 chunk)
{
	__u32 zero = 0;
	void *array;

	chunk += place * FL_TABLE_CHUNKS;
	array = ipv6 ? bpf_map_lookup_elem(&table_ipv6, &chunk)
		     : bpf_map_lookup_elem(&table_ipv4, &chunk);
	return array ? bpf_map_lookup_elem(array, &zero) : NULL;
}

/* Bucket `index` of a chunk of the table at `place`; NULL where there is no such chunk. */
static __always_inline void *chunk_bucket(const struct fl_table *table, int ipv6, __u32 place,
					  __u32 chunk, __u32 index)
{
	void *memory = chunk_memory(ipv6, place, chunk);

	if (!memory)
		return NULL;
	memory += masked(table->shift, FL_CACHE_LINE - sizeof(__u64));
	return ipv6 ? memory + masked(index, FL_CHUNK_BUCKETS_IPV6 - 1) *
				       sizeof(struct fl_bucket_ipv6)
		    : memory + masked(index, FL_CHUNK_BUCKETS_IPV4 - 1) *
				       sizeof(struct fl_bucket_ipv4);
}

/* The highest bits of the hash say which chunk, the lowest ones which bucket of it; those between are bucket.h's. */
static __always_inline void *table_bucket(const struct fl_table *table, int ipv6, __u32 place,
					  __u32 hash)
{
	place = masked(place, FL_TABLE_PLACES - 1);
	return chunk_bucket(table, ipv6, place, (__u64)hash * table->chunks[place] >> 32, hash);
}

/* Whether there is another one, whose entries are on their way to the one in use. */
static __always_inline int table_is_being_replaced(const struct fl_table *table)
{
	return table->chunks[masked(table->current ^ 1, FL_TABLE_PLACES - 1)] != 0;
}

/* Functions of their own, so that the verifier sees one entry at some place, not four. */
__noinline int search_ipv4(struct fl_bucket_ipv4 *bucket, const struct table_key *key, __u32 hash)
{
	return bucket && key ? bucket_search(bucket, 0, key, hash) : -1;
}

__noinline int search_ipv6(struct fl_bucket_ipv6 *bucket, const struct table_key *key, __u32 hash)
{
	return bucket && key ? bucket_search(bucket, 1, key, hash) : -1;
}

static __always_inline struct fl_connection *table_find_at(const struct fl_table *table, int ipv6,
							   __u32 place, const struct table_key *key,
							   __u32 hash)
{
	void *bucket = table_bucket(table, ipv6, place, hash);
	int index;

	if (!bucket)
		return NULL;
	index = ipv6 ? search_ipv6(bucket, key, hash) : search_ipv4(bucket, key, hash);
	return index < 0 ? NULL
			 : entry_connection(bucket, ipv6, masked(index, FL_BUCKET_ENTRIES - 1));
}

/* How many entries of such a hash lie outside: without any, a packet need not look there. */
static __always_inline __u32 *outside_count(__u32 hash)
{
	__u32 index = masked(hash, FL_OUTSIDE_COUNTS - 1);

	return bpf_map_lookup_elem(&outside_counts, &index);
}

static __always_inline void count_outside(__u32 hash, int amount)
{
	__u32 *count = outside_count(hash);

	if (count)
		__sync_fetch_and_add(count, amount);
	pressure_count_outside(amount);
}

/*
 * The hash map's keys and values are copies on the stack: Linux 6.1's verifier takes
 * none that a global function was given. They cost it in functions of their own, which
 * call no others.
 */
static __always_inline struct fl_connection *outside_find(const struct fl_connection_key *key,
							  __u32 hash)
{
	const __u32 *count = outside_count(hash);
	struct fl_connection_key copy;

	if (!count || !*count)
		return NULL;
	copy = *key;
	return bpf_map_lookup_elem(&connections, &copy);
}

static __always_inline struct fl_connection *find_anywhere(const struct fl_connection_key *key,
							   int ipv6)
{
	const struct fl_table *table = table_of(ipv6);
	struct fl_connection *connection;
	struct table_key words;
	__u32 hash;

	table_key_of(key, ipv6, &words);
	hash = table_hash(&words, ipv6, table->seed);
	connection = table_find_at(table, ipv6, table->current, &words, hash);
	if (!connection)
		connection = table_find_at(table, ipv6, table->current ^ 1, &words, hash);
	/* Between the two looks it may have been moved. */
	if (!connection && table_is_being_replaced(table))
		connection = table_find_at(table, ipv6, table->current, &words, hash);
	return connection ? connection : outside_find(key, hash);
}

/* The entry wherever it lies, or NULL. */
static __noinline struct fl_connection *table_find(const struct fl_connection_key *key)
{
	return key->family == FL_FAMILY_IPV6 ? find_anywhere(key, 1) : find_anywhere(key, 0);
}

static __always_inline __u32 *table_lock(__u32 hash)
{
	__u32 index = masked(hash, TABLE_LOCKS - 1);
	__u32 *lock = bpf_map_lookup_elem(&table_locks, &index);

	if (!lock)
		return NULL;
	for (int attempt = 0; attempt < LOCK_ATTEMPTS; attempt++) {
		if (!__sync_val_compare_and_swap(lock, 0, 1))
			return lock;
	}
	return NULL;
}

enum placed {
	PLACED,
	PLACED_BEFORE,
	NO_PLACE,
};

static __noinline enum placed outside_put(const struct fl_connection_key *key,
					  const struct fl_connection *fresh, __u32 hash)
{
	struct fl_connection_key copy = *key;
	struct fl_connection value = *fresh;

	/* Counted first, so that nobody misses it. */
	count_outside(hash, 1);
	if (!bpf_map_update_elem(&connections, &copy, &value, BPF_NOEXIST))
		return PLACED;
	count_outside(hash, -1);
	return bpf_map_lookup_elem(&connections, &copy) ? PLACED_BEFORE : NO_PLACE;
}

static __always_inline enum placed put_anywhere(const struct fl_connection_key *key, int ipv6,
						const struct fl_connection *fresh, __u64 now,
						int may_lie_outside)
{
	const struct fl_table *table = table_of(ipv6);
	enum placed result = PLACED;
	struct table_key words;
	void *bucket;
	__u32 *lock;
	__u32 hash;

	table_key_of(key, ipv6, &words);
	hash = table_hash(&words, ipv6, table->seed);
	bucket = table_bucket(table, ipv6, table->current, hash);
	lock = table_lock(hash);
	if (bucket && bucket_search(bucket, ipv6, &words, hash) >= 0)
		result = PLACED_BEFORE;
	else if (!bucket || !lock || bucket_put(bucket, ipv6, &words, hash, fresh, now))
		result = may_lie_outside ? outside_put(key, fresh, hash) : NO_PLACE;
	if (lock)
		__sync_lock_test_and_set(lock, 0);
	return result;
}

/* A new entry. Where another CPU has just made one with this key, that one stays. */
__noinline int table_put(const struct fl_connection_key *key, const struct fl_connection *fresh,
			 __u64 now, int may_lie_outside)
{
	if (!key || !fresh)
		return NO_PLACE;
	return key->family == FL_FAMILY_IPV6 ? put_anywhere(key, 1, fresh, now, may_lie_outside)
					     : put_anywhere(key, 0, fresh, now, may_lie_outside);
}

static __always_inline __u32 hash_of(const struct fl_connection_key *key, int ipv6)
{
	const struct fl_table *table = table_of(ipv6);
	struct table_key words;

	table_key_of(key, ipv6, &words);
	return table_hash(&words, ipv6, table->seed);
}

static __noinline int outside_remove(const struct fl_connection_key *key)
{
	struct fl_connection_key copy = *key;
	__u32 hash = key->family == FL_FAMILY_IPV6 ? hash_of(key, 1) : hash_of(key, 0);

	if (!bpf_map_delete_elem(&connections, &copy))
		count_outside(hash, -1);
	return 0;
}

/* Takes out an entry that is DEAD, and had these flags: in a table, its state says all. */
static __always_inline void table_remove(const struct fl_connection_key *key, __u32 flags)
{
	if (!(flags & FL_CONNECTION_IN_TABLE))
		outside_remove(key);
}

#endif /* FL_TABLE_H */
