/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a decision to the wire (ip_vs_xmit.c): a packet lives one hop less, must
 * fit the MTU of its route or be cut, and leaves by its connection's method.
 */
#ifndef FL_FORWARD_H
#define FL_FORWARD_H

#include "forward/fragment.h"
#include "forward/local.h"
#include "forward/masq.h"
#include "forward/plan.h"
#include "forward/send.h"
#include "forward/size.h"
#include "forward/tunnel.h"
#include "interface.h"
#include "packet.h"
#include "path_mtu.h"
#include "reason.h"

/* The smallest MTU a tunnel may leave (ip_vs_xmit.c): RFC 791's, or RFC 8200's of its outer family. */
#define TUNNEL_MTU_MIN_IPV4 68
#define TUNNEL_MTU_MIN_IPV6 1280

enum fit {
	FITS,
	MUST_BE_CUT,
	IS_TOO_BIG,
};

static __always_inline enum fit fit_into(struct __sk_buff *skb, const struct packet *packet,
					 const struct forward *forward)
{
	if (wire_bytes(skb, packet) <= forward->mtu)
		return FITS;
	if (packet->key.family == FL_FAMILY_IPV6)
		return IS_TOO_BIG;
	if (packet->dont_fragment &&
	    (forward_method(forward) != FL_METHOD_TUNNEL || pmtu_discovery()))
		return IS_TOO_BIG;
	return MUST_BE_CUT;
}

/* Out by the tunnel; `fit` is the inner packet's. */
static __always_inline int forward_tunnel(struct __sk_buff *skb, const struct packet *packet,
					  const struct forward *forward, enum fit fit)
{
	int failed;

	if (fit == MUST_BE_CUT &&
	    (is_merged(skb) ||
	     complete_checksum(skb, packet, &packet->key.client, &packet->key.vip)))
		return -FL_REASON_CANNOT_FRAGMENT;
	failed = encapsulate(skb, packet, forward, fit == MUST_BE_CUT);
	if (failed)
		return failed;
	return fit == MUST_BE_CUT ? send_in_fragments(skb, &forward->hop, forward->server_family)
				  : tc_send(&forward->hop);
}

/* Out as it is, or with the real server's address and port in it. */
static __always_inline int forward_plain(struct __sk_buff *skb, const struct packet *packet,
					 const struct forward *forward, enum fit fit)
{
	struct fl_address target = packet->key.vip;
	struct translation change;

	if (trim_padding(skb, packet))
		return -FL_REASON_MALFORMED;
	if (forward_method(forward) == FL_METHOD_MASQ) {
		change = to_the_server(packet, forward);
		target = change.to;
		if (masq(skb, packet, &change))
			return -FL_REASON_CANNOT_TRANSLATE;
	}
	if (fit == FITS)
		return tc_send(&forward->hop);
	if (complete_checksum(skb, packet, &packet->key.client, &target))
		return -FL_REASON_CANNOT_FRAGMENT;
	return send_in_fragments(skb, &forward->hop, packet->key.family);
}

/* What of the route's MTU is left for the packet itself; 0: too little. */
static __always_inline __u32 mtu_left(struct __sk_buff *skb, struct forward *forward)
{
	__u32 least = forward->server_family == FL_FAMILY_IPV6 ? TUNNEL_MTU_MIN_IPV6
							       : TUNNEL_MTU_MIN_IPV4;
	__u32 overhead;

	if (forward_method(forward) != FL_METHOD_TUNNEL)
		return forward->hop.mtu;
	overhead = tunnel_overhead(skb, forward);
	forward->hop.mtu = path_mtu_of(forward);
	return forward->hop.mtu < overhead + least ? 0 : forward->hop.mtu - overhead;
}

/*
 * Carries the decision out: a TC action, VERDICT_LOCAL, or a reason. A function of
 * its own, so that its stack is not on top of the decision's.
 */
__noinline int forward_tc(struct __sk_buff *skb, const struct packet *packet,
			  struct forward *forward)
{
	enum fit fit;

	if (!packet || !forward)
		return -FL_REASON_MALFORMED;
	if (goes_to_this_host(forward))
		return forward_local(skb, packet, forward);
	if (packet->ttl <= 1)
		return -FL_REASON_TTL_EXPIRED;
	if (tc_age(skb, packet))
		return -FL_REASON_MALFORMED;
	forward->mtu = mtu_left(skb, forward);
	if (!forward->mtu ||
	    (forward_method(forward) == FL_METHOD_TUNNEL && address_is_none(&forward->hop.source)))
		return -FL_REASON_CANNOT_ENCAPSULATE;
	fit = fit_into(skb, packet, forward);
	if (fit == IS_TOO_BIG)
		return -FL_REASON_TOO_BIG;
	return forward_method(forward) == FL_METHOD_TUNNEL
		       ? forward_tunnel(skb, packet, forward, fit)
		       : forward_plain(skb, packet, forward, fit);
}

/* Whether XDP can finish the packet: as it is, to a neighbour it knows. To be asked before counting. */
static __always_inline int forward_xdp_can(struct xdp_md *xdp, const struct packet *packet,
					   const struct forward *forward)
{
	return forward_method(forward) == FL_METHOD_GATE && !goes_to_this_host(forward) &&
	       packet->ttl > 1 && packet->bytes <= forward->hop.mtu &&
	       xdp_can_send(xdp->ingress_ifindex, forward->hop.interface);
}

/* Out again with new MACs: the frame is the client's, only one hop older. */
static __always_inline int forward_xdp(struct xdp_md *xdp, const struct packet *packet,
				       const struct forward *forward)
{
	void *data = (void *)(long)xdp->data, *data_end = (void *)(long)xdp->data_end;
	__u32 index = forward->hop.interface;
	struct fl_interface *out = interface_of(index);
	struct ethhdr *eth = data;

	if (!out || (void *)(eth + 1) > data_end ||
	    (packet->key.family == FL_FAMILY_IPV6 ? age_ipv6(data, data_end)
						  : age_ipv4(data, data_end)))
		return XDP_ABORTED;
	__builtin_memcpy(eth->h_source, out->mac, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, forward->hop.mac, ETH_ALEN);
	if (index == xdp->ingress_ifindex)
		return XDP_TX;
	return bpf_redirect(index, 0);
}

#endif /* FL_FORWARD_H */
