/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is bound to a destination: ActiveConn, InActConn, PersistConn, and the
 * thresholds that go by them (ip_vs_bind_dest(), ip_vs_unbind_dest()).
 */
#ifndef FL_BOUND_H
#define FL_BOUND_H

#include "version.h"

enum bound {
	BOUND_INACTIVE,
	BOUND_ACTIVE,
	BOUND_TEMPLATE,
};

static __always_inline void count_bound(struct fl_destination_load *load, enum bound as, int amount)
{
	if (as == BOUND_ACTIVE)
		__sync_fetch_and_add(&load->active, amount);
	else if (as == BOUND_INACTIVE)
		__sync_fetch_and_add(&load->inactive, amount);
	else
		__sync_fetch_and_add(&load->persistent, amount);
}

/* The thresholds in force for this destination; none (NULL) while it does not exist. */
static __always_inline const struct fl_destination_config *thresholds_of(__u32 destination_slot)
{
	struct fl_destination *destination = bpf_map_lookup_elem(&destinations, &destination_slot);

	return destination ? destination_config(destination, settings.generation) : NULL;
}

/* One more connection or template: at the upper threshold new ones stop. */
static __noinline int bind(__u32 destination_slot, enum bound as)
{
	struct fl_destination_load *load = bpf_map_lookup_elem(&dest_load, &destination_slot);
	const struct fl_destination_config *config = thresholds_of(destination_slot);

	if (!load)
		return -1;
	count_bound(load, as, 1);
	if (config && config->upper && load->active + load->inactive >= config->upper)
		__sync_fetch_and_or(&load->flags, FL_DESTINATION_OVERLOADED);
	return 0;
}

/* Below the lower threshold, or three quarters of the upper one, they begin again. */
static __always_inline int is_relieved(const struct fl_destination_config *config, __u64 total)
{
	if (config->lower)
		return total < config->lower;
	return !config->upper || total * 4 < (__u64)config->upper * 3;
}

/* One fewer. */
static __noinline int unbind(__u32 destination_slot, enum bound as)
{
	struct fl_destination_load *load = bpf_map_lookup_elem(&dest_load, &destination_slot);
	const struct fl_destination_config *config = thresholds_of(destination_slot);

	if (!load)
		return -1;
	count_bound(load, as, -1);
	if (!(load->flags & FL_DESTINATION_OVERLOADED))
		return 0;
	if (!config || is_relieved(config, (__u64)load->active + load->inactive))
		__sync_fetch_and_and(&load->flags, ~FL_DESTINATION_OVERLOADED);
	return 0;
}

/* From one of the two kinds of connection to the other. */
static __always_inline void rebind(__u32 destination_slot, int active)
{
	struct fl_destination_load *load = bpf_map_lookup_elem(&dest_load, &destination_slot);

	if (!load)
		return;
	count_bound(load, active ? BOUND_INACTIVE : BOUND_ACTIVE, -1);
	count_bound(load, active ? BOUND_ACTIVE : BOUND_INACTIVE, 1);
}

#endif /* FL_BOUND_H */
