/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Descriptors whose file another process has as well, or a dup().  The kernel
 * keeps reporting such a file after its descriptor was deleted and closed;
 * libev then makes its whole kernel state again.  Only the first such
 * descriptor costs a base that.
 */
#include <unistd.h>

#include "test.h"
#include "wrap.h"

#define WATCHED 200
#define CLOSES 20

static struct {
	struct event_base *base;
	struct event ev[WATCHED];
	int fd[WATCHED][2];
} many;

static void
many_open(void)
{
	many.base = event_init();
	for (int i = 0; i < WATCHED; i++) {
		make_pair(many.fd[i]);
		event_set(&many.ev[i], many.fd[i][0], EV_READ | EV_PERSIST,
		    idle_cb, NULL);
		event_add(&many.ev[i], NULL);
	}
	event_loop(EVLOOP_NONBLOCK);
}

static void
many_close(void)
{
	event_base_free(many.base);
	for (int i = 0; i < WATCHED; i++)
		close_pair(many.fd[i]);
}

/*
 * Watches one connection from its beginning to its end; returns what the
 * library did for it.
 */
static struct counts
connection(bool shared, bool pass_between)
{
	struct counts before = counts;
	struct event ev;
	int fd[2], other = -1, calls = 0;

	make_pair(fd);
	if (shared)
		other = dup(fd[0]);
	event_set(&ev, fd[0], EV_READ | EV_PERSIST, count_cb, &calls);
	event_add(&ev, NULL);
	event_loop(EVLOOP_NONBLOCK);
	event_del(&ev);
	if (pass_between)
		event_loop(EVLOOP_NONBLOCK);
	close(fd[0]);
	fd[0] = other;
	if (shared)
		write_byte(
		    fd[1]); /* an event, if the epoll set still has the file */
	event_loop(EVLOOP_NONBLOCK);
	event_loop(EVLOOP_NONBLOCK);
	assert_int_equal(calls, 0);
	close(fd[1]);
	if (fd[0] != -1)
		close(fd[0]);
	return counts_since(&before);
}

static void
check_cost(bool pass_between)
{
	struct counts alone, first, later;

	many_open();
	connection(false, pass_between);
	alone = connection(false, pass_between);
	assert_int_equal(alone.epoll_sets, 0);
	first = connection(true, pass_between);
	assert_in_range(first.epoll_sets, 0, 1);
	for (int i = 0; i < CLOSES; i++) {
		later = connection(true, pass_between);
		assert_int_equal(later.epoll_sets, 0);
		assert_in_range(later.epoll_ctl, 1, alone.epoll_ctl + 1);
		assert_in_range(later.others, 0, alone.others);
	}
	many_close();
}

TEST(closing_a_shared_descriptor_costs_one_epoll_ctl_after_the_first)
{
	check_cost(false);
}

TEST(closing_a_shared_descriptor_after_a_pass_costs_the_same)
{
	check_cost(true);
}

/*
 * Has the current base see that a descriptor it deleted is still open
 * elsewhere, then adds an event to it.
 */
static void
share(struct event *ev, int fd[2])
{
	many_open();
	connection(true, false);
	make_pair(fd);
	event_set(ev, fd[0], EV_READ | EV_PERSIST, note_read_cb, "A");
	event_add(ev, NULL);
	event_loop(EVLOOP_NONBLOCK);
}

struct shared {
	struct event ev;
	int fd[2];
};

static void
delete_in_child(void *arg)
{
	struct shared *s = arg;

	assert_int_equal(event_del(&s->ev), 0);
	event_loop(EVLOOP_NONBLOCK);
}

TEST(child_of_a_base_that_shares_takes_nothing_from_the_parents_set)
{
	struct shared s;

	share(&s.ev, s.fd);
	assert_int_equal(in_child(delete_in_child, &s), 0);
	write_byte(s.fd[1]);
	event_loop(EVLOOP_NONBLOCK);
	assert_log("A:read");
	close_pair(s.fd);
	many_close();
}

TEST(event_deleted_and_added_again_in_a_base_that_shares_is_watched)
{
	struct shared s;

	share(&s.ev, s.fd);
	for (int i = 0; i < 3; i++) {
		event_del(&s.ev);
		assert_int_equal(event_add(&s.ev, NULL), 0);
		if (i == 1) {
			event_del(&s.ev);
			event_loop(EVLOOP_NONBLOCK);
			assert_int_equal(event_add(&s.ev, NULL), 0);
		}
		write_byte(s.fd[1]);
		event_loop(EVLOOP_NONBLOCK);
		assert_log("A:read");
	}
	close_pair(s.fd);
	many_close();
}

TEST(event_for_writing_too_is_watched_again_in_a_base_that_shares)
{
	struct event writer;
	struct shared s;

	share(&s.ev, s.fd);
	event_del(&s.ev);
	event_set(&writer, s.fd[0], EV_WRITE, note_cb, "W");
	assert_int_equal(event_add(&writer, NULL), 0);
	assert_int_equal(event_add(&s.ev, NULL), 0);
	event_loop(EVLOOP_NONBLOCK);
	assert_log("W:write");
	write_byte(s.fd[1]);
	event_loop(EVLOOP_NONBLOCK);
	assert_log("A:read");
	close_pair(s.fd);
	many_close();
}
