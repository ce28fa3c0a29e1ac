/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When a bufferevent writes "ahead", that is before the loop has reported the
 * descriptor as writable: at once where that saves a system call, never where
 * it might block, and only a few times in a row, so that other events do not
 * starve.
 */
#include <sys/socket.h>

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "buffers.h"
#include "test.h"
#include "wrap.h"

/* --- one that writes --- */

/* A bufferevent, and the other end of its connection. */
struct end {
	struct event_base *base;
	struct bufferevent *bev;
	int fd[2];
	int calls; /* of a callback */
};

static void
end_open(struct end *end, evbuffercb readcb, evbuffercb writecb)
{
	end->base = event_init();
	end->calls = 0;
	make_pair(end->fd);
	end->bev = bufferevent_new(end->fd[0], readcb, writecb, NULL, end);
	assert_non_null(end->bev);
	assert_int_equal(bufferevent_enable(end->bev, EV_READ), 0);
	event_loop(EVLOOP_NONBLOCK);
}

static void
end_close(struct end *end)
{
	bufferevent_free(end->bev);
	close_pair(end->fd);
	event_base_free(end->base);
}

static void
write_in_pieces_cb(struct bufferevent *bev, void *arg)
{
	struct evbuffer *more = evbuffer_new();

	(void)arg;
	evbuffer_drain(EVBUFFER_INPUT(bev), 1);
	bufferevent_write(bev, "one ", 4);
	bufferevent_write(bev, "two ", 4);
	evbuffer_add_printf(more, "%s ", "three");
	bufferevent_write_buffer(bev, more);
	bufferevent_write(bev, "four", 4);
	evbuffer_free(more);
}

/* What a pass costs that begins with a byte to be read. */
static struct counts
pass_with_a_byte(struct end *end)
{
	struct counts c;

	write_byte(end->fd[1]);
	c = counts;
	event_loop(EVLOOP_NONBLOCK);
	return counts_since(&c);
}

static void
assert_gets(struct end *end, const char *expected)
{
	char text[1000];
	ssize_t n = recv(end->fd[1], text, sizeof(text) - 1, 0);

	assert_in_range(n, 0, sizeof(text) - 1);
	text[n] = '\0';
	assert_string_equal(text, expected);
}

TEST(several_writes_in_a_callback_are_one_send)
{
	struct counts c;
	struct end end;

	end_open(&end, write_in_pieces_cb, NULL);
	for (int i = 0; i < 20; i++) {
		c = pass_with_a_byte(&end);
		assert_gets(&end, "one two three four");
		assert_int_equal(c.writes, 1);
		assert_int_equal(c.reads, 1);
		assert_int_equal(c.epoll_ctl, 0);
	}
	end_close(&end);
}

static void
write_from_a_timer_cb(int fd, short what, void *arg)
{
	struct end *end = arg;

	(void)fd;
	(void)what;
	bufferevent_write(end->bev, "one ", 4);
	bufferevent_write(end->bev, "two", 3);
}

/*
 * The bufferevent reads nothing meanwhile, so that it has to ask the kernel now
 * and then whether it can write.
 */
TEST(writes_from_a_timer_are_one_send_and_few_waits)
{
	const int rounds = 90;
	struct event timer;
	struct counts c, all = {0};
	struct end end;

	end_open(&end, NULL, NULL);
	evtimer_set(&timer, write_from_a_timer_cb, &end);
	for (int i = 0; i < rounds; i++) {
		evtimer_add(&timer, MSEC(0));
		c = counts;
		event_loop(EVLOOP_NONBLOCK);
		c = counts_since(&c);
		all.writes += c.writes;
		all.epoll_ctl += c.epoll_ctl;
		all.others += c.others;
		assert_gets(&end, "one two");
	}
	assert_int_equal(all.writes, rounds);
	assert_in_range(all.epoll_ctl, 0, rounds * 2 / 3);
	assert_int_equal(all.others, 0);
	end_close(&end);
}

TEST(write_to_a_full_socket_costs_one_call_without_success)
{
	struct counts c;
	struct end end;
	char text[4096];

	end_open(&end, write_in_pieces_cb, NULL);
	pass_with_a_byte(&end);
	fill(end.fd[0]);
	c = pass_with_a_byte(&end);
	assert_int_equal(c.writes, 1);
	assert_int_equal(c.reads, 1);
	assert_in_range(c.epoll_ctl, 1, 3);
	for (int i = 0; i < 10; i++) {
		c = pass_with_a_byte(&end);
		assert_int_equal(c.writes, 0);
		assert_int_equal(c.reads, 1);
		assert_int_equal(c.epoll_ctl, 0);
	}
	while (recv(end.fd[1], text, sizeof(text), 0) > 0)
		continue;
	c = counts;
	event_loop(EVLOOP_NONBLOCK);
	c = counts_since(&c);
	assert_int_equal(c.writes, 1);
	assert_in_range(c.epoll_ctl, 1, 3);
	assert_int_equal(EVBUFFER_LENGTH(EVBUFFER_OUTPUT(end.bev)), 0);
	end_close(&end);
}

/*
 * The first write waits even where it would not block: the descriptor may still
 * be connecting, and the write callback is how the program notices that.
 */
TEST(first_write_waits_until_the_descriptor_is_ready)
{
	struct counts c;
	struct end end;
	char text[4096];

	end_open(&end, NULL, NULL);
	fill(end.fd[0]);
	for (int i = 0; i < 2; i++) {
		c = counts;
		bufferevent_write(end.bev, "text", 4);
		event_loop(EVLOOP_NONBLOCK);
		c = counts_since(&c);
		assert_int_equal(c.writes, 0);
		while (recv(end.fd[1], text, sizeof(text), 0) > 0)
			continue;
		event_loop(EVLOOP_NONBLOCK);
		assert_gets(&end, "text");
		fill(end.fd[0]);
		bufferevent_setfd(end.bev, end.fd[0]);
	}
	end_close(&end);
}

static void
set_blocking(int fd)
{
	assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
}

TEST(full_socket_that_blocks_does_not_delay_a_callback)
{
	struct end end;

	end_open(&end, write_in_pieces_cb, NULL);
	pass_with_a_byte(&end);
	fill(end.fd[0]);
	set_blocking(end.fd[0]);
	for (int i = 0; i < 10; i++)
		pass_with_a_byte(&end);
	assert_int_equal(EVBUFFER_LENGTH(EVBUFFER_OUTPUT(end.bev)), 10 * 18);
	end_close(&end);
}

/* The data is more than the socket's buffer has room for. */
TEST(full_socket_that_blocks_does_not_delay_a_large_write)
{
	struct evbuffer *data = new_text(64 * KB);
	unsigned char text[4096];
	struct end end;
	size_t got = 0;
	ssize_t n;

	end_open(&end, NULL, NULL);
	pass_with_a_byte(&end);
	fill(end.fd[0]);
	set_blocking(end.fd[0]);
	bufferevent_write_buffer(end.bev, data);
	event_loop(EVLOOP_NONBLOCK); /* does not wait */
	while (recv(end.fd[1], text, sizeof(text), 0) > 0)
		;
	event_loop(EVLOOP_NONBLOCK);
	while ((n = recv(end.fd[1], text, sizeof(text), 0)) > 0) {
		assert_true(is_text(text, (size_t)n, got));
		got += (size_t)n;
	}
	assert_int_equal(got, 64 * KB);
	evbuffer_free(data);
	end_close(&end);
}

/* --- descriptors other than sockets --- */

/*
 * The library does not make the program's pipe non-blocking.  So even a pipe
 * that was writable each time so far is not written to before the loop reports
 * it as writable.
 */
TEST(full_pipe_that_blocks_is_never_written_to)
{
	struct event_base *base = event_init();
	struct bufferevent *bev;
	struct counts c;
	char text[4096] = "";
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	bev = bufferevent_new(fd[1], NULL, NULL, NULL, NULL);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 20; i++) {
			bufferevent_write(bev, "text", 4);
			event_loop(EVLOOP_NONBLOCK);
			assert_int_equal(read(fd[0], text, sizeof(text)), 4);
		}
		fcntl(fd[1], F_SETFL, O_NONBLOCK);
		fill(fd[1]);
		set_blocking(fd[1]);
		c = counts;
		for (int i = 0; i < 20; i++) {
			bufferevent_write(bev, "text", 4);
			event_loop(EVLOOP_NONBLOCK);
		}
		c = counts_since(&c);
		assert_int_equal(c.writes, 0);
		fcntl(fd[0], F_SETFL, O_NONBLOCK);
		while (read(fd[0], text, sizeof(text)) > 0)
			continue;
		set_blocking(fd[0]);
		event_loop(EVLOOP_NONBLOCK);
		assert_int_equal(read(fd[0], text, sizeof(text)), 80);
	}
	bufferevent_free(bev);
	close_pair(fd);
	event_base_free(base);
}

/* A pipe that is writable costs one call for each message. */
TEST(message_to_a_pipe_costs_one_write)
{
	struct event_base *base = event_init();
	struct bufferevent *bev;
	struct counts c;
	char text[100];
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	bev = bufferevent_new(fd[1], NULL, NULL, NULL, NULL);
	for (int i = 0; i < 20; i++) {
		c = counts;
		bufferevent_write(bev, "one ", 4);
		bufferevent_write(bev, "two", 3);
		event_loop(EVLOOP_NONBLOCK);
		c = counts_since(&c);
		assert_in_range(c.writes, 1, i == 0 ? 2 : 1);
		assert_int_equal(read(fd[0], text, sizeof(text)), 7);
	}
	bufferevent_free(bev);
	close_pair(fd);
	event_base_free(base);
}

/* A terminal that blocks, with its output stopped, as by ^S. */
static void
open_stopped_terminal(int fd[2])
{
	struct termios mode;

	fd[0] = posix_openpt(O_RDWR | O_NOCTTY);
	assert_int_not_equal(fd[0], -1);
	assert_int_equal(grantpt(fd[0]), 0);
	assert_int_equal(unlockpt(fd[0]), 0);
	fd[1] = open(ptsname(fd[0]), O_RDWR | O_NOCTTY);
	assert_int_not_equal(fd[1], -1);
	assert_int_equal(tcgetattr(fd[1], &mode), 0);
	cfmakeraw(&mode);
	assert_int_equal(tcsetattr(fd[1], TCSANOW, &mode), 0);
	assert_int_equal(tcflow(fd[1], TCOOFF), 0);
}

/* A terminal that can be read need not be writable. */
TEST(stopped_terminal_that_blocks_is_not_written_to_where_it_was_read)
{
	struct event_base *base = event_init();
	struct bufferevent *bev;
	struct counts c;
	int fd[2];

	open_stopped_terminal(fd);
	bev = bufferevent_new(fd[1], write_in_pieces_cb, NULL, NULL, NULL);
	bufferevent_enable(bev, EV_READ);
	for (int i = 0; i < 20; i++) {
		write_byte(fd[0]);
		c = counts;
		event_loop(EVLOOP_ONCE);
		c = counts_since(&c);
		assert_int_equal(c.reads, 1);
		assert_in_range(c.writes, 0, i == 0 ? 2 : 0);
	}
	assert_int_equal(EVBUFFER_LENGTH(EVBUFFER_OUTPUT(bev)), 20 * 18);
	assert_int_equal(tcflow(fd[1], TCOON), 0);
	event_loop(EVLOOP_ONCE);
	assert_int_equal(EVBUFFER_LENGTH(EVBUFFER_OUTPUT(bev)), 0);
	bufferevent_free(bev);
	close_pair(fd);
	event_base_free(base);
}

/* --- credit --- */

static void
write_more_cb(struct bufferevent *bev, void *arg)
{
	struct end *end = arg;

	end->calls++;
	assert_int_equal(bufferevent_write(bev, "more", 4), 0);
}

/*
 * A bufferevent always has more to write, and its socket always takes that:
 * after a few writes in a row the loop serves other events.
 */
TEST(writing_without_an_end_leaves_the_loop_time_for_others)
{
	struct event other;
	struct end end;
	int calls = 0, before, fd[2];
	char text[4096];

	end_open(&end, NULL, write_more_cb);
	make_readable_pair(fd);
	event_set(&other, fd[0], EV_READ | EV_PERSIST, count_cb, &calls);
	event_add(&other, NULL);
	bufferevent_enable(end.bev, EV_READ | EV_WRITE);
	write_more_cb(end.bev, &end);
	for (int i = 0; i < 50; i++) {
		before = end.calls;
		event_loop(EVLOOP_ONCE);
		assert_int_equal(calls, i + 1);
		assert_in_range(end.calls - before, 1, 10);
		while (recv(end.fd[1], text, sizeof(text), 0) > 0)
			continue;
	}
	event_del(&other);
	close_pair(fd);
	end_close(&end);
}
