/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * dh: the destination that a table has under the hash of the packet's
 * destination address; nobody else if it is not eligible (ip_vs_dh.c).
 */
#ifndef FL_SCHEDULE_DH_H
#define FL_SCHEDULE_DH_H

#include "schedule/hash.h"

static __noinline __u32 schedule_dh(const struct fl_service_config *config,
				    const struct packet *packet, __u32 service_slot)
{
	__u32 place = hash_multiplied(hash_folded(&packet->key.vip));
	__u32 slot = hash_table_at(config, place);

	return hash_may_have(service_slot, slot) ? slot : 0;
}

#endif /* FL_SCHEDULE_DH_H */
