/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Events that wait for a descriptor: readiness, one-shot and persistent
 * events, several events on one descriptor, kinds of descriptors.
 */
#include "test.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
one_pass(void)
{
	assert_int_equal(event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
}

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

TEST(event_switched_from_read_to_write)
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

/*
 * Several events on one descriptor.
 */

TEST(reader_and_writer_of_one_fd_are_two_events)
{
	struct event_base *base = event_init();
	struct event reader, writer;
	int fd[2];

	make_pair(fd);
	add(&reader, fd[0], EV_READ | EV_PERSIST, "R");
	add(&writer, fd[0], EV_WRITE | EV_PERSIST, "W");
	one_pass();
	assert_log("W:write");
	fill(fd[0]);
	write_byte(fd[1]);
	one_pass();
	assert_log("R:read");
	event_del(&writer);
	one_pass();
	assert_log("R:read");
	event_del(&reader);
	assert_int_equal(event_dispatch(), 1);
	close_pair(fd);
	event_base_free(base);
}

TEST(one_shot_writer_leaves_the_reader_of_its_fd)
{
	struct event_base *base = event_init();
	struct event reader, writer;
	int fd[2];

	make_pair(fd);
	add(&reader, fd[0], EV_READ, "R");
	add(&writer, fd[0], EV_WRITE, "W");
	one_pass();
	assert_log("W:write");
	write_byte(fd[1]);
	assert_int_equal(event_dispatch(), 1);
	assert_log("R:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(reader_deletes_the_writer_of_its_fd,
    DIFFERS(V21, "the last one added runs first"))
{
	struct event_base *base = event_init();
	struct event reader, writer;
	int fd[2];

	make_readable_pair(fd);
	event_set(&reader, fd[0], EV_READ, del_other_cb, &writer);
	event_add(&reader, NULL);
	add(&writer, fd[0], EV_WRITE | EV_PERSIST, "W");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(two_readers_of_one_fd_both_fire,
    DIFFERS(V14, "only the last event added for a descriptor fires"))
{
	struct event_base *base = event_init();
	struct event first, second;
	int fd[2], n = 0, m = 0;

	make_readable_pair(fd);
	event_set(&first, fd[0], EV_READ, count_cb, &n);
	event_set(&second, fd[0], EV_READ, count_cb, &m);
	event_add(&first, NULL);
	event_add(&second, NULL);
	one_pass();
	assert_int_equal(n, 1);
	assert_int_equal(m, 1);
	assert_int_equal(event_dispatch(), 1);
	close_pair(fd);
	event_base_free(base);
}

TEST(two_writers_of_one_fd_both_fire,
    DIFFERS(V14, "only the last event added for a descriptor fires"))
{
	struct event_base *base = event_init();
	struct event first, second;
	int fd[2], n = 0, m = 0;

	make_readable_pair(fd);
	event_set(&first, fd[0], EV_WRITE, count_cb, &n);
	event_set(&second, fd[0], EV_WRITE, count_cb, &m);
	event_add(&first, NULL);
	event_add(&second, NULL);
	one_pass();
	assert_int_equal(n, 1);
	assert_int_equal(m, 1);
	assert_int_equal(event_dispatch(), 1);
	close_pair(fd);
	event_base_free(base);
}

TEST(two_readers_of_one_fd_are_deleted_one_by_one,
    DIFFERS(V14, "only the last event added for a descriptor fires"))
{
	struct event_base *base = event_init();
	struct event first, second;
	int fd[2];

	make_readable_pair(fd);
	add(&first, fd[0], EV_READ, "A");
	add(&second, fd[0], EV_READ, "B");
	assert_int_equal(event_del(&second), 0);
	one_pass();
	assert_log("A:read");

	add(&first, fd[0], EV_READ, "A");
	add(&second, fd[0], EV_READ, "B");
	assert_int_equal(event_del(&first), 0);
	one_pass();
	assert_log("B:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(one_shot_and_persistent_reader_of_one_fd,
    DIFFERS(V14, "only the last event added for a descriptor fires"))
{
	struct event_base *base = event_init();
	struct event once, always;
	int fd[2], n = 0, m = 0;

	make_readable_pair(fd);
	event_set(&always, fd[0], EV_READ | EV_PERSIST, count_cb, &n);
	event_set(&once, fd[0], EV_READ, count_cb, &m);
	event_add(&always, NULL);
	event_add(&once, NULL);
	one_pass();
	one_pass();
	assert_int_equal(n, 2);
	assert_int_equal(m, 1);
	event_del(&always);
	assert_int_equal(event_dispatch(), 1);
	close_pair(fd);
	event_base_free(base);
}

TEST(event_for_both_and_a_reader_of_one_fd,
    DIFFERS(V14, "only the last event added for a descriptor fires"),
    DIFFERS(V21, "the last one added runs first"))
{
	struct event_base *base = event_init();
	struct event both, reader;
	int fd[2];

	make_readable_pair(fd);
	add(&both, fd[0], EV_READ | EV_WRITE, "A");
	add(&reader, fd[0], EV_READ, "B");
	one_pass();
	assert_log("A:read+write B:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(first_reader_deletes_the_second_of_the_same_fd,
    DIFFERS(V14, "only the last event added for a descriptor fires"),
    DIFFERS(V21, "the last one added runs first"))
{
	struct event_base *base = event_init();
	struct event first, second;
	int fd[2];

	make_readable_pair(fd);
	event_set(&first, fd[0], EV_READ, del_other_cb, &second);
	event_add(&first, NULL);
	add(&second, fd[0], EV_READ, "B");
	one_pass();
	assert_log("A:read");
	close_pair(fd);
	event_base_free(base);
}

TEST(one_fd_in_two_bases)
{
	struct event_base *other = event_base_new();
	struct event_base *base = event_init();
	struct event ev, its;
	int fd[2];

	make_readable_pair(fd);
	add(&ev, fd[0], EV_READ, "A");
	event_set(&its, fd[0], EV_READ, note_cb, "B");
	event_base_set(other, &its);
	event_add(&its, NULL);
	assert_int_equal(event_base_dispatch(base), 1);
	assert_log("A:read");
	assert_int_equal(event_base_dispatch(other), 1);
	assert_log("B:read");
	close_pair(fd);
	event_base_free(other);
	event_base_free(base);
}

/*
 * Kinds of descriptors.
 */

static int
open_regular_file(void)
{
	char name[] = "/tmp/conformance-XXXXXX";
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	unlink(name);
	return fd;
}

static void
check_always_ready(int fd)
{
	struct event reader, writer, both;

	add(&reader, fd, EV_READ, "R");
	assert_int_equal(event_pending(&reader, EV_READ, NULL), EV_READ);
	assert_int_equal(event_dispatch(), 1);
	assert_log("R:read");
	add(&writer, fd, EV_WRITE, "W");
	assert_int_equal(event_dispatch(), 1);
	assert_log("W:write");
	add(&both, fd, EV_READ | EV_WRITE, "both");
	assert_int_equal(event_dispatch(), 1);
	assert_log("both:read+write");
}

TEST(regular_file_is_ready_at_once,
    DIFFERS(V14, "event_add refuses it with EPERM"),
    DIFFERS(V21, "event_add refuses it with EPERM"))
{
	struct event_base *base = event_init();
	int fd = open_regular_file();

	check_always_ready(fd);
	close(fd);
	event_base_free(base);
}

TEST(dev_null_is_ready_at_once, DIFFERS(V14, "event_add refuses it with EPERM"),
    DIFFERS(V21, "event_add refuses it with EPERM"))
{
	struct event_base *base = event_init();
	int fd = open("/dev/null", O_RDWR);

	check_always_ready(fd);
	close(fd);
	event_base_free(base);
}

TEST(regular_file_is_ready_in_each_pass,
    DIFFERS(V14, "event_add refuses it with EPERM"),
    DIFFERS(V21, "event_add refuses it with EPERM"))
{
	struct event_base *base = event_init();
	int fd = open_regular_file();
	struct event ev, timer;

	add(&ev, fd, EV_READ | EV_PERSIST, "A");
	evtimer_set(&timer, note_cb, "B");
	event_add(&timer, MSEC(0));
	one_pass();
	one_pass();
	assert_log("A:read B:timeout A:read");
	assert_int_equal(event_del(&ev), 0);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	close(fd);
	event_base_free(base);
}

TEST(regular_file_closed_while_added_does_no_harm,
    DIFFERS(V14, "event_add refuses it with EPERM"),
    DIFFERS(V21, "event_add refuses it with EPERM"))
{
	struct event_base *base = event_init();
	int fd = open_regular_file();
	struct event ev, timer;

	add(&ev, fd, EV_READ | EV_PERSIST, "A");
	one_pass();
	assert_log("A:read");
	close(fd);
	evtimer_set(&timer, note_cb, "B");
	event_add(&timer, MSEC(0));
	event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK);
	assert_false(evtimer_pending(&timer, NULL));
	event_del(&ev);
	event_base_free(base);
}

TEST(event_add_of_a_regular_file_does_not_disturb_others)
{
	struct event_base *base = event_init();
	int file = open_regular_file();
	struct event ev, other;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, file, EV_READ, note_cb, "A");
	event_add(&ev, NULL);
	event_del(&ev);
	add(&other, fd[0], EV_READ, "B");
	assert_int_equal(event_dispatch(), 1);
	assert_log("B:read");
	close(file);
	close_pair(fd);
	event_base_free(base);
}

TEST(descriptor_number_is_as_high_as_allowed)
{
	struct event_base *base = event_init();
	struct rlimit limit;
	struct event ev;
	int fd[2], high;

	getrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max > 100000)
		limit.rlim_max = 100000;
	limit.rlim_cur = limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	make_readable_pair(fd);
	high = dup2(fd[0], limit.rlim_cur - 1);
	assert_int_equal(high, limit.rlim_cur - 1);
	add(&ev, high, EV_READ, "A");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:read");
	close(high);
	close_pair(fd);
	event_base_free(base);
}

TEST(hundreds_of_descriptors)
{
	struct event_base *base = event_init();
	static struct event ev[400];
	static int fired[400];
	static int fd[400][2];

	for (int i = 0; i < 400; i++) {
		make_pair(fd[i]);
		event_set(&ev[i], fd[i][0], EV_READ, count_cb, &fired[i]);
		assert_int_equal(event_add(&ev[i], NULL), 0);
	}
	one_pass();
	for (int i = 0; i < 400; i += 2)
		write_byte(fd[i][1]);
	assert_int_equal(event_loop(EVLOOP_NONBLOCK), 0);
	for (int i = 0; i < 400; i++)
		assert_int_equal(fired[i], i % 2 == 0);
	for (int i = 0; i < 400; i++) {
		event_del(&ev[i]);
		close_pair(fd[i]);
	}
	event_base_free(base);
}
