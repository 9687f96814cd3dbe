/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One piece of memory per CPU, for the octets of a packet that is written anew.
 * Functions of their own fetch and put them, because the verifier forgets what it
 * knew of a length as soon as a register is short.
 */
#ifndef FL_ROOM_H
#define FL_ROOM_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>
#include <linux/if_ether.h>
#include <linux/types.h>

#include "masked.h"

/* A power of 2. The longest frame that is cut in pieces goes in, jumbo frames included. */
#define ROOM_BYTES 16384
#define ROOM_MASK (ROOM_BYTES - 1)

/* The verifier adds the largest offset to the largest length: hence twice the size. */
struct room {
	__u8 octets[2 * ROOM_BYTES];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct room);
} rooms SEC(".maps");

static __always_inline struct room *room_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&rooms, &zero);
}

/* From `offset` of the frame to `at` in the room: at least 1 octet, less than ROOM_BYTES. */
__noinline int room_load(struct __sk_buff *skb, __u32 offset, __u32 at, __u32 bytes)
{
	struct room *room = room_get();

	if (!room || !bytes || bytes >= ROOM_BYTES)
		return -1;
	bytes = masked(bytes - 1, ROOM_MASK) + 1;
	return bpf_skb_load_bytes(skb, offset, room->octets + masked(at, ROOM_MASK), bytes);
}

/* And back again. */
__noinline int room_store(struct __sk_buff *skb, __u32 offset, __u32 at, __u32 bytes)
{
	struct room *room = room_get();

	if (!room || !bytes || bytes >= ROOM_BYTES)
		return -1;
	bytes = masked(bytes - 1, ROOM_MASK) + 1;
	return bpf_skb_store_bytes(skb, offset, room->octets + masked(at, ROOM_MASK), bytes, 0);
}

/*
 * Makes the frame `bytes` long, with no meaning but its length, and makes the
 * kernel forget what it knew of its checksums and segments: a checksum that was
 * left to the device would else be written into what stands there now. The kernel
 * forgets when octets go in front of where its sum would begin.
 */
static __always_inline int frame_renew(struct __sk_buff *skb, __u32 bytes)
{
	const __u32 first = 480, second = 8, left = 64;

	return bpf_skb_change_tail(skb, sizeof(struct ethhdr) + first + second + left, 0) ||
	       bpf_skb_adjust_room(skb, -(__s32)first, BPF_ADJ_ROOM_MAC, 0) ||
	       bpf_skb_adjust_room(skb, -(__s32)second, BPF_ADJ_ROOM_MAC, 0) ||
	       bpf_skb_change_tail(skb, bytes, 0);
}

#endif /* FL_ROOM_H */
