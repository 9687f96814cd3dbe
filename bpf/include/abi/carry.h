/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is carried over from the maps of another version (docs/design/0015-carrying-over.md): entries in batches, one
 * behind the other in the one element of the map `carried`, and what the programs of lib/carry.h are run on.
 */
#ifndef FL_ABI_CARRY_H
#define FL_ABI_CARRY_H

#include <linux/types.h>

#include "abi/connection.h"
#include "abi/names.h"

/* From a table or from outside. One that is DEAD there ends here, too. */
struct fl_carried {
	struct fl_connection_key key;
	struct fl_connection connection;
};

struct fl_carried_template {
	struct fl_template_key key;
	struct fl_template template;
};

struct fl_carried_sip {
	struct fl_sip_key key;
	struct fl_sip_template template;
};

struct fl_carry {
	__u64 again_from; /* CLOCK_MONOTONIC, ns: entries that were seen since are looked at once more */
	/* Entries in the batch. 64 bits wide: the verifier's own bpf_loop() looks at all of a register. */
	__u64 count;
	__u32 serials_from; /* templates with serials from here on were made here */
	__u32 refused; /* the answer: entries for which there was no room */
};

/* Packets by reason: the last that the other version's programs have counted. */
struct fl_carried_drops {
	__u64 packets[FL_REASONS];
};

#endif /* FL_ABI_CARRY_H */
