// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The least that a director with connections could be: a packet's key is looked up in one of the kernel's hash maps, its
 * state and the counters of service and real server are written, it gets one hop older and another MAC. No scheduler, no
 * configuration, no expiry, no check of anything. bench/profile/ puts the director's packets beside it: what these take of
 * many flows is what any look into so many entries takes on the machine at hand.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct sketch_key {
	__be32 client, vip;
	__be16 client_port, virtual_port;
	__u32 protocol;
};

struct sketch_connection {
	__u64 last_seen; /* jiffies */
	__u32 state;
	__u32 packets;
	__u32 service, server;
	__u8 mac[ETH_ALEN];
	__u8 pad[2];
};

/* Made ahead, twice as many as there are flows: whoever loads it says so. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, struct sketch_key);
	__type(value, struct sketch_connection);
} sketch_flows SEC(".maps");

struct sketch_counts {
	__u64 packets, bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct sketch_counts);
} sketch_services SEC(".maps"), sketch_servers SEC(".maps");

static __always_inline void count(void *map, __u32 slot, __u32 bytes)
{
	struct sketch_counts *counts = bpf_map_lookup_elem(map, &slot);

	if (!counts)
		return;
	counts->packets++;
	counts->bytes += bytes;
}

/* A flow that was not there is from now on. */
static __always_inline struct sketch_connection *connection_of(const struct sketch_key *key)
{
	struct sketch_connection fresh = { .state = 1, .server = key->client_port & 7 };
	struct sketch_connection *connection = bpf_map_lookup_elem(&sketch_flows, key);

	if (connection)
		return connection;
	bpf_map_update_elem(&sketch_flows, key, &fresh, BPF_ANY);
	return bpf_map_lookup_elem(&sketch_flows, key);
}

/* RFC 1624: one off the first octet of its 16-bit word is 0x100 off the sum. */
static __always_inline void age(struct iphdr *ip)
{
	__u32 sum = ip->check + bpf_htons(0x100);

	ip->check = sum + (sum >> 16);
	ip->ttl--;
}

SEC("xdp")
int fl_sketch(struct xdp_md *xdp)
{
	void *data = (void *)(long)xdp->data, *data_end = (void *)(long)xdp->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);
	struct sketch_connection *connection;
	struct sketch_key key;

	if ((void *)(tcp + 1) > data_end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->ttl <= 1 ||
	    *(const __u8 *)ip != 0x45 || ip->protocol != IPPROTO_TCP)
		return XDP_PASS;
	key = (struct sketch_key){ ip->saddr, ip->daddr, tcp->source, tcp->dest, IPPROTO_TCP };
	connection = connection_of(&key);
	if (!connection || connection->state != 1)
		return XDP_PASS;
	connection->last_seen = bpf_jiffies64();
	connection->packets++;
	count(&sketch_servers, connection->server, bpf_ntohs(ip->tot_len));
	count(&sketch_services, connection->service, bpf_ntohs(ip->tot_len));
	age(ip);
	__builtin_memcpy(eth->h_source, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, connection->mac, ETH_ALEN);
	return XDP_TX;
}

char _license[] SEC("license") = "Dual BSD/GPL";
