/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The contract of the programs by which health checks take the way of directly routed
 * packets. User space writes all of it, BPF reads.
 */
#ifndef FL_CHECKS_ABI_H
#define FL_CHECKS_ABI_H

#include "abi.h"

/* Probes come from a port at or above this one, which is above the kernel's own choices. */
#ifndef FL_CHECK_PORTS
#define FL_CHECK_PORTS 61000
#endif
#ifndef FL_MAX_CHECK_FLOWS
#define FL_MAX_CHECK_FLOWS 65536
#endif

enum fl_check_limit {
	FL_CHECK_LIMIT_PORTS = FL_CHECK_PORTS,
	FL_CHECK_LIMIT_FLOWS = FL_MAX_CHECK_FLOWS,
};

enum fl_check_direction {
	FL_CHECK_OUT, /* to the real server: the peer's address becomes the virtual one */
	FL_CHECK_IN, /* from it: the virtual address becomes the peer's */
};

/* Packets of a probe, in one direction. The value is the address that takes the peer's place. */
struct fl_check_flow {
	struct fl_address peer; /* as the packet has it */
	__be16 local_port; /* of ICMP and ICMPv6: the echo's identifier */
	__be16 peer_port; /* of ICMP and ICMPv6: 0 */
	__u8 protocol;
	__u8 family; /* enum fl_family */
	__u8 direction; /* enum fl_check_direction */
	__u8 reserved;
};

#endif /* FL_CHECKS_ABI_H */
