/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Events that wait for a descriptor: readiness, one-shot and persistent
 * events, ends and errors of connections.
 */
#include "test.h"

#include <sys/socket.h>
#include <netinet/in.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

static void
add(struct event *ev, int fd, short events, void *name)
{
	event_set(ev, fd, events, note_cb, name);
	assert_int_equal(event_add(ev, NULL), 0);
}

TEST(one_shot_event_fires_once)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	add(&ev, fd[0], EV_READ, "A");
	assert_int_equal(event_dispatch(), 1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

static int calls;

static void
add_again_cb(int fd, short what, void *ev)
{
	note_cb(fd, what, "A");
	if (++calls < 3)
		assert_int_equal(event_add(ev, NULL), 0);
}

TEST(one_shot_event_may_be_added_again_in_its_callback)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, add_again_cb, &ev);
	event_add(&ev, NULL);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read A:read A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(one_shot_event_may_be_added_again_after_it_fired)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	add(&ev, fd[0], EV_READ, "A");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(event_dispatch(), 1);
		assert_log("A:read");
		assert_int_equal(event_add(&ev, NULL), 0);
	}
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

TEST(persistent_event_fires_until_the_data_is_read)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	add(&ev, fd[0], EV_READ | EV_PERSIST, "A");
	one_pass();
	one_pass();
	assert_log("A:read A:read");
	read_byte(fd[0]);
	one_pass();
	assert_log("");
	write_byte(fd[1]);
	one_pass();
	assert_log("A:read");
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

TEST(read_and_write_together_are_one_call)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	add(&ev, fd[0], EV_READ | EV_WRITE, "A");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+write");
	close_pair(fd);
	event_base_free(base);
}

TEST(read_and_write_event_fires_for_either)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	add(&ev, fd[0], EV_READ | EV_WRITE | EV_PERSIST, "A");
	one_pass();
	assert_log("A:write");
	fill(fd[0]);
	one_pass();
	assert_log("");
	write_byte(fd[1]);
	one_pass();
	assert_log("A:read");
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

TEST(write_event_waits_for_room)
{
	struct event_base *base = event_init();
	char block[4096];
	struct event ev;
	int fd[2];

	make_pair(fd);
	fill(fd[0]);
	add(&ev, fd[0], EV_WRITE, "A");
	one_pass();
	assert_log("");
	while (read(fd[1], block, sizeof block) > 0)
		;
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	close_pair(fd);
	event_base_free(base);
}

TEST(end_of_file_is_readable)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	add(&ev, fd[0], EV_READ, "A");
	one_pass();
	close(fd[1]);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close(fd[0]);
	event_base_free(base);
}

TEST(half_closed_connection_is_readable_only)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	fill(fd[0]);
	add(&ev, fd[0], EV_READ | EV_WRITE, "A");
	shutdown(fd[1], SHUT_WR);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(closed_connection_is_readable_and_writable)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_pair(fd);
	close(fd[1]);
	add(&ev, fd[0], EV_READ | EV_WRITE, "A");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+write");
	add(&ev, fd[0], EV_READ, "A");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	add(&ev, fd[0], EV_WRITE, "A");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	close(fd[0]);
	event_base_free(base);
}

TEST(pipe_without_writers_is_readable)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	add(&ev, fd[0], EV_READ, "A");
	one_pass();
	assert_log("");
	close(fd[1]);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close(fd[0]);
	event_base_free(base);
}

TEST(pipe_without_readers_is_writable)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	evutil_make_socket_nonblocking(fd[1]);
	fill(fd[1]);
	add(&ev, fd[1], EV_WRITE, "A");
	one_pass();
	assert_log("");
	close(fd[0]);
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	close(fd[1]);
	event_base_free(base);
}

TEST(error_on_a_descriptor_fires_whatever_is_waited_for)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	close(fd[0]);
	add(&ev, fd[1], EV_READ, "A");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close(fd[1]);
	event_base_free(base);
}

/* A TCP socket on the loopback address, bound to a port of its own. */
static int
bound_socket(struct sockaddr_in *sin)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	socklen_t len = sizeof *sin;

	memset(sin, 0, sizeof *sin);
	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)sin, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)sin, &len), 0);
	return fd;
}

static int
connecting_socket(const struct sockaddr_in *sin)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)sin, sizeof *sin),
	    -1);
	return fd;
}

TEST(refused_connection_is_readable_and_writable)
{
	struct event_base *base = event_init();
	struct sockaddr_in sin;
	struct event ev;
	int bound = bound_socket(&sin);
	int fd = connecting_socket(&sin);

	add(&ev, fd, EV_READ | EV_WRITE, "A");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read+write");
	close(fd);
	close(bound);
	event_base_free(base);
}

TEST(connected_socket_is_writable_and_listener_readable)
{
	struct event_base *base = event_init();
	struct event listener, client;
	struct sockaddr_in sin;
	int bound = bound_socket(&sin);
	int fd;

	listen(bound, 5);
	add(&listener, bound, EV_READ, "listener");
	one_pass();
	assert_log("");
	fd = connecting_socket(&sin);
	assert_int_equal(event_dispatch(), 1);
	assert_log("listener:read");
	add(&client, fd, EV_WRITE, "client");
	assert_int_equal(event_dispatch(), 1);
	assert_log("client:write");
	close(fd);
	close(bound);
	event_base_free(base);
}

TEST(deleted_event_does_not_fire)
{
	struct event_base *base = event_init();
	struct event ev, other;
	int fd[2][2];

	make_readable_pair(fd[0]);
	make_readable_pair(fd[1]);
	add(&ev, fd[0][0], EV_READ | EV_PERSIST, "A");
	add(&other, fd[1][0], EV_READ, "B");
	assert_int_equal(event_del(&ev), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("B:read");
	close_pair(fd[0]);
	close_pair(fd[1]);
	event_base_free(base);
}

static void
del_other_cb(int fd, short what, void *other)
{
	note_cb(fd, what, "A");
	assert_int_equal(event_del(other), 0);
}

TEST(ready_event_deleted_by_another_callback_does_not_fire)
{
	struct event_base *base = event_init();
	struct event first, second;
	int fd[2][2];

	make_readable_pair(fd[0]);
	make_readable_pair(fd[1]);
	event_set(&first, fd[0][0], EV_READ, del_other_cb, &second);
	event_add(&first, NULL);
	add(&second, fd[1][0], EV_READ | EV_PERSIST, "B");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd[0]);
	close_pair(fd[1]);
	event_base_free(base);
}

static void
del_and_add_other_cb(int fd, short what, void *other)
{
	note_cb(fd, what, "A");
	assert_int_equal(event_del(other), 0);
	assert_int_equal(event_add(other, NULL), 0);
}

TEST(ready_event_deleted_and_added_waits_for_the_next_pass)
{
	struct event_base *base = event_init();
	struct event first, second;
	int fd[2][2];

	make_readable_pair(fd[0]);
	make_readable_pair(fd[1]);
	event_set(&first, fd[0][0], EV_READ, del_and_add_other_cb, &second);
	event_add(&first, NULL);
	add(&second, fd[1][0], EV_READ, "B");
	one_pass();
	assert_log("A:read");
	one_pass();
	assert_log("B:read");
	close_pair(fd[0]);
	close_pair(fd[1]);
	event_base_free(base);
}

static void
read_other_cb(int fd, short what, void *other)
{
	note_cb(fd, what, "A");
	assert_int_equal(read_byte(EVENT_FD((struct event *)other)), 'x');
}

TEST(ready_event_fires_even_if_its_data_was_read_meanwhile)
{
	struct event_base *base = event_init();
	struct event first, second;
	int fd[2][2];

	make_readable_pair(fd[0]);
	make_readable_pair(fd[1]);
	event_set(&first, fd[0][0], EV_READ, read_other_cb, &second);
	event_add(&first, NULL);
	add(&second, fd[1][0], EV_READ, "B");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read B:read");
	close_pair(fd[0]);
	close_pair(fd[1]);
	event_base_free(base);
}

TEST(event_may_be_switched_from_read_to_write)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	add(&ev, fd[0], EV_READ | EV_PERSIST, "A");
	one_pass();
	assert_log("A:read");
	event_del(&ev);
	add(&ev, fd[0], EV_WRITE | EV_PERSIST, "A");
	one_pass();
	assert_log("A:write");
	event_del(&ev);
	close_pair(fd);
	event_base_free(base);
}

/* Programs look at errno only after they have added the event again. */
TEST(event_add_and_event_del_leave_errno_alone)
{
	struct event_base *base = event_init();
	struct event r, w;
	int fd[2];

	make_pair(fd);
	event_set(&r, fd[0], EV_READ, idle_cb, NULL);
	event_set(&w, fd[0], EV_WRITE, idle_cb, NULL);
	errno = ENOTTY;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(event_add(&r, NULL), 0);
		one_pass();
		errno = ENOTTY;
		assert_int_equal(event_add(&w, NULL), 0);
		assert_int_equal(errno, ENOTTY);
		assert_int_equal(event_del(&r), 0);
		assert_int_equal(event_add(&r, NULL), 0);
		assert_int_equal(errno, ENOTTY);
		assert_int_equal(event_del(&w), 0);
		assert_int_equal(event_del(&r), 0);
		assert_int_equal(errno, ENOTTY);
	}
	close_pair(fd);
	event_base_free(base);
}
