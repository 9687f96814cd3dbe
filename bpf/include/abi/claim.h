/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Other hosts that say they have a virtual address, by ARP or neighbour discovery. */
#ifndef FL_ABI_CLAIM_H
#define FL_ABI_CLAIM_H

#include <linux/types.h>

#include "abi/service.h"

/* How it was said. */
enum fl_claim_kind {
	FL_CLAIM_QUESTION = 1, /* asked for another address in the name of this one */
	FL_CLAIM_ANSWER = 2,
	FL_CLAIM_ANNOUNCEMENT = 4, /* gratuitous ARP */
	FL_CLAIM_PROBE = 8, /* duplicate address detection: is about to have it */
};

struct fl_claim_key {
	struct fl_address vip;
	__u8 mac[6];
	__u16 family;
	__u32 interface; /* where it was heard */
};

struct fl_claim {
	__u64 first_seen; /* CLOCK_MONOTONIC_COARSE, ns */
	__u64 last_seen;
	__u32 count;
	__u32 kinds; /* enum fl_claim_kind */
};

#endif /* FL_ABI_CLAIM_H */
