/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where connections lie (docs/design/0008-connection-table.md): by the hash of their key
 * in buckets of cache lines; what finds no place there, in a hash map.
 */
#ifndef FL_ABI_TABLE_H
#define FL_ABI_TABLE_H

#include <linux/types.h>

#include "abi/connection.h"

/* Aligned, so that keys are compared word by word. */
struct fl_key_ipv4 {
	__be32 client;
	__be32 vip;
	__be16 client_port;
	__be16 virtual_port;
	__u8 protocol;
	__u8 used; /* 1; 0: nothing has ever been here */
	__u8 pad[2];
} __attribute__((aligned(8)));

struct fl_key_ipv6 {
	struct fl_address client;
	struct fl_address vip;
	__be16 client_port;
	__be16 virtual_port;
	__u8 protocol;
	__u8 used;
	__u8 pad[2];
} __attribute__((aligned(8)));

/* One cache line. */
struct fl_entry_ipv4 {
	struct fl_key_ipv4 key;
	struct fl_connection connection;
};

/* Two; what each packet looks at is in the first. */
struct fl_entry_ipv6 {
	struct fl_key_ipv6 key;
	struct fl_connection connection;
	__u8 pad[40];
};

struct fl_bucket_ipv4 {
	struct fl_entry_ipv4 entry[FL_BUCKET_ENTRIES];
};

struct fl_bucket_ipv6 {
	struct fl_entry_ipv6 entry[FL_BUCKET_ENTRIES];
};

enum fl_table_family {
	FL_TABLE_IPV4,
	FL_TABLE_IPV6,
	FL_TABLE_FAMILIES,
};

struct fl_table {
	__u64 seed; /* of the hash: a secret */
	__u32 current; /* place of the table that new entries go to */
	__u32 chunks[FL_TABLE_PLACES]; /* of each */
	__u32 shift; /* octets from where a chunk's memory begins to its first cache line: 0, 8, .. 56 */
};

/* What fl_align (align.h) answers. */
struct fl_alignment {
	__u64 address; /* in the kernel, of a chunk's memory */
};

#endif /* FL_ABI_TABLE_H */
