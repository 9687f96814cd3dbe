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

#include "direct.h"
#include "icmp.h"

/* Reasons that leave the packet to the local stack, as IPVS does; the others drop it. */
static __always_inline int goes_to_the_stack(int reason)
{
	return reason == FL_REASON_MALFORMED || reason == FL_REASON_FRAGMENT ||
	       reason == FL_REASON_VIP_NOT_LOCAL || reason == FL_REASON_NO_CONNECTION;
}

/*
 * TC_ACT_UNSPEC rather than TC_ACT_OK: filters behind this one still see what is
 * not ours. The client hears of what IPVS tells it.
 */
static __always_inline int tc_not_forwarded(struct __sk_buff *skb, const struct packet *packet,
					    int reason)
{
	count_not_forwarded(reason);
	if (goes_to_the_stack(reason))
		return TC_ACT_UNSPEC;
	if (reason == FL_REASON_NO_SERVER)
		return icmp_answer(skb, packet, ICMP_PORT_UNREACHABLE);
	if (reason == FL_REASON_TTL_EXPIRED)
		return icmp_answer(skb, packet, ICMP_TIME_EXCEEDED);
	return TC_ACT_SHOT;
}

static __always_inline enum parse_result tc_parse(struct __sk_buff *skb, struct packet *packet)
{
	enum parse_result result;

	result = parse_packet((void *)(long)skb->data, (void *)(long)skb->data_end, skb->len,
			      packet);
	if (result != PARSE_SHORT)
		return result;
	/* Headers beyond the linear part: fetch them once. */
	if (bpf_skb_pull_data(skb, skb->len < HEADERS_MAX ? skb->len : HEADERS_MAX))
		return PARSE_MALFORMED;
	return parse_packet((void *)(long)skb->data, (void *)(long)skb->data_end, skb->len, packet);
}

SEC("tc")
int fl_director_tc(struct __sk_buff *skb)
{
	struct packet packet = {};
	struct next_hop hop = {};
	struct bpf_redir_neigh to = {};
	int verdict;

	/* A tagged frame belongs to the VLAN's own interface, where it arrives again. */
	if (skb->pkt_type != 0 /* PACKET_HOST */ || skb->vlan_present)
		return TC_ACT_UNSPEC;
	switch (tc_parse(skb, &packet)) {
	case PARSE_OK:
		break;
	case PARSE_NOT_OURS:
		return TC_ACT_UNSPEC;
	default:
		return tc_not_forwarded(skb, &packet, FL_REASON_MALFORMED);
	}

	verdict = direct(skb, &packet, 0, &hop);
	if (verdict < 0)
		return tc_not_forwarded(skb, &packet, -verdict);
	if (verdict != VERDICT_FORWARD)
		return TC_ACT_UNSPEC;
	if (decrement_ttl((void *)(long)skb->data, (void *)(long)skb->data_end))
		return tc_not_forwarded(skb, &packet, FL_REASON_MALFORMED);
	to.nh_family = AF_INET;
	to.ipv4_nh = hop.address;
	return bpf_redirect_neigh(hop.interface, &to, sizeof(to), 0);
}

/* Out again with new MACs: the frame is the client's, only one hop older. */
static __always_inline int xdp_transmit(struct xdp_md *xdp, const struct next_hop *hop)
{
	void *data = (void *)(long)xdp->data, *data_end = (void *)(long)xdp->data_end;
	__u32 index = hop->interface;
	struct fl_interface *out = bpf_map_lookup_elem(&interfaces, &index);
	struct ethhdr *eth = data;

	if (!out || (void *)(eth + 1) > data_end || decrement_ttl(data, data_end))
		return XDP_ABORTED;
	__builtin_memcpy(eth->h_source, out->mac, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, hop->mac, ETH_ALEN);
	if (index == xdp->ingress_ifindex)
		return XDP_TX;
	return bpf_redirect(index, 0);
}

/* TC looks at pkt_type; here the frame's destination is compared with the interface's MAC. */
static __always_inline int xdp_is_for_us(struct xdp_md *xdp)
{
	void *data = (void *)(long)xdp->data, *data_end = (void *)(long)xdp->data_end;
	__u32 index = xdp->ingress_ifindex;
	struct fl_interface *in = bpf_map_lookup_elem(&interfaces, &index);
	struct ethhdr *eth = data;
	int differ = 0;

	if (!in || (void *)(eth + 1) > data_end)
		return 0;
	for (int i = 0; i < ETH_ALEN; i++)
		differ |= eth->h_dest[i] ^ in->mac[i];
	return !differ;
}

SEC("xdp")
int fl_director_xdp(struct xdp_md *xdp)
{
	struct packet packet = {};
	struct next_hop hop = {};

	if (!xdp_is_for_us(xdp))
		return XDP_PASS;
	if (parse_packet((void *)(long)xdp->data, (void *)(long)xdp->data_end,
			 xdp->data_end - xdp->data, &packet))
		return XDP_PASS;
	if (direct(xdp, &packet, xdp->ingress_ifindex, &hop) != VERDICT_FORWARD)
		return XDP_PASS;
	return xdp_transmit(xdp, &hop);
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

/* The kernel's own context of an iterator over map elements, as far as it is used here. */
struct bpf_iter__bpf_map_elem {
	void *key;
	void *value;
} __attribute__((preserve_access_index));

/*
 * Takes out what has expired. Runs in the daemon's process, over the whole table,
 * and gives way to others on its way: packets do not wait for it.
 */
SEC("iter/bpf_map_elem")
int fl_sweep(struct bpf_iter__bpf_map_elem *element)
{
	struct fl_connection_key *key = element->key, copy;
	struct fl_connection *seen = element->value, *connection;

	if (!key || !seen)
		return 0;
	/* Iterators have no coarse clock; this is the same one, read exactly. */
	if (!connection_is_over(seen->last_seen, seen->timeout_ms, bpf_ktime_get_ns()))
		return 0;
	copy = *key;
	connection = bpf_map_lookup_elem(&connections, &copy);
	if (!connection ||
	    !connection_is_over(connection->last_seen, connection->timeout_ms, bpf_ktime_get_ns()))
		return 0;
	if (connection->state == FL_STATE_DEAD)
		bpf_map_delete_elem(&connections, &copy); /* whoever ended it could not */
	else
		connection_end(&copy, connection);
	return 0;
}

/* The kernel asks for a licence compatible with the GPL; the dual one lets others use the rest. */
char _license[] SEC("license") = "Dual BSD/GPL";
