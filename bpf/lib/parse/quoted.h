/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What an ICMP error quotes (RFC 792, 4443): the headers of the packet it is about. */
#ifndef FL_PARSE_QUOTED_H
#define FL_PARSE_QUOTED_H

#include "parse/extensions.h"
#include "parse/transport.h"

#define ICMP_BYTES 8 /* of an error's header, in either version */
#define ICMPV6_INFORMATIONAL 128 /* the first type that is no error */

/* The quoted packet's own headers: of a packet to the client, from where the client thinks it went. */
static __always_inline enum parse_result quoted_ipv4(void *ctx, int xdp, struct packet *packet)
{
	struct iphdr ip;

	if (packet_load(ctx, xdp, packet->inner_network, &ip, sizeof(ip)))
		return PARSE_NOT_OURS;
	if (ip.version != 4 || ip.ihl * 4 < sizeof(ip) ||
	    bpf_ntohs(ip.frag_off) & IP_FRAGMENT_OFFSET)
		return PARSE_NOT_OURS;
	packet->key.client.word[0] = ip.daddr;
	packet->key.vip.word[0] = ip.saddr;
	packet->key.protocol = ip.protocol;
	packet->inner_transport = packet->inner_network + ip.ihl * 4;
	return PARSE_OK;
}

static __always_inline enum parse_result quoted_ipv6(void *ctx, int xdp, struct packet *packet)
{
	struct header_walk walk = { .offset = packet->inner_network + sizeof(struct ipv6hdr) };
	struct ipv6hdr ip;

	if (packet_load(ctx, xdp, packet->inner_network, &ip, sizeof(ip)) || ip.version != 6)
		return PARSE_NOT_OURS;
	walk.next = ip.nexthdr;
	if (walk_extensions(ctx, xdp, &walk) || walk.kind == PACKET_LATER_FRAGMENT)
		return PARSE_NOT_OURS;
	__builtin_memcpy(&packet->key.client, &ip.daddr, sizeof(packet->key.client));
	__builtin_memcpy(&packet->key.vip, &ip.saddr, sizeof(packet->key.vip));
	packet->key.protocol = walk.next;
	packet->inner_transport = walk.offset;
	return PARSE_OK;
}

/* The errors IPVS looks into: unreachable, source quench, time exceeded; every one of ICMPv6. */
static __always_inline int icmp_is_about_us(__u8 family, __u8 type)
{
	return family == FL_FAMILY_IPV6 ? type < ICMPV6_INFORMATIONAL
					: type == 3 || type == 4 || type == 11;
}

static __always_inline enum parse_result parse_icmp(void *ctx, int xdp, struct packet *packet)
{
	__be16 ports[2];

	if (packet_load(ctx, xdp, packet->transport, &packet->icmp_type, 1) ||
	    !icmp_is_about_us(packet->key.family, packet->icmp_type))
		return PARSE_NOT_OURS;
	packet->kind = PACKET_ICMP_ERROR;
	packet->inner_network = packet->transport + ICMP_BYTES;
	if (packet->key.family == FL_FAMILY_IPV6 ? quoted_ipv6(ctx, xdp, packet)
						 : quoted_ipv4(ctx, xdp, packet))
		return PARSE_NOT_OURS;
	/* Without ports it may still be about a tunnel of ours. */
	if (!has_ports(packet->key.protocol))
		return PARSE_OK;
	if (packet_load(ctx, xdp, packet->inner_transport, ports, sizeof(ports)))
		return PARSE_NOT_OURS;
	packet->key.client_port = ports[1];
	packet->key.virtual_port = ports[0];
	return PARSE_OK;
}

#endif /* FL_PARSE_QUOTED_H */
