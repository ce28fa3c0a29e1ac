/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evbuffer_write(): what was taken leaves the buffer, and the rest stays.
 */
#include "buffer.h"
#include "test.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One read(2) from fd gives this text. */
static void
assert_arrives(int fd, const char *text)
{
	char got[256];

	assert_int_equal(read(fd, got, sizeof got), strlen(text));
	assert_memory_equal(got, text, strlen(text));
}

/* Fails with that errno, and what was to be written is still there. */
static void
check_write_fails(int fd, int error)
{
	struct evbuffer *buf = filled("gone, kept");

	evbuffer_drain(buf, 6);
	errno = 0;
	assert_int_equal(evbuffer_write(buf, fd), -1);
	assert_int_equal(errno, error);
	assert_content(buf, "kept");
	evbuffer_free(buf);
}

TEST(write_sends_the_content_and_drops_it)
{
	struct evbuffer *buf = filled("content");
	int fd[2];

	make_pair(fd);
	assert_int_equal(evbuffer_write(buf, fd[0]), 7);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	assert_arrives(fd[1], "content");
	close_pair(fd);
	evbuffer_free(buf);
}

TEST(write_sends_what_was_not_drained)
{
	struct evbuffer *buf = filled("gone, content");
	int fd[2];

	make_pair(fd);
	evbuffer_drain(buf, 6);
	assert_int_equal(evbuffer_write(buf, fd[0]), 7);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	assert_arrives(fd[1], "content");
	close_pair(fd);
	evbuffer_free(buf);
}

TEST(write_sends_nul_bytes_and_no_nul_after_text)
{
	struct evbuffer *buf = evbuffer_new();
	char got[16];
	int fd[2];

	make_pair(fd);
	evbuffer_add(buf, "a\0b\0", 4);
	evbuffer_add_printf(buf, "text");
	assert_int_equal(evbuffer_write(buf, fd[0]), 8);
	assert_int_equal(read(fd[1], got, sizeof got), 8);
	assert_memory_equal(got, "a\0b\0text", 8);
	close_pair(fd);
	evbuffer_free(buf);
}

TEST(buffer_that_was_written_is_filled_again)
{
	struct evbuffer *buf = filled("one");
	int fd[2];

	make_pair(fd);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(evbuffer_write(buf, fd[0]), 3);
		assert_arrives(fd[1], "one");
		evbuffer_add(buf, "one", 3);
	}
	assert_content(buf, "one");
	close_pair(fd);
	evbuffer_free(buf);
}

/*
 * More than fits
 */

/* A text without repetition. */
static unsigned char
byte_at(int i)
{
	return (unsigned char)(i * 7 + i / 251);
}

static struct evbuffer *
filled_with_bytes(int n)
{
	struct evbuffer *buf = evbuffer_new();

	for (int i = 0; i < n; i++) {
		unsigned char c = byte_at(i);

		evbuffer_add(buf, &c, 1);
	}
	return buf;
}

TEST(write_keeps_what_the_socket_does_not_take)
{
	const int n = 2000000;
	struct evbuffer *buf = filled_with_bytes(n);
	int fd[2], sent;

	make_pair(fd);
	sent = evbuffer_write(buf, fd[0]);
	assert_true(sent > 0 && sent < n);
	assert_int_equal(EVBUFFER_LENGTH(buf), n - sent);
	for (int i = sent; i < n; i++)
		assert_int_equal(EVBUFFER_DATA(buf)[i - sent], byte_at(i));
	close_pair(fd);
	evbuffer_free(buf);
}

TEST(write_to_a_full_socket_is_eagain)
{
	int fd[2];

	make_pair(fd);
	fill(fd[0]);
	check_write_fails(fd[0], EAGAIN);
	check_write_fails(fd[0], EAGAIN);
	close_pair(fd);
}

TEST(writes_in_parts_lose_nothing_and_repeat_nothing)
{
	const int n = 2000000;
	struct evbuffer *out = filled_with_bytes(n), *in = evbuffer_new();
	int fd[2], sent = 0;

	make_pair(fd);
	while (EVBUFFER_LENGTH(out) > 0) {
		int part = evbuffer_write(out, fd[0]);

		assert_true(part > 0);
		sent += part;
		assert_int_equal(EVBUFFER_LENGTH(out), n - sent);
		while (evbuffer_read(in, fd[1], -1) > 0)
			;
		assert_int_equal(EVBUFFER_LENGTH(in), sent);
	}
	for (int i = 0; i < n; i++)
		assert_int_equal(EVBUFFER_DATA(in)[i], byte_at(i));
	close_pair(fd);
	evbuffer_free(out);
	evbuffer_free(in);
}

TEST(what_is_added_between_writes_comes_last)
{
	struct evbuffer *out = filled_with_bytes(1000000);
	struct evbuffer *in = evbuffer_new();
	int fd[2];

	make_pair(fd);
	assert_true(evbuffer_write(out, fd[0]) > 0);
	evbuffer_add(out, "the end", 7);
	while (EVBUFFER_LENGTH(out) > 0) {
		while (evbuffer_read(in, fd[1], -1) > 0)
			;
		assert_true(evbuffer_write(out, fd[0]) > 0);
	}
	while (evbuffer_read(in, fd[1], -1) > 0)
		;
	assert_int_equal(EVBUFFER_LENGTH(in), 1000007);
	assert_int_equal(EVBUFFER_DATA(in)[999999], byte_at(999999));
	assert_memory_equal(EVBUFFER_DATA(in) + 1000000, "the end", 7);
	close_pair(fd);
	evbuffer_free(out);
	evbuffer_free(in);
}

/*
 * Kinds of descriptors
 */

TEST(write_sends_to_a_pipe)
{
	struct evbuffer *buf = filled("content");
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	assert_int_equal(evbuffer_write(buf, fd[1]), 7);
	assert_arrives(fd[0], "content");
	close_pair(fd);
	evbuffer_free(buf);
}

TEST(write_to_a_file_continues_where_it_was)
{
	struct evbuffer *buf = filled("one, ");
	FILE *file = tmpfile();

	assert_int_equal(evbuffer_write(buf, fileno(file)), 5);
	evbuffer_add(buf, "two", 3);
	assert_int_equal(evbuffer_write(buf, fileno(file)), 3);
	lseek(fileno(file), 0, SEEK_SET);
	assert_arrives(fileno(file), "one, two");
	fclose(file);
	evbuffer_free(buf);
}

TEST(write_makes_one_datagram)
{
	struct evbuffer *buf = filled("one");
	int type = SOCK_DGRAM | SOCK_NONBLOCK;
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, type, 0, fd), 0);
	evbuffer_add(buf, ", two", 5);
	assert_int_equal(evbuffer_write(buf, fd[0]), 8);
	assert_arrives(fd[1], "one, two");
	assert_int_equal(read_byte(fd[1]), 0);
	close_pair(fd);
	evbuffer_free(buf);
}

TEST(datagram_that_is_too_long_stays)
{
	struct evbuffer *buf = filled_with_bytes(2000000);
	int type = SOCK_DGRAM | SOCK_NONBLOCK;
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, type, 0, fd), 0);
	assert_int_equal(evbuffer_write(buf, fd[0]), -1);
	assert_int_equal(errno, EMSGSIZE);
	assert_int_equal(EVBUFFER_LENGTH(buf), 2000000);
	assert_int_equal(read_byte(fd[1]), 0);
	close_pair(fd);
	evbuffer_free(buf);
}

/*
 * Failures
 */

TEST(write_to_a_closed_fd_is_ebadf)
{
	check_write_fails(closed_fd(), EBADF);
	check_write_fails(-1, EBADF);
	check_write_fails(INT_MIN, EBADF);
}

TEST(write_to_a_descriptor_for_reading_is_ebadf)
{
	int fd = open("/dev/null", O_RDONLY);

	check_write_fails(fd, EBADF);
	close(fd);
}

TEST(write_to_a_full_disk_is_enospc)
{
	int fd = open("/dev/full", O_WRONLY);

	check_write_fails(fd, ENOSPC);
	close(fd);
}

TEST(write_where_nobody_reads_is_epipe)
{
	int fd[2];

	signal(SIGPIPE, SIG_IGN);
	make_pair(fd);
	close(fd[1]);
	check_write_fails(fd[0], EPIPE);
	check_write_fails(fd[0], EPIPE);
	close(fd[0]);
	assert_int_equal(pipe(fd), 0);
	close(fd[0]);
	check_write_fails(fd[1], EPIPE);
	close(fd[1]);
}

static int sigpipes;

static void
count_sigpipe(int sig)
{
	(void)sig;
	sigpipes++;
}

TEST(write_where_nobody_reads_raises_sigpipe)
{
	int fd[2];

	signal(SIGPIPE, count_sigpipe);
	make_pair(fd);
	close(fd[1]);
	check_write_fails(fd[0], EPIPE);
	assert_int_equal(sigpipes, 1);
	check_write_fails(fd[0], EPIPE);
	assert_int_equal(sigpipes, 2);
	close(fd[0]);
}

static void
write_in_child(void *fd)
{
	struct evbuffer *buf = filled("text");

	evbuffer_write(buf, *(int *)fd);
	evbuffer_free(buf);
}

TEST(sigpipe_ends_a_program_that_does_not_ignore_it)
{
	int fd[2], status;

	make_pair(fd);
	close(fd[1]);
	status = in_child(write_in_child, &fd[0]);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGPIPE);
	close(fd[0]);
}

/*
 * Nothing to write
 */

TEST(write_of_an_empty_buffer_is_0, DIFFERS(V21, "it is -1"))
{
	struct evbuffer *buf = evbuffer_new();
	int fd[2];

	make_pair(fd);
	assert_int_equal(evbuffer_write(buf, fd[0]), 0);
	evbuffer_add(buf, "gone", 4);
	evbuffer_drain(buf, 4);
	assert_int_equal(evbuffer_write(buf, fd[0]), 0);
	fill(fd[0]);
	assert_int_equal(evbuffer_write(buf, fd[0]), 0);
	assert_int_equal(EVBUFFER_LENGTH(buf), 0);
	close_pair(fd);
	evbuffer_free(buf);
}

TEST(write_of_an_empty_buffer_sends_no_datagram,
    DIFFERS(V14, "sends one without content"))
{
	struct evbuffer *buf = evbuffer_new();
	int type = SOCK_DGRAM | SOCK_NONBLOCK;
	int fd[2];
	char c;

	assert_int_equal(socketpair(AF_UNIX, type, 0, fd), 0);
	evbuffer_write(buf, fd[0]);
	assert_int_equal(read(fd[1], &c, 1), -1);
	assert_int_equal(errno, EAGAIN);
	close_pair(fd);
	evbuffer_free(buf);
}

TEST(write_of_an_empty_buffer_to_a_closed_fd_is_ebadf,
    DIFFERS(V21, "it is always -1, without errno"))
{
	struct evbuffer *buf = evbuffer_new();

	errno = 0;
	assert_int_equal(evbuffer_write(buf, closed_fd()), -1);
	assert_int_equal(errno, EBADF);
	errno = 0;
	assert_int_equal(evbuffer_write(buf, -1), -1);
	assert_int_equal(errno, EBADF);
	evbuffer_free(buf);
}

TEST(write_of_an_empty_buffer_raises_no_sigpipe,
    DIFFERS(V14, "raises it for a socket"))
{
	struct evbuffer *buf = evbuffer_new();
	int fd[2];

	make_pair(fd);
	close(fd[1]);
	signal(SIGPIPE, count_sigpipe);
	evbuffer_write(buf, fd[0]);
	assert_int_equal(sigpipes, 0);
	close(fd[0]);
	evbuffer_free(buf);
}
