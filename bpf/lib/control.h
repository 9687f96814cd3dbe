/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The hold of a persistence template on the connections made by it
 * (ip_vs_control_add(), ip_vs_control_del()). A connection does not keep its
 * template's key: it follows from the connection's own, as does the key that the
 * template has once it is invalidated (template.h).
 */
#ifndef FL_CONTROL_H
#define FL_CONTROL_H

#include <bpf/bpf_endian.h>

#include "bound.h"
#include "pressure.h"

#define TEMPLATE_PORT_INVALID 0xffff /* either byte order */

/* Word `index` of the mask that an IPv6 prefix is short for. */
static __always_inline __be32 prefix_word(__u32 prefix, __u32 index)
{
	__u32 before = index * 32;

	if (prefix <= before)
		return 0;
	return prefix >= before + 32 ? ~0U : bpf_htonl(~0U << (before + 32 - prefix));
}

/* The key of the template that `connection` was made by, or is to be made by. */
static __always_inline void template_key_of(const struct fl_connection_key *key,
					    const struct fl_connection *connection,
					    struct fl_template_key *to)
{
	*to = (struct fl_template_key){
		.vip = key->vip,
		.virtual_port = key->virtual_port,
		.protocol = key->protocol,
		.family = key->family,
	};
	if (key->family == FL_FAMILY_IPV6) {
		for (int i = 0; i < 4; i++)
			to->client.word[i] = key->client.word[i] &
					     prefix_word(connection->template_mask, i);
	} else {
		to->client.word[0] = key->client.word[0] & connection->template_mask;
	}
	if (connection->flags & FL_CONNECTION_TEMPLATE_PORT_0)
		to->virtual_port = 0;
	if (connection->flags & FL_CONNECTION_TEMPLATE_MARK) {
		to->vip = (struct fl_address){ .word = { bpf_htonl(connection->mark) } };
		to->protocol = 0;
	}
}

/* Where a template of either kind is; both begin alike. */
struct template_place {
	struct fl_template_key key;
	__u32 sip_hash; /* in place of the key's client */
	__u32 is_sip;
};

static __always_inline struct template_place template_place_of_sip(const struct fl_sip_key *key)
{
	struct template_place place = {
		.key = { .vip = key->vip,
			 .virtual_port = key->virtual_port,
			 .protocol = key->protocol,
			 .family = key->family },
		.sip_hash = key->hash,
		.is_sip = 1,
	};

	return place;
}

static __always_inline struct template_place
template_place_of(const struct fl_connection_key *key, const struct fl_connection *connection)
{
	struct template_place place = {
		.is_sip = !!(connection->flags & FL_CONNECTION_TEMPLATE_SIP),
		.sip_hash = connection->template_mask,
	};

	template_key_of(key, connection, &place.key);
	return place;
}

/* One that is out of the way has its serial for a hash: there may be several of one call. */
static __always_inline struct fl_sip_key sip_key_of(const struct template_place *place)
{
	return (struct fl_sip_key){
		.vip = place->key.vip,
		.virtual_port = place->key.virtual_port,
		.protocol = place->key.protocol,
		.family = place->key.family,
		.hash = place->key.serial ? place->key.serial : place->sip_hash,
	};
}

static __always_inline struct fl_sip_template *sip_template_at(const struct template_place *place)
{
	struct fl_sip_key key = sip_key_of(place);

	return bpf_map_lookup_elem(&sip_templates, &key);
}

/* What is there, dead or alive. */
static __always_inline struct fl_template *template_at(const struct template_place *place)
{
	if (place->is_sip)
		return (struct fl_template *)sip_template_at(place);
	return bpf_map_lookup_elem(&templates, &place->key);
}

static __always_inline void template_delete(const struct template_place *place)
{
	struct fl_sip_key key;

	if (!place->is_sip) {
		bpf_map_delete_elem(&templates, &place->key);
		return;
	}
	key = sip_key_of(place);
	bpf_map_delete_elem(&sip_templates, &key);
}

/* Where the template goes that is no longer asked. */
static __always_inline void template_place_invalid(struct template_place *place, __u32 serial)
{
	place->key.virtual_port = TEMPLATE_PORT_INVALID;
	place->key.serial = serial;
}

/* The living template of this serial, wherever it is by now; NULL when it has gone. */
static __always_inline struct fl_template *template_by_serial(struct template_place *place,
							      __u32 serial)
{
	struct fl_template *template = template_at(place);

	if (template && template->serial == serial && template->state != FL_STATE_DEAD)
		return template;
	template_place_invalid(place, serial);
	template = template_at(place);
	return template && template->serial == serial ? template : NULL;
}

/* Ends a template now. Harmless when another CPU was first. */
static __always_inline void template_end(const struct template_place *place,
					 struct fl_template *template)
{
	__u32 destination = template->destination;

	if (__sync_lock_test_and_set(&template->state, FL_STATE_DEAD) == FL_STATE_DEAD)
		return;
	unbind(destination, BOUND_TEMPLATE);
	pressure_count_templates(-1);
	template_delete(place);
}

/*
 * A connection leaves its template. Where none was left to leave, an invalidation
 * has just taken their number along to the other key, and this one with it.
 */
static __always_inline int control_leave(struct template_place *place, __u32 serial)
{
	struct fl_template *template = template_at(place);

	if (template && template->serial == serial &&
	    __sync_fetch_and_add(&template->controlled, -1))
		return 0;
	template_place_invalid(place, serial);
	template = template_at(place);
	if (template && template->serial == serial)
		__sync_fetch_and_add(&template->controlled, -1);
	return 0;
}

__noinline int control_release(const struct fl_connection_key *key,
			       const struct fl_connection *connection)
{
	struct template_place place;

	if (!key || !connection)
		return 0;
	place = template_place_of(key, connection);
	return control_leave(&place, connection->template_serial);
}

/* As above, of a connection that was thinned out: a template that has led to nothing goes too. */
__noinline int control_drop(const struct fl_connection_key *key,
			    const struct fl_connection *connection)
{
	struct template_place place;
	struct fl_template *template;

	if (!key || !connection)
		return 0;
	place = template_place_of(key, connection);
	template = template_by_serial(&place, connection->template_serial);
	if (template && !template->controlled && template->state == FL_TEMPLATE_NONE)
		template_end(&place, template);
	return 0;
}

/* The connection has been established. */
__noinline int control_assure(const struct fl_connection_key *key,
			      const struct fl_connection *connection)
{
	struct template_place place;
	struct fl_template *template;

	if (!key || !connection)
		return 0;
	place = template_place_of(key, connection);
	template = template_by_serial(&place, connection->template_serial);
	if (template && template->state == FL_TEMPLATE_NONE)
		__sync_val_compare_and_swap(&template->state, FL_TEMPLATE_NONE,
					    FL_TEMPLATE_ASSURED);
	return 0;
}

#endif /* FL_CONTROL_H */
