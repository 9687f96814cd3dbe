/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What user space runs walks over connections and templates on (lib/walk.h), and what they answer. */
#ifndef FL_ABI_WALK_H
#define FL_ABI_WALK_H

#include <linux/types.h>

#include "abi/connection.h"
#include "abi/table.h"

struct fl_walk {
	__u32 evicted; /* destination whose entries are to end; 0: those that have expired, */
	__u32 thins; /* and where this is 1, some others (drop_entry) */
	/* The answer: how many connections were evicted, or stay where they are. */
	__u32 entries[FL_TABLE_FAMILIES];
};

/* Over a table, in slices. */
struct fl_walk_table {
	struct fl_walk walk;
	__u32 family; /* enum fl_table_family, */
	__u32 place; /* and place of the table */
	__u32 bucket; /* that the slice begins with; the answer: the next one's, 0 where the table has ended */
	__u32 slice_us; /* it ends after so long */
};

/* Over what lies in hash maps: user space asks them for their keys. */
struct fl_walk_outside {
	struct fl_walk walk;
	__u32 moved_one_in; /* of those that stay, one in so many looks whether a table has room for it by now */
	__u32 count; /* of keys */
	struct fl_connection_key key[FL_WALK_KEYS];
};

struct fl_walk_templates {
	struct fl_walk walk;
	__u32 count;
	struct fl_template_key key[FL_WALK_KEYS];
};

struct fl_walk_sip {
	struct fl_walk walk;
	__u32 count;
	struct fl_sip_key key[FL_WALK_KEYS];
};

#endif /* FL_ABI_WALK_H */
