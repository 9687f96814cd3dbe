/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The contract between the BPF programs and TypeScript: every key and value
 * that lives in a map, and every number both sides must agree on. The
 * TypeScript layouts in src/dataplane/bpf/abi.gen.ts are generated from this.
 *
 * Each map has one writer. What user space writes (services, destinations,
 * hash tables, settings, interfaces) BPF only reads; what BPF writes (connections, cache, *_state,
 * *_counts, not_forwarded) user space only reads, and clears before first use.
 */
#ifndef FL_ABI_H
#define FL_ABI_H

#include <linux/bpf.h>
#include <linux/types.h>

/* Grows with every change of a layout, so that a daemon never adopts maps it would misread. */
#define FL_ABI_VERSION 2

/* Capacities. The maps hold memory for what is in use, but for the *_state and *_counts arrays. */
#ifndef FL_MAX_SERVICES
#define FL_MAX_SERVICES 65536
#endif
#ifndef FL_MAX_DESTINATIONS
#define FL_MAX_DESTINATIONS 131072
#endif
#ifndef FL_MAX_CONNECTIONS
#define FL_MAX_CONNECTIONS 1048576
#endif
#ifndef FL_MAX_INTERFACES
#define FL_MAX_INTERFACES 1024
#endif

/* Places of a service's hash table: sh and dh use 256 (CONFIG_IP_VS_SH_TAB_BITS=8), mh 4093. */
#define FL_HASH_SLOTS_SH 256
#define FL_HASH_SLOTS_MH 4093
#define FL_HASH_SLOTS_ROOM 4096

/* So many destinations does lblcr remember of a service. */
#define FL_CACHE_SERVERS 16

enum fl_limit {
	FL_LIMIT_ABI_VERSION = FL_ABI_VERSION,
	FL_LIMIT_SERVICES = FL_MAX_SERVICES,
	FL_LIMIT_DESTINATIONS = FL_MAX_DESTINATIONS,
	FL_LIMIT_CONNECTIONS = FL_MAX_CONNECTIONS,
	FL_LIMIT_INTERFACES = FL_MAX_INTERFACES,
	FL_LIMIT_HASH_SLOTS = FL_HASH_SLOTS_ROOM,
};

enum fl_scheduler {
	FL_SCHEDULER_RR = 1,
	FL_SCHEDULER_WRR = 2,
	FL_SCHEDULER_WLC = 3,
	FL_SCHEDULER_LC = 4,
	FL_SCHEDULER_SED = 5,
	FL_SCHEDULER_NQ = 6,
	FL_SCHEDULER_FO = 7,
	FL_SCHEDULER_OVF = 8,
	FL_SCHEDULER_TWOS = 9,
	FL_SCHEDULER_DH = 10,
	FL_SCHEDULER_SH = 11,
	FL_SCHEDULER_MH = 12,
	FL_SCHEDULER_LBLC = 13,
	FL_SCHEDULER_LBLCR = 14,
	FL_SCHEDULER_NONE = 15, /* `-s none`: nobody is ever chosen */
};

/* Scheduler flags (-b): sh and mh fall back by the first and hash the port by the second. */
enum fl_service_flag {
	FL_SERVICE_FLAG_1 = 1,
	FL_SERVICE_FLAG_2 = 2,
	FL_SERVICE_FLAG_3 = 4,
};

enum fl_method {
	FL_METHOD_GATE = 3, /* IP_VS_CONN_F_DROUTE in the kernel's numbering */
};

/* TCP states by IPVS's own numbers; UDP has the single state 0. */
enum fl_tcp_state {
	FL_TCP_NONE,
	FL_TCP_ESTABLISHED,
	FL_TCP_SYN_SENT,
	FL_TCP_SYN_RECV,
	FL_TCP_FIN_WAIT,
	FL_TCP_TIME_WAIT,
	FL_TCP_CLOSE,
	FL_TCP_CLOSE_WAIT,
	FL_TCP_LAST_ACK,
	FL_TCP_LISTEN,
	FL_TCP_SYNACK,
	FL_TCP_STATES,
	FL_TCP_STATES_ROOM = 16, /* a power of 2, for tables by state */
	/* The entry has expired: its connection is no longer counted and it is about to be freed. */
	FL_STATE_DEAD = 0xff,
};

/*
 * Why a packet that matched a service, or came near one, was not forwarded.
 * The names are also the metric's labels and the rows of docs/not-forwarded.md.
 */
enum fl_reason {
	FL_REASON_MALFORMED = 1, /* to the stack: headers do not fit the packet */
	FL_REASON_FRAGMENT, /* to the stack: a first fragment for a service */
	FL_REASON_VIP_NOT_LOCAL, /* to the stack: this host does not own the VIP */
	FL_REASON_NO_CONNECTION, /* to the stack: TCP without entry that is no SYN */
	FL_REASON_NO_SERVER, /* refused by ICMP port unreachable: no real server is eligible */
	FL_REASON_SERVER_REMOVED, /* dropped: the connection's real server was deleted */
	FL_REASON_TABLE_FULL, /* dropped: no room for a new connection */
	FL_REASON_TTL_EXPIRED, /* dropped, ICMP time exceeded sent */
	FL_REASON_NO_ROUTE, /* dropped: the real server cannot be reached */
	FL_REASONS,
};

enum fl_destination_flag {
	FL_DESTINATION_AVAILABLE = 1, /* in its service's list; without it, in the trash */
};

enum fl_interface_flag {
	FL_INTERFACE_XDP = 1, /* runs the XDP program natively, so XDP may redirect to it */
	/* The mode a person has forced; none of these: automatic. */
	FL_INTERFACE_FORCE_TC = 2,
	FL_INTERFACE_FORCE_XDP = 4,
	FL_INTERFACE_FORCE_OFF = 8,
};

enum fl_setting_flag {
	FL_SETTING_LO_FORWARDING = 1, /* lo.forwarding was 0: unloading puts it back */
};

struct fl_service_key {
	__be32 address;
	__be16 port;
	__u8 protocol;
	__u8 pad;
};

/* What IPVS counts for --stats. Bytes are IP total lengths. Out stays 0 in direct routing. */
struct fl_counts {
	__u64 connections;
	__u64 in_packets;
	__u64 in_bytes;
	__u64 out_packets;
	__u64 out_bytes;
};

struct fl_service {
	__u32 slot; /* index in service_state and service_counts */
	__u32 scheduler;
	__u32 first; /* slot of the newest destination, 0 for an empty list */
	__u32 generation; /* changes with the list, a weight or the scheduler */
	__u32 weight_gcd; /* of the weights above 0, at least 1 */
	__u32 weight_max;
	__u32 flags; /* enum fl_service_flag */
	__u32 born; /* changes when the service is made, or gets another scheduler */
	__u64 cursor; /* where the scheduler goes on with this generation */
	struct fl_counts zeroed; /* the counts when they were last zeroed (-Z) */
};

/* Slot 0 is never used, so that 0 can end a list. */
struct fl_destination {
	__be32 address;
	__be16 port;
	__u8 method;
	__u8 flags;
	__u32 weight;
	__u32 next; /* slot of the next older destination, 0 at the end */
	__u32 sequence; /* order of addition within the service, 1 is the oldest */
	__u32 service_slot;
	__u32 last_weight; /* the last one above 0, or that it was added with (mh) */
	struct fl_service_key service; /* kept in the trash, to be found again */
	__u64 deleted_at; /* CLOCK_MONOTONIC, ns; 0 while available */
	struct fl_counts zeroed;
};

struct fl_service_state {
	__u64 cursor; /* the scheduler's place in the list; each scheduler says how it packs it */
	__u32 generation; /* of the service, when its cursor was last taken over */
	__u32 pad;
};

struct fl_destination_state {
	__u32 active; /* ActiveConn */
	__u32 inactive; /* InActConn */
	__u64 route; /* interface index << 32 | next hop's address, as the FIB said */
	__u64 neighbour; /* stamp << 48 | next hop's MAC, first octet lowest; XDP only */
	__u32 route_stamp; /* the clock's stamp when route was looked up */
	__u32 pad;
};

/* Destination slots by hash, of the schedulers that have such a table; 0: nobody. */
struct fl_hash_table {
	__u32 slot[FL_HASH_SLOTS_ROOM];
};

/* lblc and lblcr: which destination, or which few, a service's address was last sent to. */
struct fl_cache {
	__u64 last_used; /* CLOCK_MONOTONIC_COARSE, ns */
	__u64 last_changed;
	__u32 born; /* of the service */
	__u32 servers; /* how many slots are in use; lblc uses one */
	__u32 slot[FL_CACHE_SERVERS];
};

struct fl_connection_key {
	__be32 client_address;
	__be32 virtual_address;
	__be16 client_port;
	__be16 virtual_port;
	__u8 protocol;
	__u8 pad[3];
};

struct fl_connection {
	__u64 last_seen; /* CLOCK_MONOTONIC_COARSE, ns */
	__u32 timeout_ms; /* since last_seen */
	__u32 state;
	__u32 destination; /* slot */
	__u32 pad;
};

struct fl_settings {
	__u32 abi_version;
	__u32 udp_timeout_ms;
	__u32 tcp_timeout_ms[FL_TCP_STATES_ROOM]; /* by state */
	__u32 flags;
};

struct fl_interface {
	__u8 mac[6];
	__u16 flags;
};

#endif /* FL_ABI_H */
