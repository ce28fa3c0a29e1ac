/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program that closes all descriptors it finds, and opens others under the
 * same numbers, which are none of the library's business then.
 */
#ifndef HELPERS_DNS_OTHERS_H
#define HELPERS_DNS_OTHERS_H

#include <sys/socket.h>
#include <sys/stat.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

#define MAX_OTHERS 64
#define AWAY 200

/* A file, pipe or socket under a number that was the library's. */
static struct other {
	int fd, peer; /* peer -1: a file */
	dev_t dev;
	ino_t ino;
} others[MAX_OTHERS];
static int nothers;

/*
 * The numbers of what is open, but for input, output and errors.  Those from
 * AWAY on are what was moved there, or a debugger's.
 */
static inline int
list_open(int fds[MAX_OTHERS])
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		int fd = atoi(entry->d_name);

		if (fd > 2 && fd < AWAY && fd != dirfd(dir) && n < MAX_OTHERS)
			fds[n++] = fd;
	}
	closedir(dir);
	return n;
}

/* Moves fd to a number, or, if that is 0, out of the way. */
static inline int
move_fd(int fd, int to)
{
	int moved = to != 0 ? dup2(fd, to) : fcntl(fd, F_DUPFD, AWAY);

	assert_true(moved > 0);
	if (moved != fd)
		close(fd);
	return moved;
}

static inline void
open_pair(struct other *other, int fd[2], int to)
{
	assert_int_equal(write(fd[1], "x", 1), 1);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	fcntl(fd[1], F_SETFL, O_NONBLOCK);
	other->peer = move_fd(fd[1], 0);
	other->fd = move_fd(move_fd(fd[0], 0), to);
}

/* Readable if it can be, so that it is seen whether somebody reads it. */
static inline void
open_other(int number)
{
	struct other *other = &others[nothers++];
	struct stat st;
	FILE *file;
	int fd[2];

	switch (number % 4) {
	case 0:
		other->peer = -1;
		file = tmpfile();
		assert_non_null(file);
		fd[0] = fcntl(fileno(file), F_DUPFD, AWAY);
		fclose(file);
		other->fd = move_fd(fd[0], number);
		break;
	case 1:
		assert_int_equal(pipe(fd), 0);
		open_pair(other, fd, number);
		break;
	case 2:
		assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, fd), 0);
		open_pair(other, fd, number);
		break;
	default:
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
		open_pair(other, fd, number);
		break;
	}
	assert_int_equal(other->fd, number);
	assert_int_equal(fstat(number, &st), 0);
	other->dev = st.st_dev;
	other->ino = st.st_ino;
}

/* Still there, with what was in it, and nothing more. */
static inline void
check_others(void)
{
	for (int i = 0; i < nothers; i++) {
		struct other *other = &others[i];
		struct stat st;

		assert_int_equal(fstat(other->fd, &st), 0);
		assert_true(st.st_dev == other->dev);
		assert_true(st.st_ino == other->ino);
		if (other->peer == -1) {
			assert_int_equal(st.st_size, 0);
			continue;
		}
		assert_int_equal(read_byte(other->fd), 'x');
		assert_int_equal(read_byte(other->fd), 0);
		assert_int_equal(errno, EAGAIN);
		assert_int_equal(read_byte(other->peer), 0);
		assert_true(errno == EAGAIN || errno == EBADF);
	}
}

static inline bool
is_of_base(int fd)
{
	char path[64], target[64] = "";

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	assert_true(readlink(path, target, sizeof target - 1) > 0);
	return strcmp(target, "anon_inode:[eventpoll]") == 0 ||
	       strcmp(target, "anon_inode:[eventfd]") == 0;
}

enum numbers {
	NONE,
	ALL_BUT_THE_BASE, /* which must have its numbers to start over */
	ALL
};

static inline void
close_from(int fd)
{
	for (; fd < 1024; fd++)
		close(fd);
}

/* Closes all, and opens others. */
static inline void
change_descriptors(enum numbers which)
{
	int fds[MAX_OTHERS], n = list_open(fds), kept = 0;

	for (int i = 0; i < n; i++)
		if (which == ALL ||
		    (which == ALL_BUT_THE_BASE && !is_of_base(fds[i])))
			fds[kept++] = fds[i];
	close_from(3);
	for (int i = 0; i < kept; i++)
		open_other(fds[i]);
}

#endif
