/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Counters of real servers, each CPU its own; user space adds them up, and services' from them. A plain array, in which
 * each CPU has a part: a per-CPU array of this size is an allocation per entry, which takes the kernel a tenth of a second.
 */
#ifndef FL_COUNT_H
#define FL_COUNT_H

#include "clock.h"
#include "maps.h"
#include "packet.h"

/* As in IPVS: what a packet is to the director, not to an interface. */
enum direction {
	DIRECTION_IN, /* from the client */
	DIRECTION_OUT, /* from the real server */
};

static __always_inline struct fl_counts *counts_of(__u32 slot)
{
	__u32 index = bpf_get_smp_processor_id() * FL_MAX_DESTINATIONS + slot;

	return bpf_map_lookup_elem(&dest_counts, &index);
}

static __always_inline void count_packet(__u32 destination_slot, enum direction direction,
					 __u32 bytes)
{
	struct fl_counts *counts = counts_of(destination_slot);

	if (!counts)
		return;
	if (direction == DIRECTION_IN) {
		counts->in_packets++;
		counts->in_bytes += bytes;
	} else {
		counts->out_packets++;
		counts->out_bytes += bytes;
	}
}

/* A connection that was scheduled, or a datagram of a one-packet service. */
static __always_inline void count_connection(__u32 destination_slot)
{
	struct fl_counts *counts = counts_of(destination_slot);

	if (counts)
		counts->connections++;
}

/* Counts by reason, and keeps the packet as the example of it. */
static __noinline int count_not_forwarded(const struct packet *packet, enum fl_reason reason)
{
	__u32 index = reason;
	__u64 *count = bpf_map_lookup_elem(&not_forwarded, &index);
	struct fl_not_forwarded_example *example = bpf_map_lookup_elem(&last_dropped, &index);

	if (count)
		(*count)++;
	if (example) {
		example->key = packet->key;
		example->interface = packet->interface;
		example->bytes = packet->bytes;
		example->at = clock_now();
	}
	return 0;
}

#endif /* FL_COUNT_H */
