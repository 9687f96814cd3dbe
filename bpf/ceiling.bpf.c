// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The ceiling of any direct routing at TC: whatever comes for one address goes to one server, by its
 * MAC alone. No table, no state, no counter. bench/end-to-end/ measures the director against it.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* Written before loading by bench/end-to-end/ceiling.ts, which must agree. */
const volatile struct {
	__be32 vip;
	__be16 server[ETH_ALEN / 2];
	__be16 own[ETH_ALEN / 2];
} way SEC(".rodata.way") = {};

SEC("tc")
int fl_ceiling(struct __sk_buff *skb)
{
	struct ethhdr *eth = (void *)(long)skb->data;
	struct iphdr *ip = (void *)(eth + 1);

	if ((void *)(ip + 1) > (void *)(long)skb->data_end || eth->h_proto != bpf_htons(ETH_P_IP) ||
	    ip->daddr != way.vip)
		return TC_ACT_OK;
	for (int word = 0; word < ETH_ALEN / 2; word++) {
		((__be16 *)eth->h_dest)[word] = way.server[word];
		((__be16 *)eth->h_source)[word] = way.own[word];
	}
	return bpf_redirect(skb->ifindex, 0);
}

char _license[] SEC("license") = "Dual BSD/GPL";
