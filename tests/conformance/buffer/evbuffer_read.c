/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evbuffer_read(): how much comes, and what a failed read leaves behind.
 */
#include "buffer.h"
#include "test.h"

#include <sys/socket.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
send_text(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* Fails with that errno, and the buffer holds "kept" as before. */
static void
check_read_fails(int fd, int howmuch, int error)
{
	struct evbuffer *buf = filled("kept");

	errno = 0;
	assert_int_equal(evbuffer_read(buf, fd, howmuch), -1);
	assert_int_equal(errno, error);
	assert_content(buf, "kept");
	evbuffer_free(buf);
}

/*
 * How much
 */

TEST(read_takes_what_is_there)
{
	struct evbuffer *buf = evbuffer_new();
	int fd[2];

	make_pair(fd);
	send_text(fd[1], "some bytes");
	assert_int_equal(evbuffer_read(buf, fd[0], -1), 10);
	assert_content(buf, "some bytes");
	assert_int_equal(read_byte(fd[0]), 0);
	close_pair(fd);
	evbuffer_free(buf);
}

TEST(read_appends)
{
	struct evbuffer *buf = filled("gone, one, ");
	int fd[2];

	make_pair(fd);
	evbuffer_drain(buf, 6);
	send_text(fd[1], "two, ");
	assert_int_equal(evbuffer_read(buf, fd[0], -1), 5);
	send_text(fd[1], "three");
	assert_int_equal(evbuffer_read(buf, fd[0], 100), 5);
	assert_content(buf, "one, two, three");
	close_pair(fd);
	evbuffer_free(buf);
}

TEST(read_takes_no_more_than_asked_for)
{
	struct evbuffer *buf = evbuffer_new();
	int fd[2];

	make_pair(fd);
	send_text(fd[1], "0123456789");
	assert_int_equal(evbuffer_read(buf, fd[0], 4), 4);
	assert_content(buf, "0123");
	assert_int_equal(evbuffer_read(buf, fd[0], 1), 1);
	assert_content(buf, "01234");
	assert_int_equal(evbuffer_read(buf, fd[0], 5), 5);
	assert_content(buf, "0123456789");
	assert_int_equal(evbuffer_read(buf, fd[0], 1), -1);
	assert_int_equal(errno, EAGAIN);
	close_pair(fd);
	evbuffer_free(buf);
}

TEST(read_of_more_takes_what_is_there)
{
	struct evbuffer *buf = evbuffer_new();
	int fd[2];

	make_pair(fd);
	send_text(fd[1], "abc");
	assert_int_equal(evbuffer_read(buf, fd[0], 4), 3);
	send_text(fd[1], "def");
	assert_int_equal(evbuffer_read(buf, fd[0], 1000000), 3);
	send_text(fd[1], "ghi");
	assert_int_equal(evbuffer_read(buf, fd[0], INT_MAX), 3);
	assert_content(buf, "abcdefghi");
	close_pair(fd);
	evbuffer_free(buf);
}

TEST(read_of_any_negative_number_takes_what_is_there)
{
	struct evbuffer *buf = evbuffer_new();
	int fd[2];

	make_pair(fd);
	send_text(fd[1], "abc");
	assert_int_equal(evbuffer_read(buf, fd[0], -2), 3);
	send_text(fd[1], "def");
	assert_int_equal(evbuffer_read(buf, fd[0], INT_MIN), 3);
	assert_content(buf, "abcdef");
	close_pair(fd);
	evbuffer_free(buf);
}

TEST(read_of_nothing_takes_nothing)
{
	struct evbuffer *buf = filled("kept");
	int fd[2];

	make_pair(fd);
	assert_int_equal(evbuffer_read(buf, fd[0], 0), 0);
	send_text(fd[1], "abc");
	assert_int_equal(evbuffer_read(buf, fd[0], 0), 0);
	assert_content(buf, "kept");
	assert_int_equal(evbuffer_read(buf, fd[0], -1), 3);
	assert_content(buf, "keptabc");
	close_pair(fd);
	evbuffer_free(buf);
}

TEST(read_does_not_wait_for_more)
{
	struct evbuffer *buf = evbuffer_new();
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	send_text(fd[1], "abc");
	assert_int_equal(evbuffer_read(buf, fd[0], 100), 3);
	send_text(fd[1], "def");
	assert_int_equal(evbuffer_read(buf, fd[0], -1), 3);
	assert_content(buf, "abcdef");
	close_pair(fd);
	evbuffer_free(buf);
}

TEST(read_where_there_is_room_does_not_move_the_content)
{
	struct evbuffer *buf = filled("abc");
	unsigned char *data;
	int fd[2];

	make_pair(fd);
	evbuffer_expand(buf, 10000);
	data = EVBUFFER_DATA(buf);
	send_text(fd[1], "def");
	assert_int_equal(evbuffer_read(buf, fd[0], -1), 3);
	send_text(fd[1], "ghi");
	assert_int_equal(evbuffer_read(buf, fd[0], 1000), 3);
	assert_content(buf, "abcdefghi");
	assert_ptr_equal(EVBUFFER_DATA(buf), data);
	close_pair(fd);
	evbuffer_free(buf);
}

/*
 * A lot
 */

/* Writes n bytes of a text without repetition, and takes them from there. */
static void
put_bytes(int fd, unsigned from, unsigned n)
{
	unsigned char *text = malloc(n);

	for (unsigned i = 0; i < n; i++)
		text[i] = (unsigned char)((from + i) * 7 + (from + i) / 251);
	assert_int_equal(write(fd, text, n), n);
	free(text);
}

static void
check_bytes(struct evbuffer *buf, unsigned n)
{
	assert_int_equal(EVBUFFER_LENGTH(buf), n);
	for (unsigned i = 0; i < n; i++)
		if (EVBUFFER_DATA(buf)[i] != (unsigned char)(i * 7 + i / 251))
			fail_msg("byte %u is wrong", i);
}

TEST(reads_of_any_length_lose_nothing)
{
	for (unsigned n = 1; n < 50000; n = n * 3 / 2 + 1) {
		struct evbuffer *buf = evbuffer_new();
		int fd[2], got, all = 0;

		make_pair(fd);
		put_bytes(fd[1], 0, n);
		while ((got = evbuffer_read(buf, fd[0], -1)) > 0)
			all += got;
		assert_int_equal(errno, EAGAIN);
		assert_int_equal(all, n);
		check_bytes(buf, n);
		close_pair(fd);
		evbuffer_free(buf);
	}
}

TEST(reads_to_any_content_lose_nothing)
{
	for (unsigned before = 0; before < 600; before += 7) {
		struct evbuffer *buf = evbuffer_new();
		int fd[2];

		make_pair(fd);
		put_bytes(fd[1], 0, before + 3000);
		if (before > 0)
			assert_int_equal(evbuffer_read(buf, fd[0], (int)before),
			    before);
		assert_int_equal(evbuffer_read(buf, fd[0], 3000), 3000);
		check_bytes(buf, before + 3000);
		close_pair(fd);
		evbuffer_free(buf);
	}
}

TEST(megabytes_are_read_as_they_come)
{
	struct evbuffer *buf = evbuffer_new();
	unsigned sent = 0;
	int fd[2];

	make_pair(fd);
	while (sent < 2000000) {
		unsigned n = sent % 9973 + 1;

		put_bytes(fd[1], sent, n);
		sent += n;
		while (evbuffer_read(buf, fd[0], -1) > 0)
			;
		assert_int_equal(errno, EAGAIN);
	}
	check_bytes(buf, sent);
	close_pair(fd);
	evbuffer_free(buf);
}

/*
 * The end, and failures
 */

TEST(read_at_the_end_of_the_file_is_0)
{
	struct evbuffer *buf = filled("kept");
	int fd[2];

	make_pair(fd);
	send_text(fd[1], "rest");
	close(fd[1]);
	assert_int_equal(evbuffer_read(buf, fd[0], -1), 4);
	assert_int_equal(evbuffer_read(buf, fd[0], -1), 0);
	assert_int_equal(evbuffer_read(buf, fd[0], 100), 0);
	assert_content(buf, "keptrest");
	close(fd[0]);
	evbuffer_free(buf);
}

TEST(read_of_what_is_not_there_yet_is_eagain)
{
	int fd[2];

	make_pair(fd);
	check_read_fails(fd[0], -1, EAGAIN);
	check_read_fails(fd[0], 100, EAGAIN);
	check_read_fails(fd[0], 1000000, EAGAIN);
	close_pair(fd);
}

TEST(read_from_a_closed_fd_is_ebadf)
{
	check_read_fails(closed_fd(), -1, EBADF);
	check_read_fails(closed_fd(), 100, EBADF);
	check_read_fails(-1, -1, EBADF);
	check_read_fails(INT_MIN, 100, EBADF);
}

TEST(failed_read_leaves_an_empty_buffer_empty)
{
	struct evbuffer *buf = evbuffer_new();

	assert_int_equal(evbuffer_read(buf, -1, -1), -1);
	assert_int_equal(evbuffer_read(buf, -1, 100), -1);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	evbuffer_add(buf, "abc", 3);
	assert_content(buf, "abc");
	evbuffer_free(buf);
}

TEST(read_from_a_descriptor_for_writing_is_ebadf)
{
	int fd = open("/dev/null", O_WRONLY);

	check_read_fails(fd, -1, EBADF);
	check_read_fails(fd, 100, EBADF);
	close(fd);
}

TEST(read_from_a_directory_is_eisdir)
{
	int fd = open("/", O_RDONLY);

	check_read_fails(fd, -1, EISDIR);
	check_read_fails(fd, 100, EISDIR);
	close(fd);
}

TEST(read_from_a_connection_that_was_reset_is_econnreset)
{
	int fd[2];

	make_pair(fd);
	send_text(fd[0], "never read");
	close(fd[1]);
	check_read_fails(fd[0], -1, ECONNRESET);
	close(fd[0]);
}

static void
nothing(int sig)
{
	(void)sig;
}

TEST(interrupted_read_is_eintr)
{
	struct sigaction sa = {.sa_handler = nothing};
	struct itimerval often = {{0, 10000}, {0, 10000}}, never = {0};
	int fd[2];

	sigaction(SIGALRM, &sa, NULL);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	setitimer(ITIMER_REAL, &often, NULL);
	check_read_fails(fd[0], -1, EINTR);
	setitimer(ITIMER_REAL, &never, NULL);
	close_pair(fd);
}
