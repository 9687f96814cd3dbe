/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The contract between bpf/realserver.bpf.c and TypeScript. The layouts in
 * src/realserver/abi.gen.ts are generated from this.
 *
 * User space writes addresses and the GUE port before it attaches the programs,
 * and never changes them: another configuration is another object. BPF writes the
 * counters, which go from one object to the next.
 */
#ifndef FL_REALSERVER_ABI_H
#define FL_REALSERVER_ABI_H

#include "abi.h"

#ifndef FL_MAX_REALSERVER_VIPS
#define FL_MAX_REALSERVER_VIPS 4096
#endif

#ifndef FL_MAX_REALSERVER_INTERFACES
#define FL_MAX_REALSERVER_INTERFACES 1024
#endif

enum fl_realserver_limit {
	FL_REALSERVER_LIMIT_VIPS = FL_MAX_REALSERVER_VIPS,
	FL_REALSERVER_LIMIT_INTERFACES = FL_MAX_REALSERVER_INTERFACES,
};

/* A virtual address of this real server. */
struct fl_realserver_vip {
	struct fl_address address;
	__u32 family; /* enum fl_family */
};

/* What became of packets in tunnels to the virtual addresses: a counter each. */
enum fl_decapsulation {
	FL_DECAPSULATED_IPIP,
	FL_DECAPSULATED_GUE,
	FL_DECAPSULATED_GRE,
	/* Left to the stack as they came. */
	FL_LEFT_FRAGMENT, /* the first fragment of a tunnel packet; those behind it cannot be told */
	FL_LEFT_OPTIONS, /* GUE flags, GRE key or sequence number */
	FL_LEFT_MALFORMED, /* the inner packet says it is longer than the outer one has room for */
	/* Dropped. */
	FL_DROPPED_CONGESTION, /* marked on the way (ECN), and the inner packet cannot say so */
	FL_DROPPED_FAILED, /* the kernel had no memory, or refused to shorten the packet */
	FL_DECAPSULATIONS,
};

/* What became of ARP packets with virtual addresses: a counter each. */
enum fl_isolation {
	FL_ISOLATED_QUESTION, /* dropped: somebody asks for a virtual address, or tells of it */
	FL_ISOLATED_SENDER, /* this host asks, with an address of its own put in instead */
	FL_ISOLATED_ANNOUNCEMENT, /* dropped: there was none to put in */
	FL_ISOLATIONS,
};

#endif /* FL_REALSERVER_ABI_H */
