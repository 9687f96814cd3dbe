/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Hashing that nobody but ourselves has to agree with. */
#ifndef FL_HASH_H
#define FL_HASH_H

#include <bpf/bpf_endian.h>

#include "abi.h"

/* The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every bit depends on every bit. */
static __always_inline __u64 mixed(__u64 value)
{
	value ^= value >> 30;
	value *= 0xbf58476d1ce4e5b9ULL;
	value ^= value >> 27;
	value *= 0x94d049bb133111ebULL;
	return value ^ value >> 31;
}

static __always_inline __u64 mixed_address(__u64 seed, const struct fl_address *address)
{
	__u64 high = (__u64)bpf_ntohl(address->word[0]) << 32 | bpf_ntohl(address->word[1]);
	__u64 low = (__u64)bpf_ntohl(address->word[2]) << 32 | bpf_ntohl(address->word[3]);

	return mixed(mixed(seed ^ high) ^ low);
}

#endif /* FL_HASH_H */
