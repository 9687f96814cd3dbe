/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Counters, each CPU its own; user space adds them up. */
#ifndef FL_COUNT_H
#define FL_COUNT_H

#include "maps.h"

static __always_inline void count_packet(__u32 service_slot, __u32 destination_slot, __u32 bytes)
{
	struct fl_counts *counts;

	counts = bpf_map_lookup_elem(&dest_counts, &destination_slot);
	if (counts) {
		counts->in_packets++;
		counts->in_bytes += bytes;
	}
	counts = bpf_map_lookup_elem(&service_counts, &service_slot);
	if (counts) {
		counts->in_packets++;
		counts->in_bytes += bytes;
	}
}

static __always_inline void count_connection(__u32 service_slot, __u32 destination_slot)
{
	struct fl_counts *counts;

	counts = bpf_map_lookup_elem(&dest_counts, &destination_slot);
	if (counts)
		counts->connections++;
	counts = bpf_map_lookup_elem(&service_counts, &service_slot);
	if (counts)
		counts->connections++;
}

static __always_inline void count_not_forwarded(enum fl_reason reason)
{
	__u32 index = reason;
	__u64 *count = bpf_map_lookup_elem(&not_forwarded, &index);

	if (count)
		(*count)++;
}

#endif /* FL_COUNT_H */
