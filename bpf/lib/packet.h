/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A packet as the director knows it once parse.h has read its headers: IPv4
 * (RFC 791) or IPv6 (RFC 8200) with TCP, UDP or SCTP, or an ICMP error about one.
 */
#ifndef FL_PACKET_H
#define FL_PACKET_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <linux/in.h>

#include "abi.h"

#ifndef IPPROTO_SCTP
#define IPPROTO_SCTP 132
#endif

/* A segment is the first of these that it is, RST before all others (ip_vs_proto_tcp.c). */
enum tcp_event {
	TCP_EVENT_SYN,
	TCP_EVENT_FIN,
	TCP_EVENT_ACK,
	TCP_EVENT_RST,
	TCP_EVENT_NONE,
	TCP_EVENTS,
};

/* By the first chunk, but for an ABORT behind a COOKIE ECHO or ACK (ip_vs_proto_sctp.c). */
enum sctp_event {
	SCTP_EVENT_DATA, /* and what else moves nothing */
	SCTP_EVENT_INIT,
	SCTP_EVENT_INIT_ACK,
	SCTP_EVENT_COOKIE_ECHO,
	SCTP_EVENT_COOKIE_ACK,
	SCTP_EVENT_SHUTDOWN,
	SCTP_EVENT_SHUTDOWN_ACK,
	SCTP_EVENT_SHUTDOWN_COMPLETE,
	SCTP_EVENT_ERROR,
	SCTP_EVENT_ABORT,
	SCTP_EVENTS,
};

enum packet_kind {
	PACKET_WHOLE,
	PACKET_FIRST_FRAGMENT,
	PACKET_LATER_FRAGMENT, /* without ports until direct.h has found the first one's */
	PACKET_ICMP_ERROR,
};

/*
 * Offsets count from the start of the frame. The key is that of the connection
 * as the client's packets to a virtual address have it; an ICMP error quotes a
 * packet to the client, so there the quoted destination is the client.
 */
struct packet {
	struct fl_connection_key key;
	__u32 bytes; /* IP total length */
	__u32 interface; /* it came in by */
	__u32 fragment_id;
	__u16 network; /* the IP header */
	__u16 transport; /* TCP, UDP, SCTP or ICMP header; a later fragment's payload */
	__u16 inner_network; /* ICMP errors: the same of the packet they quote */
	__u16 inner_transport;
	__u8 ttl; /* or hop limit */
	__u8 tos; /* or traffic class */
	__u8 kind; /* enum packet_kind */
	__u8 dont_fragment; /* always of IPv6 */
	__u8 syn; /* TCP SYN, whatever else it is, or SCTP INIT */
	__u8 event; /* enum tcp_event or enum sctp_event, by protocol */
	__u8 icmp_type;
	__u8 has_options; /* IPv4 options or IPv6 extension headers */
};

static __always_inline int address_equals(const struct fl_address *one,
					  const struct fl_address *other)
{
	return !((one->word[0] ^ other->word[0]) | (one->word[1] ^ other->word[1]) |
		 (one->word[2] ^ other->word[2]) | (one->word[3] ^ other->word[3]));
}

/* From the packet, whichever hook has it; both helpers also reach what is not linear. */
static __always_inline long packet_load(void *ctx, int xdp, __u32 offset, void *to, __u32 bytes)
{
	return xdp ? bpf_xdp_load_bytes(ctx, offset, to, bytes)
		   : bpf_skb_load_bytes(ctx, offset, to, bytes);
}

#endif /* FL_PACKET_H */
