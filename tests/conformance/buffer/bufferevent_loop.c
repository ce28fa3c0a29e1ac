/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bufferevents in the loop: when it ends, and several on one.
 */
#include "test.h"
#include "bev.h"

TEST(loop_continues_while_reading_is_enabled)
{
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(event_dispatch(), 1);
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	bufferevent_disable(c.bev, EV_READ);
	assert_int_equal(event_dispatch(), 1);
	bev_tear_down(&c);
}

TEST(loop_once_returns_after_a_callback)
{
	struct conn c;

	bev_set_up(&c);
	write_text(c.bev, "hello");
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("A:write");
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "x");
	assert_int_equal(event_loop(EVLOOP_ONCE), 0);
	assert_log("A:read");
	bev_tear_down(&c);
}

static void
write_and_break_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	write_text(bev, "hello");
	assert_int_equal(event_loopbreak(), 0);
}

TEST(write_callback_after_loopbreak_waits_for_the_next_loop)
{
	struct conn c;

	bev_set_up_with(&c, write_and_break_cb, note_bev_write_cb,
	    note_bev_error_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 3; i++) {
		send_text(c.fd[1], "x");
		assert_int_equal(event_dispatch(), 0);
		assert_log("A:read");
		assert_int_equal(bev_run_passes(), 0);
		assert_log("A:write");
		assert_arrived(c.fd[1], "hello");
	}
	bev_tear_down(&c);
}

static void
write_and_exit_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	write_text(bev, "hello");
	assert_int_equal(event_loopexit(NULL), 0);
}

TEST(bytes_written_before_loopexit_are_sent, DIFFERS(V21, "they are not"))
{
	struct conn c;

	bev_set_up_with(&c, write_and_exit_cb, note_bev_write_cb,
	    note_bev_error_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 3; i++) {
		send_text(c.fd[1], "x");
		assert_int_equal(event_dispatch(), 0);
		assert_log("A:read A:write");
		assert_arrived(c.fd[1], "hello");
	}
	bev_tear_down(&c);
}

static void
break_cb(struct bufferevent *bev, short what, void *name)
{
	note_bev_error_cb(bev, what, name);
	event_loopbreak();
}

TEST(loopbreak_in_the_error_callback_ends_the_loop)
{
	struct conn c;

	bev_set_up_with(&c, NULL, NULL, break_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	close_peer(&c);
	assert_int_equal(event_dispatch(), 0);
	assert_log("A:read+eof");
	assert_int_equal(event_dispatch(), 1);
	bev_tear_down(&c);
}

static void
loop_inside_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	bufferevent_setcb(bev, note_bev_read_cb, note_bev_write_cb,
	    note_bev_error_cb, "inside");
	write_text(bev, "hello");
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	note("back");
}

TEST(loop_inside_the_read_callback_sends_what_was_written,
    DIFFERS(V21, "refused"))
{
	struct conn c;

	bev_set_up_with(&c, loop_inside_cb, NULL, note_bev_error_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "x");
	bev_run_passes();
	assert_log("A:read inside:write back");
	assert_arrived(c.fd[1], "hello");
	bev_tear_down(&c);
}

/*
 * Several.
 */

TEST(several_are_called_in_the_order_of_arrival)
{
	static char *names[] = {"A", "B", "C"};
	struct event_base *base = event_init();
	struct bufferevent *bev[3];
	int fd[3][2];

	for (int i = 0; i < 3; i++) {
		make_pair(fd[i]);
		bev[i] = new_bev(fd[i][0], names[i]);
		bufferevent_enable(bev[i], EV_READ);
	}
	bev_run_passes();
	send_text(fd[2][1], "x");
	send_text(fd[0][1], "x");
	send_text(fd[1][1], "x");
	one_pass();
	assert_log("C:read A:read B:read");
	for (int i = 0; i < 3; i++) {
		bufferevent_free(bev[i]);
		close_pair(fd[i]);
	}
	event_base_free(base);
}

/* Two events with a bufferevent between them, which all get a byte. */
TEST(callbacks_take_their_turn_among_those_of_events)
{
	static const int orders[2][3] = {{0, 1, 2}, {2, 1, 0}};
	struct event first, last;
	int fd[2][2];
	struct conn c;

	bev_set_up(&c);
	make_pair(fd[0]);
	make_pair(fd[1]);
	event_set(&first, fd[0][0], EV_READ | EV_PERSIST, note_read_cb, "1");
	event_set(&last, fd[1][0], EV_READ | EV_PERSIST, note_read_cb, "2");
	event_add(&first, NULL);
	event_add(&last, NULL);
	bufferevent_enable(c.bev, EV_READ);
	for (int i = 0; i < 2; i++) {
		int peers[] = {fd[0][1], c.fd[1], fd[1][1]};

		bev_run_passes();
		for (int j = 0; j < 3; j++)
			write_byte(peers[orders[i][j]]);
		one_pass();
		assert_log(
		    i == 0 ? "1:read A:read 2:read" : "2:read A:read 1:read");
	}
	event_del(&first);
	event_del(&last);
	close_pair(fd[0]);
	close_pair(fd[1]);
	bev_tear_down(&c);
}

/* writer: the descriptor for the second one, which only writes. */
static void
check_reader_and_writer(struct conn *c, int writer)
{
	struct bufferevent *other = new_bev(writer, "B");

	bufferevent_disable(c->bev, EV_WRITE);
	bufferevent_enable(c->bev, EV_READ);
	for (int i = 0; i < 3; i++) {
		send_text(c->fd[1], "x");
		write_text(other, "y");
		assert_int_equal(bev_run_passes(), 0);
		assert_int_equal(input_length(c->bev), i + 1);
		assert_arrived(c->fd[1], "y");
	}
	bufferevent_disable(c->bev, EV_READ);
	write_text(other, "y");
	assert_int_equal(bev_run_passes(), 1);
	assert_arrived(c->fd[1], "y");
	bufferevent_free(other);
	note_clear();
}

TEST(one_reads_and_another_writes_on_the_same_descriptor)
{
	struct conn c;

	bev_set_up(&c);
	check_reader_and_writer(&c, c.fd[0]);
	bev_tear_down(&c);
}

TEST(one_reads_and_another_writes_on_a_copy_of_the_descriptor)
{
	struct conn c;
	int copy;

	bev_set_up(&c);
	copy = dup(c.fd[0]);
	check_reader_and_writer(&c, copy);
	close(copy);
	bev_tear_down(&c);
}

static void
pass_on_cb(struct bufferevent *bev, void *next)
{
	bufferevent_write_buffer(next, EVBUFFER_INPUT(bev));
}

/* Each hands what it reads to the next one, whose peer is the one after. */
TEST(many_in_a_row_pass_bytes_on)
{
	enum {
		N = 100
	};
	struct event_base *base = event_init();
	struct bufferevent *out[N], *in[N];
	int fd[N][2];

	for (int i = 0; i < N; i++) {
		make_pair(fd[i]);
		out[i] = bufferevent_new(fd[i][0], NULL, NULL, NULL, NULL);
		in[i] = bufferevent_new(fd[i][1], pass_on_cb, NULL, NULL, NULL);
		bufferevent_enable(in[i], EV_READ);
	}
	for (int i = 0; i < N - 1; i++)
		bufferevent_setcb(in[i], pass_on_cb, NULL, NULL, out[i + 1]);
	bufferevent_setcb(in[N - 1], note_bev_read_cb, NULL, NULL, "last");
	write_text(out[0], "hello");
	bev_run_passes();
	assert_log("last:read");
	assert_input(in[N - 1], "hello");
	for (int i = 0; i < N; i++) {
		bufferevent_free(in[i]);
		bufferevent_free(out[i]);
		close_pair(fd[i]);
	}
	event_base_free(base);
}
