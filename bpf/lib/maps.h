/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Every map. They outlive programs and daemons: the attached programs hold them. */
#ifndef FL_MAPS_H
#define FL_MAPS_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "abi.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct fl_settings);
} settings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, FL_MAX_INTERFACES);
	__type(key, __u32);
	__type(value, struct fl_interface);
} interfaces SEC(".maps");

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
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, FL_MAX_SERVICES);
	__type(key, __u32);
	__type(value, struct fl_counts);
} service_counts SEC(".maps");

/* By service slot. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, FL_MAX_SERVICES);
	__type(key, __u32);
	__type(value, struct fl_hash_table);
} hash_tables SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, FL_MAX_SERVICES);
	__type(key, __u32);
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
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, FL_MAX_DESTINATIONS);
	__type(key, __u32);
	__type(value, struct fl_counts);
} dest_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, FL_MAX_CONNECTIONS);
	__type(key, struct fl_connection_key);
	__type(value, struct fl_connection);
} connections SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, FL_REASONS);
	__type(key, __u32);
	__type(value, __u64);
} not_forwarded SEC(".maps");

#endif /* FL_MAPS_H */
