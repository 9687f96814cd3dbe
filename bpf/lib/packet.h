/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Parsing: Ethernet, IPv4, then the first bytes of TCP or UDP.
 *
 * The two hooks hand out the packet's bounds under different types; both are
 * kept here as plain pointers, and every access is checked where it is made.
 */
#ifndef FL_PACKET_H
#define FL_PACKET_H

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>

#include "abi.h"

#define IP_FRAGMENT_OFFSET 0x1fff
#define IP_MORE_FRAGMENTS 0x2000

/* Ethernet, the longest IPv4 header, and TCP as far as its flags. */
#define HEADERS_MAX (sizeof(struct ethhdr) + 60 + sizeof(struct tcphdr))

/* A segment is the first of these that it is, RST before all others (ip_vs_proto_tcp.c). */
enum tcp_event {
	TCP_EVENT_SYN,
	TCP_EVENT_FIN,
	TCP_EVENT_ACK,
	TCP_EVENT_RST,
	TCP_EVENT_NONE,
	TCP_EVENTS,
};

struct packet {
	struct fl_connection_key key;
	__u32 bytes; /* IP total length */
	__u8 ttl;
	__u8 syn; /* the flag itself: not every SYN is a TCP_EVENT_SYN */
	__u8 event; /* enum tcp_event */
	__u8 fragment; /* first of several fragments */
};

enum parse_result {
	PARSE_OK,
	PARSE_NOT_OURS, /* not TCP or UDP over IPv4 */
	PARSE_SHORT, /* the bytes at hand end inside a header */
	PARSE_MALFORMED,
};

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

/* As the header says; 0 in it stands for more than it can say, merged by the kernel (BIG TCP). */
static __always_inline __u32 total_length(const struct iphdr *ip, __u32 frame_bytes)
{
	__u32 length = bpf_ntohs(ip->tot_len), room = frame_bytes - sizeof(struct ethhdr);

	return length || room <= 0xffff ? length : room;
}

/* `frame_bytes` is the length of the whole frame, which may go on behind data_end. */
static __always_inline enum parse_result parse_packet(void *data, void *data_end, __u32 frame_bytes,
						      struct packet *packet)
{
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	__u32 header_bytes, transport_bytes, fragment;
	struct tcphdr *tcp;

	if ((void *)(eth + 1) > data_end)
		return PARSE_SHORT;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return PARSE_NOT_OURS;
	if ((void *)(ip + 1) > data_end)
		return PARSE_SHORT;
	if (ip->protocol != IPPROTO_TCP && ip->protocol != IPPROTO_UDP)
		return PARSE_NOT_OURS;
	header_bytes = ip->ihl * 4;
	if (ip->version != 4 || header_bytes < sizeof(*ip))
		return PARSE_MALFORMED;

	fragment = bpf_ntohs(ip->frag_off);
	if (fragment & IP_FRAGMENT_OFFSET)
		return PARSE_NOT_OURS; /* carries no ports; the stack reassembles it */

	/* The stack would not take these either; padding must not pass for a header. */
	transport_bytes = ip->protocol == IPPROTO_TCP ? sizeof(struct tcphdr)
						      : sizeof(struct udphdr);
	packet->bytes = total_length(ip, frame_bytes);
	if (packet->bytes < header_bytes + transport_bytes ||
	    packet->bytes > frame_bytes - sizeof(*eth))
		return PARSE_MALFORMED;

	/* Both protocols begin with the ports; UDP's header is shorter than TCP's. */
	tcp = (void *)ip + header_bytes;
	if ((void *)tcp + sizeof(struct udphdr) > data_end)
		return PARSE_SHORT;
	packet->key = (struct fl_connection_key){
		.client_address = ip->saddr,
		.virtual_address = ip->daddr,
		.client_port = tcp->source,
		.virtual_port = tcp->dest,
		.protocol = ip->protocol,
	};
	packet->ttl = ip->ttl;
	packet->fragment = !!(fragment & IP_MORE_FRAGMENTS);
	packet->syn = 0;
	packet->event = TCP_EVENT_NONE;
	if (ip->protocol == IPPROTO_TCP) {
		if ((void *)(tcp + 1) > data_end)
			return PARSE_SHORT;
		packet->syn = tcp->syn;
		packet->event = tcp_event_of(tcp);
	}
	return PARSE_OK;
}

/* One hop further: TTL - 1 and the header checksum that goes with it (RFC 1624, eqn. 3). */
static __always_inline int decrement_ttl(void *data, void *data_end)
{
	struct iphdr *ip = data + sizeof(struct ethhdr);
	__u32 sum;

	if ((void *)(ip + 1) > data_end)
		return -1;
	sum = (__u32)ip->check + bpf_htons(0x0100);
	ip->check = sum + (sum >= 0xffff);
	ip->ttl--;
	return 0;
}

#endif /* FL_PACKET_H */
