/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Connects a socket to a host: the one file of HTTP that uses the resolver.  A
 * call blocks only where the local address is a name, for getaddrinfo(3).
 */
#ifndef EVI_HTTP_DIAL_H
#define EVI_HTTP_DIAL_H

#include "headers.h"

#include <sys/socket.h>
#include <sys/time.h>

/* How many sockets may be connecting at the same time. */
#define EVI_DIAL_ATTEMPTS 4

struct dial;
struct sockaddr_storage;

/* A socket that is connecting. */
struct attempt {
	struct dial *dial;
	int fd; /* -1: this struct is unused */
	struct event ev;
};

/* The addresses of one family that were found. */
struct candidates {
	struct sockaddr_storage *addresses;
	int n;
	int next;	 /* the index of the first that was not tried */
	bool is_pending; /* the resolver has not answered yet */
};

/* A host to connect to.  The caller keeps the strings unchanged meanwhile. */
struct dial_target {
	const char *host;
	unsigned short port;
	int family;   /* AF_UNSPEC: IPv6 and IPv4 */
	bool is_unix; /* host is the path of a Unix socket */

	/* What the socket is bound to; NULL and 0: the system chooses. */
	const char *local_address;
	unsigned short local_port;

	/* How long an address may take to connect; 0: any time. */
	struct timeval limit;
};

struct dial {
	/* Called once, from the loop, with a connected socket, which the callee
	 * takes; -1 if no address could be connected to.  May free the struct
	 * that this one is a member of. */
	void (*done_cb)(void *arg, int fd);
	void *arg;

	struct event_base *base; /* NULL: the current one */
	struct dial_target target;
	struct addresses *resolver;
	struct resolution *resolution;
	struct candidates v6, v4;
	bool last_was_v6; /* the family of the address that was tried last */
	bool is_dialling;
	unsigned fork_generation; /* of the process that made the sockets */
	struct attempt attempts[EVI_DIAL_ATTEMPTS];
	struct event timer; /* until the next address is tried, too */
};

enum dial_result {
	EVI_DIAL_STARTED, /* done_cb will be called */
	EVI_DIAL_FAILED, /* the host is unknown, or no address could be tried */
	EVI_DIAL_BIND_FAILED /* the local address or port cannot be used */
};

/* Initializes a dial that will call done_cb with arg. */
void
evi_dial_init(struct dial *dial, void (*done_cb)(void *arg, int fd), void *arg);

/*
 * Starts to connect on base; NULL: the current one.  Numeric addresses and Unix
 * sockets are tried at once.  If the result is not EVI_DIAL_STARTED, no socket
 * and no lookup is left, and done_cb is not called.
 */
enum dial_result evi_dial_start(struct dial *dial, struct event_base *base,
    const struct dial_target *to);

/* Stops connecting, if that was started; done_cb is not called. */
void evi_dial_stop(struct dial *dial);

#endif
