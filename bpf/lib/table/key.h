/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A connection's key as tables compare and hash it: word by word. */
#ifndef FL_TABLE_KEY_H
#define FL_TABLE_KEY_H

#include "abi.h"

#define TABLE_WORDS_IPV4 (sizeof(struct fl_key_ipv4) / sizeof(__u64))
#define TABLE_WORDS_IPV6 (sizeof(struct fl_key_ipv6) / sizeof(__u64))

_Static_assert(sizeof(struct fl_entry_ipv4) == 64, "an IPv4 entry is a cache line");
_Static_assert(sizeof(struct fl_entry_ipv6) == 128, "an IPv6 entry is two cache lines");

struct table_key {
	__u64 word[TABLE_WORDS_IPV6];
};

static __always_inline void table_key_of_ipv4(__be32 client, __be32 vip, __be16 client_port,
					      __be16 virtual_port, __u8 protocol,
					      struct table_key *to)
{
	struct fl_key_ipv4 key = {
		.client = client,
		.vip = vip,
		.client_port = client_port,
		.virtual_port = virtual_port,
		.protocol = protocol,
		.used = 1,
	};

	__builtin_memcpy(to->word, &key, sizeof(key));
}

static __always_inline void table_key_of_ipv6(const struct fl_address *client,
					      const struct fl_address *vip, __be16 client_port,
					      __be16 virtual_port, __u8 protocol,
					      struct table_key *to)
{
	struct fl_key_ipv6 key = {
		.client = *client,
		.vip = *vip,
		.client_port = client_port,
		.virtual_port = virtual_port,
		.protocol = protocol,
		.used = 1,
	};

	__builtin_memcpy(to->word, &key, sizeof(key));
}

static __always_inline void table_key_of(const struct fl_connection_key *key, int ipv6,
					 struct table_key *to)
{
	if (ipv6)
		table_key_of_ipv6(&key->client, &key->vip, key->client_port, key->virtual_port,
				  key->protocol, to);
	else
		table_key_of_ipv4(key->client.word[0], key->vip.word[0], key->client_port,
				  key->virtual_port, key->protocol, to);
}

/* The other way round. */
static __always_inline struct fl_connection_key key_of_ipv4(const struct fl_key_ipv4 *key)
{
	return (struct fl_connection_key){
		.client = { .word = { key->client } },
		.vip = { .word = { key->vip } },
		.client_port = key->client_port,
		.virtual_port = key->virtual_port,
		.protocol = key->protocol,
		.family = FL_FAMILY_IPV4,
	};
}

static __always_inline struct fl_connection_key key_of_ipv6(const struct fl_key_ipv6 *key)
{
	return (struct fl_connection_key){
		.client = key->client,
		.vip = key->vip,
		.client_port = key->client_port,
		.virtual_port = key->virtual_port,
		.protocol = key->protocol,
		.family = FL_FAMILY_IPV6,
	};
}

/* Odd numbers without a pattern: the constants of SplitMix64, and the golden ratio. */
#define HASH_FACTOR_1 0xbf58476d1ce4e5b9ULL
#define HASH_FACTOR_2 0x94d049bb133111ebULL
#define HASH_FACTOR_3 0x9e3779b97f4a7c15ULL

/*
 * Multiplications carry upwards, so each is followed by a look at its upper half. Who does
 * not know the seed cannot tell which connections share a bucket.
 */
static __always_inline __u32 table_hash(const struct table_key *key, int ipv6, __u64 seed)
{
	__u64 one = (key->word[0] ^ seed) * HASH_FACTOR_1, other;

	one ^= one >> 32;
	if (!ipv6)
		return (one ^ key->word[1]) * HASH_FACTOR_2 >> 32;
	other = (key->word[1] ^ seed) * HASH_FACTOR_2;
	other ^= other >> 32;
	one = (one ^ key->word[2]) * HASH_FACTOR_2;
	other = (other ^ key->word[3]) * HASH_FACTOR_3;
	one ^= one >> 32 ^ other ^ other >> 31;
	return (one ^ key->word[4]) * HASH_FACTOR_1 >> 32;
}

#endif /* FL_TABLE_KEY_H */
