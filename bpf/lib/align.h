/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the kernel puts the memory of a table's chunk, which differs between kernels and is the same for
 * all chunks of one. Asked for when a data plane is new, before any packet.
 */
#ifndef FL_ALIGN_H
#define FL_ALIGN_H

#include "table.h"

SEC("syscall")
int fl_align(struct fl_alignment *context)
{
	context->address = (__u64)chunk_memory(0, 0, 0);
	return 0;
}

#endif /* FL_ALIGN_H */
