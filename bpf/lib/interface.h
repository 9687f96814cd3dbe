/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Interfaces that the director is on. The daemon puts each at the place that its index says,
 * or at one of the next few: to find it costs no hashing.
 */
#ifndef FL_INTERFACE_H
#define FL_INTERFACE_H

#include <linux/if_ether.h>

#include "maps.h"
#include "masked.h"

static __always_inline struct fl_interface *interface_at(__u32 ifindex, __u32 further)
{
	struct fl_interface
		*interface = &interfaces[masked(ifindex + further, FL_MAX_INTERFACES - 1)];

	return interface->index == ifindex ? interface : NULL;
}

/* One that did not have the place to itself. */
static __noinline struct fl_interface *interface_further(__u32 ifindex)
{
	struct fl_interface *interface;

	for (__u32 further = 1; further < FL_INTERFACE_PLACES; further++) {
		interface = interface_at(ifindex, further);
		if (interface)
			return interface;
	}
	return NULL;
}

static __always_inline struct fl_interface *interface_of(__u32 ifindex)
{
	struct fl_interface *interface = interface_at(ifindex, 0);

	return interface ? interface : interface_further(ifindex);
}

/* Whether the frame is addressed to the interface it came in by. */
static __always_inline int is_for_interface(const struct ethhdr *eth,
					    const struct fl_interface *interface)
{
	const __u16 *to = (const __u16 *)eth->h_dest, *own = (const __u16 *)interface->mac;

	return !((to[0] ^ own[0]) | (to[1] ^ own[1]) | (to[2] ^ own[2]));
}

#endif /* FL_INTERFACE_H */
