/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What both halves of the soak share: numbers from a seed, bodies that depend
 * on the message, listeners and processes.  A fault ends the program with its
 * description.
 */
#ifndef SOAK_SOAK_H
#define SOAK_SOAK_H

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "support/queue.h"

#define SOAK_MAX_BODY ((size_t)262144) /* bytes */
#define SOAK_PERIOD 8191

static inline void __attribute__((format(printf, 1, 2), noreturn))
soak_fail(const char *format, ...)
{
	va_list ap;

	fputs("soak: ", stderr);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

static uint64_t soak_state;

static inline void
soak_seed(uint64_t seed)
{
	soak_state = seed * 0x9E3779B97F4A7C15u + 1;
}

/* The next number below bound. */
static inline unsigned
soak_random(unsigned bound)
{
	soak_state ^= soak_state << 13;
	soak_state ^= soak_state >> 7;
	soak_state ^= soak_state << 17;
	return (unsigned)(soak_state >> 32) % bound;
}

/*
 * The body of message id, SOAK_MAX_BODY bytes, of which a message has the first
 * ones.  Valid until the program ends.
 */
static inline const char *
soak_body(unsigned long id)
{
	static char bytes[SOAK_MAX_BODY + SOAK_PERIOD];

	if (bytes[0] == 0)
		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (char)('!' + (i * i / 7 + i * 13) % 90);
	return bytes + id * 37 % SOAK_PERIOD;
}

/* Whether these are the first bytes of that body; data may be NULL if none. */
static inline bool
soak_is_body(unsigned long id, const void *data, size_t len)
{
	return len == 0 ||
	       (len <= SOAK_MAX_BODY && memcmp(data, soak_body(id), len) == 0);
}

static inline double
soak_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/*
 * Returns a listening socket; *at gets its address, whose port the kernel has
 * chosen.
 */
static inline int
soak_listen(struct sockaddr_in *at)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof *at;

	memset(at, 0, sizeof *at);
	at->sin_family = AF_INET;
	at->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)at, len) == -1 ||
	    getsockname(fd, (struct sockaddr *)at, &len) == -1 ||
	    listen(fd, 128) == -1)
		soak_fail("not listening: %s", strerror(errno));
	return fd;
}

/* A child process, which ends when it reads the end of a pipe. */
struct soak_process {
	pid_t pid;
	int pipe; /* ours to close, or the other one's to read */
};

/* As fork(): 0 in the new process. */
static inline pid_t
soak_fork(struct soak_process *p)
{
	int fd[2];

	if (pipe(fd) == -1)
		soak_fail("no pipe: %s", strerror(errno));
	fflush(stdout);
	p->pid = fork();
	if (p->pid == -1)
		soak_fail("no process: %s", strerror(errno));
	close(fd[p->pid == 0]);
	p->pipe = fd[p->pid != 0];
	return p->pid;
}

/* Ends the process; returns the most memory that it had, in KB. */
static inline long
soak_end(struct soak_process *p)
{
	struct rusage usage;
	int status;

	close(p->pipe);
	if (wait4(p->pid, &status, 0, &usage) != p->pid || status != 0)
		soak_fail("the other process ended with %d", status);
	return usage.ru_maxrss;
}

#endif
