/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Time. The coarse monotonic clock costs a few nanoseconds and moves once a
 * jiffy; user space reads the same clock as CLOCK_MONOTONIC.
 */
#ifndef FL_CLOCK_H
#define FL_CLOCK_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <linux/types.h>

#define NSEC_PER_MSEC 1000000ULL

static __always_inline __u64 clock_now(void)
{
	return bpf_ktime_get_coarse_ns();
}

/* A number that changes about once a second (every 2^30 ns). */
static __always_inline __u32 clock_stamp(__u64 now)
{
	return now >> 30;
}

#endif /* FL_CLOCK_H */
