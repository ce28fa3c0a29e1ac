/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bufferevents on sockets that are connecting, as clients have them.
 */
#include "test.h"
#include "bev.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>

/* A server's socket on loopback and a client that connects to it. */
struct client {
	struct event_base *base;
	struct bufferevent *bev;
	struct sockaddr_in addr;
	int server, fd;
};

/* Listens with this backlog; if that is -1, does not listen, and the kernel
 * refuses connections. */
static void
make_server(struct client *c, int backlog)
{
	socklen_t len = sizeof c->addr;

	memset(&c->addr, 0, sizeof c->addr);
	c->addr.sin_family = AF_INET;
	c->addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->server = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(c->server, (struct sockaddr *)&c->addr, len), 0);
	if (backlog >= 0)
		assert_int_equal(listen(c->server, backlog), 0);
	getsockname(c->server, (struct sockaddr *)&c->addr, &len);
}

static void
connect_client(struct client *c)
{
	int result;

	c->base = event_init();
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	result = connect(c->fd, (struct sockaddr *)&c->addr, sizeof c->addr);
	assert_true(result == 0 || errno == EINPROGRESS);
	c->bev = new_bev(c->fd, "A");
}

static void
set_up_connecting(struct client *c)
{
	make_server(c, 5);
	connect_client(c);
}

static void
set_up_refused(struct client *c)
{
	make_server(c, -1);
	connect_client(c);
}

static void
tear_down_client(struct client *c)
{
	bufferevent_free(c->bev);
	close(c->fd);
	if (c->server != -1)
		close(c->server);
	event_base_free(c->base);
}

static int
pending_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof error;

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len), 0);
	return error;
}

static bool
is_connected(int fd)
{
	struct sockaddr_in addr;
	socklen_t len = sizeof addr;

	return getpeername(fd, (struct sockaddr *)&addr, &len) == 0;
}

/* Runs the loop until the notes contain text. */
static void
wait_for(const char *text)
{
	while (strstr(noted(), text) == NULL)
		assert_int_equal(event_loop(EVLOOP_ONCE), 0);
}

/*
 * Connected.
 */

static void
connected_cb(struct bufferevent *bev, void *name)
{
	note_bev_write_cb(bev, name);
	assert_true(is_connected(EVENT_FD(&bev->ev_write)));
}

TEST(write_callback_comes_when_connected)
{
	struct client c;

	set_up_connecting(&c);
	bufferevent_setcb(c.bev, NULL, connected_cb, note_bev_error_cb, "A");
	assert_int_equal(bufferevent_enable(c.bev, EV_WRITE), 0);
	assert_log("");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	tear_down_client(&c);
}

/* The server's queue is full, until the test takes a client out of it. */
TEST(write_callback_does_not_come_before_the_connection)
{
	struct client c;
	int first;

	make_server(&c, 0);
	first = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(first, (struct sockaddr *)&c.addr,
			     sizeof c.addr),
	    0);
	connect_client(&c);
	bufferevent_setcb(c.bev, NULL, connected_cb, note_bev_error_cb, "A");
	bufferevent_enable(c.bev, EV_WRITE);
	bev_run_passes();
	close(accept(c.server, NULL, NULL));
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	close(first);
	tear_down_client(&c);
}

TEST(bytes_written_while_connecting_are_sent)
{
	char got[5] = "";
	struct client c;
	int peer;

	set_up_connecting(&c);
	bufferevent_enable(c.bev, READ_WRITE);
	assert_int_equal(bufferevent_write(c.bev, "hello", 5), 0);
	assert_true(writes(c.bev));
	wait_for("A:write");
	assert_log("A:write");
	assert_output(c.bev, "");
	peer = accept(c.server, NULL, NULL);
	assert_int_equal(recv(peer, got, 5, MSG_WAITALL), 5);
	assert_memory_equal(got, "hello", 5);
	close(peer);
	wait_for("A:read+eof");
	tear_down_client(&c);
}

static void
greet_cb(struct bufferevent *bev, void *name)
{
	note_bev_write_cb(bev, name);
	bufferevent_setcb(bev, note_bev_read_cb, NULL, note_bev_error_cb, name);
	write_text(bev, "hello");
	bufferevent_enable(bev, EV_READ);
}

TEST(connected_client_talks_with_the_server)
{
	char got[5] = "";
	struct client c;
	int peer;

	set_up_connecting(&c);
	bufferevent_setcb(c.bev, NULL, greet_cb, note_bev_error_cb, "A");
	bufferevent_enable(c.bev, EV_WRITE);
	wait_for("A:write");
	peer = accept(c.server, NULL, NULL);
	send_text(peer, "welcome");
	wait_for("A:read");
	assert_log("A:write A:read");
	assert_input(c.bev, "welcome");
	assert_int_equal(recv(peer, got, 5, MSG_WAITALL), 5);
	assert_memory_equal(got, "hello", 5);
	close(peer);
	tear_down_client(&c);
}

static void
reset(int fd)
{
	struct linger at_once = {1, 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	close(fd);
}

TEST(reset_by_the_server_is_a_read_error)
{
	struct client c;

	set_up_connecting(&c);
	bufferevent_enable(c.bev, EV_READ);
	reset(accept(c.server, NULL, NULL));
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+error");
	tear_down_client(&c);
}

static int server_end;
static bool was_reset;

static void
was_reset_cb(struct bufferevent *bev, short what, void *name)
{
	was_reset |= what & EVBUFFER_ERROR && errno == ECONNRESET;
	note_bev_error_cb(bev, what, name);
}

static void
lose_server_and_write_cb(struct bufferevent *bev, void *name)
{
	note_bev_read_cb(bev, name);
	reset(server_end);
	write_text(bev, "hello");
}

/* Reading comes first, and gets the error; writing then has no peer. */
TEST(reset_before_an_answer_is_a_read_error,
    DIFFERS(V21, "writing comes first, and finds it out"))
{
	struct client c;

	signal(SIGPIPE, SIG_IGN);
	set_up_connecting(&c);
	bufferevent_setcb(c.bev, lose_server_and_write_cb, note_bev_write_cb,
	    was_reset_cb, "A");
	write_text(c.bev, "first");
	wait_for("A:write");
	server_end = accept(c.server, NULL, NULL);
	send_text(server_end, "x");
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(event_dispatch(), 1);
	assert_true(was_reset);
	assert_log("A:write A:read A:read+error A:write+error");
	assert_output(c.bev, "hello");
	tear_down_client(&c);
}

/*
 * Refused.
 */

static int seen_errno;

static void
errno_cb(struct bufferevent *bev, short what, void *name)
{
	if (noted()[0] == '\0')
		seen_errno = errno;
	note_bev_error_cb(bev, what, name);
}

TEST(refused_with_nothing_to_send_calls_the_write_callback)
{
	struct client c;

	set_up_refused(&c);
	bufferevent_enable(c.bev, EV_WRITE);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	assert_int_equal(pending_error(c.fd), ECONNREFUSED);
	tear_down_client(&c);
}

TEST(refused_while_reading_is_a_read_error,
    DIFFERS(V21, "is the end of the file"))
{
	struct client c;

	set_up_refused(&c);
	bufferevent_setcb(c.bev, NULL, NULL, errno_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+error");
	assert_int_equal(seen_errno, ECONNREFUSED);
	tear_down_client(&c);
}

TEST(refused_with_something_to_send_is_a_write_error)
{
	struct client c;

	set_up_refused(&c);
	bufferevent_setcb(c.bev, NULL, note_bev_write_cb, errno_cb, "A");
	write_text(c.bev, "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write+error");
	assert_int_equal(seen_errno, ECONNREFUSED);
	assert_output(c.bev, "hello");
	tear_down_client(&c);
}

TEST(refused_with_both_enabled_is_a_read_error_first,
    DIFFERS(V21, "writes first"))
{
	struct client c;

	set_up_refused(&c);
	bufferevent_setcb(c.bev, NULL, note_bev_write_cb, errno_cb, "A");
	bufferevent_enable(c.bev, READ_WRITE);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+error A:write");
	assert_int_equal(seen_errno, ECONNREFUSED);
	tear_down_client(&c);
}

TEST(refused_with_all_that_is_two_errors, DIFFERS(V21, "writes first"))
{
	struct client c;

	signal(SIGPIPE, SIG_IGN);
	set_up_refused(&c);
	bufferevent_setcb(c.bev, NULL, note_bev_write_cb, errno_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	write_text(c.bev, "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+error A:write+error");
	assert_int_equal(seen_errno, ECONNREFUSED);
	assert_output(c.bev, "hello");
	tear_down_client(&c);
}

/* What a client does that has more addresses to try. */
static void
try_next_cb(struct bufferevent *bev, short what, void *client)
{
	struct client *c = client;

	note_bev_error_cb(bev, what, "A");
	close(c->fd);
	close(c->server);
	make_server(c, 5);
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	connect(c->fd, (struct sockaddr *)&c->addr, sizeof c->addr);
	bufferevent_setfd(bev, c->fd);
	bufferevent_setcb(bev, NULL, note_bev_write_cb, note_bev_error_cb, "B");
	bufferevent_enable(bev, EV_WRITE);
}

TEST(refused_client_sends_its_bytes_over_the_next_connection)
{
	char got[5] = "";
	struct client c;
	int peer;

	set_up_refused(&c);
	bufferevent_setcb(c.bev, NULL, NULL, try_next_cb, &c);
	write_text(c.bev, "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write+error B:write");
	peer = accept(c.server, NULL, NULL);
	assert_int_equal(recv(peer, got, 5, MSG_WAITALL), 5);
	assert_memory_equal(got, "hello", 5);
	close(peer);
	tear_down_client(&c);
}

TEST(socket_that_was_never_connected_is_an_error)
{
	struct client c = {.server = -1};

	signal(SIGPIPE, SIG_IGN);
	c.base = event_init();
	c.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	c.bev = new_bev(c.fd, "A");
	bufferevent_setcb(c.bev, NULL, NULL, errno_cb, "A");
	write_text(c.bev, "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write+error");
	assert_int_equal(seen_errno, EPIPE);
	bufferevent_enable(c.bev, EV_READ);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+error");
	assert_int_equal(seen_errno, ENOTCONN);
	assert_output(c.bev, "hello");
	tear_down_client(&c);
}

static struct client elsewhere;

/* An answer, and then it turns out that the server has moved. */
static void
write_and_move_cb(struct bufferevent *bev, void *name)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	note_bev_read_cb(bev, name);
	write_text(bev, "hello");
	connect(fd, (struct sockaddr *)&elsewhere.addr, sizeof elsewhere.addr);
	bufferevent_setfd(bev, fd);
	bufferevent_enable(bev, READ_WRITE);
}

/* What was written for the old connection waits for the new one. */
TEST(refusal_after_a_move_in_a_read_callback_is_a_read_error,
    DIFFERS(V21, "writing comes first, and finds it out"))
{
	struct client c;
	int old, end;

	signal(SIGPIPE, SIG_IGN);
	make_server(&elsewhere, -1);
	set_up_connecting(&c);
	old = c.fd;
	bufferevent_setcb(c.bev, write_and_move_cb, note_bev_write_cb,
	    note_bev_error_cb, "A");
	bufferevent_enable(c.bev, EV_READ);
	end = accept(c.server, NULL, NULL);
	send_text(end, "x");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read A:read+error A:write+error");
	assert_output(c.bev, "hello");
	c.fd = c.bev->ev_read.ev_fd;
	close(old);
	close(end);
	close(elsewhere.server);
	tear_down_client(&c);
}

static void
end_and_write_cb(int fd, short what, void *bev)
{
	(void)fd;
	(void)what;
	send_text(server_end, "last");
	reset(server_end);
	write_text(bev, "hello");
}

/* Reading finds the last bytes, so that writing is the first to get the
 * error. */
TEST(reset_after_the_last_bytes_is_a_write_error,
    DIFFERS(V21, "writing comes first"))
{
	struct event timer;
	struct client c;

	signal(SIGPIPE, SIG_IGN);
	set_up_connecting(&c);
	write_text(c.bev, "first");
	wait_for("A:write");
	note_clear();
	server_end = accept(c.server, NULL, NULL);
	bufferevent_enable(c.bev, EV_READ);
	evtimer_set(&timer, end_and_write_cb, c.bev);
	evtimer_add(&timer, MSEC(0));
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read A:write+error A:read+eof");
	assert_input(c.bev, "last");
	tear_down_client(&c);
}
