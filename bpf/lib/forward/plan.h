/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What direct.h has decided about a packet, and the methods carry out. */
#ifndef FL_FORWARD_PLAN_H
#define FL_FORWARD_PLAN_H

#include "next_hop.h"
#include "version.h"

struct forward {
	__u32 destination; /* slot */
	__u32 flags; /* the connection's */
	struct fl_address server;
	__be16 server_port;
	__u8 server_family;
	__u8 without_entry;
	struct fl_destination_config config; /* the version in force */
	struct next_hop hop;
	__u32 mtu; /* what the client is to hear of a packet that is too big */
};

static __always_inline __u32 forward_method(const struct forward *forward)
{
	return forward->flags & FL_CONNECTION_METHOD;
}

static __always_inline int goes_to_this_host(const struct forward *forward)
{
	return forward->hop.interface == LOOPBACK_IFINDEX;
}

static __always_inline int address_is_none(const struct fl_address *address)
{
	return !(address->word[0] | address->word[1] | address->word[2] | address->word[3]);
}

/* Off, what goes into a tunnel may always be fragmented (net.ipv4.vs.pmtu_disc). */
static __always_inline int pmtu_discovery(void)
{
	return settings.sysctl.pmtu_disc;
}

#endif /* FL_FORWARD_PLAN_H */
