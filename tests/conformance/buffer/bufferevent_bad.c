/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bufferevents: no descriptor, closed ones, impossible lengths, no base.
 */
#include "test.h"
#include "bev.h"

#include <errno.h>
#include <limits.h>

/* Makes a bufferevent without a descriptor, or with the number of a closed
 * one, which is chosen after the base has opened its own. */
static void
set_up_without_fd(struct conn *c, bool closed)
{
	c->base = event_init();
	c->fd[0] = c->fd[1] = -1;
	c->bev = new_bev(closed ? closed_fd() : -1, "A");
}

/*
 * No descriptor, or one that is not open.
 */

static void
check_enable_fails(bool closed)
{
	struct conn c;

	set_up_without_fd(&c, closed);
	errno = 0;
	assert_int_equal(bufferevent_enable(c.bev, EV_READ), -1);
	assert_int_equal(errno, EBADF);
	errno = 0;
	assert_int_equal(bufferevent_enable(c.bev, EV_WRITE), -1);
	assert_int_equal(errno, EBADF);
	assert_int_equal(bufferevent_enable(c.bev, READ_WRITE), -1);
	assert_int_equal(c.bev->enabled, EV_WRITE);
	assert_false(reads(c.bev));
	assert_false(writes(c.bev));
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	bev_tear_down(&c);
}

TEST(enable_without_a_descriptor_is_an_error, DIFFERS(V21, "enabled"))
{
	check_enable_fails(false);
}

TEST(enable_of_a_closed_descriptor_is_an_error,
    DIFFERS(V21, "enabled all the same"))
{
	check_enable_fails(true);
}

static void
check_write_is_kept(bool closed)
{
	struct conn c;

	set_up_without_fd(&c, closed);
	assert_int_equal(bufferevent_write(c.bev, "hello", 5), 0);
	assert_output(c.bev, "hello");
	assert_false(writes(c.bev));
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	bev_tear_down(&c);
}

TEST(write_without_a_descriptor_is_kept, DIFFERS(V21, "waits for ever"))
{
	check_write_is_kept(false);
}

TEST(write_to_a_closed_descriptor_is_kept)
{
	check_write_is_kept(true);
}

TEST(disable_without_a_descriptor_is_no_error)
{
	struct conn c;

	set_up_without_fd(&c, false);
	assert_int_equal(bufferevent_disable(c.bev, READ_WRITE), 0);
	assert_int_equal(c.bev->enabled, 0);
	bev_tear_down(&c);
}

TEST(bufferevent_without_a_descriptor_can_be_set_up)
{
	struct conn c;

	set_up_without_fd(&c, false);
	bufferevent_settimeout(c.bev, 1, 1);
	bufferevent_setwatermark(c.bev, READ_WRITE, 1, 10);
	assert_int_equal(bufferevent_priority_set(c.bev, 0), 0);
	assert_int_equal(bufferevent_base_set(c.base, c.bev), 0);
	bufferevent_setfd(c.bev, -1);
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	bev_tear_down(&c);
}

TEST(descriptor_closed_while_waiting_calls_nothing)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	bev_run_passes();
	close_pair(c.fd);
	c.fd[0] = c.fd[1] = -1;
	assert_int_equal(bev_run_passes(), 0);
	assert_log("");
	bufferevent_disable(c.bev, EV_READ);
	assert_int_equal(event_dispatch(), 1);
	bev_tear_down(&c);
}

/* The same holds after it has sent something, when it knows that the socket
 * is ready. */
TEST(descriptor_closed_before_a_write_sends_nothing)
{
	for (int sent = 0; sent < 3; sent++) {
		struct conn c;

		bev_set_up(&c);
		for (int i = 0; i < sent; i++) {
			write_text(c.bev, "x");
			bev_run_passes();
		}
		note_clear();
		close_pair(c.fd);
		c.fd[0] = c.fd[1] = -1;
		assert_int_equal(bufferevent_write(c.bev, "hello", 5), 0);
		bev_run_passes();
		assert_log("");
		assert_output(c.bev, "hello");
		bev_tear_down(&c);
	}
}

TEST(descriptor_closed_after_a_write_sends_nothing)
{
	struct conn c;

	bev_set_up(&c);
	write_text(c.bev, "hello");
	close_pair(c.fd);
	c.fd[0] = c.fd[1] = -1;
	bev_run_passes();
	assert_log("");
	assert_output(c.bev, "hello");
	bev_tear_down(&c);
}

/* Bytes written to one descriptor do not go to another with the same number. */
TEST(freed_bufferevent_sends_nothing_to_the_next_file_of_its_number)
{
	for (int sent = 0; sent < 3; sent++) {
		struct conn c;
		int fd;

		bev_set_up(&c);
		for (int i = 0; i < sent; i++) {
			write_text(c.bev, "x");
			bev_run_passes();
		}
		write_text(c.bev, "hello");
		fd = c.fd[0];
		bufferevent_free(c.bev);
		close_pair(c.fd);
		make_pair(c.fd);
		assert_int_equal(c.fd[0], fd);
		c.bev = new_bev(c.fd[0], "A");
		bufferevent_enable(c.bev, READ_WRITE);
		bev_run_passes();
		assert_arrived(c.fd[1], "");
		bev_tear_down(&c);
	}
}

/*
 * Lengths.
 */

static void
check_length(size_t len)
{
	struct conn c;

	bev_set_up(&c);
	write_text(c.bev, "hello");
	assert_int_equal(bufferevent_write(c.bev, "x", len), -1);
	assert_output(c.bev, "hello");
	assert_int_equal(event_dispatch(), 1);
	assert_log("A:write");
	assert_arrived(c.fd[1], "hello");
	bev_tear_down(&c);
}

TEST(write_of_an_impossible_length_changes_nothing)
{
	check_length(SIZE_MAX);
	check_length(SIZE_MAX - 1);
	check_length(SIZE_MAX - 5);
	check_length(SIZE_MAX / 2);
	check_length(SIZE_MAX / 2 + 1);
}

TEST(write_of_an_impossible_length_to_an_empty_output_changes_nothing)
{
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(bufferevent_write(c.bev, "x", SIZE_MAX), -1);
	assert_int_equal(bufferevent_write(c.bev, "x", SIZE_MAX / 2 + 1), -1);
	assert_output(c.bev, "");
	assert_false(writes(c.bev));
	assert_int_equal(event_dispatch(), 1);
	assert_log("");
	bev_tear_down(&c);
}

TEST(read_of_an_impossible_length_takes_what_there_is)
{
	char got[8] = "........";
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	bev_run_passes();
	assert_int_equal(bufferevent_read(c.bev, got, SIZE_MAX), 5);
	assert_memory_equal(got, "hello...", 8);
	assert_input(c.bev, "");
	bev_tear_down(&c);
}

TEST(drain_of_more_than_there_is_empties_the_input)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	bev_run_passes();
	drain_input(c.bev, SIZE_MAX);
	assert_input(c.bev, "");
	send_text(c.fd[1], "world");
	bev_run_passes();
	assert_input(c.bev, "world");
	bev_tear_down(&c);
}

TEST(low_mark_beyond_all_bounds_is_never_reached)
{
	struct conn c;

	bev_set_up(&c);
	bufferevent_setwatermark(c.bev, EV_READ, SIZE_MAX, 0);
	bufferevent_enable(c.bev, EV_READ);
	send_text(c.fd[1], "hello");
	assert_int_equal(bev_run_passes(), 0);
	assert_log("");
	assert_input(c.bev, "hello");
	bev_tear_down(&c);
}

/*
 * No base, no bufferevent.
 */

TEST(enable_without_a_base_is_an_error, DIFFERS(V14, "crashes"),
    DIFFERS(V21, "crashes"))
{
	struct bufferevent *bev;
	int fd[2];

	make_pair(fd);
	bev = new_bev(fd[0], "A");
	assert_int_equal(bufferevent_enable(bev, EV_READ), -1);
	assert_int_equal(bufferevent_enable(bev, EV_WRITE), -1);
	assert_int_equal(bev->enabled, EV_WRITE);
	bufferevent_free(bev);
	close_pair(fd);
}

TEST(write_without_a_base_is_kept, DIFFERS(V14, "crashes"),
    DIFFERS(V21, "crashes"))
{
	struct bufferevent *bev;
	int fd[2];

	make_pair(fd);
	bev = new_bev(fd[0], "A");
	assert_int_equal(bufferevent_write(bev, "hello", 5), 0);
	assert_output(bev, "hello");
	bufferevent_free(bev);
	close_pair(fd);
}

TEST(bufferevent_without_a_base_can_be_freed, DIFFERS(V21, "crashes"))
{
	struct bufferevent *bev = new_bev(-1, "A");

	bufferevent_free(bev);
}

TEST(base_set_to_no_base_is_an_error, DIFFERS(V14, "crashes"),
    DIFFERS(V21, "crashes"))
{
	struct conn c;

	bev_set_up(&c);
	assert_int_equal(bufferevent_base_set(NULL, c.bev), -1);
	bev_tear_down(&c);
}

TEST(free_of_null_does_nothing, DIFFERS(V14, "crashes"),
    DIFFERS(V21, "crashes"))
{
	bufferevent_free(NULL);
}
