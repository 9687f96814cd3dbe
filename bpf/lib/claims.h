/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ARP watch: another host that claims a virtual address takes traffic away
 * from the director, and nothing else shows it. ARP (RFC 826) and neighbour
 * discovery (RFC 4861) are read where packets that are nobody's service go.
 */
#ifndef FL_CLAIMS_H
#define FL_CLAIMS_H

#include <bpf/bpf_endian.h>
#include <linux/if_ether.h>
#include <linux/in6.h>
#include <linux/ipv6.h>

#include "clock.h"
#include "interface.h"
#include "maps.h"

#define ARP_REQUEST 1
#define ND_SOLICITATION 135
#define ND_ADVERTISEMENT 136
#define ND_HOP_LIMIT 255 /* no router has passed it on */

struct arp_ipv4 {
	__be16 hardware;
	__be16 protocol;
	__u8 hardware_bytes;
	__u8 protocol_bytes;
	__be16 operation;
	__u8 sender_mac[ETH_ALEN];
	__be32 sender;
	__u8 target_mac[ETH_ALEN];
	__be32 target;
} __attribute__((packed));

/* As far as the target. */
struct discovery {
	struct ipv6hdr ip;
	__u8 type;
	__u8 code;
	__be16 checksum;
	__be32 flags;
	struct in6_addr target;
};

static __always_inline int is_own_mac(const struct fl_claim_key *claim)
{
	struct fl_interface *in = interface_of(claim->interface);
	int differ = 0;

	if (!in)
		return 0;
	for (int i = 0; i < ETH_ALEN; i++)
		differ |= in->mac[i] ^ claim->mac[i];
	return !differ;
}

static __always_inline void claim_note(const struct fl_claim_key *key, __u32 kind)
{
	struct fl_vip_key vip = { .address = key->vip, .family = key->family };
	struct fl_claim first = { .count = 1, .kinds = kind };
	struct fl_claim *claim;

	if (!bpf_map_lookup_elem(&vips, &vip) || is_own_mac(key))
		return;
	first.first_seen = first.last_seen = clock_now();
	claim = bpf_map_lookup_elem(&claims, key);
	if (!claim) {
		bpf_map_update_elem(&claims, key, &first, BPF_NOEXIST);
		return;
	}
	claim->last_seen = first.last_seen;
	claim->kinds |= kind;
	__sync_fetch_and_add(&claim->count, 1);
}

static __always_inline void watch_arp(struct __sk_buff *skb)
{
	struct fl_claim_key key = { .family = FL_FAMILY_IPV4, .interface = skb->ingress_ifindex };
	struct arp_ipv4 arp;
	__u32 kind;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &arp, sizeof(arp)) ||
	    arp.protocol != bpf_htons(ETH_P_IP) || arp.hardware_bytes != ETH_ALEN)
		return;
	if (arp.sender == arp.target)
		kind = FL_CLAIM_ANNOUNCEMENT;
	else
		kind = arp.operation == bpf_htons(ARP_REQUEST) ? FL_CLAIM_QUESTION
							       : FL_CLAIM_ANSWER;
	key.vip.word[0] = arp.sender;
	__builtin_memcpy(key.mac, arp.sender_mac, ETH_ALEN);
	claim_note(&key, kind);
}

static __always_inline int is_unspecified(const struct in6_addr *address)
{
	const __be32 *word = address->in6_u.u6_addr32;

	return !(word[0] | word[1] | word[2] | word[3]);
}

static __always_inline void watch_discovery(struct __sk_buff *skb)
{
	struct fl_claim_key key = { .family = FL_FAMILY_IPV6, .interface = skb->ingress_ifindex };
	struct discovery message;
	__u32 kind = FL_CLAIM_ANSWER;
	__u8 next;

	/* Most of what is multicast is something else. */
	if (bpf_skb_load_bytes(skb, ETH_HLEN + offsetof(struct ipv6hdr, nexthdr), &next, 1) ||
	    next != IPPROTO_ICMPV6 ||
	    bpf_skb_load_bytes(skb, ETH_HLEN, &message, sizeof(message)) ||
	    message.ip.hop_limit != ND_HOP_LIMIT)
		return;
	if (message.type == ND_SOLICITATION)
		kind = is_unspecified(&message.ip.saddr) ? FL_CLAIM_PROBE : FL_CLAIM_QUESTION;
	else if (message.type != ND_ADVERTISEMENT)
		return;
	__builtin_memcpy(&key.vip, kind == FL_CLAIM_QUESTION ? &message.ip.saddr : &message.target,
			 sizeof(key.vip));
	if (bpf_skb_load_bytes(skb, ETH_ALEN, key.mac, ETH_ALEN))
		return;
	claim_note(&key, kind);
}

/* Looks at a packet that is of no service. */
static __noinline int watch_claims(struct __sk_buff *skb)
{
	if (skb->protocol == bpf_htons(ETH_P_ARP))
		watch_arp(skb);
	else if (skb->protocol == bpf_htons(ETH_P_IPV6))
		watch_discovery(skb);
	return TC_ACT_UNSPEC;
}

#endif /* FL_CLAIMS_H */
