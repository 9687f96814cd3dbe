/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reading a packet's headers, from Ethernet to the first bytes of TCP, UDP or SCTP.
 *
 * What nearly every packet is, TCP or UDP right behind IP, is read in place. The
 * rest is read by copies, in a function that the verifier looks at once.
 */
#ifndef FL_PARSE_H
#define FL_PARSE_H

#include "parse/quoted.h"

/* Ethernet, the longest IPv4 header, and TCP as far as its flags. */
#define HEADERS_MAX (sizeof(struct ethhdr) + 60 + sizeof(struct tcphdr))

/* Whether the packet is as long as its headers say, and no longer than its frame. */
static __always_inline int length_fits(const struct packet *packet, __u32 frame_bytes)
{
	__u32 headers = packet->transport - packet->network;

	if (packet->kind != PACKET_LATER_FRAGMENT)
		headers += transport_bytes(packet->key.protocol);
	return packet->bytes >= headers && packet->bytes <= frame_bytes - sizeof(struct ethhdr);
}

/* An ICMP error: as far as it quotes ports, or whatever stands there in a tunnel. */
static __always_inline int quoted_length_fits(const struct packet *packet, __u32 frame_bytes)
{
	__u32 headers = packet->inner_transport - packet->network + 2 * sizeof(__be16);

	return packet->bytes >= headers && packet->bytes <= frame_bytes - sizeof(struct ethhdr);
}

/* Ports and event of TCP and UDP, in place; the others are read further. */
static __always_inline enum parse_result parse_transport(void *start, void *data_end,
							 struct packet *packet)
{
	struct tcphdr *tcp = start;

	/* Both begin with the ports; UDP's header is shorter. */
	if (start + sizeof(struct udphdr) > data_end)
		return PARSE_SHORT;
	packet->key.client_port = tcp->source;
	packet->key.virtual_port = tcp->dest;
	if (packet->key.protocol == IPPROTO_UDP)
		return PARSE_OK;
	if ((void *)(tcp + 1) > data_end)
		return PARSE_SHORT;
	take_tcp(tcp, packet);
	return PARSE_OK;
}

static __always_inline enum parse_result parse_ipv4(struct iphdr *ip, void *data_end,
						    __u32 frame_bytes, struct packet *packet)
{
	if ((void *)(ip + 1) > data_end)
		return PARSE_SHORT;
	if (!has_ports(ip->protocol) && ip->protocol != IPPROTO_ICMP)
		return PARSE_NOT_OURS;
	if (ip->version != 4 || ip->ihl * 4 < sizeof(*ip))
		return ip->protocol == IPPROTO_ICMP ? PARSE_NOT_OURS : PARSE_MALFORMED;
	take_ipv4(ip, frame_bytes, packet);
	if (ip->protocol == IPPROTO_ICMP)
		return PARSE_FURTHER;
	if (!length_fits(packet, frame_bytes))
		return PARSE_MALFORMED;
	if (packet->kind == PACKET_LATER_FRAGMENT)
		return PARSE_OK;
	if (ip->protocol == IPPROTO_SCTP)
		return PARSE_FURTHER;
	return parse_transport((void *)ip + ip->ihl * 4, data_end, packet);
}

static __always_inline enum parse_result parse_ipv6(struct ipv6hdr *ip, void *data_end,
						    __u32 frame_bytes, struct packet *packet)
{
	if ((void *)(ip + 1) > data_end)
		return PARSE_SHORT;
	if (ip->version != 6)
		return PARSE_NOT_OURS;
	take_ipv6(ip, frame_bytes, packet);
	if (ip->nexthdr != IPPROTO_TCP && ip->nexthdr != IPPROTO_UDP)
		return PARSE_FURTHER;
	if (!length_fits(packet, frame_bytes))
		return PARSE_MALFORMED;
	return parse_transport(ip + 1, data_end, packet);
}

/* `frame_bytes` is the length of the whole frame, which may go on behind data_end. */
static __always_inline enum parse_result parse_packet(void *data, void *data_end, __u32 frame_bytes,
						      struct packet *packet)
{
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > data_end)
		return PARSE_SHORT;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		return parse_ipv4((void *)(eth + 1), data_end, frame_bytes, packet);
	if (eth->h_proto == bpf_htons(ETH_P_IPV6))
		return parse_ipv6((void *)(eth + 1), data_end, frame_bytes, packet);
	return PARSE_NOT_OURS;
}

/* The event of the chunk behind a COOKIE ECHO or ACK is one only if it aborts. */
static __always_inline enum sctp_event sctp_bundled_event(void *ctx, int xdp, __u32 offset,
							  const struct sctp_start *start,
							  enum sctp_event event)
{
	__u32 bytes = bpf_ntohs(start->chunk_bytes);
	__u8 chunk;

	if (event != SCTP_EVENT_COOKIE_ECHO && event != SCTP_EVENT_COOKIE_ACK)
		return event;
	offset += offsetof(struct sctp_start, chunk) + ((bytes + 3) & ~3U);
	if (bytes < 4 || packet_load(ctx, xdp, offset, &chunk, sizeof(chunk)))
		return event;
	return chunk == SCTP_CHUNK_ABORT ? SCTP_EVENT_ABORT : event;
}

static __always_inline enum parse_result parse_transport_copied(void *ctx, int xdp,
								struct packet *packet)
{
	union {
		struct tcphdr tcp;
		struct udphdr udp;
		struct sctp_start sctp;
	} start = {};
	__u8 protocol = packet->key.protocol;
	long missing;

	if (protocol == IPPROTO_TCP)
		missing = packet_load(ctx, xdp, packet->transport, &start, sizeof(start.tcp));
	else if (protocol == IPPROTO_UDP)
		missing = packet_load(ctx, xdp, packet->transport, &start, sizeof(start.udp));
	else
		missing = packet_load(ctx, xdp, packet->transport, &start, sizeof(start.sctp));
	if (missing)
		return PARSE_MALFORMED;
	packet->key.client_port = start.sctp.source;
	packet->key.virtual_port = start.sctp.target;
	if (protocol == IPPROTO_TCP) {
		take_tcp(&start.tcp, packet);
	} else if (protocol == IPPROTO_SCTP) {
		packet->event = sctp_event_of(start.sctp.chunk);
		packet->syn = packet->event == SCTP_EVENT_INIT;
		packet->event = sctp_bundled_event(ctx, xdp, packet->transport, &start.sctp,
						   packet->event);
	}
	return PARSE_OK;
}

/* One that does not fit is the stack's, which drops it. */
static __always_inline enum parse_result parse_error(void *ctx, int xdp, __u32 frame_bytes,
						     struct packet *packet)
{
	if (packet->kind != PACKET_WHOLE || parse_icmp(ctx, xdp, packet))
		return PARSE_NOT_OURS;
	return quoted_length_fits(packet, frame_bytes) ? PARSE_OK : PARSE_NOT_OURS;
}

/* The rest of a packet of which parse_packet() has read the IP header. */
static __always_inline enum parse_result parse_rest(void *ctx, int xdp, __u32 frame_bytes,
						    struct packet *packet)
{
	struct header_walk walk = {
		.offset = packet->transport,
		.next = packet->key.protocol,
		.kind = packet->kind,
		.fragment_id = packet->fragment_id,
	};
	enum parse_result result;

	if (packet->key.family == FL_FAMILY_IPV6) {
		result = walk_extensions(ctx, xdp, &walk);
		if (result)
			return result;
		packet->transport = walk.offset;
		packet->key.protocol = walk.next;
		packet->kind = walk.kind;
		packet->fragment_id = walk.fragment_id;
		packet->has_options = !!walk.extensions;
		if (walk.next == IPPROTO_ICMPV6)
			return parse_error(ctx, xdp, frame_bytes, packet);
	} else if (walk.next == IPPROTO_ICMP) {
		return parse_error(ctx, xdp, frame_bytes, packet);
	}
	if (!has_ports(walk.next))
		return PARSE_NOT_OURS;
	if (!length_fits(packet, frame_bytes))
		return PARSE_MALFORMED;
	if (walk.kind == PACKET_LATER_FRAGMENT)
		return PARSE_OK;
	return parse_transport_copied(ctx, xdp, packet);
}

__noinline int parse_further_tc(struct __sk_buff *skb, struct packet *packet)
{
	return packet ? parse_rest(skb, 0, skb->len, packet) : PARSE_NOT_OURS;
}

__noinline int parse_further_xdp(struct xdp_md *xdp, struct packet *packet)
{
	return packet ? parse_rest(xdp, 1, bpf_xdp_get_buff_len(xdp), packet) : PARSE_NOT_OURS;
}

static __always_inline enum parse_result tc_parse(struct __sk_buff *skb, struct packet *packet)
{
	enum parse_result result;

	result = parse_packet((void *)(long)skb->data, (void *)(long)skb->data_end, skb->len,
			      packet);
	if (result == PARSE_SHORT) {
		/* Headers beyond the linear part: fetch them once. */
		if (bpf_skb_pull_data(skb, skb->len < HEADERS_MAX ? skb->len : HEADERS_MAX))
			return PARSE_MALFORMED;
		result = parse_packet((void *)(long)skb->data, (void *)(long)skb->data_end,
				      skb->len, packet);
	}
	return result == PARSE_FURTHER ? parse_further_tc(skb, packet) : result;
}

static __always_inline enum parse_result xdp_parse(struct xdp_md *xdp, struct packet *packet)
{
	void *data = (void *)(long)xdp->data, *data_end = (void *)(long)xdp->data_end;
	enum parse_result result = parse_packet(data, data_end, data_end - data, packet);

	return result == PARSE_FURTHER ? parse_further_xdp(xdp, packet) : result;
}

#endif /* FL_PARSE_H */
