/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The soak: sends N requests, 1,000,000 if not given, pipelined to our server,
 * and N/10 requests of our client to a server that breaks the protocol.  Each
 * half prints one line; the first fault ends the program.
 */
#include <event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "clients.h"
#include "pipelined.h"

static void
be_silent_cb(int severity, const char *text)
{
	(void)severity;
	(void)text;
}

int
main(int argc, char **argv)
{
	unsigned long n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
	uint64_t seed =
	    argc > 2 ? strtoul(argv[2], NULL, 10) : (uint64_t)time(NULL);

	if (n < 10) {
		fprintf(stderr, "usage: %s [N [SEED]]\n", argv[0]);
		return 2;
	}
	signal(SIGPIPE, SIG_DFL); /* the library must not raise it */
	event_set_log_callback(be_silent_cb);
	printf("soak: seed %llu\n", (unsigned long long)seed);
	soak_pipelined(n, seed);
	soak_clients(n / 10, seed);
	return 0;
}
