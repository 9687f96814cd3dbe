/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a masqueraded real server sends from a port that it serves, and belongs to
 * no connection: with nat_icmp_send it is refused, so that the real server ends what
 * the director has forgotten (ip_vs_out()). RST and ABORT, which do end it, go on.
 * During an upgrade its connection may be known in a moment: it is dropped, and repeated by then.
 */
#ifndef FL_STRAY_H
#define FL_STRAY_H

#include <linux/pkt_cls.h>

#include "forward/size.h"
#include "fragments.h"
#include "icmp.h"
#include "parse/transport.h"
#include "reason.h"

static __always_inline int strays_may_wait(void)
{
	return settings.carrying_since != 0;
}

/* Whether they are not to be left alone. */
static __always_inline int strays_are_ours(void)
{
	return settings.sysctl.nat_icmp_send || settings.carrying_since;
}

/* Under a service by mark, of every protocol. */
static __noinline int is_of_masq_server(const struct packet *packet)
{
	struct fl_service_key key = {
		.address = packet->key.client,
		.port = packet->key.client_port,
		.protocol = packet->key.protocol,
		.family = packet->key.family,
	};

	if (bpf_map_lookup_elem(&masq_servers, &key))
		return 1;
	key.protocol = 0;
	return !!bpf_map_lookup_elem(&masq_servers, &key);
}

/* Of SCTP's chunks IPVS looks at the first one here. */
static __always_inline int ends_its_connection(struct __sk_buff *skb, const struct packet *packet)
{
	__u32 at = packet->transport + offsetof(struct sctp_start, chunk);
	__u8 chunk = 0;

	if (packet->kind == PACKET_LATER_FRAGMENT)
		return 0;
	if (packet->key.protocol == IPPROTO_SCTP)
		return !bpf_skb_load_bytes(skb, at, &chunk, sizeof(chunk)) &&
		       chunk == SCTP_CHUNK_ABORT;
	return packet->key.protocol == IPPROTO_TCP && packet->event == TCP_EVENT_RST;
}

/* Whether the packet, of no connection, is one. Its later fragments are to share its lot. */
static __always_inline int is_stray(struct __sk_buff *skb, const struct packet *packet)
{
	return packet->kind != PACKET_ICMP_ERROR && is_of_masq_server(packet) &&
	       !ends_its_connection(skb, packet);
}

static __always_inline void count_stray(const struct packet *packet)
{
	if (packet->kind == PACKET_FIRST_FRAGMENT)
		fragment_remember(packet, clock_now());
	count_not_forwarded(packet,
			    strays_may_wait() ? FL_REASON_UPGRADING : FL_REASON_STRAY_REPLY);
}

/*
 * At the interface it came in by. What the stack would refuse, as a router, is left to it. To another host, the real
 * server hears from the director's own address about a packet one hop older; to this one, from the address it wrote to.
 */
__noinline int stray_tc(struct __sk_buff *skb, const struct packet *packet)
{
	struct bpf_fib_lookup fib;
	__u32 type_code, from = 0;
	long route;

	if (!packet || !is_stray(skb, packet))
		return VERDICT_NOT_OURS;
	if (strays_may_wait()) {
		count_stray(packet);
		return TC_ACT_SHOT;
	}
	route = fib_lookup(skb, &packet->key.vip, packet->key.family, wire_bytes(skb, packet) ?: 1,
			   0, &fib);
	if (!fib_is_local(route)) {
		int too_big = route == BPF_FIB_LKUP_RET_FRAG_NEEDED && packet->dont_fragment;

		if (packet->ttl <= 1 || too_big ||
		    (route != BPF_FIB_LKUP_RET_FRAG_NEEDED && !fib_is_route(route)) ||
		    tc_age(skb, packet))
			return VERDICT_NOT_OURS;
		from = ICMP_FROM_ROUTE;
	}
	count_stray(packet);
	type_code = icmp_type_code(ICMP_PORT_UNREACHABLE, packet->key.family);
	return icmp_answer(skb, packet, type_code | from, 0);
}

#endif /* FL_STRAY_H */
