// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Health checks on the way of directly routed packets, on TC (clsact). The director's own stack would keep a packet
 * to a virtual address for itself, so a probe is sent to the real server's own address, which the kernel routes and
 * resolves; on the way out that becomes the virtual one, and on the way in, before the stack sees it, the other way
 * round (docs/design/0012-checks-through-the-real-path.md).
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "check_path.h"

SEC("tc")
int fl_check_out(struct __sk_buff *skb)
{
	return check_out(skb);
}

SEC("tc")
int fl_check_in(struct __sk_buff *skb)
{
	return check_in(skb);
}

/* The kernel asks for a licence compatible with the GPL; the dual one lets others use the rest. */
char _license[] SEC("license") = "Dual BSD/GPL";
