/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bufferevents that are freed outside of their callbacks.  To be run under
 * valgrind and with sanitizers as well.
 */
#include "test.h"
#include "bev.h"

TEST(free_leaves_nothing_to_the_loop)
{
	struct conn c;

	bev_set_up(&c);
	fill(c.fd[0]);
	bufferevent_settimeout(c.bev, 1, 1);
	bufferevent_enable(c.bev, READ_WRITE);
	write_text(c.bev, "hello");
	bev_run_passes();
	send_text(c.fd[1], "x");
	free_bev(&c);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	bev_tear_down(&c);
}

TEST(free_does_not_send_what_is_left)
{
	struct conn c;

	bev_set_up(&c);
	for (int i = 0; i < 3; i++) {
		write_text(c.bev, "hello");
		assert_int_equal(bev_run_passes(), 1);
	}
	take_all(c.fd[1]);
	note_clear();
	write_text(c.bev, "hello");
	free_bev(&c);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	assert_arrived(c.fd[1], "");
	bev_tear_down(&c);
}

TEST(free_does_not_close_the_descriptor)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	bev_run_passes();
	free_bev(&c);
	send_text(c.fd[0], "hello");
	assert_arrived(c.fd[1], "hello");
	bev_tear_down(&c);
}

TEST(bufferevent_may_be_freed_after_its_fd_was_closed)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	bev_run_passes();
	close(c.fd[0]);
	c.fd[0] = -1;
	free_bev(&c);
	assert_int_equal(event_dispatch(), 1);
	bev_tear_down(&c);
}

TEST(free_of_active_events_calls_nothing)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_setcb(c.bev, not_called_cb, not_called_cb,
	    not_called_error_cb, NULL);
	event_active(&c.bev->ev_read, EV_READ, 1);
	event_active(&c.bev->ev_write, EV_WRITE, 1);
	free_bev(&c);
	assert_int_equal(event_dispatch(), 1);
	bev_tear_down(&c);
}

TEST(free_lets_a_new_one_have_the_descriptor)
{
	struct conn c;

	bev_set_up(&c);
	for (int i = 0; i < 5; i++) {
		bufferevent_enable(c.bev, READ_WRITE);
		send_text(c.fd[1], "x");
		bev_run_passes();
		assert_input(c.bev, "x");
		bufferevent_free(c.bev);
		c.bev = new_bev(c.fd[0], "A");
	}
	bev_tear_down(&c);
}

/*
 * By others.
 */

static void
free_other_cb(struct bufferevent *bev, void *conn)
{
	note_bev_read_cb(bev, "A");
	note("free");
	free_bev(conn);
}

TEST(free_of_another_that_is_ready_calls_nothing)
{
	struct bufferevent *other;
	struct conn c;
	int fd[2];

	bev_set_up_with(&c, not_called_cb, not_called_cb, not_called_error_cb,
	    NULL);
	make_pair(fd);
	other = bufferevent_new(fd[0], free_other_cb, NULL, NULL, &c);
	bufferevent_enable(other, EV_READ);
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(bev_run_passes(), 0);
	send_text(fd[1], "x");
	send_text(c.fd[1], "x");
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read free");
	bufferevent_free(other);
	close_pair(fd);
	bev_tear_down(&c);
}

/* Three in a row: the first's callback writes to another and frees one. */
struct three {
	struct bufferevent *bev[3];
	int writes_to, frees;
};

static void
write_to_one_free_one_cb(struct bufferevent *bev, void *three)
{
	struct three *t = three;

	(void)bev;
	write_text(t->bev[t->writes_to], "hello");
	bufferevent_free(t->bev[t->frees]);
	t->bev[t->frees] = NULL;
}

static void
check_three(int writes_to, int frees)
{
	struct three t = {.writes_to = writes_to, .frees = frees};
	struct event_base *base = event_init();
	int fd[3][2];

	for (int i = 0; i < 3; i++) {
		make_pair(fd[i]);
		t.bev[i] = bufferevent_new(fd[i][0], write_to_one_free_one_cb,
		    NULL, not_called_error_cb, &t);
		write_text(t.bev[i], "x");
	}
	bufferevent_enable(t.bev[0], EV_READ);
	bev_run_passes();
	send_text(fd[0][1], "x");
	bev_run_passes();
	for (int i = 0; i < 3; i++)
		assert_arrived(fd[i][1],
		    i != writes_to || i == frees ? "x" : "xhello");
	for (int i = 0; i < 3; i++) {
		if (t.bev[i] != NULL)
			bufferevent_free(t.bev[i]);
		close_pair(fd[i]);
	}
	event_base_free(base);
}

TEST(any_of_three_may_be_freed_after_a_write_to_any)
{
	for (int writes_to = 0; writes_to < 3; writes_to++)
		for (int frees = 0; frees < 3; frees++)
			check_three(writes_to, frees);
}

static void
free_from_event_cb(int fd, short what, void *conn)
{
	note_cb(fd, what, "event");
	note("free");
	free_bev(conn);
}

TEST(free_in_an_events_callback_while_it_is_ready_calls_nothing)
{
	struct event ev;
	struct conn c;

	bev_set_up(&c);
	bufferevent_setcb(c.bev, not_called_cb, not_called_cb,
	    not_called_error_cb, NULL);
	evtimer_set(&ev, free_from_event_cb, &c);
	event_active(&ev, EV_TIMEOUT, 1);
	bufferevent_enable(c.bev, READ_WRITE);
	write_text(c.bev, "hello");
	send_text(c.fd[1], "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("event:timeout free");
	bev_tear_down(&c);
}
