// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What one load from memory takes, measured as the director is: lines of a cache in an array of the kernel's, as
 * entries of connections lie in a chunk of a table (lib/maps.h), spread over as much room as a table has.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/tcp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "abi/limits.h"
#include "masked.h"

/* Lines, used or not: a power of 2, and more than a table of 1,048,576 connections has. */
#define LINES_ROOM (1 << 21)

/* Read and written by bench/profile/lines.ts, which must agree. */
struct lines_plan {
	__u32 lines; /* take turns, */
	__u32 room; /* and are spread over so many */
	__u32 shift; /* octets into the array's memory at which its first line begins */
	__u32 work; /* steps of other work of a packet, WORK_MOST at most */
	__u32 at;
	__u32 pad;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct lines_plan);
} lines_plans SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, (LINES_ROOM + 1) * FL_CACHE_LINE);
} lines SEC(".maps");

static __always_inline struct lines_plan *plan_now(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&lines_plans, &zero);
}

/* Which line is number `number`'s: any, and always the same. */
static __always_inline __u32 place_of(__u32 number, __u32 room)
{
	__u64 mixed = (number + 1) * 0xbf58476d1ce4e5b9ULL;

	mixed = (mixed ^ mixed >> 32) * 0x94d049bb133111ebULL;
	return (mixed >> 32) * room >> 32;
}

/*
 * What stands at the beginning of that line: always 0, which the compiler does not know. Behind it something is
 * written, as a connection's entry is told the time.
 */
static __always_inline __u64 visit(const struct lines_plan *plan, __u32 number)
{
	__u32 zero = 0;
	void *memory = bpf_map_lookup_elem(&lines, &zero);
	volatile __u64 *line;
	__u64 first;

	if (!memory)
		return 0;
	memory += masked(plan->shift, FL_CACHE_LINE - sizeof(__u64));
	line = memory + masked(place_of(number, plan->room), LINES_ROOM - 1) * FL_CACHE_LINE;
	first = line[0];
	line[1] = number;
	return first;
}

#define WORK_MOST 256

/* So many steps, each of which waits for the one before, and the first for `value`; which stays 0 if it is. */
static __always_inline __u64 worked(__u64 value, __u32 steps)
{
	for (__u32 i = 0; i < WORK_MOST && i < steps; i++) {
		value *= 0x9e3779b97f4a7c15ULL;
		barrier_var(value);
	}
	return value;
}

/* A packet that visits its flow's line, has other work done, and is sent out again. */
SEC("xdp")
int fl_line_of_flow(struct xdp_md *xdp)
{
	void *data = (void *)(long)xdp->data, *data_end = (void *)(long)xdp->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct tcphdr *tcp = (void *)(ip + 1);
	struct lines_plan *plan = plan_now();
	__u64 found;

	if (!plan || (void *)(tcp + 1) > data_end)
		return XDP_ABORTED;
	found = visit(plan, bpf_ntohl(ip->saddr) * 16 + bpf_ntohs(tcp->source));
	return worked(found, plan->work) ? XDP_ABORTED : XDP_TX;
}

#define VISITS_OF_RUN 64 /* bench/profile/lines.ts */

/* Visits with nothing between two of them: where the next one is follows from what the last one has found. */
SEC("xdp")
int fl_lines_in_turn(struct xdp_md *xdp)
{
	struct lines_plan *plan = plan_now();
	__u32 at;

	if (!plan)
		return XDP_ABORTED;
	at = plan->at;
	for (int i = 0; i < VISITS_OF_RUN; i++) {
		at += visit(plan, at) + 1;
		if (at >= plan->lines)
			at = 0;
	}
	plan->at = at;
	return XDP_TX;
}

struct lines_address {
	__u64 address;
};

/* Where the kernel has put the array. */
SEC("syscall")
int fl_lines_align(struct lines_address *context)
{
	__u32 zero = 0;

	context->address = (__u64)bpf_map_lookup_elem(&lines, &zero);
	return 0;
}

char _license[] SEC("license") = "Dual BSD/GPL";
