/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * TCP as a director in direct routing sees it: the client's half only. This is
 * IPVS's input-only table (ip_vs_proto_tcp.c): rows are events, columns states.
 */
#ifndef FL_TCP_STATE_H
#define FL_TCP_STATE_H

#include "abi.h"
#include "masked.h"
#include "packet.h"

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

/* clang-format off */
static const __u8 tcp_input_only[8][FL_TCP_STATES_ROOM] = {
	/*                     NO  ES  SS  SR  FW  TW  CL  CW  LA  LI  SA */
	[TCP_EVENT_SYN]  = { SR, ES, ES, SR, SR, SR, SR, SR, SR, SR, SR },
	[TCP_EVENT_FIN]  = { CL, FW, SS, TW, FW, TW, CL, CW, LA, LI, TW },
	[TCP_EVENT_ACK]  = { ES, ES, SS, ES, FW, TW, CL, CW, CL, LI, ES },
	[TCP_EVENT_RST]  = { CL, CL, CL, SR, CL, CL, CL, CL, LA, LI, CL },
	[TCP_EVENT_NONE] = { CL, CL, CL, CL, CL, CL, CL, CL, CL, CL, CL },
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

/* The state after an event. */
static __always_inline __u32 tcp_next_state(__u32 state, __u8 event)
{
	if (event >= TCP_EVENTS || state >= FL_TCP_STATES)
		return state;
	return tcp_input_only[masked(event, 7)][masked(state, 15)];
}

/* Whether IPVS counts a TCP connection in this state as active. */
static __always_inline int tcp_state_is_active(__u32 state)
{
	return state == FL_TCP_ESTABLISHED || state == FL_TCP_SYN_SENT ||
	       state == FL_TCP_SYN_RECV || state == FL_TCP_SYNACK;
}

#endif /* FL_TCP_STATE_H */
