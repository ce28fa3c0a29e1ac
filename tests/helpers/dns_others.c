/* SPDX-License-Identifier: BSD-3-Clause */
/* Descriptors that are not the library's; see the header. */
#include "dns_others.h"

static struct other others[MAX_OTHERS];

static int n_others;

/*
 * The numbers of what is open, but for input, output and errors.  Those from
 * AWAY on are what was moved there, or a debugger's.
 */
static int
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
static int
move_fd(int fd, int to)
{
	int moved = to != 0 ? dup2(fd, to) : fcntl(fd, F_DUPFD, AWAY);

	assert_true(moved > 0);
	if (moved != fd)
		close(fd);
	return moved;
}

static void
open_pair(struct other *other, int fd[2], int to)
{
	assert_int_equal(write(fd[1], "x", 1), 1);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	fcntl(fd[1], F_SETFL, O_NONBLOCK);
	other->peer = move_fd(fd[1], 0);
	other->fd = move_fd(move_fd(fd[0], 0), to);
}

/* Readable if it can be, so that it is seen whether somebody reads it. */
static void
open_other(int number)
{
	struct other *other = &others[n_others++];
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

void
check_others(void)
{
	for (int i = 0; i < n_others; i++) {
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

static bool
is_of_base(int fd)
{
	char path[64], target[64] = "";

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	assert_true(readlink(path, target, sizeof target - 1) > 0);
	return strcmp(target, "anon_inode:[eventpoll]") == 0 ||
	       strcmp(target, "anon_inode:[eventfd]") == 0;
}

void
close_from(int fd)
{
	for (; fd < 1024; fd++)
		close(fd);
}

void
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

int
count_others(void)
{
	return n_others;
}
