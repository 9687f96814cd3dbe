/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is configured: services, their members, destinations; and what their schedulers remember. */
#ifndef FL_ABI_SERVICE_H
#define FL_ABI_SERVICE_H

#include <linux/types.h>

#include "abi/limits.h"

/*
 * An address of either family. IPv4: word 0, the others 0. Network order. The
 * family stands beside it.
 */
struct fl_address {
	__be32 word[4];
};

/* By mark where mark is not 0: address, port and protocol are 0 then. */
struct fl_service_key {
	struct fl_address address;
	__u32 mark;
	__be16 port; /* 0: every port (persistent services only) */
	__u8 protocol;
	__u8 family;
};

/* The addresses of all services that go by address: `vips`, valued with the number of such services. */
struct fl_vip_key {
	struct fl_address address;
	__u32 family;
};

/*
 * `vip_filter`: one bit for each such address, which several may share. Of an address as one number
 * (its words, in host order, xored) times FL_FILTER_FACTOR the upper 16 bits say which: ten the word,
 * six the bit in it.
 */
#define FL_FILTER_FACTOR 0x9e3779b1U

/* What IPVS counts for --stats. Bytes are IP total lengths. Out stays 0 in direct routing. */
struct fl_counts {
	__u64 connections;
	__u64 in_packets;
	__u64 in_bytes;
	__u64 out_packets;
	__u64 out_bytes;
};

/* One version of a service's configuration. */
struct fl_service_config {
	__u32 first; /* index of its first member, the newest destination */
	__u32 count; /* members */
	__u32 scheduler;
	__u32 flags; /* enum fl_service_flag */
	__u32 edition; /* changes with the members, a weight or the scheduler */
	__u32 born; /* generation in which it was made or got another scheduler */
	__u64 cursor; /* where the scheduler goes on with this edition */
	__u32 weight_gcd; /* of the weights above 0, at least 1 */
	__u32 weight_max;
	__u32 table; /* key in hash_tables, of schedulers that have one */
	__u32 persistence_ms; /* a template's timeout */
	__be32 netmask[4]; /* of persistence, as a mask in either family; IPv4 in word 0 */
};

struct fl_service {
	__u32 slot; /* index in service_state */
	__u32 since; /* the service exists from this generation on */
	__u32 until; /* and until before this one */
	__u32 next_since; /* config[1] holds from this generation on; 0: config[0] holds */
	struct fl_service_config config[2];
	/*
	 * A service counts what its real servers count for it, those in its list and those in the trash, and what those
	 * that have left the trash had counted:
	 */
	struct fl_counts retired;
	struct fl_counts zeroed; /* the sum when it was last zeroed (-Z) */
	__u32 retirement; /* the last change of `retired`: see fl_destination */
	__u32 pad;
};

/* A destination as its service's scheduler sees it. Extents never change once they are in force. */
struct fl_member {
	__u32 destination; /* slot */
	__u32 weight;
	__u32 last_weight; /* the last one above 0, or that it was added with (mh) */
	__u32 sequence; /* order of addition within the service, 1 is the oldest */
};

/* One version of what concerns a destination's connections. */
struct fl_destination_config {
	__u8 method;
	__u8 tunnel; /* enum fl_tunnel */
	__u8 tunnel_flags; /* enum fl_tunnel_flag */
	__u8 pad;
	__be16 tunnel_port; /* GUE's destination port */
	__u16 pad2;
	__u32 upper; /* thresholds of connections; 0: none */
	__u32 lower;
	__u32 weight; /* as its member's, for whoever knows the destination only */
};

/* Slot 0 is never used, so that 0 can mean none. */
struct fl_destination {
	struct fl_address address;
	__be16 port; /* 0 under a service by mark, or of every port: the packet's own */
	__u8 family;
	__u8 used; /* 1; 0: this slot is free */
	__u32 service_slot;
	__u32 since; /* in its service's list from this generation on, */
	__u32 until; /* and until before this one; then in the trash */
	__u32 next_since; /* config[1] holds from this generation on; 0: config[0] holds */
	struct fl_destination_config config[2];
	struct fl_service_key service; /* kept in the trash, to be found again */
	__u32 retirement; /* about to leave the trash: once its service says the same, it has been added to `retired` */
	__u64 deleted_at; /* CLOCK_MONOTONIC, ns; 0 while available */
	/* Both are negative, as a two's complement, where another data plane has counted before. */
	struct fl_counts zeroed; /* the counts when they were last zeroed */
	struct fl_counts elsewhere; /* and when it came to its service, which has the rest */
};

struct fl_service_state {
	__u64 cursor; /* the scheduler's place in the list; each scheduler says how it packs it */
	__u64 local_at; /* the time (clock.h) at which its address was last known to be this host's */
	__u32 edition; /* of the service, when its cursor was last taken over */
	__u32 pad;
};

enum fl_destination_flag {
	FL_DESTINATION_OVERLOADED = 1, /* its upper threshold was reached (IP_VS_DEST_F_OVERLOAD) */
};

/* What schedulers go by. Apart from the rest, so that those who look at all real servers read few cache lines. */
struct fl_destination_load {
	__u32 active; /* ActiveConn */
	__u32 inactive; /* InActConn */
	__u32 persistent; /* PersistConn: templates */
	__u32 flags; /* enum fl_destination_flag */
};

/* The route, as the FIB said; written under route_stamp (next_hop.h). */
struct fl_destination_state {
	struct fl_address next_hop; /* family as next_hop_family */
	struct fl_address source; /* the director's own address towards it, for outer headers */
	__u32 interface; /* index; LOOPBACK (1): this host; 0: unreachable */
	__u32 mtu; /* of the route */
	__u64 neighbour; /* stamp << 48 | next hop's MAC, first octet lowest; XDP only */
	__u32 route_stamp; /* the clock's stamp when the route was looked up */
	__u32 next_hop_family;
	__u32 path_mtu; /* what a router on a tunnel's way has told; 0: nothing (path_mtu.h) */
	__u32 path_mtu_stamp; /* the clock's stamp when it did */
	__u32 sent_mtu; /* the MTU that the last packet through the tunnel was measured by */
	__u32 pad;
};

/* Destination slots by hash, of the schedulers that have such a table; 0: nobody. Never changed in place. */
struct fl_hash_table {
	__u32 slot[FL_HASH_SLOTS_ROOM];
};

/* lblc and lblcr: which destination, or which few, an address was last sent to. */
struct fl_cache_key {
	struct fl_address address; /* the packet's destination */
	__u32 service_slot;
	__u32 pad;
};

struct fl_cache {
	__u64 last_used; /* CLOCK_MONOTONIC_COARSE, ns */
	__u64 last_changed;
	__u32 born; /* of the service's config */
	__u32 servers; /* how many slots are in use; lblc uses one */
	__u32 slot[FL_CACHE_SERVERS];
};

#endif /* FL_ABI_SERVICE_H */
