/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The Internet checksum (RFC 1071, RFC 1624), of headers and of packets. */
#ifndef FL_CHECKSUM_H
#define FL_CHECKSUM_H

#include <linux/bpf.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <linux/types.h>

#include "abi.h"
#include "room.h"

/* bpf_csum_diff() takes up to 512 octets at once. */
#define SUM_STEP 256

static __always_inline __be16 checksum_folded(__u64 sum)
{
	for (int i = 0; i < 4; i++)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* What `from` becoming `to` does to a sum: to be added to it. Lengths are multiples of 4. */
static __always_inline __u32 sum_of_change(const void *from, const void *to, __u32 bytes)
{
	return bpf_csum_diff((__be32 *)from, bytes, (__be32 *)to, bytes, 0);
}

static __always_inline __u32 sum_of(const void *octets, __u32 bytes, __u32 sum)
{
	return bpf_csum_diff(NULL, 0, (__be32 *)octets, bytes, sum);
}

/*
 * TCP's, UDP's and ICMPv6's pseudo-header, onto a sum. `bytes` is the length
 * behind the network header. An IPv4 address is followed by zeros, which add nothing.
 */
static __always_inline __u32 sum_of_pseudo(const struct fl_address *source,
					   const struct fl_address *target, __u8 protocol,
					   __u32 bytes, __u32 sum)
{
	__be32 rest[2] = { bpf_htonl(bytes), bpf_htonl(protocol) };

	sum = sum_of(target, sizeof(*target), sum_of(source, sizeof(*source), sum));
	return sum_of(rest, sizeof(rest), sum);
}

static __always_inline __u32 sum_added(__u32 one, __u32 other)
{
	__u32 sum = one + other;

	return sum + (sum < other);
}

struct sum_walk {
	struct __sk_buff *skb;
	__u32 offset;
	__u32 bytes; /* left */
	__u32 sum;
	__u32 failed;
};

/* SUM_STEP octets further, the last of them padded with 0. */
static long sum_step(__u32 index, void *data)
{
	struct sum_walk *walk = data;
	struct room *room = room_get();
	__u32 bytes = walk->bytes;

	walk->failed = 1;
	if (!room)
		return 1;
	if (bytes > SUM_STEP)
		bytes = SUM_STEP;
	else
		__builtin_memset(room->octets, 0, SUM_STEP);
	if (room_load(walk->skb, walk->offset, 0, bytes))
		return 1;
	walk->sum = sum_of(room->octets, SUM_STEP, walk->sum);
	walk->offset += bytes;
	walk->bytes -= bytes;
	walk->failed = 0;
	return walk->bytes == 0;
}

/* Sums `bytes` octets of a packet, at least 1; walk->failed says that it could not. Uses the room. */
static __always_inline void sum_of_packet(struct __sk_buff *skb, __u32 offset, __u32 bytes,
					  struct sum_walk *walk)
{
	*walk = (struct sum_walk){ .skb = skb, .offset = offset, .bytes = bytes };
	bpf_loop(0x10000 / SUM_STEP, sum_step, walk, 0);
	walk->failed |= walk->bytes != 0;
}

#endif /* FL_CHECKSUM_H */
