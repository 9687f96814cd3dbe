/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which version of what user space wrote is in force
 * (docs/design/0007-versioned-configuration.md). Most things have only one.
 */
#ifndef FL_VERSION_H
#define FL_VERSION_H

#include "maps.h"

/* Whether what holds from generation `since` on holds yet; not if it is 0. */
static __always_inline int has_come(__u32 since, __u32 generation)
{
	return since && (__s32)(generation - since) >= 0;
}

static __always_inline int exists(__u32 since, __u32 until, __u32 generation)
{
	return (!since || has_come(since, generation)) && !has_come(until, generation);
}

/* Whether the destination is in its service's list, not in the trash. */
static __always_inline int destination_is_available(const struct fl_destination *destination,
						    __u32 generation)
{
	return destination->used && exists(destination->since, destination->until, generation);
}

static __always_inline const struct fl_destination_config *
destination_config(const struct fl_destination *destination, __u32 generation)
{
	return &destination->config[has_come(destination->next_since, generation)];
}

static __always_inline const struct fl_service_config *
service_config(const struct fl_service *service, __u32 generation)
{
	return &service->config[has_come(service->next_since, generation)];
}

#endif /* FL_VERSION_H */
