/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What packets bring about: connections, templates, replies, fragments. */
#ifndef FL_ABI_CONNECTION_H
#define FL_ABI_CONNECTION_H

#include <linux/types.h>

#include "abi/limits.h"
#include "abi/service.h"

struct fl_connection_key {
	struct fl_address client;
	struct fl_address vip;
	__be16 client_port;
	__be16 virtual_port;
	__u8 protocol;
	__u8 family;
	__u8 pad[2];
};

enum fl_connection_flag {
	FL_CONNECTION_METHOD = 0x7, /* mask: enum fl_method */
	FL_CONNECTION_TWO_WAY =
		0x8, /* replies are seen (masq, local): without it, IPVS's NOOUTPUT */
	FL_CONNECTION_TEMPLATE = 0x10, /* made by a template, whose key follows from the next two */
	FL_CONNECTION_TEMPLATE_MARK = 0x20, /* keyed by mark */
	FL_CONNECTION_TEMPLATE_PORT_0 = 0x40, /* keyed with virtual port 0 */
	FL_CONNECTION_TEMPLATE_SIP = 0x80, /* in sip_templates; template_mask is the key's hash */
	FL_CONNECTION_IN_TABLE =
		0x100, /* the entry lies in a table, not in `connections` (abi/table.h) */
};

/* Packets are counted so far: whoever asks wants to know of few (sweep.h). */
#define FL_PACKETS_COUNTED 9

struct fl_connection {
	/* What each packet looks at. */
	__u64 last_seen; /* CLOCK_MONOTONIC_COARSE, ns */
	__u32 timeout_ms; /* since last_seen */
	__u32 state;
	__u32 destination; /* slot */
	__u16 flags; /* enum fl_connection_flag */
	__u8 packets; /* from the client, FL_PACKETS_COUNTED at most */
	__u8 carried; /* 1 + the state that it was carried over in (lib/carry.h); 0: it was made here */
	/* And what few do. */
	__u32 mark; /* of the service it was scheduled by; 0: by address */
	__be16 server_port; /* where the real server gets it (masq: after translation) */
	__u16 pad2;
	__u32 template_serial; /* of the template it counts under */
	__be32 template_mask; /* of the client's address: IPv4 a mask, IPv6 a prefix length */
	__u32 died; /* about when (table.h); before that, anything */
	__u32 missed; /* events of packets that came while it was being moved: bits */
};

struct fl_template_key {
	struct fl_address client; /* masked */
	struct fl_address vip; /* by mark: the mark in word 0, in network order */
	__be16 virtual_port; /* 65535: invalidated, waiting for its end */
	__u8 protocol; /* by mark: 0 */
	__u8 family;
	__u32 serial; /* 0; of an invalidated template its own, lest two share a key */
};

/* A persistence template: all connections of one client network go to one destination. */
struct fl_template {
	__u64 last_seen;
	__u32 timeout_ms;
	__u32 state; /* enum fl_template_state, or FL_STATE_DEAD */
	__u32 destination;
	__u32 serial; /* of this template; no two live ones share it */
	__u32 controlled; /* live connections under it; it does not end before them */
	__be16 server_port;
	__u16 pad;
};

/* SIP: as a template, by Call-ID. The destination is the value's; protocol and VIP belong to the key. */
struct fl_sip_key {
	struct fl_address vip; /* by mark: as in fl_template_key */
	__be16 virtual_port;
	__u8 protocol;
	__u8 family;
	__u32 hash; /* of the Call-ID (sip.h); collisions are told apart by the value */
};

struct fl_sip_template {
	struct fl_template template;
	struct fl_address client; /* of the first packet, for listings */
	__u32 length; /* octets of the Call-ID */
	__u32 pad;
	__u8 call_id[FL_SIP_CALL_ID_ROOM];
};

/* A reply's own tuple (real server to client) leads to its connection. */
struct fl_reply_key {
	struct fl_address server;
	struct fl_address client;
	__be16 server_port;
	__be16 client_port;
	__u8 protocol;
	__u8 family;
	__u8 pad[2];
};

/* The first fragment's ports, for those that follow it. */
struct fl_fragment_key {
	struct fl_address source;
	struct fl_address target;
	__u32 id;
	__u8 protocol;
	__u8 family;
	__u8 pad[2];
};

struct fl_fragment {
	__u64 last_seen;
	__be16 source_port;
	__be16 target_port;
	__u32 pad;
};

#endif /* FL_ABI_CONNECTION_H */
