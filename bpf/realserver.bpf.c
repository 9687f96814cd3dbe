// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A real server's side of LVS, on TC (clsact): tunnels end here, and ARP does not show the virtual addresses. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "decapsulate.h"
#include "isolate.h"

SEC("tc")
int fl_decapsulate(struct __sk_buff *skb)
{
	return decapsulate(skb);
}

/* Ingress. */
SEC("tc")
int fl_isolate_in(struct __sk_buff *skb)
{
	return isolate_from_questions(skb);
}

/* Egress. */
SEC("tc")
int fl_isolate_out(struct __sk_buff *skb)
{
	return isolate_from_senders(skb);
}

/* The kernel asks for a licence compatible with the GPL; the dual one lets others use the rest. */
char _license[] SEC("license") = "Dual BSD/GPL";
