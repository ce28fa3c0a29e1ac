/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bufferevents: another descriptor.
 */
#include "test.h"
#include "bev.h"
#include "fields.h"

#include <sys/socket.h>

/* One without a descriptor, and a pair for later. */
static void
set_up_without_fd(struct conn *c)
{
	c->base = event_init();
	make_pair(c->fd);
	c->bev = new_bev(-1, "A");
}

/* Makes old the pair that c had, and gives c another one. */
static void
change_pair(struct conn *c, int old[2])
{
	memcpy(old, c->fd, sizeof c->fd);
	make_pair(c->fd);
	bufferevent_setfd(c->bev, c->fd[0]);
}

TEST(setfd_gives_a_descriptor_to_one_without)
{
	struct conn c;

	set_up_without_fd(&c);
	bufferevent_setfd(c.bev, c.fd[0]);
	assert_int_equal(EVENT_FD(&c.bev->ev_read), c.fd[0]);
	assert_int_equal(EVENT_FD(&c.bev->ev_write), c.fd[0]);
	assert_int_equal(bufferevent_enable(c.bev, EV_READ), 0);
	send_text(c.fd[1], "hello");
	write_text(c.bev, "world");
	bev_run_passes();
	assert_input(c.bev, "hello");
	assert_arrived(c.fd[1], "world");
	bev_tear_down(&c);
}

TEST(setfd_sends_what_was_written_without_a_descriptor_after_enable,
    DIFFERS(V21, "does not learn the new descriptor"))
{
	struct conn c;

	set_up_without_fd(&c);
	assert_int_equal(bufferevent_write(c.bev, "hello", 5), 0);
	bufferevent_setfd(c.bev, c.fd[0]);
	assert_int_equal(event_dispatch(), 1);
	assert_output(c.bev, "hello");
	assert_int_equal(bufferevent_enable(c.bev, EV_WRITE), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	assert_arrived(c.fd[1], "hello");
	bev_tear_down(&c);
}

TEST(setfd_moves_to_another_descriptor)
{
	struct conn c;
	int old[2];

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	change_pair(&c, old);
	assert_int_equal(EVENT_FD(&c.bev->ev_read), c.fd[0]);
	assert_int_equal(EVENT_FD(&c.bev->ev_write), c.fd[0]);
	bufferevent_enable(c.bev, READ_WRITE);
	send_text(old[1], "old");
	send_text(c.fd[1], "new");
	bev_run_passes();
	assert_input(c.bev, "new");
	write_text(c.bev, "hello");
	bev_run_passes();
	assert_arrived(c.fd[1], "hello");
	assert_arrived(old[1], "");
	close_pair(old);
	bev_tear_down(&c);
}

TEST(setfd_stops_reading_and_writing, DIFFERS(V21, "continues by itself"))
{
	struct conn c;
	int old[2];

	bev_set_up(&c);
	bufferevent_enable(c.bev, READ_WRITE);
	write_text(c.bev, "hello");
	change_pair(&c, old);
	assert_false(reads(c.bev));
	assert_false(writes(c.bev));
	send_text(old[1], "x");
	send_text(c.fd[1], "x");
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	assert_input(c.bev, "");
	assert_output(c.bev, "hello");
	close_pair(old);
	bev_tear_down(&c);
}

TEST(setfd_keeps_the_buffers_the_marks_and_the_callbacks)
{
	struct evbuffer *input, *output;
	struct conn c;
	int old[2];

	bev_set_up(&c);
	input = EVBUFFER_INPUT(c.bev);
	output = EVBUFFER_OUTPUT(c.bev);
	bufferevent_setwatermark(c.bev, EV_READ, 2, 20);
	bufferevent_setwatermark(c.bev, EV_WRITE, 3, 30);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "input");
	bev_run_passes();
	bufferevent_disable(c.bev, EV_WRITE);
	write_text(c.bev, "output");
	note_clear();
	change_pair(&c, old);
	assert_ptr_equal(EVBUFFER_INPUT(c.bev), input);
	assert_ptr_equal(EVBUFFER_OUTPUT(c.bev), output);
	assert_input(c.bev, "input");
	assert_output(c.bev, "output");
	assert_int_equal(c.bev->wm_read.low, 2);
	assert_int_equal(c.bev->wm_read.high, 20);
	assert_int_equal(c.bev->wm_write.low, 3);
	assert_int_equal(c.bev->wm_write.high, 30);
	bufferevent_enable(c.bev, READ_WRITE);
	bev_run_passes();
	assert_log("A:write");
	assert_arrived(c.fd[1], "output");
	close_pair(old);
	bev_tear_down(&c);
}

TEST(setfd_keeps_what_is_enabled)
{
	struct conn c;
	int old[2];

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	change_pair(&c, old);
	assert_int_equal(c.bev->enabled, READ_WRITE);
	close_pair(old);
	bufferevent_disable(c.bev, EV_WRITE);
	change_pair(&c, old);
	assert_int_equal(c.bev->enabled, EV_READ);
	close_pair(old);
	bev_tear_down(&c);
}

TEST(write_after_setfd_sends_without_enable)
{
	struct conn c;
	int old[2];

	bev_set_up(&c);
	write_text(c.bev, "hello ");
	change_pair(&c, old);
	write_text(c.bev, "world");
	assert_true(writes(c.bev));
	bev_run_passes();
	assert_arrived(old[1], "");
	assert_arrived(c.fd[1], "hello world");
	close_pair(old);
	bev_tear_down(&c);
}

TEST(setfd_sends_the_rest_to_the_new_descriptor)
{
	struct conn c;
	int old[2];
	size_t n;

	bev_set_up(&c);
	fill(c.fd[0]);
	write_text(c.bev, "hello");
	bev_run_passes();
	change_pair(&c, old);
	n = take_all(old[1]);
	bufferevent_enable(c.bev, EV_WRITE);
	bev_run_passes();
	assert_log("A:write");
	assert_true(n > 0);
	assert_int_equal(take_all(old[1]), 0);
	assert_arrived(c.fd[1], "hello");
	close_pair(old);
	bev_tear_down(&c);
}

TEST(setfd_may_follow_the_close_of_the_old_descriptor)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	write_text(c.bev, "hello ");
	bev_run_passes();
	bufferevent_enable(c.bev, EV_WRITE);
	close_pair(c.fd);
	make_pair(c.fd);
	bufferevent_setfd(c.bev, c.fd[0]);
	bufferevent_enable(c.bev, READ_WRITE);
	note_clear();
	bev_run_passes();
	assert_log("A:write");
	send_text(c.fd[1], "hello");
	bev_run_passes();
	assert_log("A:read");
	bev_tear_down(&c);
}

TEST(setfd_may_be_to_the_same_number_opened_again)
{
	struct conn c;

	bev_set_up(&c);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(bufferevent_enable(c.bev, READ_WRITE), 0);
		send_text(c.fd[1], "x");
		bev_run_passes();
		assert_int_equal(input_length(c.bev), i + 1);
		note_clear();
		bufferevent_disable(c.bev, READ_WRITE);
		close_pair(c.fd);
		make_pair(c.fd);
		bufferevent_setfd(c.bev, c.fd[0]);
	}
	bev_tear_down(&c);
}

TEST(setfd_without_a_descriptor_makes_enable_fail,
    DIFFERS(V21, "enabled without one"))
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, READ_WRITE);
	bufferevent_setfd(c.bev, -1);
	assert_false(reads(c.bev));
	assert_false(writes(c.bev));
	assert_int_equal(bufferevent_enable(c.bev, EV_READ), -1);
	assert_int_equal(bufferevent_enable(c.bev, EV_WRITE), -1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	bev_tear_down(&c);
}

TEST(setfd_at_the_high_mark_resumes_when_drained,
    DIFFERS(V21, "the read callback is called for ever at the mark"))
{
	struct conn c;
	int old[2];

	bev_set_up(&c);
	bufferevent_setwatermark(c.bev, EV_READ, 0, 10);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "0123456789");
	assert_int_equal(bev_run_passes(), 1);
	change_pair(&c, old);
	send_text(c.fd[1], "new");
	assert_int_equal(bev_run_passes(), 1);
	drain_input(c.bev, 9);
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read A:read");
	assert_input(c.bev, "9new");
	close_pair(old);
	bev_tear_down(&c);
}

static int next_fd;

static void
setfd_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	bufferevent_setfd(bev, next_fd);
	bufferevent_enable(bev, EV_READ);
	bufferevent_setcb(bev, note_bev_read_cb, NULL, note_bev_error_cb, "B");
}

TEST(setfd_in_the_read_callback_reads_from_the_new_one)
{
	struct conn c;
	int fd[2];

	bev_set_up_with(&c, setfd_cb, NULL, note_bev_error_cb, "A");
	make_pair(fd);
	next_fd = fd[0];
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "old");
	send_text(fd[1], "new");
	bev_run_passes();
	assert_log("A:read B:read");
	assert_input(c.bev, "oldnew");
	free_bev(&c);
	close_pair(fd);
	bev_tear_down(&c);
}

static void
reconnect_cb(struct bufferevent *bev, short what, void *conn)
{
	struct conn *c = conn;

	note_bev_error_cb(bev, what, "A");
	close_pair(c->fd);
	make_pair(c->fd);
	bufferevent_setfd(bev, c->fd[0]);
	bufferevent_enable(bev, READ_WRITE);
	send_text(c->fd[1], "hello");
}

TEST(setfd_in_the_error_callback_reads_from_the_new_one)
{
	struct conn c;

	bev_set_up_with(&c, NULL, NULL, reconnect_cb, &c);
	bufferevent_enable(c.bev, EV_READ);
	shutdown(c.fd[1], SHUT_WR);
	assert_int_equal(bev_run_passes(), 0);
	assert_log("A:read+eof");
	assert_input(c.bev, "hello");
	bev_tear_down(&c);
}

/* The base and the priority. */

TEST(setfd_keeps_the_base)
{
	struct event_base *base = event_base_new();
	struct conn c;
	int old[2];

	bev_set_up(&c);
	assert_int_equal(bufferevent_base_set(base, c.bev), 0);
	change_pair(&c, old);
	assert_ptr_equal(c.bev->ev_base, base);
	assert_ptr_equal(c.bev->ev_read.ev_base, base);
	assert_ptr_equal(c.bev->ev_write.ev_base, base);
	bufferevent_enable(c.bev, READ_WRITE);
	base_pass(base);
	assert_log("A:write");
	close_pair(old);
	free_bev(&c);
	bev_tear_down(&c);
	event_base_free(base);
}

TEST(setfd_without_a_base_set_goes_to_the_current_one)
{
	struct event_base *base;
	struct conn c;
	int old[2];

	bev_set_up(&c);
	base = c.base;
	c.base = event_init();
	assert_ptr_equal(c.bev->ev_read.ev_base, base);
	change_pair(&c, old);
	assert_null(c.bev->ev_base);
	assert_ptr_equal(c.bev->ev_read.ev_base, c.base);
	assert_ptr_equal(c.bev->ev_write.ev_base, c.base);
	bufferevent_enable(c.bev, EV_WRITE);
	one_pass();
	assert_log("A:write");
	close_pair(old);
	bev_tear_down(&c);
	event_base_free(base);
}

TEST(setfd_resets_the_priority_to_the_middle)
{
	struct conn c;
	int old[2];

	bev_set_up(&c);
	event_priority_init(7);
	assert_int_equal(bufferevent_priority_set(c.bev, 1), 0);
	change_pair(&c, old);
	assert_int_equal(c.bev->ev_read.ev_pri, 3);
	assert_int_equal(c.bev->ev_write.ev_pri, 3);
	assert_int_equal(bufferevent_priority_set(c.bev, 6), 0);
	assert_int_equal(c.bev->ev_read.ev_pri, 6);
	close_pair(old);
	bev_tear_down(&c);
}
