/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What tests share: a log of which callbacks ran, socket pairs, and time.
 */
#include "test.h"

#include <sys/socket.h>
#include <sys/wait.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char log_text[4096];

void
note(const char *fmt, ...)
{
	size_t used = strlen(log_text);
	va_list ap;

	if (used > 0 && used + 1 < sizeof log_text)
		log_text[used++] = ' ';
	va_start(ap, fmt);
	vsnprintf(log_text + used, sizeof log_text - used, fmt, ap);
	va_end(ap);
}

const char *
noted(void)
{
	return log_text;
}

void
note_clear(void)
{
	log_text[0] = '\0';
}

static const char *
bits(short what)
{
	static const struct {
		short bit;
		const char *name;
	} names[] = {
	    {EV_TIMEOUT, "timeout"},
	    {EV_READ, "read"},
	    {EV_WRITE, "write"},
	    {EV_SIGNAL, "signal"},
	    {EV_PERSIST, "persist"},
	};
	static char text[64];

	text[0] = '\0';
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (!(what & names[i].bit))
			continue;
		if (text[0] != '\0')
			strcat(text, "+");
		strcat(text, names[i].name);
	}
	return text[0] != '\0' ? text : "0";
}

void
note_cb(int fd, short what, void *name)
{
	(void)fd;
	note("%s:%s", (const char *)name, bits(what));
}

void
note_read_cb(int fd, short what, void *name)
{
	read_byte(fd);
	note_cb(fd, what, name);
}

void
count_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	++*(int *)arg;
}

void
idle_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

void
make_pair(int fd[2])
{
	int type = SOCK_STREAM | SOCK_NONBLOCK;

	assert_int_equal(socketpair(AF_UNIX, type, 0, fd), 0);
}

void
close_pair(int fd[2])
{
	close(fd[0]);
	close(fd[1]);
}

void
make_readable_pair(int fd[2])
{
	make_pair(fd);
	write_byte(fd[1]);
}

void
write_byte(int fd)
{
	assert_int_equal(write(fd, "x", 1), 1);
}

int
read_byte(int fd)
{
	char c;

	return read(fd, &c, 1) == 1 ? c : 0;
}

void
fill(int fd)
{
	char block[4096] = {0};

	while (write(fd, block, sizeof block) > 0)
		;
	assert_int_equal(errno, EAGAIN);
}

int
closed_fd(void)
{
	int fd = open("/dev/null", O_RDONLY);

	assert_true(fd >= 0);
	close(fd);
	return fd;
}

int
open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n - 3; /* ".", ".." and the directory itself */
}

void
base_pass(struct event_base *base)
{
	int flags = EVLOOP_ONCE | EVLOOP_NONBLOCK;

	assert_int_equal(event_base_loop(base, flags), 0);
}

void
one_pass(void)
{
	assert_int_equal(event_loop(EVLOOP_ONCE | EVLOOP_NONBLOCK), 0);
}

double
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

void
spin(double ms)
{
	double end = now_ms() + ms;

	while (now_ms() < end)
		;
}

void
check_elapsed(double start, double ms, const char *file, int line)
{
	double took = now_ms() - start;

	count_assertion();
	if (took >= ms && took <= ms + 10000)
		return;
	print_error("%.3f ms have passed, not %.3f or more\n", took, ms);
	_fail(file, line);
}

int
in_child(void (*func)(void *), void *arg)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		func(arg);
		exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}
