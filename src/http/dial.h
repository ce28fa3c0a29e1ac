/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a host to a socket that is connected: the one place of HTTP that knows
 * how names are looked up.  Nothing of it blocks.
 */
#ifndef EVI_HTTP_DIAL_H
#define EVI_HTTP_DIAL_H

#include "headers.h"

#include <sys/socket.h>
#include <sys/time.h>

/* At most so many sockets are being connected at the same time. */
#define EVI_DIAL_ATTEMPTS 4

struct dial;
struct sockaddr_storage;

/* A socket that is being connected; -1: none. */
struct attempt {
	struct dial *dial;
	int fd;
	struct event ev;
};

/* The addresses of one family that are known. */
struct candidates {
	struct sockaddr_storage *addresses;
	int n, next;	 /* the first `next` have been tried */
	bool is_pending; /* more may come */
};

/* What is dialled; it stays the caller's, and as it is while it is dialled. */
struct dial_target {
	const char *host;
	unsigned short port;
	int family;   /* AF_UNSPEC: IPv6 and IPv4 */
	bool is_unix; /* host is the path of a Unix socket */

	/* Our own end; NULL and 0 leave it to the system. */
	const char *local_address;
	unsigned short local_port;

	/* How long an address has to answer; 0: for ever. */
	struct timeval limit;
};

struct dial {
	/* Called from the loop, once: a connected socket, which is the callee's
	 * from then on; -1 if no address did.  It may free the dial's owner. */
	void (*done_cb)(void *arg, int fd);
	void *arg;

	struct event_base *base; /* NULL: the current one */
	struct dial_target target;
	struct evi_addresses *resolver;
	struct evi_resolution *resolution;
	struct candidates v6, v4;
	bool last_was_v6; /* the last address that was tried */
	bool is_dialling;
	unsigned fork_generation; /* of the process that dials */
	struct attempt attempts[EVI_DIAL_ATTEMPTS];
	struct event timer;
};

enum dial_result {
	EVI_DIAL_STARTED, /* done will be called */
	EVI_DIAL_FAILED,  /* the host is unknown, or no address can be tried */
	EVI_DIAL_BIND_FAILED /* our own end cannot be as it says */
};

/* Calls done with arg, once it is started. */
void
evi_dial_init(struct dial *dial, void (*done_cb)(void *arg, int fd), void *arg);

/*
 * Dials, on a base.  Numbers and Unix sockets are tried at once.  If it is not
 * ON it has ended, and done is not called.
 */
enum dial_result evi_dial_start(struct dial *dial, struct event_base *base,
    const struct dial_target *to);

/* Ends it, if it is on; done is not called. */
void evi_dial_stop(struct dial *dial);

#endif
