/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bufferevents that are freed inside their own callbacks.  To be run under
 * valgrind and with sanitizers as well.
 */
#include "test.h"
#include "bev.h"

#include <signal.h>
#include <sys/socket.h>

/* Callbacks whose argument is the connection. */

static void
free_cb(struct bufferevent *bev, void *conn)
{
	struct conn *c = conn;

	note("free");
	assert_ptr_equal(bev, c->bev);
	free_bev(c);
}

static void
free_at_error_cb(struct bufferevent *bev, short what, void *conn)
{
	note_bev_error_cb(bev, what, "A");
	free_cb(bev, conn);
}

static void
close_at_error_cb(struct bufferevent *bev, short what, void *conn)
{
	struct conn *c = conn;

	free_at_error_cb(bev, what, conn);
	close(c->fd[0]);
	c->fd[0] = -1;
}

TEST(bufferevent_may_be_freed_in_the_read_callback)
{
	struct conn c;

	bev_set_up_with(&c, free_cb, NULL, not_called_error_cb, &c);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	close_peer(&c);
	assert_int_equal(event_dispatch(), 1);
	assert_log("free");
	bev_tear_down(&c);
}

/* The write event is active in the same pass. */
TEST(free_in_the_read_callback_cancels_the_write_callback,
    DIFFERS(V21, "writes first"))
{
	struct conn c;

	bev_set_up_with(&c, free_cb, not_called_cb, not_called_error_cb, &c);
	bufferevent_enable(c.bev, READ_WRITE);
	write_text(c.bev, "hello");
	send_text(c.fd[1], "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("free");
	bev_tear_down(&c);
}

static void
write_and_free_cb(struct bufferevent *bev, void *conn)
{
	write_text(bev, "bye");
	free_cb(bev, conn);
}

TEST(free_in_the_read_callback_drops_what_was_written)
{
	for (int sent = 0; sent < 3; sent++) {
		struct conn c;

		bev_set_up(&c);
		for (int i = 0; i < sent; i++) {
			write_text(c.bev, "x");
			bev_run_passes();
		}
		note_clear();
		bufferevent_setcb(c.bev, write_and_free_cb, not_called_cb,
		    not_called_error_cb, &c);
		bufferevent_enable(c.bev, EV_READ);
		send_text(c.fd[1], "hello");
		assert_int_equal(event_dispatch(), 1);
		assert_log("free");
		assert_int_equal(take_all(c.fd[1]), sent);
		bev_tear_down(&c);
	}
}

TEST(bufferevent_may_be_freed_in_the_read_callback_at_the_high_mark)
{
	struct conn c;

	bev_set_up_with(&c, free_cb, NULL, not_called_error_cb, &c);
	bufferevent_setwatermark(c.bev, EV_READ, 0, 3);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("free");
	bev_tear_down(&c);
}

TEST(bufferevent_may_be_freed_in_the_write_callback)
{
	struct conn c;

	bev_set_up_with(&c, NULL, free_cb, not_called_error_cb, &c);
	bufferevent_settimeout(c.bev, 1, 1);
	bufferevent_enable(c.bev, EV_READ);
	write_text(c.bev, "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("free");
	assert_arrived(c.fd[1], "hello");
	bev_tear_down(&c);
}

TEST(bufferevent_may_be_freed_in_the_write_callback_with_bytes_left)
{
	static const char much[1000000];
	struct conn c;

	bev_set_up_with(&c, NULL, free_cb, not_called_error_cb, &c);
	bufferevent_setwatermark(c.bev, EV_WRITE, sizeof much, 0);
	bufferevent_write(c.bev, much, sizeof much);
	assert_int_equal(event_dispatch(), 1);
	assert_log("free");
	bev_tear_down(&c);
}

TEST(bufferevent_may_be_freed_in_the_error_callback_at_eof)
{
	struct conn c;

	bev_set_up_with(&c, NULL, NULL, free_at_error_cb, &c);
	fill(c.fd[0]);
	bufferevent_enable(c.bev, EV_READ);
	write_text(c.bev, "hello");
	shutdown(c.fd[1], SHUT_WR);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+eof free");
	bev_tear_down(&c);
}

/* The write event is active in the same pass. */
TEST(bufferevent_may_be_freed_in_the_error_callback_at_a_read_error,
    DIFFERS(V21, "writes first"))
{
	struct conn c;

	bev_set_up(&c);
	write_text(c.bev, "hello");
	bev_run_passes();
	note_clear();
	bufferevent_setcb(c.bev, NULL, not_called_cb, free_at_error_cb, &c);
	close_peer(&c);
	bufferevent_enable(c.bev, READ_WRITE);
	write_text(c.bev, "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+error free");
	bev_tear_down(&c);
}

TEST(bufferevent_may_be_freed_in_the_error_callback_at_a_write_error)
{
	struct conn c;

	signal(SIGPIPE, SIG_IGN);
	bev_set_up_with(&c, NULL, NULL, free_at_error_cb, &c);
	bufferevent_settimeout(c.bev, 100, 100);
	bufferevent_enable(c.bev, EV_READ);
	shutdown(c.fd[0], SHUT_WR);
	write_text(c.bev, "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write+error free");
	bev_tear_down(&c);
}

TEST(bufferevent_may_be_freed_in_the_error_callback_at_a_timeout)
{
	struct conn c;

	bev_set_up_with(&c, NULL, NULL, free_at_error_cb, &c);
	fill(c.fd[0]);
	bufferevent_settimeout(c.bev, -1, 100);
	bufferevent_enable(c.bev, READ_WRITE);
	write_text(c.bev, "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+timeout free");
	bev_tear_down(&c);
}

TEST(bufferevent_may_be_freed_in_the_callback_of_a_write_timeout)
{
	struct conn c;

	bev_set_up_with(&c, NULL, NULL, free_at_error_cb, &c);
	fill(c.fd[0]);
	bufferevent_settimeout(c.bev, 100, -1);
	bufferevent_enable(c.bev, EV_READ);
	write_text(c.bev, "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write+timeout free");
	bev_tear_down(&c);
}

TEST(bufferevent_may_be_freed_and_closed_in_the_error_callback)
{
	struct conn c;

	bev_set_up_with(&c, NULL, NULL, close_at_error_cb, &c);
	bufferevent_enable(c.bev, EV_READ);
	close_peer(&c);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+eof free");
	bev_tear_down(&c);
}

/* A server's way: the next client gets the number of the last one. */
static void
replace_cb(struct bufferevent *bev, short what, void *conn)
{
	struct conn *c = conn;

	close_at_error_cb(bev, what, conn);
	make_pair(c->fd);
	c->bev = new_bev(c->fd[0], "next");
	bufferevent_enable(c->bev, READ_WRITE);
	write_text(c->bev, "welcome");
	send_text(c->fd[1], "hello");
}

TEST(error_callback_may_make_a_new_one_on_the_same_number)
{
	struct conn c;
	int number;

	bev_set_up_with(&c, NULL, NULL, replace_cb, &c);
	number = c.fd[0];
	bufferevent_enable(c.bev, READ_WRITE);
	bev_run_passes();
	close_peer(&c);
	assert_int_equal(bev_run_passes(), 0);
	assert_int_equal(c.fd[0], number);
	assert_input(c.bev, "hello");
	assert_arrived(c.fd[1], "welcome");
	bev_tear_down(&c);
}

/* The loop in its read callback frees it at the end of the file. */
static void
loop_inside_cb(struct bufferevent *bev, void *conn)
{
	(void)bev;
	(void)conn;
	note("inside");
	event_loop(EVLOOP_NONBLOCK);
	note("back");
}

TEST(bufferevent_may_be_freed_in_a_loop_inside_its_read_callback,
    DIFFERS(V21, "refused"))
{
	struct conn c;

	bev_set_up_with(&c, loop_inside_cb, NULL, free_at_error_cb, &c);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	close_peer(&c);
	assert_int_equal(event_dispatch(), 1);
	assert_log("inside A:read+eof free back");
	assert_null(c.bev);
	bev_tear_down(&c);
}

static void
free_from_event_cb(int fd, short what, void *conn)
{
	note_cb(fd, what, "event");
	free_cb(((struct conn *)conn)->bev, conn);
}

static void
free_inside_cb(struct bufferevent *bev, void *conn)
{
	bufferevent_setcb(bev, NULL, NULL, not_called_error_cb, NULL);
	write_text(bev, "hello");
	event_once(-1, EV_TIMEOUT, free_from_event_cb, conn, NULL);
	loop_inside_cb(bev, conn);
}

TEST(bufferevent_may_be_freed_in_a_loop_inside_its_write_callback,
    DIFFERS(V21, "refused"))
{
	struct conn c;

	bev_set_up_with(&c, NULL, free_inside_cb, not_called_error_cb, &c);
	write_text(c.bev, "x");
	assert_int_equal(event_dispatch(), 1);
	assert_log("inside event:timeout free back");
	assert_null(c.bev);
	bev_tear_down(&c);
}
