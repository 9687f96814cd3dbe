/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Fragments carry their ports in the first of them only (RFC 791 §3.2, RFC 8200
 * §4.5). Real IPVS sees whole datagrams, put together by the stack before it; here
 * the first fragment's ports are remembered for those that follow.
 */
#ifndef FL_FRAGMENTS_H
#define FL_FRAGMENTS_H

#include "clock.h"
#include "packet.h"

#define FRAGMENT_LASTS (30 * NSEC_PER_SEC) /* net.ipv4.ipfrag_time */

static __always_inline struct fl_fragment_key fragment_key_of(const struct packet *packet)
{
	return (struct fl_fragment_key){
		.source = packet->key.client,
		.target = packet->key.vip,
		.id = packet->fragment_id,
		.protocol = packet->key.protocol,
		.family = packet->key.family,
	};
}

/* To be called of what is sent on, before its addresses change. */
static __noinline int fragment_remember(const struct packet *packet, __u64 now)
{
	struct fl_fragment_key key = fragment_key_of(packet);
	struct fl_fragment fragment = {
		.last_seen = now,
		.source_port = packet->key.client_port,
		.target_port = packet->key.virtual_port,
	};

	return bpf_map_update_elem(&fragments, &key, &fragment, BPF_ANY);
}

/* A first fragment begins a datagram anew: what was remembered by its identification was of another one. */
static __noinline int fragment_forget(const struct packet *packet)
{
	struct fl_fragment_key key = fragment_key_of(packet);

	return bpf_map_delete_elem(&fragments, &key);
}

/* Gives a later fragment its ports: 0, or -1 if the first one has not been here. */
static __noinline int fragment_complete(struct packet *packet, __u64 now)
{
	struct fl_fragment_key key = fragment_key_of(packet);
	struct fl_fragment *fragment = bpf_map_lookup_elem(&fragments, &key);

	if (!fragment || now > fragment->last_seen + FRAGMENT_LASTS)
		return -1;
	packet->key.client_port = fragment->source_port;
	packet->key.virtual_port = fragment->target_port;
	return 0;
}

/* Whether anybody goes by the address that the packet is for. */
static __noinline int is_for_a_vip(const struct packet *packet)
{
	struct fl_vip_key key = { .address = packet->key.vip, .family = packet->key.family };

	return !!bpf_map_lookup_elem(&vips, &key);
}

#endif /* FL_FRAGMENTS_H */
