/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Kinds of descriptors: regular files, high numbers, many of them.
 */
#include "test.h"

#include <sys/resource.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static void
add(struct event *ev, int fd, short events, void *name)
{
	event_set(ev, fd, events, note_cb, name);
	assert_int_equal(event_add(ev, NULL), 0);
}

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

TEST(highest_descriptor_number_works)
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

TEST(hundreds_of_descriptors_fire_when_ready)
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
