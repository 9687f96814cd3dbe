// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The director: the life of a packet, twice.
 *
 * TC (clsact ingress) works on every interface and with every packet, and lets
 * the kernel resolve the neighbour. XDP stands in front of it where a driver
 * runs it natively, finishes what it can and passes the rest up to TC.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

#include "align.h"
#include "carry.h"
#include "claims.h"
#include "direct.h"
#include "egress.h"
#include "fast/tc.h"
#include "fast/xdp.h"
#include "fragments.h"
#include "icmp.h"
#include "parse.h"
#include "reply.h"
#include "stray.h"
#include "tunnel_error.h"
#include "vip_filter.h"
#include "walk.h"

/* What a packet is and becomes, which is more than the stack has room for. */
struct scratch {
	struct packet packet;
	struct forward forward;
	struct opening opening;
};

enum hook {
	HOOK_TC,
	HOOK_XDP,
	HOOKS,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, HOOKS);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

/* This CPU's, with nothing in it that is looked at before it is written. */
static __always_inline struct scratch *scratch_of(__u32 hook)
{
	struct scratch *scratch = bpf_map_lookup_elem(&scratches, &hook);

	if (!scratch)
		return NULL;
	__builtin_memset(&scratch->packet, 0, sizeof(scratch->packet));
	scratch->forward.destination = 0;
	scratch->forward.mtu = 0;
	return scratch;
}

/* Without any service IPVS is out of the way, */
static __always_inline int is_idle(const struct fl_settings *conf)
{
	return !conf->address_services && !conf->mark_services;
}

/* and without one of the packet's family it is out of that packet's, be it of an old connection. */
static __always_inline int is_idle_for(const struct fl_settings *conf, const struct packet *packet)
{
	return packet->key.family == FL_FAMILY_IPV6 ? !conf->ipv6_services : !conf->ipv4_services;
}

/*
 * TC_ACT_UNSPEC rather than TC_ACT_OK: filters behind this one still see what is
 * not ours. The client hears of what IPVS tells it.
 */
static __always_inline int tc_not_forwarded(struct __sk_buff *skb, const struct scratch *scratch,
					    int reason)
{
	const struct packet *packet = &scratch->packet;

	count_not_forwarded(packet, reason);
	if (goes_to_the_stack(reason))
		return TC_ACT_UNSPEC;
	/* Errors are not answered with errors (RFC 1122 §3.2.2). */
	return packet->kind == PACKET_ICMP_ERROR
		       ? TC_ACT_SHOT
		       : icmp_for_reason(skb, packet, &scratch->forward, reason);
}

/*
 * Not inlined, so that the stack is free again for what comes next. The verifier looks at a
 * global function once, whatever `connection` may point to.
 */
__noinline int tc_direct(struct __sk_buff *skb, struct scratch *scratch,
			 struct fl_connection *connection, __u64 now)
{
	const struct fl_settings *conf = &settings;
	struct packet *packet;
	int answer;

	if (!scratch)
		return VERDICT_NOT_OURS;
	packet = &scratch->packet;
	if (!connection && packet->kind == PACKET_ICMP_ERROR &&
	    !(conf->sysctl.schedule_icmp && has_ports(packet->key.protocol)))
		return VERDICT_NOT_OURS;
	answer = direct(skb, 0, conf, packet, now, connection, &scratch->opening,
			&scratch->forward);
	if (answer == VERDICT_FORWARD && packet->kind == PACKET_FIRST_FRAGMENT)
		fragment_remember(packet, now);
	return answer;
}

/* A TC action, a verdict or a reason. */
static __always_inline int tc_handle(struct __sk_buff *skb, struct scratch *scratch)
{
	struct packet *packet = &scratch->packet;
	struct fl_connection *connection;
	int answer = VERDICT_NOT_OURS;
	__u64 now = clock_now();

	if (packet->kind == PACKET_FIRST_FRAGMENT)
		fragment_forget(packet);
	if (packet->kind == PACKET_LATER_FRAGMENT && fragment_complete(packet, now))
		return is_for_a_vip(packet) ? -FL_REASON_FRAGMENT : VERDICT_NOT_OURS;
	connection = connection_find(&packet->key, now);
	/* A reply has no entry under its own tuple, but under its connection's. */
	if (!connection && pressure_has_replies())
		answer = reply_tc(skb, packet);
	if (!connection && answer == VERDICT_NOT_OURS && strays_are_ours())
		answer = stray_tc(skb, packet);
	if (answer == VERDICT_NOT_OURS)
		answer = tc_direct(skb, scratch, connection, now);
	return answer == VERDICT_FORWARD ? forward_tc(skb, packet, &scratch->forward) : answer;
}

SEC("tc")
int fl_director_tc(struct __sk_buff *skb)
{
	const struct fl_settings *conf = &settings;
	struct scratch *scratch;
	int answer;

	/* A tagged frame belongs to the VLAN's own interface, where it arrives again. */
	if (skb->vlan_present || is_idle(conf))
		return TC_ACT_UNSPEC;
	if (skb->pkt_type != 0 /* PACKET_HOST */)
		return watch_claims(skb);
	answer = fast_tc(skb, conf);
	if (answer == FAST_NOT)
		answer = fast_tc_further(skb, conf);
	if (answer != FAST_NOT)
		return answer;
	scratch = scratch_of(HOOK_TC);
	if (!scratch)
		return TC_ACT_UNSPEC;
	scratch->packet.interface = skb->ingress_ifindex;
	switch (tc_parse(skb, &scratch->packet)) {
	case PARSE_OK:
		if (is_idle_for(conf, &scratch->packet))
			return TC_ACT_UNSPEC;
		answer = tc_handle(skb, scratch);
		break;
	case PARSE_NOT_OURS:
		return watch_claims(skb);
	default:
		answer = -FL_REASON_MALFORMED;
	}
	if (answer < 0)
		return tc_not_forwarded(skb, scratch, -answer);
	if (answer == VERDICT_NOT_OURS && scratch->packet.kind == PACKET_ICMP_ERROR)
		return tunnel_error_tc(skb);
	return answer < VERDICT_FORWARD ? answer : TC_ACT_UNSPEC;
}

/* The interface that the frame is addressed to, or NULL. TC looks at pkt_type; here MACs are compared. */
static __always_inline const struct fl_interface *xdp_addressed_to(struct xdp_md *xdp)
{
	void *data = (void *)(long)xdp->data, *data_end = (void *)(long)xdp->data_end;
	const struct fl_interface *in = interface_of(xdp->ingress_ifindex);
	struct ethhdr *eth = data;

	return in && (void *)(eth + 1) <= data_end && is_for_interface(eth, in) ? in : NULL;
}

/* What belongs to anything else than a whole packet to a virtual address is TC's. */
static __always_inline int xdp_handle(struct xdp_md *xdp, const struct fl_settings *conf,
				      struct scratch *scratch)
{
	struct packet *packet = &scratch->packet;
	struct fl_connection *connection;
	__u64 now = clock_now();

	if (packet->kind != PACKET_WHOLE || is_idle_for(conf, packet))
		return VERDICT_LATER;
	connection = connection_find(&packet->key, now);
	if (!connection && (pressure_has_replies() || strays_are_ours()))
		return VERDICT_LATER; /* it may be a real server's */
	return direct(xdp, 1, conf, packet, now, connection, &scratch->opening, &scratch->forward);
}

/*
 * All but the short path. A function of its own, so that the one above it, of which nearly every packet needs no
 * more, is small, and without a call.
 */
static __noinline int xdp_at_length(struct xdp_md *xdp)
{
	const struct fl_settings *conf = &settings;
	struct scratch *scratch = scratch_of(HOOK_XDP);

	if (!scratch)
		return XDP_PASS;
	scratch->packet.interface = xdp->ingress_ifindex;
	if (xdp_parse(xdp, &scratch->packet) || xdp_handle(xdp, conf, scratch) != VERDICT_FORWARD)
		return XDP_PASS;
	return forward_xdp(xdp, &scratch->packet, &scratch->forward);
}

SEC("xdp")
int fl_director_xdp(struct xdp_md *xdp)
{
	const struct fl_settings *conf = &settings;
	const struct fl_interface *in;
	int action;

	if (is_idle(conf) ||
	    !may_be_for_a_vip((void *)(long)xdp->data, (void *)(long)xdp->data_end, conf))
		return XDP_PASS;
	in = xdp_addressed_to(xdp);
	if (!in)
		return XDP_PASS;
	action = fast_xdp(xdp, conf, in);
	return action == FAST_NOT ? xdp_at_length(xdp) : action;
}

/*
 * Attached to lo, which every namespace has, and bound to all maps: through it
 * a daemon finds them again. Nothing else refers to it, so its end is the sign
 * that the namespace has gone.
 */
SEC("tc")
int fl_anchor(struct __sk_buff *skb)
{
	return TC_ACT_UNSPEC;
}

/*
 * What these programs are made of, as the loader says: its digest of this object. They carry it wherever they are
 * attached, and a new daemon takes programs over that are what it would load (docs/design/0002-anchor-and-adoption.md).
 */
const volatile __u8 fl_origin[32] SEC(".rodata.origin") = {};

/* The kernel asks for a licence compatible with the GPL; the dual one lets others use the rest. */
char _license[] SEC("license") = "Dual BSD/GPL";
