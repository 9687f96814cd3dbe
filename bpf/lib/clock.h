/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Time. The coarse monotonic clock costs a few nanoseconds and moves once a
 * jiffy; user space reads the same clock as CLOCK_MONOTONIC. A test may set the
 * time by hand: user space says so before it loads the programs, and the kernel
 * drops the branch otherwise.
 */
#ifndef FL_CLOCK_H
#define FL_CLOCK_H

#include "maps.h"

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

static __always_inline __u64 clock_now(void)
{
	return fl_test_clock ? clock_of_test() : bpf_ktime_get_coarse_ns();
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
