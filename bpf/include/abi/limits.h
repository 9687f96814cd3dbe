/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Capacities: how much of everything a data plane holds. */
#ifndef FL_ABI_LIMITS_H
#define FL_ABI_LIMITS_H

#include <linux/types.h>

/*
 * Grows with every change of a layout, so that a daemon never adopts maps it would misread. What an earlier
 * version has left is carried over by the names of its fields (docs/design/0015-carrying-over.md); where a field
 * keeps its name and means something else, src/dataplane/bpf/carry/meanings.ts has to say so.
 */
#define FL_ABI_VERSION 11

/* Capacities. Hash maps hold memory for what is in use; arrays for all of it. */
#ifndef FL_MAX_SERVICES
#define FL_MAX_SERVICES 131072
#endif
/* Addresses that lblc and lblcr remember the real servers of; this map has memory for all of them. */
#ifndef FL_MAX_CACHED
#define FL_MAX_CACHED 65536
#endif
#ifndef FL_MAX_DESTINATIONS
#define FL_MAX_DESTINATIONS 131072
#endif
/* Extents of `members` are powers of 2 and are replaced, not changed: twice the destinations, and room. */
#ifndef FL_MAX_MEMBERS
#define FL_MAX_MEMBERS 524288
#endif
/* The default of the setting; the maps are made as large as the setting says. */
#ifndef FL_MAX_CONNECTIONS
#define FL_MAX_CONNECTIONS 1048576
#endif
#ifndef FL_MAX_FRAGMENTS
#define FL_MAX_FRAGMENTS 8192
#endif
#ifndef FL_MAX_INTERFACES
#define FL_MAX_INTERFACES 4096 /* a power of 2 */
#endif
/* So far from where it belongs an interface may be found. */
#define FL_INTERFACE_PLACES 16
/* Words of `vip_filter`, 64 bits each: a power of 2. */
#define FL_FILTER_WORDS 1024
/* Claims of others to virtual addresses; the oldest make room. */
#ifndef FL_MAX_CLAIMS
#define FL_MAX_CLAIMS 256
#endif
/* Rules that say which mark a packet has, in each of two banks. */
#ifndef FL_MAX_MARK_RULES
#define FL_MAX_MARK_RULES 1024
#endif

/* Places of a service's hash table: sh and dh use 256 (CONFIG_IP_VS_SH_TAB_BITS=8), mh 4093. */
#define FL_HASH_SLOTS_SH 256
#define FL_HASH_SLOTS_MH 4093
#define FL_HASH_SLOTS_ROOM 4096

/* So many destinations does lblcr remember of a destination address. */
#define FL_CACHE_SERVERS 16

/* IPVS keeps Call-IDs of this many octets at most (IP_VS_PEDATA_MAXLEN). */
#define FL_SIP_CALL_ID_MAX 255
#define FL_SIP_CALL_ID_ROOM 256

/* Connections lie in buckets of so many (abi/table.h), */
#define FL_BUCKET_ENTRIES 8
/* these in chunks of so many (a power of 2), */
#define FL_CHUNK_BUCKETS_IPV4 4096
#define FL_CHUNK_BUCKETS_IPV6 1024
/* which begin with a cache line of this size: within the memory that the kernel gives, fl_table says where; */
#define FL_CACHE_LINE 64
/* these in tables, which have so many at most, */
#define FL_TABLE_CHUNKS 8192
/* and of tables each family has the one in use, and for a while the one before. */
#define FL_TABLE_PLACES 2
/* What found no place in the buckets of a few hashes is counted together: a power of 2. */
#define FL_OUTSIDE_COUNTS 4096

/* A walk is given so many keys at a time (lib/walk.h). */
#define FL_WALK_KEYS 32

/* Octets of a batch of entries that are carried over (lib/carry.h). */
#define FL_CARRY_OCTETS 65536

enum fl_limit {
	FL_LIMIT_ABI_VERSION = FL_ABI_VERSION,
	FL_LIMIT_SERVICES = FL_MAX_SERVICES,
	FL_LIMIT_DESTINATIONS = FL_MAX_DESTINATIONS,
	FL_LIMIT_MEMBERS = FL_MAX_MEMBERS,
	FL_LIMIT_CONNECTIONS = FL_MAX_CONNECTIONS,
	FL_LIMIT_INTERFACES = FL_MAX_INTERFACES,
	FL_LIMIT_INTERFACE_PLACES = FL_INTERFACE_PLACES,
	FL_LIMIT_FILTER_WORDS = FL_FILTER_WORDS,
	FL_LIMIT_MARK_RULES = FL_MAX_MARK_RULES,
	FL_LIMIT_HASH_SLOTS = FL_HASH_SLOTS_ROOM,
	FL_LIMIT_BUCKET_ENTRIES = FL_BUCKET_ENTRIES,
	FL_LIMIT_CHUNK_BUCKETS_IPV4 = FL_CHUNK_BUCKETS_IPV4,
	FL_LIMIT_CHUNK_BUCKETS_IPV6 = FL_CHUNK_BUCKETS_IPV6,
	FL_LIMIT_CACHE_LINE = FL_CACHE_LINE,
	FL_LIMIT_TABLE_CHUNKS = FL_TABLE_CHUNKS,
	FL_LIMIT_OUTSIDE_COUNTS = FL_OUTSIDE_COUNTS,
	FL_LIMIT_TABLE_PLACES = FL_TABLE_PLACES,
	FL_LIMIT_WALK_KEYS = FL_WALK_KEYS,
	FL_LIMIT_CARRY_OCTETS = FL_CARRY_OCTETS,
};

#endif /* FL_ABI_LIMITS_H */
