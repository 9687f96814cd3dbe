/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A packet without entry (ip_vs_try_to_schedule(), ip_vs_schedule()): whether it
 * opens a connection, of which service, and which real server gets it.
 */
#ifndef FL_OPEN_H
#define FL_OPEN_H

#include "connection.h"
#include "next_hop.h"
#include "reason.h"
#include "service.h"
#include "stateless.h"

struct opening {
	struct fl_connection fresh; /* all but time and state */
	struct fl_connection old; /* the entry that has made way, if one has */
	__u32 service_slot;
	/* Why no entry is made: a reason, or ONE_PACKET. 0: one is. */
	__u32 without_entry;
	__u32 has_no_neighbour; /* XDP: the next hop's MAC had to be asked for (next_hop.h) */
	__be16 service_port; /* 0: every port */
	__u16 pad;
};

#define ONE_PACKET FL_REASONS /* its service schedules every datagram by itself */

/* TCP: a SYN, but not with RST; SCTP: INIT. Sloppy, everything that does not end one. */
static __always_inline int packet_opens(const struct fl_settings *conf, const struct packet *packet)
{
	if (packet->kind == PACKET_ICMP_ERROR)
		return 1;
	if (packet->key.protocol == IPPROTO_TCP)
		return packet->event == TCP_EVENT_SYN ||
		       (conf->sysctl.sloppy_tcp && packet->event != TCP_EVENT_RST);
	if (packet->key.protocol == IPPROTO_SCTP)
		return packet->event == SCTP_EVENT_INIT ||
		       (conf->sysctl.sloppy_sctp && packet->event != SCTP_EVENT_ABORT);
	return 1;
}

static __always_inline int is_one_packet(const struct fl_service_config *config,
					 const struct packet *packet)
{
	return config->flags & FL_SERVICE_ONE_PACKET && packet->key.protocol == IPPROTO_UDP;
}

static __always_inline int is_by_call_id(const struct fl_service_config *config)
{
	return config->flags & FL_SERVICE_PERSISTENT && config->flags & FL_SERVICE_SIP;
}

/* The length of the prefix that a mask stands for. */
static __always_inline __u32 prefix_of(const __be32 *mask)
{
	__u32 length = 0;

	for (int i = 0; i < 4; i++)
		length += __builtin_popcount(mask[i]);
	return length;
}

/* What a connection of this service remembers of the template it is made by. */
static __always_inline void opening_of(const struct fl_service_key *key,
				       const struct fl_service_config *config,
				       const struct packet *packet, struct fl_connection *fresh)
{
	fresh->mark = key->mark;
	if (!(config->flags & FL_SERVICE_PERSISTENT))
		return;
	fresh->flags = FL_CONNECTION_TEMPLATE;
	fresh->template_mask = packet->key.family == FL_FAMILY_IPV6 ? prefix_of(config->netmask)
								    : config->netmask[0];
	if (key->mark)
		fresh->flags |= FL_CONNECTION_TEMPLATE_MARK;
	if (key->mark || key->port != packet->key.virtual_port || key->port == bpf_htons(FTP_PORT))
		fresh->flags |= FL_CONNECTION_TEMPLATE_PORT_0;
}

/* The port at the real server: its own, unless service or template is for every port. */
static __always_inline __be16 server_port_of(const struct fl_destination *destination,
					     const struct packet *packet,
					     const struct opening *opening)
{
	__be16 port = packet->key.virtual_port;

	if (!destination->port)
		return port;
	if (opening->fresh.flags & FL_CONNECTION_TEMPLATE && opening->service_port != port)
		return port;
	return destination->port;
}

/* Asks for the real server's place by the hook's own means; XDP then leaves the packet to TC, where it would. */
static __always_inline int opening_locate(void *ctx, int xdp,
					  const struct fl_destination *destination,
					  struct fl_destination_state *state, __u64 now,
					  struct next_hop *hop, struct opening *opening)
{
	if (xdp)
		opening->has_no_neighbour = !!next_hop_neighbour(ctx, destination, state, now, hop);
	else
		next_hop_route(ctx, destination, state, now, hop);
	return hop->interface == LOOPBACK_IFINDEX;
}

/* By which method, and whether replies will be seen: where the real server is decides too. */
static __always_inline int opening_bind(void *ctx, int xdp, const struct fl_settings *conf,
					const struct packet *packet, __u64 now,
					struct next_hop *hop, struct opening *opening)
{
	struct fl_connection *fresh = &opening->fresh;
	__u32 slot = fresh->destination;
	struct fl_destination *destination = bpf_map_lookup_elem(&destinations, &slot);
	struct fl_destination_state *state = bpf_map_lookup_elem(&dest_state, &slot);
	int is_local;
	__u32 method;

	if (!slot || !destination || !state)
		return -FL_REASON_NO_SERVER;
	is_local = opening_locate(ctx, xdp, destination, state, now, hop, opening);
	method = destination_config(destination, conf->generation)->method;
	if (method == FL_METHOD_MASQ)
		fresh->flags |= FL_CONNECTION_TWO_WAY;
	else if (is_local)
		method = FL_METHOD_LOCAL;
	fresh->flags |= method & FL_CONNECTION_METHOD;
	fresh->server_port = server_port_of(destination, packet, opening);
	return 0;
}

/* Without an entry. Replies to a translated packet would find no way back: those are dropped. */
static __always_inline int open_stateless(void *ctx, int xdp, const struct fl_settings *conf,
					  const struct packet *packet,
					  const struct fl_service_config *config, __u64 now,
					  struct next_hop *hop, struct opening *opening)
{
	int answer;

	if (!(config->flags & FL_SERVICE_PERSISTENT) ||
	    template_look_up(packet, &opening->fresh, now, 1))
		opening->fresh.destination = stateless_choose(packet, config, &opening->fresh);
	answer = opening_bind(ctx, xdp, conf, packet, now, hop, opening);
	if (answer)
		return answer;
	if ((opening->fresh.flags & FL_CONNECTION_METHOD) == FL_METHOD_MASQ)
		return -(int)opening->without_entry;
	pressure_mark_stateless(now);
	return VERDICT_FORWARD;
}

/* With one: chosen by the template, if the service is persistent, or by the scheduler. */
static __always_inline int open_entry(void *ctx, int xdp, const struct fl_settings *conf,
				      const struct packet *packet,
				      const struct fl_service_config *config, __u64 now,
				      struct next_hop *hop, struct opening *opening)
{
	int persistent = config->flags & FL_SERVICE_PERSISTENT;
	int one_packet = is_one_packet(config, packet);
	struct fl_connection *fresh = &opening->fresh;
	int answer = 0;

	if (!persistent || template_look_up(packet, fresh, now, one_packet)) {
		fresh->destination = schedule(config, packet, opening->service_slot, now);
		if (!fresh->destination)
			return -FL_REASON_NO_SERVER;
		if (persistent)
			answer = template_open(packet, config, fresh, now, one_packet);
	}
	if (!answer)
		answer = opening_bind(ctx, xdp, conf, packet, now, hop, opening);
	if (answer)
		return answer;
	if (one_packet) {
		opening->without_entry = ONE_PACKET;
		count_connection(fresh->destination);
		return VERDICT_FORWARD;
	}
	return connection_create(&packet->key, fresh, now) ? -FL_REASON_TABLE_FULL
							   : VERDICT_FORWARD;
}

/* Nobody is there to serve it: what IPVS leaves alone then, instead of refusing it (ip_vs_leave()). */
static __always_inline int is_left_alone(void *ctx, const struct fl_settings *conf,
					 const struct packet *packet,
					 const struct fl_service_key *key)
{
	if (key->port == bpf_htons(FTP_PORT) && packet->key.virtual_port != key->port)
		return 1;
	return key->mark && conf->sysctl.cache_bypass && packet->kind != PACKET_ICMP_ERROR &&
	       !address_is_local(ctx, &packet->key.vip, packet->key.family);
}

/* Only persistence connects a session's data with the session: without it, FTP's are not directed. */
static __always_inline int is_another_port(const struct fl_service_key *key,
					   const struct fl_service_config *config,
					   const struct packet *packet)
{
	return !key->mark && !(config->flags & FL_SERVICE_PERSISTENT) &&
	       key->port != packet->key.virtual_port;
}

/*
 * Whether this host owns the address of a service: asked once a tick of the clock, since to ask costs
 * as much as the rest of a new connection. Always, where a test holds the clock.
 */
static __always_inline int vip_is_local(void *ctx, const struct fl_service *service,
					const struct packet *packet, __u64 now)
{
	__u32 slot = service->slot;
	struct fl_service_state *state = bpf_map_lookup_elem(&service_state, &slot);

	if (state && state->local_at == now && !fl_test_clock)
		return 1;
	if (!address_is_local(ctx, &packet->key.vip, packet->key.family))
		return 0;
	if (state)
		state->local_at = now;
	return 1;
}

/* Things of which XDP cannot undo the first half if the second is TC's. */
static __always_inline int is_for_tc(const struct fl_settings *conf,
				     const struct fl_service_config *config)
{
	return conf->sysctl.drop_rate || config->flags & (FL_SERVICE_ONE_PACKET | FL_SERVICE_SIP);
}

/* VERDICT_FORWARD: `opening` says where to; unless it says without_entry there is an entry now. */
static __always_inline int open(void *ctx, int xdp, const struct fl_settings *conf,
				const struct packet *packet, __u64 now, struct next_hop *hop,
				struct opening *opening)
{
	const struct fl_service_config *config;
	struct fl_service_key key;
	struct fl_service *service = service_find(conf, packet, &key);
	int answer;

	if (!service)
		return VERDICT_NOT_OURS;
	if (!key.mark && !vip_is_local(ctx, service, packet, now))
		return -FL_REASON_VIP_NOT_LOCAL;
	config = service_config(service, conf->generation);
	if (is_another_port(&key, config, packet))
		return VERDICT_NOT_OURS;
	if (xdp && is_for_tc(conf, config))
		return VERDICT_LATER;
	opening->service_slot = service->slot;
	opening->service_port = key.mark ? 0 : key.port;
	opening_of(&key, config, packet, &opening->fresh);
	if (!packet_opens(conf, packet)) {
		if (conf->carrying_since)
			return -FL_REASON_UPGRADING;
		if (!pressure_is_stateless(now))
			return -FL_REASON_NO_CONNECTION;
		opening->without_entry = FL_REASON_TABLE_FULL;
	} else if (pressure_drops(conf)) {
		return -FL_REASON_DEFENCE;
	} else if (packet->key.client_port == bpf_htons(FTP_DATA_PORT)) {
		return -FL_REASON_NO_CONNECTION;
	} else if (!is_one_packet(config, packet)) {
		opening->without_entry = pressure_no_room(conf, packet);
	}
	/* XDP has left it to TC, whose context this is. */
	if (!xdp && is_by_call_id(config) && sip_prepare(ctx, packet, &opening->fresh))
		return -FL_REASON_NO_CALL_ID;
	if (opening->without_entry)
		answer = open_stateless(ctx, xdp, conf, packet, config, now, hop, opening);
	else
		answer = open_entry(ctx, xdp, conf, packet, config, now, hop, opening);
	if (answer == -FL_REASON_NO_SERVER && is_left_alone(ctx, conf, packet, &key))
		return VERDICT_NOT_OURS;
	return answer;
}

#endif /* FL_OPEN_H */
