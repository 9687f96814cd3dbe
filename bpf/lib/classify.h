/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Firewall marks. Packets are here before netfilter could mark them, so rules of
 * our own say what `iptables -t mangle -A PREROUTING ... -j MARK` would.
 */
#ifndef FL_CLASSIFY_H
#define FL_CLASSIFY_H

#include <bpf/bpf_endian.h>

#include "packet.h"
#include "version.h"

struct mark_search {
	const struct packet *packet;
	__u32 base; /* of the bank */
	__u32 mark;
};

static __always_inline int prefix_fits(const struct fl_address *address,
				       const struct fl_address *prefix,
				       const struct fl_address *mask)
{
	__u32 differ = 0;

	for (int i = 0; i < 4; i++)
		differ |= (address->word[i] & mask->word[i]) ^ prefix->word[i];
	return !differ;
}

static __always_inline int port_fits(__be16 port, __u16 first, __u16 last)
{
	__u16 number = bpf_ntohs(port);

	return number >= first && number <= last;
}

static __always_inline int rule_fits(const struct fl_mark_rule *rule, const struct packet *packet)
{
	const struct fl_connection_key *key = &packet->key;

	return rule->family == key->family &&
	       (!rule->protocol || rule->protocol == key->protocol) &&
	       (!(rule->flags & FL_MARK_RULE_INTERFACE) || rule->interface == packet->interface) &&
	       port_fits(key->virtual_port, rule->port_first, rule->port_last) &&
	       port_fits(key->client_port, rule->source_port_first, rule->source_port_last) &&
	       prefix_fits(&key->vip, &rule->target, &rule->target_mask) &&
	       prefix_fits(&key->client, &rule->source, &rule->source_mask);
}

static long mark_step(__u32 index, void *data)
{
	struct mark_search *search = data;
	__u32 place = search->base + index;
	struct fl_mark_rule *rule = bpf_map_lookup_elem(&mark_rules, &place);

	if (!rule)
		return 1;
	if (!rule_fits(rule, search->packet))
		return 0;
	search->mark = (search->mark & ~rule->mask) ^ rule->value;
	return !!(rule->flags & FL_MARK_RULE_FINAL);
}

/* The packet's mark, 0 for none. */
static __noinline __u32 classify(const struct fl_settings *conf, const struct packet *packet)
{
	__u32 bank = (conf->mark_bank ^ has_come(conf->mark_since, conf->generation)) & 1;
	struct mark_search search = {
		.packet = packet,
		.base = bank * FL_MAX_MARK_RULES,
	};

	bpf_loop(bank ? conf->mark_rules[1] : conf->mark_rules[0], mark_step, &search, 0);
	return search.mark;
}

#endif /* FL_CLASSIFY_H */
