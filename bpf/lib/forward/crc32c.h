/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * SCTP's checksum (RFC 9260 appendix A) of a packet whose ports change. CRC is
 * linear: the sum changes by the CRC of the difference, which is the changed
 * octets followed by zeros as far as the packet goes. A step of one zero octet is
 * a multiplication by x^8 modulo the polynomial, so many take a few multiplications.
 */
#ifndef FL_FORWARD_CRC32C_H
#define FL_FORWARD_CRC32C_H

#include <linux/types.h>

/* Castagnoli's polynomial, the lowest power in the highest bit. */
#define CASTAGNOLI 0x82f63b78

__noinline __u32 crc_multiply(__u32 one, __u32 other)
{
	__u32 product = 0;

	for (int i = 0; i < 32; i++) {
		product ^= other & -(one >> 31);
		one <<= 1;
		other = (other >> 1) ^ (CASTAGNOLI & -(other & 1));
	}
	return product;
}

/* How the CRC of `bytes` octets changes when the first four change by `difference` (lowest octet first). */
__noinline __u32 crc_change(__u32 difference, __u32 bytes)
{
	/* x^8, and each one the square of the one before. */
	static const __u32 power[16] = {
		0x00800000, 0x00008000, 0x82f63b78, 0x6ea2d55c, 0x18b8ea18, 0x510ac59a,
		0xb82be955, 0xb8fdb1e7, 0x88e56f72, 0x74c360a4, 0xe4172b16, 0x0d65762a,
		0x35d73a62, 0x28461564, 0xbf455269, 0xe2ea32dc,
	};

	for (__u32 i = 0; i < 16; i++)
		if (bytes >> i & 1)
			difference = crc_multiply(difference, power[i]);
	return difference;
}

#endif /* FL_FORWARD_CRC32C_H */
