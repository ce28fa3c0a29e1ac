/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Several events on one descriptor.
 */
#include "test.h"

static void
add(struct event *ev, int fd, short events, void *name)
{
	event_set(ev, fd, events, note_cb, name);
	assert_int_equal(event_add(ev, NULL), 0);
}

static void
del_other_cb(int fd, short what, void *other)
{
	note_cb(fd, what, "A");
	assert_int_equal(event_del(other), 0);
}

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

TEST(one_shot_and_persistent_reader_of_one_fd_both_fire,
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

TEST(event_for_read_and_write_and_a_reader_of_one_fd_both_fire,
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

TEST(one_fd_may_be_in_two_bases)
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
