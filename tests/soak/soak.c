/* SPDX-License-Identifier: BSD-3-Clause */
/* What both halves of the soak share; see the header. */
#include "soak.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The bodies are those of SOAK_PERIOD messages, and then the same again. */
#define SOAK_PERIOD 8191

void
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

static uint64_t random_state;

void
soak_seed(uint64_t seed)
{
	random_state = seed * 0x9E3779B97F4A7C15u + 1;
}

unsigned
soak_random(unsigned bound)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)(random_state >> 32) % bound;
}

const char *
soak_body(unsigned long id)
{
	static char bytes[SOAK_MAX_BODY + SOAK_PERIOD];

	if (bytes[0] == 0)
		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (char)('!' + (i * i / 7 + i * 13) % 90);
	return bytes + id * 37 % SOAK_PERIOD;
}

bool
soak_is_body(unsigned long id, const void *data, size_t len)
{
	return len == 0 ||
	       (len <= SOAK_MAX_BODY && memcmp(data, soak_body(id), len) == 0);
}

double
soak_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int
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

pid_t
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

long
soak_end(struct soak_process *p)
{
	struct rusage usage;
	int status;

	close(p->pipe);
	if (wait4(p->pid, &status, 0, &usage) != p->pid || status != 0)
		soak_fail("the other process ended with %d", status);
	return usage.ru_maxrss;
}
