// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Frames that go as a driver's would: `fl_live_source` runs under BPF_PROG_TEST_RUN with live frames and
 * sends each into a veth, by whose other end a program under test receives it. The others stand there
 * instead of the director, or behind it. bench/live/ reads what has arrived.
 */
#include <stddef.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* Written before loading and while it runs by bench/live/source.ts, which must agree. */
const volatile struct {
	__u32 source_out; /* the veth that frames go into: an interface index */
	__u32 director_out; /* the one that `fl_live_redirect` sends them out of */
} indexes SEC(".rodata.indexes") = {};

struct flows {
	__u32 number; /* they take turns, */
	__u32 step; /* so many further each time: no common factor with `number` */
	__u32 at;
	__u32 tcp_flags;
	__u32 first_client;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flows);
} flows SEC(".maps");

/* Frames that have come to an end. */
enum counter {
	AT_SINK,
	IN_STACK,
	COUNTERS,
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} arrived SEC(".maps");

#define FIRST_CLIENT 0x0a800000 /* 10.128.0.0 */
#define FIRST_PORT 1024
#define PORTS_LOG2 4 /* of a client */
#define IP_WORDS 10
#define TTL 64

static __always_inline void count(enum counter counter)
{
	__u32 key = counter;
	__u64 *frames = bpf_map_lookup_elem(&arrived, &key);

	if (frames)
		++*frames;
}

static __always_inline void write_checksum(struct iphdr *ip)
{
	__u32 sum = 0;

	ip->check = 0;
	for (int word = 0; word < IP_WORDS; word++)
		sum += ((__u16 *)ip)[word];
	sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~((sum & 0xffff) + (sum >> 16));
}

/* The kernel uses a frame again as it came back: all that a director changes is written anew. */
SEC("xdp")
int fl_live_source(struct xdp_md *xdp)
{
	struct ethhdr *eth = (void *)(long)xdp->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);
	__u32 zero = 0, at;
	struct flows *plan = bpf_map_lookup_elem(&flows, &zero);

	if (!plan || (void *)(tcp + 1) > (void *)(long)xdp->data_end)
		return XDP_ABORTED;
	at = plan->at + plan->step;
	if (at >= plan->number)
		at -= plan->number;
	plan->at = at;
	/* 02:00:00:00:00:02, the director's eth0 in test/support/world.ts, and its other end */
	__builtin_memcpy(eth->h_dest, "\x02\x00\x00\x00\x00\x02", ETH_ALEN);
	__builtin_memcpy(eth->h_source, "\x02\x00\x00\x00\x00\xaa", ETH_ALEN);
	ip->saddr = bpf_htonl(FIRST_CLIENT + plan->first_client + (at >> PORTS_LOG2));
	ip->ttl = TTL;
	write_checksum(ip);
	tcp->source = bpf_htons(FIRST_PORT + (at & ((1 << PORTS_LOG2) - 1)));
	*((__u8 *)tcp + offsetof(struct tcphdr, window) - 1) = plan->tcp_flags;
	return bpf_redirect(indexes.source_out, 0);
}

/* In the director's place: what the way there costs. */
SEC("xdp")
int fl_live_drop(struct xdp_md *xdp)
{
	count(AT_SINK);
	return XDP_DROP;
}

/* The least that a director with two interfaces does: other MACs, and out. */
SEC("xdp")
int fl_live_redirect(struct xdp_md *xdp)
{
	struct ethhdr *eth = (void *)(long)xdp->data;

	if ((void *)(eth + 1) > (void *)(long)xdp->data_end)
		return XDP_ABORTED;
	__builtin_memcpy(eth->h_dest, "\x02\x00\x00\x00\x00\x11", ETH_ALEN);
	__builtin_memcpy(eth->h_source, "\x02\x00\x00\x00\x00\x03", ETH_ALEN);
	return bpf_redirect(indexes.director_out, 0);
}

/* To the stack, which makes a socket buffer of it. */
SEC("xdp")
int fl_live_pass(struct xdp_md *xdp)
{
	return XDP_PASS;
}

/* Where the stack's way is to end. */
SEC("tc")
int fl_live_end(struct __sk_buff *skb)
{
	count(IN_STACK);
	return TC_ACT_SHOT;
}

/* Where a flood's is: what belongs to connections goes on. */
SEC("tc")
int fl_live_end_syns(struct __sk_buff *skb)
{
	struct iphdr *ip = (void *)(long)skb->data + sizeof(struct ethhdr);
	struct tcphdr *tcp = (void *)(ip + 1);

	if ((void *)(tcp + 1) > (void *)(long)skb->data_end || !tcp->syn)
		return TC_ACT_UNSPEC;
	count(IN_STACK);
	return TC_ACT_SHOT;
}

/* Behind a director. */
SEC("xdp")
int fl_live_sink(struct xdp_md *xdp)
{
	count(AT_SINK);
	return XDP_DROP;
}

char _license[] SEC("license") = "Dual BSD/GPL";
