/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ICMP errors about our own tunnel packets (ip_vs_in_icmp): they come to the
 * director, but it is the client who is to hear of them. What is quoted behind the
 * outer headers becomes the packet that the client's error is about. IPv4 in IPv4
 * only, as IPVS does it.
 *
 * Fragmentation needed also tells the MTU of the tunnel's way. IPVS passes on to the
 * client what its last packet was measured by, and the new one with the next packet.
 */
#ifndef FL_TUNNEL_ERROR_H
#define FL_TUNNEL_ERROR_H

#include "connection.h"
#include "forward/tunnel.h"
#include "icmp.h"
#include "path_mtu.h"

#define ICMP_UNREACHABLE 3
#define ICMP_FRAGMENTATION_NEEDED 4 /* its code */
#define ICMP_QUENCH 4
#define ICMP_EXCEEDED 11
#define GUE_LENGTH_MASK 31 /* version and control above it are 0; in words of 4 octets */

/* An error, and where in the frame its parts are. */
struct tunnel_error {
	__u8 type;
	__u8 code;
	__be16 checksum;
	__be16 unused;
	__be16 mtu;
	__u32 at; /* of the header that is looked at next */
	__u32 dont_fragment; /* of the tunnel packet */
	__be32 server;
	struct packet inner;
};

/* Steps over an IPv4 header that is no later fragment's. Its protocol, or -1. */
static __always_inline int step_over_ip(struct __sk_buff *skb, struct tunnel_error *error,
					struct iphdr *ip)
{
	if (bpf_skb_load_bytes(skb, error->at, ip, sizeof(*ip)) || ip->version != 4 ||
	    ip->ihl * 4 < sizeof(*ip) || ip->frag_off & bpf_htons(IP_OFFSET))
		return -1;
	error->at += ip->ihl * 4;
	return ip->protocol;
}

static __always_inline int step_over_gue(struct __sk_buff *skb, struct tunnel_error *error)
{
	struct tunnel_header header;

	if (bpf_skb_load_bytes(skb, error->at, &header, sizeof(header)) ||
	    header.gue.hlen & ~GUE_LENGTH_MASK || header.gue.protocol != IPPROTO_IPIP)
		return -1;
	error->at += sizeof(header) + header.gue.hlen * 4;
	return 0;
}

static __always_inline int step_over_gre(struct __sk_buff *skb, struct tunnel_error *error)
{
	__be16 header[2];

	if (bpf_skb_load_bytes(skb, error->at, header, sizeof(header)) ||
	    header[0] & ~bpf_htons(GRE_HAS_CHECKSUM) || header[1] != bpf_htons(ETH_P_IP))
		return -1;
	error->at += header[0] ? 8 : 4;
	return 0;
}

/* Finds the client's packet, as far as it is quoted. */
static __always_inline int find_inner(struct __sk_buff *skb, struct tunnel_error *error)
{
	struct packet *inner = &error->inner;
	__u32 start = error->at;
	__be16 ports[2];
	struct iphdr ip;

	if (step_over_ip(skb, error, &ip) < 0 ||
	    bpf_skb_load_bytes(skb, error->at, ports, sizeof(ports)))
		return -1;
	inner->key.client.word[0] = ip.saddr;
	inner->key.vip.word[0] = ip.daddr;
	inner->key.client_port = ports[0];
	inner->key.virtual_port = ports[1];
	inner->key.protocol = ip.protocol;
	inner->key.family = FL_FAMILY_IPV4;
	inner->tos = ip.tos;
	inner->bytes = skb->len - start;
	error->at = start;
	return 0;
}

/* Reads the error down to the client's packet. */
static __always_inline int read_error(struct __sk_buff *skb, struct tunnel_error *error)
{
	struct iphdr ip;
	int failed;

	error->at = sizeof(struct ethhdr);
	if (step_over_ip(skb, error, &ip) != IPPROTO_ICMP || ip.frag_off & bpf_htons(IP_MORE) ||
	    bpf_skb_load_bytes(skb, error->at, error, sizeof(struct icmp_error)) ||
	    (error->type != ICMP_UNREACHABLE && error->type != ICMP_QUENCH &&
	     error->type != ICMP_EXCEEDED))
		return -1;
	error->at += sizeof(struct icmp_error);
	switch (step_over_ip(skb, error, &ip)) {
	case IPPROTO_IPIP:
		failed = 0;
		break;
	case IPPROTO_UDP:
		failed = step_over_gue(skb, error);
		break;
	case IPPROTO_GRE_HEADER:
		failed = step_over_gre(skb, error);
		break;
	default:
		failed = -1;
	}
	error->server = ip.daddr;
	error->dont_fragment = ip.frag_off & bpf_htons(IP_DF);
	return failed ? failed : find_inner(skb, error);
}

/* Takes everything in front of the client's packet away and answers that. */
static __always_inline int tell_client(struct __sk_buff *skb, struct tunnel_error *error,
				       __u32 slot, __u32 mtu)
{
	int action;

	if (bpf_skb_adjust_room(skb, -(__s32)(error->at - sizeof(struct ethhdr)), BPF_ADJ_ROOM_MAC,
				0))
		return TC_ACT_SHOT;
	action = icmp_answer(skb, &error->inner, (__u32)error->type << 8 | error->code, mtu);
	if (action != TC_ACT_SHOT)
		icmp_count(&error->inner, slot);
	return action;
}

static __always_inline int handle_error(struct __sk_buff *skb, struct tunnel_error *error)
{
	struct fl_destination_state *state;
	struct fl_destination *destination;
	struct fl_connection *connection;
	__u32 slot, mtu = 0;

	connection = connection_find(&error->inner.key, clock_now());
	if (!connection || (connection->flags & FL_CONNECTION_METHOD) != FL_METHOD_TUNNEL)
		return TC_ACT_UNSPEC;
	slot = connection->destination;
	destination = bpf_map_lookup_elem(&destinations, &slot);
	state = bpf_map_lookup_elem(&dest_state, &slot);
	if (!destination || !state || !state->sent_mtu ||
	    destination->address.word[0] != error->server)
		return TC_ACT_UNSPEC;
	if (error->type == ICMP_UNREACHABLE && error->code == ICMP_FRAGMENTATION_NEEDED) {
		mtu = state->sent_mtu - sizeof(struct iphdr);
		path_mtu_learn(state, bpf_ntohs(error->mtu));
		count_if_available(slot, DIRECTION_OUT, error->inner.bytes);
		if (!error->dont_fragment)
			return TC_ACT_SHOT;
	}
	return tell_client(skb, error, slot, mtu);
}

/* A TC action, TC_ACT_UNSPEC for whatever is no such error. */
__noinline int tunnel_error_tc(struct __sk_buff *skb)
{
	struct tunnel_error error = {};

	if (skb->protocol != bpf_htons(ETH_P_IP) || read_error(skb, &error))
		return TC_ACT_UNSPEC;
	return handle_error(skb, &error);
}

#endif /* FL_TUNNEL_ERROR_H */
