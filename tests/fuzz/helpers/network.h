/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Helpers for fuzzers of code that uses sockets: the start of a run, and a Unix
 * socket for a server, whose name the kernel chooses.
 */
#ifndef FUZZ_NETWORK_H
#define FUZZ_NETWORK_H

#include <sys/socket.h>
#include <sys/un.h>
#include <stddef.h>
#include <stdint.h>

/* A listening Unix socket, by its name. */
struct unix_server {
	struct sockaddr_un at;
	socklen_t len;
};

/*
 * As fuzz_start(), with a log that is dropped.  The library must not raise
 * SIGPIPE: its action is the default.
 */
void fuzz_start_network(const uint8_t *data, size_t size);

/* Returns the listening socket. */
int unix_server_listen(struct unix_server *s);

/* Returns a connected socket. */
int unix_server_connect(const struct unix_server *s);

#endif
