/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Array indexes the verifier believes. Linux 6.1 forgets what a comparison has
 * shown when the register is spilled; a mask it keeps, unless the compiler, which
 * knows better, takes the mask away. So the compiler is kept in the dark.
 */
#ifndef FL_MASKED_H
#define FL_MASKED_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

/* `mask` is one less than a power of 2. */
static __always_inline __u32 masked(__u32 index, __u32 mask)
{
	barrier_var(index);
	return index & mask;
}

#endif /* FL_MASKED_H */
