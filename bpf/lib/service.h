/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which virtual service a packet is for (ip_vs_service_find()): by mark, by
 * address and port, as data of an FTP session, by address alone.
 */
#ifndef FL_SERVICE_H
#define FL_SERVICE_H

#include <bpf/bpf_endian.h>

#include "classify.h"

#define FTP_PORT 21
#define FTP_DATA_PORT 20
#define PORTS_UNPRIVILEGED 1024 /* net.ipv4.ip_unprivileged_port_start */

static __always_inline struct fl_service *service_at(const struct fl_settings *conf,
						     const struct fl_service_key *key)
{
	struct fl_service *service = bpf_map_lookup_elem(&services, key);

	return service && exists(service->since, service->until, conf->generation) ? service : NULL;
}

/* Whether it may be the data connection of a session whose control connection is balanced. */
static __always_inline int may_be_ftp_data(const struct fl_settings *conf,
					   const struct packet *packet)
{
	__u16 port = bpf_ntohs(packet->key.virtual_port);

	return conf->ftp_services && packet->key.protocol == IPPROTO_TCP &&
	       (port == FTP_DATA_PORT || port >= PORTS_UNPRIVILEGED);
}

/* NULL for none; `key` is left as the one it was found by. */
static __always_inline struct fl_service *service_find(const struct fl_settings *conf,
						       const struct packet *packet,
						       struct fl_service_key *key)
{
	struct fl_service *service = NULL;

	*key = (struct fl_service_key){ .family = packet->key.family };
	if (conf->mark_services) {
		key->mark = classify(conf, packet);
		if (key->mark)
			service = service_at(conf, key);
		if (service)
			return service;
		key->mark = 0;
	}
	if (!conf->address_services)
		return NULL;
	key->address = packet->key.vip;
	key->port = packet->key.virtual_port;
	key->protocol = packet->key.protocol;
	service = service_at(conf, key);
	if (!service && may_be_ftp_data(conf, packet)) {
		key->port = bpf_htons(FTP_PORT);
		service = service_at(conf, key);
	}
	if (!service && conf->any_port_services) {
		key->port = 0;
		service = service_at(conf, key);
	}
	return service;
}

#endif /* FL_SERVICE_H */
