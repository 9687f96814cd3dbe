/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Persistence engine "sip" (ip_vs_pe_sip.c): the datagrams of one call stay
 * together, whatever ports they come from. Their templates go by Call-ID (RFC 3261
 * §20.8; `i` in short), which is looked for here. TC only.
 */
#ifndef FL_SIP_H
#define FL_SIP_H

#include <linux/udp.h>

#include "control.h"
#include "hash.h"
#include "masked.h"

/* So far into a datagram a Call-ID is looked for. */
#define SIP_TEXT_MAX 4095

enum sip_state {
	SIP_IN_LINE, /* of no interest, up to its end */
	SIP_LINE_START,
	SIP_NAME,
	SIP_SHORT_NAME, /* it was an `i` */
	SIP_COLON,
	SIP_SPACE,
	SIP_VALUE,
	SIP_FOUND,
};

/*
 * How far its reading has come. In a map, not on the stack: Linux before 6.7 takes what a loop's first step leaves on its
 * caller's stack for what the last one does, and drops whatever is done only after more steps as never reached.
 */
struct sip_search {
	__u32 state; /* enum sip_state */
	__u32 length; /* of the name, then of the value, as far as it is read */
	__u32 host; /* of the value, the length behind its `@`, plus 1; 0: no `@` yet */
	__u32 hash; /* of the value (FNV-1a) */
};

/* The datagram at hand: its text, and the template it would make. */
struct sip_message {
	struct fl_sip_template fresh;
	struct sip_search search;
	__u8 text[SIP_TEXT_MAX + 1];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sip_message);
} sip_messages SEC(".maps");

#define FNV_BASIS 2166136261U
#define FNV_PRIME 16777619U

/* "call-id", its first letter lowest. */
#define CALL_ID_NAME 0x64692d6c6c6163ULL
#define CALL_ID_NAME_BYTES 7

static __always_inline struct sip_message *sip_message_now(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&sip_messages, &zero);
}

static __always_inline int is_line_end(__u8 c)
{
	return c == '\r' || c == '\n';
}

static __always_inline int is_blank(__u8 c)
{
	return c == ' ' || c == '\t';
}

static __always_inline int is_letter(__u8 c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* What a `word` is made of (RFC 3261 §25.1): a bit for each character. */
static __always_inline int is_word(__u8 c)
{
	if (c < 0x20 || c >= 0x80)
		return 0;
	if (c < 0x40)
		return 0xd7ffefa6U >> (c & 31) & 1;
	return (c < 0x60 ? 0xbffffffeU : 0x6fffffffU) >> (c & 31) & 1;
}

/* A header's name, either form, in either case. */
static __always_inline enum sip_state sip_read_name(struct sip_search *search, __u8 c)
{
	if (!search->length && (c | 0x20) == 'i')
		return SIP_SHORT_NAME;
	if ((c | 0x20) != (__u8)(CALL_ID_NAME >> search->length * 8))
		return SIP_IN_LINE;
	return ++search->length == CALL_ID_NAME_BYTES ? SIP_COLON : SIP_NAME;
}

static __always_inline enum sip_state sip_read_colon(__u8 c)
{
	if (is_blank(c))
		return SIP_COLON;
	return c == ':' ? SIP_SPACE : SIP_IN_LINE;
}

/* callid = word [ "@" word ] */
static __always_inline enum sip_state sip_read_value(struct sip_message *message, __u8 c)
{
	struct sip_search *search = &message->search;

	if (c == '@' && search->length && !search->host)
		search->host = 1;
	else if (!is_word(c))
		return SIP_IN_LINE;
	else if (search->host)
		search->host++;
	if (search->length >= FL_SIP_CALL_ID_MAX)
		return SIP_IN_LINE;
	message->fresh.call_id[masked(search->length, FL_SIP_CALL_ID_ROOM - 1)] = c;
	search->length++;
	search->hash = (search->hash ^ c) * FNV_PRIME;
	return SIP_VALUE;
}

static __always_inline enum sip_state sip_begin_value(struct sip_message *message, __u8 c)
{
	struct sip_search *search = &message->search;

	if (is_blank(c))
		return SIP_SPACE;
	search->length = 0;
	search->host = 0;
	search->hash = FNV_BASIS;
	return sip_read_value(message, c);
}

static __always_inline enum sip_state sip_end_line(const struct sip_search *search)
{
	return search->state == SIP_VALUE && search->host != 1 ? SIP_FOUND : SIP_LINE_START;
}

static __always_inline enum sip_state sip_read(struct sip_message *message, __u8 c)
{
	struct sip_search *search = &message->search;

	if (is_line_end(c))
		return sip_end_line(search);
	switch (search->state) {
	case SIP_LINE_START:
		search->length = 0;
		return is_blank(c) ? SIP_IN_LINE : sip_read_name(search, c);
	case SIP_NAME:
		return sip_read_name(search, c);
	case SIP_SHORT_NAME:
		return is_letter(c) ? SIP_IN_LINE : sip_read_colon(c);
	case SIP_COLON:
		return sip_read_colon(c);
	case SIP_SPACE:
		return sip_begin_value(message, c);
	case SIP_VALUE:
		return sip_read_value(message, c);
	default:
		return SIP_IN_LINE;
	}
}

/* The callback's context has to be on the stack. */
static long sip_step(__u32 index, struct sip_message **context)
{
	struct sip_message *message = *context;

	message->search.state = sip_read(message, message->text[masked(index, SIP_TEXT_MAX)]);
	return message->search.state == SIP_FOUND;
}

/* The datagram's text: how many octets, 0 for none. */
static __always_inline __u32 sip_load(struct __sk_buff *skb, const struct packet *packet,
				      struct sip_message *message)
{
	__u32 offset = packet->transport + sizeof(struct udphdr);
	__u32 end = packet->network + packet->bytes;
	__u32 bytes = end - offset;

	if (packet->key.protocol != IPPROTO_UDP || packet->kind == PACKET_ICMP_ERROR ||
	    end <= offset)
		return 0;
	if (bytes > SIP_TEXT_MAX)
		bytes = SIP_TEXT_MAX;
	bytes = masked(bytes - 1, SIP_TEXT_MAX) +
		1; /* in this way Linux 6.1 sees that it is not 0 */
	return bpf_skb_load_bytes(skb, offset, message->text, bytes) ? 0 : bytes;
}

/*
 * Finds the packet's Call-ID, and completes with its hash what `fresh` says of its
 * template: 0, or -1 if there is none. Clients who use the same one are kept apart.
 */
__noinline int sip_prepare(struct __sk_buff *skb, const struct packet *packet,
			   struct fl_connection *fresh)
{
	struct sip_message *message = sip_message_now();
	struct fl_template_key key;
	__u32 bytes;

	if (!packet || !fresh || !message)
		return -1;
	bytes = sip_load(skb, packet, message);
	__builtin_memset(&message->fresh, 0, sizeof(message->fresh));
	__builtin_memset(&message->search, 0, sizeof(message->search));
	if (bytes)
		bpf_loop(bytes, sip_step, &message, 0);
	if (message->search.state != SIP_FOUND)
		return -1;
	template_key_of(&packet->key, fresh, &key);
	message->fresh.client = key.client;
	message->fresh.length = message->search.length;
	fresh->flags |= FL_CONNECTION_TEMPLATE_SIP;
	fresh->template_mask = mixed_address(message->search.hash, &key.client);
	return 0;
}

/* Whether the template at this place is of the call at hand, not of another with the same hash. */
static __noinline int sip_is_same(const struct template_place *place)
{
	struct sip_message *message = sip_message_now();
	struct fl_sip_template *whole = sip_template_at(place);
	__u64 differ = 0;

	if (!message || !whole)
		return 0;
	for (__u32 i = 0; i < FL_SIP_CALL_ID_ROOM / sizeof(__u64); i++)
		differ |= ((__u64 *)message->fresh.call_id)[i] ^ ((__u64 *)whole->call_id)[i];
	return !differ && whole->length == message->fresh.length &&
	       address_equals(&whole->client, &message->fresh.client);
}

static __always_inline long sip_template_create(const struct template_place *place,
						const struct fl_template *template)
{
	struct sip_message *message = sip_message_now();
	struct fl_sip_key key = sip_key_of(place);

	if (!message)
		return -1;
	message->fresh.template = *template;
	return bpf_map_update_elem(&sip_templates, &key, &message->fresh, BPF_NOEXIST);
}

#endif /* FL_SIP_H */
