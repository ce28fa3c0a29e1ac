/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The names that are looked up, and how the other end is started: dnspeer, from
 * this program's directory.
 */
#include "dns.h"

#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

const char *
dns_name(long i)
{
	static char(*names)[sizeof("n99999.bench.test")];

	if (names == NULL) {
		names = bench_alloc(DNS_NAMES, sizeof(*names));
		for (long k = 0; k < DNS_NAMES; k++)
			snprintf(names[k], sizeof(*names), "n%05ld.bench.test",
			    k);
	}
	return names[i % DNS_NAMES];
}

long
dns_index(const char *name)
{
	return strtol(name + 1, NULL, 10);
}

static void
move_to(int core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core, &set);
	bench_need(sched_setaffinity(0, sizeof(set), &set) == 0,
	    "sched_setaffinity");
}

/* Finds the first core and the last; they may be the same. */
static void
find_cores(int *first, int *last)
{
	cpu_set_t set;

	bench_need(sched_getaffinity(0, sizeof(set), &set) == 0,
	    "sched_getaffinity");
	for (*first = 0; !CPU_ISSET(*first, &set); ++*first)
		continue;
	for (*last = CPU_SETSIZE - 1; !CPU_ISSET(*last, &set); --*last)
		continue;
}

/* dnspeer has printed the reason. */
static void
ended_cb(int signal_number)
{
	_exit(1);
}

/*
 * Runs dnspeer with these arguments, the first of which is filled in.  Returns
 * where its output can be read.
 */
static int
start_peer(char **argv, int queries)
{
	const char *slash = strrchr(program_invocation_name, '/');
	posix_spawn_file_actions_t actions;
	int ends[2], first, last;
	char path[4096];

	bench_need(slash != NULL, "a path, for there is dnspeer");
	snprintf(path, sizeof(path), "%.*s/dnspeer",
	    (int)(slash - program_invocation_name), program_invocation_name);
	argv[0] = path;
	bench_need(pipe2(ends, O_CLOEXEC) == 0, "pipe2");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	signal(SIGCHLD, ended_cb);
	find_cores(&first, &last);
	move_to(queries > 1 ? first : last);
	errno = posix_spawn(NULL, path, &actions, NULL, argv, environ);
	bench_need(errno == 0, path);
	move_to(last);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	return ends[0];
}

int
dns_start_server(int drop, int queries)
{
	char text[16], said[16] = "";
	char *argv[] = {NULL, "answer", text, NULL};
	int fd;

	snprintf(text, sizeof(text), "%d", drop);
	fd = start_peer(argv, queries);
	bench_need(read(fd, said, sizeof(said) - 1) > 0, "dnspeer's port");
	close(fd);
	return atoi(said);
}

void
dns_start_asking(int port, int queries)
{
	char texts[2][16];
	char *argv[] = {NULL, "ask", texts[0], texts[1], NULL};

	snprintf(texts[0], sizeof(texts[0]), "%d", port);
	snprintf(texts[1], sizeof(texts[1]), "%d", queries);
	close(start_peer(argv, queries));
}
