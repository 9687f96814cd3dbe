/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers that both sides must agree on, by name. */
#ifndef FL_ABI_NAMES_H
#define FL_ABI_NAMES_H

#include <linux/types.h>

enum fl_family {
	FL_FAMILY_IPV4 = 4,
	FL_FAMILY_IPV6 = 6,
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

enum fl_service_flag {
	/* Scheduler flags (-b): sh and mh fall back by the first and hash the port by the second. */
	FL_SERVICE_FLAG_1 = 1,
	FL_SERVICE_FLAG_2 = 2,
	FL_SERVICE_FLAG_3 = 4,
	FL_SERVICE_PERSISTENT = 8,
	FL_SERVICE_ONE_PACKET = 16,
	FL_SERVICE_SIP = 32, /* persistence engine "sip" */
};

/* Forwarding methods by the kernel's numbers (IP_VS_CONN_F_*). */
enum fl_method {
	FL_METHOD_MASQ = 0,
	FL_METHOD_LOCAL = 1, /* never configured; what a connection to this host itself is */
	FL_METHOD_TUNNEL = 2,
	FL_METHOD_GATE = 3,
};

/* Tunnels and their checksums by the kernel's numbers (IP_VS_CONN_F_TUNNEL_TYPE_*). */
enum fl_tunnel {
	FL_TUNNEL_IPIP = 0,
	FL_TUNNEL_GUE = 1,
	FL_TUNNEL_GRE = 2,
};

enum fl_tunnel_flag {
	FL_TUNNEL_CSUM = 1,
	FL_TUNNEL_REMCSUM = 2,
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
	FL_STATE_MOVING =
		0xfe, /* for a moment: another CPU puts the entry elsewhere (table/promote.h) */
};

/* SCTP states by IPVS's own numbers (IP_VS_SCTP_S_*). */
enum fl_sctp_state {
	FL_SCTP_NONE,
	FL_SCTP_INIT1,
	FL_SCTP_INIT,
	FL_SCTP_COOKIE_SENT,
	FL_SCTP_COOKIE_REPLIED,
	FL_SCTP_COOKIE_WAIT,
	FL_SCTP_COOKIE,
	FL_SCTP_COOKIE_ECHOED,
	FL_SCTP_ESTABLISHED,
	FL_SCTP_SHUTDOWN_SENT,
	FL_SCTP_SHUTDOWN_RECEIVED,
	FL_SCTP_SHUTDOWN_ACK_SENT,
	FL_SCTP_REJECTED,
	FL_SCTP_CLOSED,
	FL_SCTP_STATES,
	FL_SCTP_STATES_ROOM = 16,
};

/* A template is ASSURED once a connection under it was established (IP_VS_CTPL_S_*). */
enum fl_template_state {
	FL_TEMPLATE_NONE,
	FL_TEMPLATE_ASSURED,
};

/*
 * Why a packet that matched a service, or came near one, was not forwarded as it should have been.
 * The names are also the metric's labels and the rows of docs/not-forwarded.md. Which of them go to
 * the stack and which are dropped: bpf/lib/reason.h.
 */
enum fl_reason {
	FL_REASON_MALFORMED = 1, /* to the stack: headers do not fit the packet */
	FL_REASON_FRAGMENT, /* to the stack: a fragment whose first one has not been seen */
	FL_REASON_VIP_NOT_LOCAL, /* to the stack: this host does not own the VIP */
	FL_REASON_NO_CONNECTION, /* to the stack: TCP or SCTP without entry that opens none */
	FL_REASON_NO_SERVER, /* refused by ICMP port unreachable: no real server is eligible */
	FL_REASON_SERVER_REMOVED, /* dropped: the connection's real server was deleted */
	FL_REASON_TABLE_FULL, /* no room for an entry: forwarded by consistent hash, without one */
	FL_REASON_HALF_OPEN_FULL, /* the same, for the room that half-open connections may take */
	FL_REASON_TTL_EXPIRED, /* dropped, ICMP time exceeded sent */
	FL_REASON_NO_ROUTE, /* dropped: the real server cannot be reached */
	FL_REASON_TOO_BIG, /* dropped, ICMP fragmentation needed or packet too big sent */
	FL_REASON_CANNOT_FRAGMENT, /* to the stack or dropped: larger than the MTU, may be fragmented, BPF cannot */
	FL_REASON_CANNOT_TRANSLATE, /* dropped: a packet whose addresses cannot be rewritten */
	FL_REASON_CANNOT_ENCAPSULATE, /* dropped: no room for the outer header, or no outer source address */
	FL_REASON_DEFENCE, /* dropped: drop_packet is at work */
	FL_REASON_NO_CALL_ID, /* dropped: the service goes by Call-ID, and the packet has none */
	FL_REASON_STRAY_REPLY, /* refused by ICMP port unreachable: a masqueraded real server's, of no connection */
	FL_REASON_UPGRADING, /* dropped: its entry may still be on its way from another version's tables */
	FL_REASONS,
};

enum fl_interface_flag {
	FL_INTERFACE_XDP = 1, /* runs the XDP program natively, so XDP may redirect to it */
	/* The mode a person has forced; none of these: automatic. */
	FL_INTERFACE_FORCE_TC = 2,
	FL_INTERFACE_FORCE_XDP = 4,
	FL_INTERFACE_FORCE_OFF = 8,
};

enum fl_setting_flag {
	/* Which of the kernel's switches were off: unloading puts them back. */
	FL_SETTING_LO_FORWARDING = 1, /* net.ipv4.conf.lo.forwarding */
	FL_SETTING_LO_FORWARDING_IPV6 = 2, /* net.ipv6.conf.lo.forwarding */
	FL_SETTING_FORWARD_USE_PMTU = 4, /* net.ipv4.ip_forward_use_pmtu */
};

#endif /* FL_ABI_NAMES_H */
