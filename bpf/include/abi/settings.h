/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What holds for the whole data plane: mark rules, sysctls, settings, pressure, interfaces. */
#ifndef FL_ABI_SETTINGS_H
#define FL_ABI_SETTINGS_H

#include <linux/types.h>

#include "abi/connection.h"
#include "abi/names.h"

/* Which packets get a mark. All rules that fit are applied, in order. */
enum fl_mark_rule_flag {
	FL_MARK_RULE_INTERFACE = 1, /* fits what comes in by `interface` only */
	FL_MARK_RULE_FINAL = 2, /* where it fits, later rules are not tried */
};

struct fl_mark_rule {
	struct fl_address target; /* already masked */
	struct fl_address target_mask;
	struct fl_address source;
	struct fl_address source_mask;
	__u32 value; /* mark = (mark & ~mask) ^ value, as iptables --set-xmark */
	__u32 mask;
	__u32 interface;
	__u16 port_first; /* virtual port, host order, both included */
	__u16 port_last;
	__u16 source_port_first;
	__u16 source_port_last;
	__u8 protocol; /* 0: TCP, UDP and SCTP */
	__u8 family;
	__u8 flags; /* enum fl_mark_rule_flag */
	__u8 pad;
};

/* IPVS's sysctls that the data plane reads (net.ipv4.vs.*), by their own names. */
struct fl_sysctl {
	__u32 conn_reuse_mode;
	__u32 expire_nodest_conn;
	__u32 expire_quiescent_template;
	__u32 sloppy_tcp;
	__u32 sloppy_sctp;
	__u32 pmtu_disc;
	__u32 schedule_icmp;
	__u32 cache_bypass;
	__u32 nat_icmp_send;
	__u32 secure_tcp; /* 1 while the DoS state table is in force, whatever the mode */
	__u32 drop_rate; /* drop every n-th packet that would open a connection; 0: none (drop_packet) */
	__u32 lblc_expiration_ms;
	__u32 lblcr_expiration_ms;
};

/* Those that user space alone goes by: kept here so that they outlive the daemon. */
struct fl_kept_sysctl {
	__u32 amemthresh;
	__u32 am_droprate;
	__u32 conntrack;
	__u32 drop_entry; /* the three modes; what follows from two of them is in fl_sysctl */
	__u32 drop_packet;
	__u32 secure_tcp;
	__u32 lblc_expiration; /* seconds */
	__u32 lblcr_expiration;
	__u32 run_estimation;
	__u32 snat_reroute;
	__u32 sync_persist_mode;
	__u32 sync_ports;
	__u32 sync_refresh_period;
	__u32 sync_retries;
	__u32 ignore_tunneled;
	__u32 backup_only;
};

#define FL_INTERFACE_NAME_ROOM 16

/* A sync daemon as it was started: kept by user space like the above, and for user space alone. */
struct fl_sync_daemon {
	struct fl_address group;
	__u8 interface[FL_INTERFACE_NAME_ROOM]; /* its name; empty: no such daemon */
	__be16 port;
	__u16 max_length; /* octets of a message */
	__u8 family; /* of the group */
	__u8 sync_id;
	__u8 ttl;
	__u8 pad;
};

struct fl_settings {
	__u32 abi_version;
	__u32 generation; /* of the configuration in force */
	__u32 flags;
	__u32 udp_timeout_ms;
	__u32 tcp_timeout_ms[FL_TCP_STATES_ROOM]; /* by state */
	__u32 sctp_timeout_ms[FL_SCTP_STATES_ROOM];
	struct fl_sysctl sysctl;
	__u32 connection_limit; /* entries that `connections` may hold */
	__u32 half_open_limit; /* of them, half-open ones */
	__u32 mark_rules[2]; /* how many rules each bank has */
	__u32 mark_bank; /* the bank in force, */
	__u32 mark_since; /* until the other one takes over from this generation on; 0: it does not */
	__u32 address_services; /* how many services go by address, 0: none */
	__u32 mark_services;
	__u32 ipv4_services; /* of both kinds; of a family without any, packets are left alone */
	__u32 ipv6_services;
	__u32 ftp_services; /* tcp/21 */
	__u32 any_port_services;
	struct fl_kept_sysctl kept;
	struct fl_sync_daemon sync_daemons[2]; /* master, backup */
	/*
	 * An upgrade is under way: another version's tables have been brought along as of this time
	 * (CLOCK_MONOTONIC, ns), what changed there since is still to come. 0: all is here.
	 */
	__u64 carrying_since;
};

/* Moments of need. */
struct fl_pressure {
	__u32 connections; /* entries */
	__u32 half_open;
	__u32 drop_count; /* so many until drop_packet drops one */
	__u32 template_serial; /* the last one given */
	__u64 stateless_at; /* CLOCK_MONOTONIC_COARSE, ns: when a connection was last forwarded without an entry */
	__u32 templates; /* of both kinds: 0 spares a sweep */
	__u32 replies; /* connections whose replies pass here: 0 spares others a lookup */
	__u32 outside; /* entries in no table, but in the map `connections`: 0 spares others a lookup */
	__u32 carried; /* 1: another version's last counts of `not_forwarded` are in ours */
};

/* An example of what was not forwarded, the last of each reason. */
struct fl_not_forwarded_example {
	__u64 at; /* CLOCK_MONOTONIC_COARSE, ns; 0: none yet */
	struct fl_connection_key key;
	__u32 interface;
	__u32 bytes;
};

/* At its index in the map, modulo the map's size, or up to FL_INTERFACE_PLACES - 1 further on. */
struct fl_interface {
	__u32 index; /* 0: nobody's place */
	__u8 mac[6];
	__u16 flags;
	__u32 mtu;
};

#endif /* FL_ABI_SETTINGS_H */
