/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * UDP sockets, each connected to one address, and their datagrams.  One system
 * call receives or sends several: datagrams to send are kept until a flush.
 */
#ifndef EVI_DATAGRAM_H
#define EVI_DATAGRAM_H

#include <sys/types.h>
#include <event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/address.h"
#include "descriptor.h"
#include "support/queue.h"

TAILQ_HEAD(udp_sockets, udp_socket);

struct udp_socket {
	TAILQ_ENTRY(udp_socket) link;
	struct descriptor descriptor;
	struct event event; /* set and added by the caller */
	void *owner;	    /* the caller's */
	uint64_t number;    /* the caller's, of this socket */
	bool has_received;
	int64_t retired_at; /* evi_dns_now() when it was replaced, or 0 */
};

/*
 * Opens a socket, and puts it first in the list.  NULL, errno set, without
 * memory, a descriptor, or a route.
 */
struct udp_socket *evi_datagram_open(struct udp_sockets *list,
    const struct address *address, uint64_t number, void *owner);

/*
 * Bytes of a datagram that is received: a server sends up to 4,096 (RFC 6891,
 * section 6.2.5).  What is left of a longer one is malformed.
 */
#define EVI_DATAGRAM_MAX 4097
/* Bytes of a datagram that is sent; RFC 1035, section 4.2.1. */
#define EVI_QUESTION_MAX 512
/* Datagrams that one system call receives, and that one sends: few, so that the
 * server begins with them while the next ones are written. */
#define EVI_IN_BATCH 16
#define EVI_OUT_BATCH 8

/* The datagrams of one thread's sockets; all zero at first. */
struct datagrams {
	/* Those that were received last. */
	uint8_t in[EVI_IN_BATCH][EVI_DATAGRAM_MAX];
	unsigned int in_len[EVI_IN_BATCH];

	/* Those that are kept until the flush, all for one socket. */
	struct udp_socket *socket;
	int n;
	uint8_t out[EVI_OUT_BATCH][EVI_QUESTION_MAX];
	size_t out_len[EVI_OUT_BATCH];
};

/*
 * Closes a socket of the list, deletes its event, and drops the datagrams that
 * are kept for it.
 */
void evi_datagram_close(struct datagrams *d, struct udp_sockets *list,
    struct udp_socket *s);

/* Notes that another socket replaces this one.  now is evi_dns_now(). */
static inline void
evi_datagram_retire(struct udp_socket *s, int64_t now)
{
	s->retired_at = now;
}

/*
 * Receives up to EVI_IN_BATCH datagrams into d->in.  Returns their number, or
 * -1 and errno, EAGAIN if there are none.  A longer datagram is truncated to
 * EVI_DATAGRAM_MAX bytes.
 */
int evi_datagram_receive(struct datagrams *d, struct udp_socket *s);

/* Whether more can be kept for a socket without a flush. */
static inline bool
evi_datagram_has_room(const struct datagrams *d, const struct udp_socket *s)
{
	return d->n == 0 || (d->n < EVI_OUT_BATCH && d->socket == s);
}

/* Keeps len bytes, at most EVI_QUESTION_MAX, for a socket that has room. */
void evi_datagram_send(struct datagrams *d, struct udp_socket *s,
    const void *data, size_t len);

/*
 * Sends the datagrams that are kept.  Returns 0, or -1 and errno for an error
 * of d->socket.
 */
int evi_datagram_flush(struct datagrams *d);

#endif
