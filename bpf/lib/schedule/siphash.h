/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * SipHash-1-3 of one 32-bit number, cut to 32 bits: the kernel's hsiphash() on
 * 64-bit machines. J.-P. Aumasson, D. J. Bernstein: SipHash, a fast short-input PRF.
 */
#ifndef FL_SCHEDULE_SIPHASH_H
#define FL_SCHEDULE_SIPHASH_H

#include <linux/types.h>

struct siphash_state {
	__u64 a, b, c, d;
};

#define ROTATED(value, bits) ((value) << (bits) | (value) >> (64 - (bits)))

static __always_inline void siphash_round(struct siphash_state *s)
{
	s->a += s->b;
	s->c += s->d;
	s->b = ROTATED(s->b, 13) ^ s->a;
	s->d = ROTATED(s->d, 16) ^ s->c;
	s->a = ROTATED(s->a, 32);
	s->c += s->b;
	s->a += s->d;
	s->b = ROTATED(s->b, 17) ^ s->c;
	s->d = ROTATED(s->d, 21) ^ s->a;
	s->c = ROTATED(s->c, 32);
}

/* Both halves of the key are `key`. */
static __always_inline __u32 siphash_1_3(__u32 value, __u64 key)
{
	__u64 block = 4ULL << 56 | value; /* the length, the four octets */
	struct siphash_state s = {
		.a = 0x736f6d6570736575ULL ^ key,
		.b = 0x646f72616e646f6dULL ^ key,
		.c = 0x6c7967656e657261ULL ^ key,
		.d = 0x7465646279746573ULL ^ key ^ block,
	};

	siphash_round(&s);
	s.a ^= block;
	s.c ^= 0xff;
	siphash_round(&s);
	siphash_round(&s);
	siphash_round(&s);
	return s.a ^ s.b ^ s.c ^ s.d;
}

#undef ROTATED

#endif /* FL_SCHEDULE_SIPHASH_H */
