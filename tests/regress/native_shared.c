/* SPDX-License-Identifier: BSD-3-Clause */
/* Native watchers and events that have something in common. */
#include <evcompat.h>

#include "host_ev.h"
#include "test.h"

static void
loopbreak(void *word)
{
	note("%s", (char *)word);
	event_loopbreak();
}

TEST(loopbreak_in_a_native_watcher_leaves_all_events_of_its_pass_for_later)
{
	struct event_base *base = event_init();
	struct event ev[2];

	for (int i = 0; i < 2; i++) {
		event_set(&ev[i], -1, 0, note_cb, i ? "second" : "first");
		event_active(&ev[i], EV_READ, 1);
	}
	host_after(evcompat_base_loop(base), 0., 0, loopbreak, "break");
	while (*noted() == '\0')
		assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("break");
	assert_int_equal(event_dispatch(), 1);
	assert_log("first:read second:read");
	event_base_free(base);
}
