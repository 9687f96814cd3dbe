/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every map of the contract. They outlive programs and daemons: the attached programs hold them. */
#ifndef FL_MAPS_H
#define FL_MAPS_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "abi.h"

/*
 * What every packet asks for: memory whose address the programs are given when they are loaded, where a map costs a
 * look-up. To user space each is a map of one element, called like its section. Nothing is in them but zeros before
 * user space writes.
 */
struct fl_settings settings SEC(".data.settings");
struct fl_interface interfaces[FL_MAX_INTERFACES] SEC(".data.interfaces");
struct fl_table tables[FL_TABLE_FAMILIES] SEC(".data.tables");
__u64 vip_filter[FL_FILTER_WORDS] SEC(".data.vip_filter");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, FL_MAX_SERVICES);
	__type(key, struct fl_service_key);
	__type(value, struct fl_service);
} services SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FL_MAX_SERVICES);
	__type(key, __u32);
	__type(value, struct fl_service_state);
} service_state SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, FL_MAX_SERVICES);
	__type(key, struct fl_vip_key);
	__type(value, __u32);
} vips SEC(".maps");

/* The real servers of all services, extent after extent. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FL_MAX_MEMBERS);
	__type(key, __u32);
	__type(value, struct fl_member);
} members SEC(".maps");

/* Twice the services: a change writes a new table beside the old one. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 2 * FL_MAX_SERVICES);
	__type(key, __u32);
	__type(value, struct fl_hash_table);
} hash_tables SEC(".maps");

/* What was not used for longest makes room: the kernel's lblc forgets likewise. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, FL_MAX_CACHED);
	__type(key, struct fl_cache_key);
	__type(value, struct fl_cache);
} cache SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FL_MAX_DESTINATIONS);
	__type(key, __u32);
	__type(value, struct fl_destination);
} destinations SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FL_MAX_DESTINATIONS);
	__type(key, __u32);
	__type(value, struct fl_destination_state);
} dest_state SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FL_MAX_DESTINATIONS);
	__type(key, __u32);
	__type(value, struct fl_destination_load);
} dest_load SEC(".maps");

/* A part for each CPU, one behind the other (count.h): whoever loads it multiplies its size by their number. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FL_MAX_DESTINATIONS);
	__type(key, __u32);
	__type(value, struct fl_counts);
} dest_counts SEC(".maps");

/* Masqueraded real servers by address, port and protocol, 0 under a service by mark: how many services have each. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, FL_MAX_DESTINATIONS);
	__type(key, struct fl_service_key);
	__type(value, __u32);
} masq_servers SEC(".maps");

/*
 * Chunks, which are of one size, so that the kernel looks into them without a call: by place, then number.
 * A chunk is the one element of an array, and larger by a cache line than its buckets: an array's elements
 * begin where the kernel's own struct ends, and entries are to begin with a line.
 */
struct chunk_ipv4 {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, FL_CHUNK_BUCKETS_IPV4 * sizeof(struct fl_bucket_ipv4) + FL_CACHE_LINE);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, FL_TABLE_PLACES *FL_TABLE_CHUNKS);
	__type(key, __u32);
	__array(values, struct chunk_ipv4);
} table_ipv4 SEC(".maps");

struct chunk_ipv6 {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, FL_CHUNK_BUCKETS_IPV6 * sizeof(struct fl_bucket_ipv6) + FL_CACHE_LINE);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, FL_TABLE_PLACES *FL_TABLE_CHUNKS);
	__type(key, __u32);
	__array(values, struct chunk_ipv6);
} table_ipv6 SEC(".maps");

/* Of those who write to a bucket, by its hash (table.h). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u32);
} table_locks SEC(".maps");

/* How many entries lie in no table, by the lowest bits of their hash (table.h). */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FL_OUTSIDE_COUNTS);
	__type(key, __u32);
	__type(value, __u32);
} outside_counts SEC(".maps");

/* Those entries. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, FL_MAX_CONNECTIONS);
	__type(key, struct fl_connection_key);
	__type(value, struct fl_connection);
} connections SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, FL_MAX_CONNECTIONS);
	__type(key, struct fl_template_key);
	__type(value, struct fl_template);
} templates SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, FL_MAX_CONNECTIONS);
	__type(key, struct fl_sip_key);
	__type(value, struct fl_sip_template);
} sip_templates SEC(".maps");

/* Which connection a real server's packet to a client belongs to. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, FL_MAX_CONNECTIONS);
	__type(key, struct fl_reply_key);
	__type(value, struct fl_connection_key);
} replies SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, FL_MAX_FRAGMENTS);
	__type(key, struct fl_fragment_key);
	__type(value, struct fl_fragment);
} fragments SEC(".maps");

/* Two banks, one after the other. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2 * FL_MAX_MARK_RULES);
	__type(key, __u32);
	__type(value, struct fl_mark_rule);
} mark_rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct fl_pressure);
} pressure SEC(".maps");

/* By reason. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, FL_REASONS);
	__type(key, __u32);
	__type(value, __u64);
} not_forwarded SEC(".maps");

/* By reason: the last packet of each. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FL_REASONS);
	__type(key, __u32);
	__type(value, struct fl_not_forwarded_example);
} last_dropped SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, FL_MAX_CLAIMS);
	__type(key, struct fl_claim_key);
	__type(value, struct fl_claim);
} claims SEC(".maps");

/* A batch of entries of another version's tables (carry.h); with no other program's. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, FL_CARRY_OCTETS);
} carried SEC(".maps");

/* The time in ns, where clock.h goes by it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} test_clock SEC(".maps");

#endif /* FL_MAPS_H */
