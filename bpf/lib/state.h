/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the protocols' states have in common: how they follow one another, how
 * long each lasts and how IPVS counts it. UDP has a single one, 0, which is
 * never active (ip_vs_proto_udp.c).
 */
#ifndef FL_STATE_H
#define FL_STATE_H

#include "state/sctp.h"
#include "state/tcp.h"

/* How long an entry lasts that no packet has moved yet (ip_vs_conn_new()). */
#define TIMEOUT_FRESH_MS 3000

static __always_inline __u32 next_state(const struct fl_settings *conf, __u8 protocol, __u32 state,
					__u8 event, enum state_view view)
{
	if (protocol == IPPROTO_TCP)
		return tcp_next_state(state, event, view, conf->sysctl.secure_tcp);
	return protocol == IPPROTO_SCTP ? sctp_next_state(state, event, view) : state;
}

static __always_inline __u32 state_timeout(const struct fl_settings *conf, __u8 protocol,
					   __u32 state)
{
	if (protocol == IPPROTO_TCP)
		return conf->tcp_timeout_ms[masked(state, FL_TCP_STATES_ROOM - 1)];
	if (protocol == IPPROTO_SCTP)
		return conf->sctp_timeout_ms[masked(state, FL_SCTP_STATES_ROOM - 1)];
	return conf->udp_timeout_ms;
}

/* Whether a connection in this state counts in ActiveConn, and not in InActConn. */
static __always_inline int state_is_active(__u8 protocol, __u32 state)
{
	if (protocol == IPPROTO_TCP)
		return tcp_state_is_active(state);
	return protocol == IPPROTO_SCTP && state == FL_SCTP_ESTABLISHED;
}

static __always_inline int state_is_half_open(__u8 protocol, __u32 state)
{
	if (protocol == IPPROTO_TCP)
		return tcp_state_is_half_open(state);
	return protocol == IPPROTO_SCTP && sctp_state_is_half_open(state);
}

/* What assures a connection's template, when a packet has led to it. */
static __always_inline int state_is_established(__u8 protocol, __u32 state)
{
	if (protocol == IPPROTO_TCP)
		return state == FL_TCP_ESTABLISHED;
	return protocol == IPPROTO_SCTP && state == FL_SCTP_ESTABLISHED;
}

#endif /* FL_STATE_H */
