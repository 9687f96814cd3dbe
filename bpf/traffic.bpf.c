// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Traffic for programs under BPF_PROG_TEST_RUN, which runs them on one and the same packet:
 * `fl_traffic_*` make it another flow's each time and hand it over by tail call. They undo what
 * the program has made of it before. `fl_floor_*` are what there is to compare with.
 */
#include <stddef.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* Read and written by bench/per-packet/traffic.ts, which must agree. */
struct plan {
	__u32 flows; /* they take turns, */
	__u32 step; /* so many further each time: no common factor with `flows` */
	__u32 at;
	__u32 services;
	__u32 ports; /* a client has so many flows: log2 */
	__u32 is_ipv6;
	__be32 client[4]; /* the first one; of IPv4, the first word */
	__be32 vip[4]; /* the first one; each has 256 ports */
	__u32 headers; /* octets of the tunnel's headers to take off */
	__u32 tcp_flags; /* as they stand in the header's 14th octet */
	__u8 mac[ETH_ALEN]; /* the director's */
	__u8 pad[2];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct plan);
} plans SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} tested_xdp SEC(".maps"), tested_tc SEC(".maps");

#define FRAME_BYTES 74 /* of either family */
#define FIRST_PORT 1024

static __always_inline int next_flow(__u32 *flow, struct plan **plan)
{
	__u32 zero = 0, at;

	*plan = bpf_map_lookup_elem(&plans, &zero);
	if (!*plan)
		return -1;
	at = (*plan)->at + (*plan)->step;
	if (at >= (*plan)->flows)
		at -= (*plan)->flows;
	(*plan)->at = at;
	*flow = at;
	return 0;
}

/* Evenly, and not one after the other. */
static __always_inline __u32 service_of(__u32 flow, const struct plan *plan)
{
	return (__u64)(flow * 0x9e3779b1) * plan->services >> 32;
}

static __always_inline void write_tcp(struct tcphdr *tcp, __u32 flow, __u32 service,
				      const struct plan *plan)
{
	tcp->source = bpf_htons(FIRST_PORT + (flow & ((1 << plan->ports) - 1)));
	tcp->dest = bpf_htons(FIRST_PORT + (service & 255));
	*((__u8 *)tcp + 13) = plan->tcp_flags;
}

static __always_inline __be32 further(__be32 address, __u32 by)
{
	return bpf_htonl(bpf_ntohl(address) + by);
}

static __always_inline void write_ipv6(struct ipv6hdr *ip, __u32 client, __u32 vip,
				       const struct plan *plan)
{
	__builtin_memcpy(&ip->saddr, plan->client, sizeof(ip->saddr));
	__builtin_memcpy(&ip->daddr, plan->vip, sizeof(ip->daddr));
	ip->saddr.s6_addr32[3] = further(plan->client[3], client);
	ip->daddr.s6_addr32[3] = further(plan->vip[3], vip);
	ip->hop_limit = 64;
}

/* Whatever the program has made of the packet it was given last. */
static __always_inline int write_flow(void *data, void *data_end)
{
	struct ethhdr *eth = data;
	struct ipv6hdr *ipv6 = data + sizeof(*eth);
	struct iphdr *ip = data + sizeof(*eth);
	struct plan *plan;
	__u32 flow, service;

	if (next_flow(&flow, &plan) || (void *)(ip + 1) + sizeof(struct tcphdr) > data_end)
		return -1;
	service = service_of(flow, plan);
	__builtin_memcpy(eth->h_dest, plan->mac, ETH_ALEN);
	if (!plan->is_ipv6) {
		ip->saddr = further(plan->client[0], flow >> plan->ports);
		ip->daddr = further(plan->vip[0], service >> 8);
		ip->ttl = 64;
		write_tcp((void *)(ip + 1), flow, service, plan);
		return 0;
	}
	if ((void *)(ipv6 + 1) + sizeof(struct tcphdr) > data_end)
		return -1;
	write_ipv6(ipv6, flow >> plan->ports, service >> 8, plan);
	write_tcp((void *)(ipv6 + 1), flow, service, plan);
	return 0;
}

SEC("xdp")
int fl_traffic_xdp(struct xdp_md *xdp)
{
	if (write_flow((void *)(long)xdp->data, (void *)(long)xdp->data_end))
		return XDP_ABORTED;
	bpf_tail_call(xdp, &tested_xdp, 0);
	return XDP_ABORTED;
}

static __always_inline __u32 tunnel_headers(void)
{
	__u32 zero = 0;
	struct plan *plan = bpf_map_lookup_elem(&plans, &zero);

	return plan ? plan->headers : 0;
}

SEC("tc")
int fl_traffic_tc(struct __sk_buff *skb)
{
	__u32 headers = tunnel_headers();

	if (headers && skb->len > FRAME_BYTES &&
	    bpf_skb_adjust_room(skb, -(__s32)headers, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO))
		return TC_ACT_SHOT;
	if (write_flow((void *)(long)skb->data, (void *)(long)skb->data_end))
		return TC_ACT_SHOT;
	bpf_tail_call(skb, &tested_tc, 0);
	return TC_ACT_SHOT;
}

static __always_inline int swap_macs(void *data, void *data_end)
{
	struct ethhdr *eth = data;
	__u8 mac[ETH_ALEN];

	if ((void *)(eth + 1) > data_end)
		return -1;
	__builtin_memcpy(mac, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, mac, ETH_ALEN);
	return 0;
}

/* The least that any director at XDP does. */
SEC("xdp")
int fl_floor_xdp(struct xdp_md *xdp)
{
	return swap_macs((void *)(long)xdp->data, (void *)(long)xdp->data_end) ? XDP_ABORTED
									       : XDP_TX;
}

/* And at TC. */
SEC("tc")
int fl_floor_tc(struct __sk_buff *skb)
{
	if (swap_macs((void *)(long)skb->data, (void *)(long)skb->data_end))
		return TC_ACT_SHOT;
	return bpf_redirect(skb->ifindex, 0);
}

char _license[] SEC("license") = "Dual BSD/GPL";
