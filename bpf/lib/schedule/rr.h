/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rr: the next eligible destination after the last one chosen.
 *
 * The cursor is (slot << 32 | sequence) of the last choice. The search goes on
 * behind that destination or, if it was removed, behind where it stood: at the
 * first with a lower sequence. Sequence 0 is the head of the list.
 */
#ifndef FL_SCHEDULE_RR_H
#define FL_SCHEDULE_RR_H

#include "schedule/members.h"

struct rr_search {
	const struct fl_service_config *config;
	__u32 from; /* index the search began at */
	__u32 chosen;
	__u32 sequence;
};

static long rr_step(__u32 index, void *data)
{
	struct rr_search *search = data;
	struct listed at;

	if (listed_at(search->config, search->from + index, &at))
		return 1;
	if (!is_eligible(&at))
		return 0;
	search->chosen = at.member->destination;
	search->sequence = at.member->sequence;
	return 1;
}

static __noinline int rr_choose(struct rr_search *search, __u32 sequence)
{
	search->chosen = 0;
	search->from = sequence ? first_below(search->config, sequence) : 0;
	for_each_listed(search->config, rr_step, search);
	if (!search->chosen) {
		search->from = 0;
		for_each_listed(search->config, rr_step, search);
	}
	return 0;
}

static __always_inline __u32 schedule_rr(const struct fl_service_config *config,
					 struct fl_service_state *state)
{
	struct rr_search search = { .config = config };

	for (int attempt = 0; attempt < CURSOR_ATTEMPTS; attempt++) {
		__u64 cursor = state->cursor;

		rr_choose(&search, cursor);
		if (!search.chosen ||
		    cursor_moved(state, cursor, (__u64)search.chosen << 32 | search.sequence))
			break;
	}
	return search.chosen;
}

#endif /* FL_SCHEDULE_RR_H */
