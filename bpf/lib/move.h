/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Moving entries: from the table before to the one in use, and from outside to where there
 * is room by now. The sweep does it, and may be interrupted in the midst of it. So packets do not
 * wait for the end: one that meets an entry that is MOVING goes where that says, and its
 * event is made up for.
 */
#ifndef FL_MOVE_H
#define FL_MOVE_H

#include "connection.h"

/* What packets would have done to the entry meanwhile. */
static __always_inline void move_make_up(const struct fl_connection_key *key, __u32 missed,
					 __u64 now)
{
	struct fl_connection *connection = missed ? table_find(key) : NULL;

	if (!connection)
		return;
	for (__u32 event = 0; event < EVENTS_MAX; event++) {
		if (missed & missed_bit(event, DIRECTION_IN))
			connection_advance(key, connection, event, DIRECTION_IN, now);
		if (missed & missed_bit(event, DIRECTION_OUT))
			connection_advance(key, connection, event, DIRECTION_OUT, now);
	}
}

/* Whether the entry has another place now. */
__noinline int entry_move(const struct fl_connection_key *key, struct fl_connection *connection,
			  __u64 now)
{
	struct fl_connection copy;
	__u32 state;
	__u32 lies_in_table;
	int placed;

	if (!key || !connection)
		return 0;
	state = connection->state;
	if (state == FL_STATE_DEAD || state == FL_STATE_MOVING ||
	    __sync_val_compare_and_swap(&connection->state, state, FL_STATE_MOVING) != state)
		return 0;
	copy = *connection;
	copy.state = state;
	copy.flags &= ~FL_CONNECTION_IN_TABLE;
	lies_in_table = connection->flags & FL_CONNECTION_IN_TABLE;
	placed = table_put(key, &copy, now, lies_in_table) == PLACED;
	connection->died = rest_stamp(now);
	__sync_lock_test_and_set(&connection->state, placed ? FL_STATE_DEAD : state);
	move_make_up(key, __sync_lock_test_and_set(&connection->missed, 0), now);
	if (placed)
		table_remove(key, lies_in_table);
	return placed;
}

#endif /* FL_MOVE_H */
