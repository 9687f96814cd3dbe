/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * TCP's states as IPVS moves them (ip_vs_proto_tcp.c, net.ipv4.vs.secure_tcp):
 * rows are events, columns states. Which table is asked says how much of the
 * conversation is seen: where replies take another way, the client's half alone.
 */
#ifndef FL_STATE_TCP_H
#define FL_STATE_TCP_H

#include "abi.h"
#include "masked.h"
#include "packet.h"
#include "state/table.h"

#define NO FL_TCP_NONE
#define ES FL_TCP_ESTABLISHED
#define SS FL_TCP_SYN_SENT
#define SR FL_TCP_SYN_RECV
#define FW FL_TCP_FIN_WAIT
#define TW FL_TCP_TIME_WAIT
#define CL FL_TCP_CLOSE
#define CW FL_TCP_CLOSE_WAIT
#define LA FL_TCP_LAST_ACK
#define LI FL_TCP_LISTEN
#define SA FL_TCP_SYNACK

/* What is neither RST, SYN, FIN nor ACK closes, whoever sends it. */
#define NOTHING                                            \
	{                                                  \
		CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL \
	}

/* clang-format off */
static const __u8 tcp_states[STATE_VIEWS][8][FL_TCP_STATES_ROOM] = {
	[STATE_VIEW_CLIENT_ONLY] = {
		/*                     NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA */
		[TCP_EVENT_SYN]  = { SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR },
		[TCP_EVENT_FIN]  = { CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW },
		[TCP_EVENT_ACK]  = { ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES },
		[TCP_EVENT_RST]  = { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL },
		[TCP_EVENT_NONE] = NOTHING,
	},
	[STATE_VIEW_CLIENT] = {
		/*                     NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA */
		[TCP_EVENT_SYN]  = { SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR },
		[TCP_EVENT_FIN]  = { CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, TW },
		[TCP_EVENT_ACK]  = { ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES },
		[TCP_EVENT_RST]  = { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, SR },
		[TCP_EVENT_NONE] = NOTHING,
	},
	[STATE_VIEW_SERVER] = {
		/*                     NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA */
		[TCP_EVENT_SYN]  = { SS, ES, SS, SR, SS, SS, SS, SS, SS, LI, SR },
		[TCP_EVENT_FIN]  = { TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW },
		[TCP_EVENT_ACK]  = { ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES },
		[TCP_EVENT_RST]  = { CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL },
		[TCP_EVENT_NONE] = NOTHING,
	},
};

/* secure_tcp: a connection must prove itself before it counts as more than half-open. */
static const __u8 tcp_states_secure[STATE_VIEWS][8][FL_TCP_STATES_ROOM] = {
	[STATE_VIEW_CLIENT_ONLY] = {
		/*                     NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA */
		[TCP_EVENT_SYN]  = { SA, ES, ES, SR, SA, SA, SA, SA, SA, SA, SA },
		[TCP_EVENT_FIN]  = { CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW },
		[TCP_EVENT_ACK]  = { ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES },
		[TCP_EVENT_RST]  = { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL },
		[TCP_EVENT_NONE] = NOTHING,
	},
	[STATE_VIEW_CLIENT] = {
		/*                     NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA */
		[TCP_EVENT_SYN]  = { SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SA },
		[TCP_EVENT_FIN]  = { CL, CW, SS, TW, TW, TW, CL, CW, LA, LI, SA },
		[TCP_EVENT_ACK]  = { ES, ES, SS, SR, FW, TW, CL, CW, CL, LI, SA },
		[TCP_EVENT_RST]  = { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL },
		[TCP_EVENT_NONE] = NOTHING,
	},
	[STATE_VIEW_SERVER] = {
		/*                     NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA */
		[TCP_EVENT_SYN]  = { SS, ES, SS, SA, SS, SS, SS, SS, SS, LI, SA },
		[TCP_EVENT_FIN]  = { TW, FW, SS, TW, FW, TW, CL, TW, LA, LI, TW },
		[TCP_EVENT_ACK]  = { ES, ES, SS, ES, FW, TW, CL, CW, LA, ES, ES },
		[TCP_EVENT_RST]  = { CL, CL, SS, CL, CL, TW, CL, CL, CL, CL, CL },
		[TCP_EVENT_NONE] = NOTHING,
	},
};
/* clang-format on */

#undef NO
#undef ES
#undef SS
#undef SR
#undef FW
#undef TW
#undef CL
#undef CW
#undef LA
#undef LI
#undef SA
#undef NOTHING

/* The state after an event. */
static __always_inline __u32 tcp_next_state(__u32 state, __u8 event, enum state_view view,
					    int secure)
{
	__u32 row = masked(event, 7), column = masked(state, FL_TCP_STATES_ROOM - 1);
	__u32 table = masked(view, STATE_VIEWS - 1);

	if (event >= TCP_EVENTS || state >= FL_TCP_STATES)
		return state;
	return secure ? tcp_states_secure[table][row][column] : tcp_states[table][row][column];
}

/* Whether IPVS counts a connection in this state as active. */
static __always_inline int tcp_state_is_active(__u32 state)
{
	return state == FL_TCP_ESTABLISHED || state == FL_TCP_SYN_SENT ||
	       state == FL_TCP_SYN_RECV || state == FL_TCP_SYNACK;
}

/* Whether the client has yet to show that it is where it says it is. */
static __always_inline int tcp_state_is_half_open(__u32 state)
{
	return state == FL_TCP_SYN_SENT || state == FL_TCP_SYN_RECV || state == FL_TCP_SYNACK;
}

#endif /* FL_STATE_TCP_H */
