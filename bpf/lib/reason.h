/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What becomes of a packet. Functions answer an enum verdict, or a reason of
 * abi.h as a negative number. TC_ACT_UNSPEC is -1, which is also -MALFORMED:
 * VERDICT_LOCAL and VERDICT_NOT_OURS stand for it until the program returns.
 */
#ifndef FL_REASON_H
#define FL_REASON_H

#include "abi.h"

/* Larger than every TC action, so that an answer may be either. */
enum verdict {
	VERDICT_FORWARD = 0x100,
	VERDICT_LOCAL, /* for this host: deliver here */
	VERDICT_NOT_OURS, /* no service: none of our business */
	VERDICT_LATER, /* XDP only: TC must do it */
};

/* Reasons that leave the packet to the local stack, as IPVS does; the others drop it. */
static __always_inline int goes_to_the_stack(int reason)
{
	return reason == FL_REASON_MALFORMED || reason == FL_REASON_FRAGMENT ||
	       reason == FL_REASON_VIP_NOT_LOCAL || reason == FL_REASON_NO_CONNECTION;
}

#endif /* FL_REASON_H */
