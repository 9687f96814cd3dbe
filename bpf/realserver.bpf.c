// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A real server's side of LVS by tunnel, on TC (clsact ingress) where directors' packets come in. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "decapsulate.h"

SEC("tc")
int fl_decapsulate(struct __sk_buff *skb)
{
	return decapsulate(skb);
}

/* The kernel asks for a licence compatible with the GPL; the dual one lets others use the rest. */
char _license[] SEC("license") = "Dual BSD/GPL";
