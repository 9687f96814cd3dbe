/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A bucket: 8 entries of either family side by side, told apart by `ipv6`, a constant.
 * They are tried from the one that the hash says on, round and round.
 *
 * An entry is there while its key has been written and its state is not DEAD. Its place is
 * given to another no sooner than REST after its death, so that a packet on another CPU that
 * has just found it never sees it turn into somebody else's.
 */
#ifndef FL_TABLE_BUCKET_H
#define FL_TABLE_BUCKET_H

#include "masked.h"
#include "table/key.h"

/* Time in units of about a millisecond (2^20 ns); a place rests longer than the clock's ticks are. */
#define REST 16

/* So late packets may be behind a sweep, which reads the clock exactly: two ticks of the slowest (clock.h). */
#define REST_LAG 32

static __always_inline __u32 rest_stamp(__u64 now)
{
	return now >> 20;
}

static __always_inline int has_rested(const struct fl_connection *dead, __u64 now)
{
	return rest_stamp(now) + REST_LAG - dead->died > REST + REST_LAG;
}

/* Bits between those that have chosen the bucket and those that have chosen its chunk. */
#define ENTRY_BITS_FROM 12

_Static_assert(1 << ENTRY_BITS_FROM >= FL_CHUNK_BUCKETS_IPV4, "lower bits say which bucket");
_Static_assert(FL_TABLE_CHUNKS *FL_BUCKET_ENTRIES << ENTRY_BITS_FROM <= 1ULL << 32,
	       "higher ones say which chunk");

static __always_inline __u32 entry_index(__u32 hash, __u32 attempt)
{
	return masked((hash >> ENTRY_BITS_FROM) + attempt, FL_BUCKET_ENTRIES - 1);
}

static __always_inline __u64 *entry_words(void *bucket, int ipv6, __u32 index)
{
	return bucket +
	       index * (ipv6 ? sizeof(struct fl_entry_ipv6) : sizeof(struct fl_entry_ipv4));
}

static __always_inline struct fl_connection *entry_connection(void *bucket, int ipv6, __u32 index)
{
	void *entry = entry_words(bucket, ipv6, index);

	return entry + (ipv6 ? offsetof(struct fl_entry_ipv6, connection)
			     : offsetof(struct fl_entry_ipv4, connection));
}

static __always_inline int entry_has_key(const __u64 *words, int ipv6, const struct table_key *key)
{
	if (words[0] != key->word[0] || words[1] != key->word[1])
		return 0;
	return !ipv6 ||
	       (words[2] == key->word[2] && words[3] == key->word[3] && words[4] == key->word[4]);
}

/* `used` is in the key's last word, behind two ports and the protocol. */
static __always_inline int entry_is_virgin(const __u64 *words, int ipv6)
{
	return !words[ipv6 ? TABLE_WORDS_IPV6 - 1 : TABLE_WORDS_IPV4 - 1];
}

/* Which entry has this key, or -1. None lies behind a place that was never used. */
static __always_inline int bucket_search(void *bucket, int ipv6, const struct table_key *key,
					 __u32 hash)
{
#pragma unroll
	for (int attempt = 0; attempt < FL_BUCKET_ENTRIES; attempt++) {
		__u32 index = entry_index(hash, attempt);
		__u64 *words = entry_words(bucket, ipv6, index);

		if (entry_has_key(words, ipv6, key) &&
		    entry_connection(bucket, ipv6, index)->state != FL_STATE_DEAD)
			return index;
		if (entry_is_virgin(words, ipv6))
			break;
	}
	return -1;
}

/* Puts an entry at a place that is free. Others see it when its state is written. */
static __always_inline void entry_write(void *bucket, int ipv6, __u32 index,
					const struct table_key *key,
					const struct fl_connection *fresh)
{
	struct fl_connection *connection = entry_connection(bucket, ipv6, index);
	__u64 *words = entry_words(bucket, ipv6, index);

	connection->state = FL_STATE_DEAD;
	barrier();
	connection->last_seen = fresh->last_seen;
	connection->timeout_ms = fresh->timeout_ms;
	connection->destination = fresh->destination;
	connection->flags = fresh->flags | FL_CONNECTION_IN_TABLE;
	connection->packets = fresh->packets;
	connection->carried = fresh->carried;
	connection->mark = fresh->mark;
	connection->server_port = fresh->server_port;
	connection->template_serial = fresh->template_serial;
	connection->template_mask = fresh->template_mask;
	words[0] = key->word[0];
	words[1] = key->word[1];
	if (ipv6) {
		words[2] = key->word[2];
		words[3] = key->word[3];
		words[4] = key->word[4];
	}
	__sync_lock_test_and_set(&connection->state, fresh->state);
}

/* A new entry: 0, or -1 for want of room. To be called under the bucket's lock (table.h). */
static __always_inline int bucket_put(void *bucket, int ipv6, const struct table_key *key,
				      __u32 hash, const struct fl_connection *fresh, __u64 now)
{
#pragma unroll
	for (int attempt = 0; attempt < FL_BUCKET_ENTRIES; attempt++) {
		__u32 index = entry_index(hash, attempt);
		struct fl_connection *there = entry_connection(bucket, ipv6, index);

		if (entry_is_virgin(entry_words(bucket, ipv6, index), ipv6) ||
		    (there->state == FL_STATE_DEAD && has_rested(there, now))) {
			entry_write(bucket, ipv6, index, key, fresh);
			return 0;
		}
	}
	return -1;
}

#endif /* FL_TABLE_BUCKET_H */
