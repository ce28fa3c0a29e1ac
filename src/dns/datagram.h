/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * UDP sockets, each connected to one address, and their datagrams. One system
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

struct udp_socket {
	TAILQ_ENTRY(udp_socket) link; /* for its owner */
	struct descriptor descriptor;
	struct event event; /* set and added by its owner */
	void *owner;
	bool heard;	 /* something was received */
	int64_t retired; /* when it was replaced by another, or 0 */
	uint64_t number; /* of this one among its owner's */
};

/* NULL, errno set, without memory or a descriptor, or without a route. */
struct udp_socket *
evi_datagram_open(const struct address *address, void *owner);

#define EVI_DATAGRAM_MAX 4097
#define EVI_QUESTION_MAX 512
#define EVI_IN_BATCH 16
/* A small number, so that the server begins while the next ones are made. */
#define EVI_OUT_BATCH 8

/* The datagrams of one thread's sockets; all zero at first. */
struct datagrams {
	/* What came in. */
	uint8_t in[EVI_IN_BATCH][EVI_DATAGRAM_MAX];
	unsigned int in_len[EVI_IN_BATCH];

	/* What is kept until the flush, all of it for one socket. */
	struct udp_socket *socket;
	int n;
	uint8_t out[EVI_OUT_BATCH][EVI_QUESTION_MAX];
	size_t out_len[EVI_OUT_BATCH];
};

/* Its event is deleted as well; what is kept for it is not sent. */
void evi_datagram_close(struct datagrams *d, struct udp_socket *s);

/*
 * Receives up to EVI_IN_BATCH datagrams into d->in. Returns their number, or -1
 * and errno, EAGAIN where there are none. Bytes of one above EVI_DATAGRAM_MAX
 * are lost silently.
 */
int evi_datagram_receive(struct datagrams *d, struct udp_socket *s);

/* Whether more can be kept for a socket without a flush. */
static inline bool
evi_datagram_has_room(const struct datagrams *d, const struct udp_socket *s)
{
	return d->n == 0 || (d->n < EVI_OUT_BATCH && d->socket == s);
}

/* Keeps len bytes, at most EVI_QUESTION_MAX, for a socket; there is room. */
void evi_datagram_send(struct datagrams *d, struct udp_socket *s,
    const void *data, size_t len);

/* Sends what is kept. Returns -1 and errno for an error of d->socket. */
int evi_datagram_flush(struct datagrams *d);

#endif
