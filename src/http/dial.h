/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a host to a socket that is being connected: the one place of HTTP that
 * knows how names are looked up.  For now that blocks, as in 1.4.
 */
#ifndef EVI_HTTP_DIAL_H
#define EVI_HTTP_DIAL_H

#include <stdbool.h>

struct addrinfo;

struct evi_dial {
	struct addrinfo *found;
	const struct addrinfo *next;
};

/* Our own end; NULL and 0 leave it to the system. */
struct evi_dial_from {
	const char *address;
	unsigned short port;
};

enum evi_dialled {
	EVI_DIAL_CONNECTING, /* *fd is writable when it is known how it ends */
	EVI_DIAL_FAILED,     /* there is no address left to be tried */
	EVI_DIAL_UNBOUND     /* our own end cannot be as it says */
};

/*
 * Looks up a host, of a family or AF_UNSPEC.  A host that begins with '/' is
 * the path of a Unix socket, if is_unix.  Returns 0, or -1 where it is unknown.
 */
int evi_dial_start(struct evi_dial *dial, const char *host, unsigned short port,
    int family, bool is_unix);

/* Tries the next address that is left, and so on. */
enum evi_dialled
evi_dial_try(struct evi_dial *dial, const struct evi_dial_from *from, int *fd);

/* Forgets what was found. */
void evi_dial_stop(struct evi_dial *dial);

#endif
