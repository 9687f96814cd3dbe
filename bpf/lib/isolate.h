/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keeps a real server from answering ARP for its virtual addresses, and from asking
 * in their name, which would teach those who hear it (RFC 826).
 */
#ifndef FL_ISOLATE_H
#define FL_ISOLATE_H

#include <bpf/bpf_endian.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_helpers.h>

#include "realserver_abi.h"

/* ARP over Ethernet for IPv4, behind the Ethernet header. */
struct arp_packet {
	__be16 hardware;
	__be16 protocol;
	__u8 hardware_octets;
	__u8 protocol_octets;
	__be16 operation;
	__u8 sender_mac[ETH_ALEN];
	__be32 sender;
	__u8 target_mac[ETH_ALEN];
	__be32 target;
} __attribute__((packed));

/* Virtual addresses, in network order. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FL_MAX_REALSERVER_VIPS);
	__type(key, __be32);
	__type(value, __u32); /* 1 */
} isolated_vips SEC(".maps");

/* The address that ARP shows instead, in network order, by the interface's index. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FL_MAX_REALSERVER_INTERFACES);
	__type(key, __u32);
	__type(value, __be32);
} arp_senders SEC(".maps");

/* By enum fl_isolation. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, FL_ISOLATIONS);
	__type(key, __u32);
	__type(value, __u64);
} isolations SEC(".maps");

static __always_inline void count_isolation(enum fl_isolation what)
{
	__u32 index = what;
	__u64 *count = bpf_map_lookup_elem(&isolations, &index);

	if (count)
		(*count)++;
}

/* Tagged frames are for the interface of their VLAN, which has the program as well. */
static __always_inline int read_arp(struct __sk_buff *skb, struct arp_packet *arp)
{
	if (skb->protocol != bpf_htons(ETH_P_ARP) || skb->vlan_present)
		return -1;
	if (bpf_skb_load_bytes(skb, ETH_HLEN, arp, sizeof(*arp)))
		return -1;
	return arp->protocol == bpf_htons(ETH_P_IP) && arp->hardware_octets == ETH_ALEN ? 0 : -1;
}

static __always_inline int is_isolated(__be32 address)
{
	return bpf_map_lookup_elem(&isolated_vips, &address) != NULL;
}

/* Who asks for a virtual address gets no answer. */
static __always_inline int isolate_from_questions(struct __sk_buff *skb)
{
	struct arp_packet arp;

	if (read_arp(skb, &arp) || !is_isolated(arp.target))
		return TC_ACT_UNSPEC;
	count_isolation(FL_ISOLATED_QUESTION);
	return TC_ACT_SHOT;
}

/* Who is asked sees an address of the interface; without one, nothing. */
static __always_inline int isolate_from_senders(struct __sk_buff *skb)
{
	const __u32 sender_at = ETH_HLEN + __builtin_offsetof(struct arp_packet, sender);
	__u32 interface = skb->ifindex;
	struct arp_packet arp;
	__be32 *sender;

	if (read_arp(skb, &arp) || !is_isolated(arp.sender))
		return TC_ACT_UNSPEC;
	sender = bpf_map_lookup_elem(&arp_senders, &interface);
	if (!sender || bpf_skb_store_bytes(skb, sender_at, sender, sizeof(*sender), 0)) {
		count_isolation(FL_ISOLATED_ANNOUNCEMENT);
		return TC_ACT_SHOT;
	}
	count_isolation(FL_ISOLATED_SENDER);
	return TC_ACT_UNSPEC;
}

#endif /* FL_ISOLATE_H */
