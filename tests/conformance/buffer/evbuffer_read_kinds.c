/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * evbuffer_read() from each kind of descriptor: streams, files, datagrams, and
 * those that give a record at a time.
 */
#include "test.h"

#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static void
send_text(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

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

/*
 * Streams and files
 */

TEST(pipe_is_read_to_its_end)
{
	struct evbuffer *buf = evbuffer_new();
	int fd[2], n;

	assert_int_equal(pipe(fd), 0);
	put_bytes(fd[1], 0, 50000);
	close(fd[1]);
	while ((n = evbuffer_read(buf, fd[0], -1)) > 0)
		;
	assert_int_equal(n, 0);
	check_bytes(buf, 50000);
	close(fd[0]);
	evbuffer_free(buf);
}

TEST(file_is_read_to_its_end)
{
	struct evbuffer *buf = evbuffer_new();
	FILE *file = tmpfile();
	int fd = fileno(file), n;

	put_bytes(fd, 0, 100000);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(evbuffer_read(buf, fd, 10), 10);
	while ((n = evbuffer_read(buf, fd, -1)) > 0)
		;
	assert_int_equal(n, 0);
	check_bytes(buf, 100000);
	fclose(file);
	evbuffer_free(buf);
}

TEST(device_that_never_ends_is_read_in_part)
{
	struct evbuffer *buf = evbuffer_new();
	int fd = open("/dev/zero", O_RDONLY);

	assert_int_equal(evbuffer_read(buf, fd, 10), 10);
	assert_true(evbuffer_read(buf, fd, -1) > 0);
	assert_true(EVBUFFER_LENGTH(buf) < (1 << 20));
	close(fd);
	evbuffer_free(buf);
}

/*
 * Datagrams
 */

static void
make_datagram_pair(int fd[2])
{
	int type = SOCK_DGRAM | SOCK_NONBLOCK;

	assert_int_equal(socketpair(AF_UNIX, type, 0, fd), 0);
}

TEST(datagrams_are_read_one_by_one)
{
	struct evbuffer *buf = evbuffer_new();
	int fd[2];

	make_datagram_pair(fd);
	evbuffer_add(buf, "kept,", 5);
	send_text(fd[1], "one,");
	send_text(fd[1], "two,");
	assert_int_equal(write(fd[1], "", 0), 0);
	send_text(fd[1], "three");
	assert_int_equal(evbuffer_read(buf, fd[0], -1), 4);
	assert_int_equal(evbuffer_read(buf, fd[0], 100), 4);
	assert_int_equal(evbuffer_read(buf, fd[0], -1), 0);
	assert_int_equal(evbuffer_read(buf, fd[0], 100), 5);
	assert_int_equal(evbuffer_read(buf, fd[0], -1), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(EVBUFFER_LENGTH(buf), 18);
	assert_memory_equal(EVBUFFER_DATA(buf), "kept,one,two,three", 18);
	close_pair(fd);
	evbuffer_free(buf);
}

/* The content before leaves each time another rest of room in the block. */
TEST(datagram_of_4096_bytes_comes_whole)
{
	for (unsigned before = 0; before < 600; before += 37) {
		struct evbuffer *buf = evbuffer_new();
		int fd[2];

		make_datagram_pair(fd);
		if (before > 0) {
			put_bytes(fd[1], 0, before);
			assert_int_equal(evbuffer_read(buf, fd[0], -1), before);
		}
		put_bytes(fd[1], before, 4096);
		assert_int_equal(evbuffer_read(buf, fd[0], -1), 4096);
		check_bytes(buf, before + 4096);
		close_pair(fd);
		evbuffer_free(buf);
	}
}

TEST(large_datagram_comes_whole_where_so_much_is_asked_for,
    DIFFERS(V21, "reads no more than 4096 bytes"))
{
	struct evbuffer *buf = evbuffer_new();
	int fd[2];

	make_datagram_pair(fd);
	put_bytes(fd[1], 0, 60000);
	assert_int_equal(evbuffer_read(buf, fd[0], 65536), 60000);
	check_bytes(buf, 60000);
	put_bytes(fd[1], 60000, 60000);
	assert_int_equal(evbuffer_read(buf, fd[0], 65536), 60000);
	check_bytes(buf, 120000);
	close_pair(fd);
	evbuffer_free(buf);
}

/*
 * Descriptors that give a record at a time, and none to a reader that asks for
 * less.  It must not matter how much room there is after the content of the
 * buffer, so each is asked with many amounts of that.
 */

#define AMOUNTS 520

static struct evbuffer *
holding(unsigned n)
{
	struct evbuffer *buf = evbuffer_new();

	for (unsigned i = 0; i < n; i++)
		evbuffer_add(buf, "x", 1);
	return buf;
}

TEST(expirations_of_a_timer_come_whole)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	struct itimerspec often = {{0, 100000}, {0, 100000}};

	timerfd_settime(fd, 0, &often, NULL);
	for (unsigned n = 0; n < AMOUNTS; n++) {
		struct evbuffer *buf = holding(n);

		assert_int_equal(evbuffer_read(buf, fd, n % 2 ? -1 : 8), 8);
		assert_int_equal(EVBUFFER_LENGTH(buf), n + 8);
		evbuffer_free(buf);
	}
	close(fd);
}

TEST(changes_of_a_file_come_whole)
{
	size_t size = sizeof(struct inotify_event);
	int fd = inotify_init1(IN_NONBLOCK);
	FILE *file = tmpfile();
	char path[32];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fileno(file));
	assert_true(inotify_add_watch(fd, path, IN_MODIFY) >= 0);
	for (unsigned n = 0; n < AMOUNTS; n++) {
		struct evbuffer *buf = holding(n);
		struct inotify_event change;

		send_text(fileno(file), "change");
		assert_int_equal(evbuffer_read(buf, fd, -1), size);
		evbuffer_drain(buf, n);
		assert_int_equal(evbuffer_remove(buf, &change, size), size);
		assert_int_equal(change.mask, IN_MODIFY);
		evbuffer_free(buf);
	}
	close(fd);
	fclose(file);
}

TEST(line_from_a_terminal_comes_whole_and_alone)
{
	int master, fd;

	assert_int_equal(openpty(&master, &fd, NULL, NULL, NULL), 0);
	for (unsigned n = 0; n < AMOUNTS; n++) {
		struct evbuffer *buf = holding(n);
		char *line;

		send_text(master, "a line\nanother\n");
		assert_int_equal(evbuffer_read(buf, fd, -1), 7);
		assert_int_equal(evbuffer_read(buf, fd, 100), 8);
		evbuffer_drain(buf, n);
		line = evbuffer_readline(buf);
		assert_string_equal(line, "a line");
		free(line);
		evbuffer_free(buf);
		tcflush(master, TCIFLUSH); /* its echo */
	}
	close(fd);
	close(master);
}
