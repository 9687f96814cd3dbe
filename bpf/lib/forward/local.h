/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The real server is this host: the packet goes on up the stack, with the
 * virtual address, which the host owns, or after translation with one of its own.
 * It is not one hop older. What a local process sends itself never comes by here.
 */
#ifndef FL_FORWARD_LOCAL_H
#define FL_FORWARD_LOCAL_H

#include "forward/masq.h"
#include "forward/plan.h"
#include "reason.h"

static __always_inline struct translation to_the_server(const struct packet *packet,
							const struct forward *forward)
{
	return (struct translation){
		.from = packet->key.vip,
		.to = forward->server,
		.from_port = packet->key.virtual_port,
		.to_port = forward->server_port,
		.end = TRANSLATED_TARGET,
	};
}

static __always_inline int forward_local(struct __sk_buff *skb, const struct packet *packet,
					 const struct forward *forward)
{
	struct translation change;
	int failed;

	if (forward_method(forward) != FL_METHOD_MASQ)
		return VERDICT_LOCAL;
	change = to_the_server(packet, forward);
	failed = masq(skb, packet, &change);
	return failed ? failed : VERDICT_LOCAL;
}

#endif /* FL_FORWARD_LOCAL_H */
