/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which of a protocol's state tables applies to a packet. */
#ifndef FL_STATE_TABLE_H
#define FL_STATE_TABLE_H

#include "abi.h"
#include "count.h"

enum state_view {
	STATE_VIEW_CLIENT_ONLY, /* a packet of the client's, whose replies are not seen */
	STATE_VIEW_CLIENT, /* of the client's, both directions being seen */
	STATE_VIEW_SERVER, /* a reply */
	STATE_VIEWS = 4, /* a power of 2 */
};

static __always_inline enum state_view state_view_of(enum direction direction, __u32 flags)
{
	if (direction == DIRECTION_OUT)
		return STATE_VIEW_SERVER;
	return flags & FL_CONNECTION_TWO_WAY ? STATE_VIEW_CLIENT : STATE_VIEW_CLIENT_ONLY;
}

#endif /* FL_STATE_TABLE_H */
