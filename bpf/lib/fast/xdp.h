/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The short path at XDP: to a neighbour whose MAC is known, out by an interface that XDP reaches. */
#ifndef FL_FAST_XDP_H
#define FL_FAST_XDP_H

#include "fast.h"
#include "forward/send.h"
#include "interface.h"
#include "next_hop.h"

/* What of a real server's place XDP goes by, as long as it is sure. */
struct fast_hop {
	__u64 neighbour;
	__u32 interface;
	__u32 mtu;
};

/* Read as in next_hop.h: between two looks at the stamp. */
static __always_inline int fast_hop(const struct fl_destination_state *state, __u32 stamp,
				    struct fast_hop *hop)
{
	if (!stamp || *(const volatile __u32 *)&state->route_stamp != stamp)
		return -1;
	barrier();
	hop->neighbour = state->neighbour;
	hop->interface = state->interface;
	hop->mtu = state->mtu;
	barrier();
	if (*(const volatile __u32 *)&state->route_stamp != stamp)
		return -1;
	return hop->neighbour >> 48 == (stamp & 0xffff) ? 0 : -1;
}

/* Out again with new MACs, one hop older. An XDP action. */
static __always_inline int fast_send(struct xdp_md *xdp, int ipv6, const struct fast_hop *hop,
				     const struct fl_interface *in, const struct fl_interface *out)
{
	void *data = (void *)(long)xdp->data, *data_end = (void *)(long)xdp->data_end;
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > data_end ||
	    (ipv6 ? age_ipv6(data, data_end) : age_ipv4(data, data_end)))
		return XDP_ABORTED;
	__builtin_memcpy(eth->h_source, out->mac, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, &hop->neighbour, ETH_ALEN);
	return out == in ? XDP_TX : bpf_redirect(hop->interface, 0);
}

/* Of a packet that `fast` says all about. */
static __always_inline int fast_xdp_direct(struct xdp_md *xdp, int ipv6,
					   const struct fl_settings *conf,
					   const struct fl_interface *in, struct fast *fast)
{
	const struct fl_interface *out;
	struct fast_hop hop;
	struct fast_way way;
	__u64 now;

	if (fast_way(conf, fast, ipv6, FAST_ACKS, &now, &way) ||
	    fast_hop(way.state, clock_stamp(now), &hop) || fast->bytes > hop.mtu)
		return FAST_NOT;
	out = hop.interface == in->index ? in : interface_of(hop.interface);
	if (!out || (out != in && !(out->flags & FL_INTERFACE_XDP)))
		return FAST_NOT;
	fast_count(conf, fast, ipv6, FAST_ACKS, &way, now);
	return fast_send(xdp, ipv6, &hop, in, out);
}

/* As fast_xdp(), of a frame of `family`, a constant. */
static __always_inline int fast_xdp_of(struct xdp_md *xdp, const struct fl_settings *conf,
				       const struct fl_interface *in, int family)
{
	void *data = (void *)(long)xdp->data, *data_end = (void *)(long)xdp->data_end;
	struct fast fast;

	return fast_parse(data, data_end, data_end - data, conf, family, FAST_ACKS, &fast)
		       ? FAST_NOT
		       : fast_xdp_direct(xdp, family == FL_FAMILY_IPV6, conf, in, &fast);
}

/* An XDP action, or FAST_NOT with nothing done. `in`: the interface it came in by. */
static __always_inline int fast_xdp(struct xdp_md *xdp, const struct fl_settings *conf,
				    const struct fl_interface *in)
{
	switch (family_of((void *)(long)xdp->data, (void *)(long)xdp->data_end)) {
	case FL_FAMILY_IPV4:
		return fast_xdp_of(xdp, conf, in, FL_FAMILY_IPV4);
	case FL_FAMILY_IPV6:
		return fast_xdp_of(xdp, conf, in, FL_FAMILY_IPV6);
	default:
		return FAST_NOT;
	}
}

#endif /* FL_FAST_XDP_H */
