/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* TCP, UDP and SCTP as far as they concern a director (RFC 9293, 768, 9260). */
#ifndef FL_PARSE_TRANSPORT_H
#define FL_PARSE_TRANSPORT_H

#include <linux/tcp.h>
#include <linux/udp.h>

#include "packet.h"

enum sctp_chunk {
	SCTP_CHUNK_INIT = 1,
	SCTP_CHUNK_INIT_ACK = 2,
	SCTP_CHUNK_ABORT = 6,
	SCTP_CHUNK_SHUTDOWN = 7,
	SCTP_CHUNK_SHUTDOWN_ACK = 8,
	SCTP_CHUNK_ERROR = 9,
	SCTP_CHUNK_COOKIE_ECHO = 10,
	SCTP_CHUNK_COOKIE_ACK = 11,
	SCTP_CHUNK_SHUTDOWN_COMPLETE = 14,
};

struct sctp_start {
	__be16 source;
	__be16 target;
	__be32 tag;
	__le32 checksum;
	__u8 chunk; /* enum sctp_chunk */
	__u8 chunk_flags;
	__be16 chunk_bytes;
};

static __always_inline int has_ports(__u8 protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP || protocol == IPPROTO_SCTP;
}

/* The least that belongs to the transport header; padding must not pass for it. */
static __always_inline __u32 transport_bytes(__u8 protocol)
{
	if (protocol == IPPROTO_TCP)
		return sizeof(struct tcphdr);
	return protocol == IPPROTO_UDP ? sizeof(struct udphdr) : sizeof(struct sctp_start);
}

static __always_inline enum tcp_event tcp_event_of(const struct tcphdr *tcp)
{
	if (tcp->rst)
		return TCP_EVENT_RST;
	if (tcp->syn)
		return TCP_EVENT_SYN;
	if (tcp->fin)
		return TCP_EVENT_FIN;
	if (tcp->ack)
		return TCP_EVENT_ACK;
	return TCP_EVENT_NONE;
}

static __always_inline enum sctp_event sctp_event_of(__u8 chunk)
{
	switch (chunk) {
	case SCTP_CHUNK_INIT:
		return SCTP_EVENT_INIT;
	case SCTP_CHUNK_INIT_ACK:
		return SCTP_EVENT_INIT_ACK;
	case SCTP_CHUNK_ABORT:
		return SCTP_EVENT_ABORT;
	case SCTP_CHUNK_SHUTDOWN:
		return SCTP_EVENT_SHUTDOWN;
	case SCTP_CHUNK_SHUTDOWN_ACK:
		return SCTP_EVENT_SHUTDOWN_ACK;
	case SCTP_CHUNK_ERROR:
		return SCTP_EVENT_ERROR;
	case SCTP_CHUNK_COOKIE_ECHO:
		return SCTP_EVENT_COOKIE_ECHO;
	case SCTP_CHUNK_COOKIE_ACK:
		return SCTP_EVENT_COOKIE_ACK;
	case SCTP_CHUNK_SHUTDOWN_COMPLETE:
		return SCTP_EVENT_SHUTDOWN_COMPLETE;
	default:
		return SCTP_EVENT_DATA;
	}
}

static __always_inline void take_tcp(const struct tcphdr *tcp, struct packet *packet)
{
	packet->syn = tcp->syn;
	packet->event = tcp_event_of(tcp);
}

#endif /* FL_PARSE_TRANSPORT_H */
