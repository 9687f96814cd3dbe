/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Time. The coarse monotonic clock moves once a jiffy, and user space reads the
 * same clock as CLOCK_MONOTONIC. To ask for it is a call, which costs as much as half
 * of a packet's other work; to read the jiffies is not, so it is asked for once a jiffy.
 * A test may set the time by hand: user space says so before it loads the programs,
 * and the kernel drops the branch otherwise.
 */
#ifndef FL_CLOCK_H
#define FL_CLOCK_H

#include "maps.h"

#define NSEC_PER_USEC 1000ULL
#define NSEC_PER_MSEC 1000000ULL
#define NSEC_PER_SEC 1000000000ULL

/* 1: the time is what the map test_clock says. */
const volatile __u32 fl_test_clock SEC(".rodata.clock") = 0;

static __always_inline __u64 clock_of_test(void)
{
	__u32 zero = 0;
	__u64 *clock = bpf_map_lookup_elem(&test_clock, &zero);

	return clock ? *clock : 0;
}

struct clock_reading {
	__u64 jiffies;
	__u64 now;
};

/* In memory of the programs' own, not in a map that is looked up: nobody else asks for it, and losing it loses nothing. */
volatile struct clock_reading fl_clock_last SEC(".data.clock");

/* Whoever reads the jiffies of a reading reads its time or a later one. */
static __always_inline __u64 clock_of_kernel(void)
{
	__u64 jiffies = bpf_jiffies64();
	__u64 now;

	if (fl_clock_last.jiffies == jiffies)
		return fl_clock_last.now;
	now = bpf_ktime_get_coarse_ns();
	fl_clock_last.now = now;
	fl_clock_last.jiffies = jiffies;
	return now;
}

static __always_inline __u64 clock_now(void)
{
	return fl_test_clock ? clock_of_test() : clock_of_kernel();
}

/* For programs that are not given the coarse clock: the same one, read exactly. */
static __always_inline __u64 clock_now_exactly(void)
{
	return fl_test_clock ? clock_of_test() : bpf_ktime_get_ns();
}

/* A number that changes about once a second (every 2^30 ns). */
static __always_inline __u32 clock_stamp(__u64 now)
{
	return now >> 30;
}

#endif /* FL_CLOCK_H */
