/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The decapsulator's maps. The kernel keeps 15 characters of their names. */
#ifndef FL_DECAPSULATE_MAPS_H
#define FL_DECAPSULATE_MAPS_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "realserver_abi.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FL_MAX_REALSERVER_VIPS);
	__type(key, struct fl_realserver_vip);
	__type(value, __u32); /* 1 */
} realserver_vips SEC(".maps");

/* One element: the UDP port that GUE comes to, in host order. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} gue_port SEC(".maps");

/* By enum fl_decapsulation. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, FL_DECAPSULATIONS);
	__type(key, __u32);
	__type(value, __u64);
} decapsulations SEC(".maps");

static __always_inline void count_decapsulation(enum fl_decapsulation what)
{
	__u32 index = what;
	__u64 *count = bpf_map_lookup_elem(&decapsulations, &index);

	if (count)
		(*count)++;
}

#endif /* FL_DECAPSULATE_MAPS_H */
