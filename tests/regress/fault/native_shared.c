/* SPDX-License-Identifier: BSD-3-Clause */
/* Native watchers and events of one base that share a pass, or a descriptor. */
#include <unistd.h>

#include <evcompat.h>

#include "host_ev.h"
#include "test.h"

static void
say_cb(void *word)
{
	note("%s", (char *)word);
}

static void
loopbreak_cb(void *word)
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
	host_after(evcompat_base_loop(base), 0., 0, loopbreak_cb, "break");
	while (*noted() == '\0')
		assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("break");
	assert_int_equal(event_dispatch(), 1);
	assert_log("first:read second:read");
	event_base_free(base);
}

/*
 * Closes a descriptor whose file a dup() still has open: the kernel keeps
 * reporting it, and libev makes a new epoll set.
 */
static void
close_a_shared_descriptor(void)
{
	struct event ev;
	int fd[2], copy;

	make_pair(fd);
	copy = dup(fd[0]);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, idle_cb, NULL);
	event_add(&ev, NULL);
	event_loop(EVLOOP_NONBLOCK);
	event_del(&ev);
	close(fd[0]);
	write_byte(fd[1]);
	event_loop(EVLOOP_NONBLOCK);
	event_loop(EVLOOP_NONBLOCK);
	close(copy);
	close(fd[1]);
}

TEST(native_watcher_stays_when_an_event_for_its_descriptor_is_deleted)
{
	struct event_base *base = event_init();
	struct ev_loop *loop = evcompat_base_loop(base);
	struct event ev, other;
	int fd[2];

	make_pair(fd);
	event_set(&other, fd[1], EV_READ, idle_cb, NULL);
	event_add(&other, NULL);
	close_a_shared_descriptor();
	host_readable(loop, fd[0], 0, say_cb, "native");
	event_loop(EVLOOP_NONBLOCK);
	event_set(&ev, fd[0], EV_READ, note_cb, "event");
	event_add(&ev, NULL);
	event_loop(EVLOOP_NONBLOCK);
	event_del(&ev);
	event_loop(EVLOOP_NONBLOCK);
	write_byte(fd[1]);
	event_loop(EVLOOP_NONBLOCK);
	assert_log("native");
	event_del(&other);
	close_pair(fd);
	event_base_free(base);
}
