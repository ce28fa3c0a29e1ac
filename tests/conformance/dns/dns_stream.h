/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A DNS server's TCP side in the test's own hands, next to a responder that has
 * none: the bytes of a stream in any pieces.
 */
#ifndef CONFORMANCE_DNS_STREAM_H
#define CONFORMANCE_DNS_STREAM_H

#include <sys/types.h>
#include <sys/time.h>
#include <netinet/in.h>
#include <event.h>

#include "dns.h"

struct stream;

/* Gets each question, without the length before it. */
typedef void stream_cb(struct stream *s, const uint8_t *msg, size_t len);

struct stream {
	int listener, fd; /* fd is -1 if there is no connection */
	struct event accept_ev, read_ev, piece_ev;
	stream_cb *cb;
	int connections, questions;
	uint8_t in[8192];
	size_t have;
	/* Bytes to send, a piece in each pass. */
	uint8_t out[1 << 17];
	size_t len, sent, piece;
	bool hang_up; /* closes when all is sent */
};

/* Sends what was put into out, `piece` bytes at a time. */
void stream_send(struct stream *s, size_t piece);

void stream_put(struct stream *s, const void *data, size_t len);

void stream_put16(struct stream *s, size_t n);

/* Puts an answer to the question, of one address, with its length before it. */
void stream_put_answer(struct stream *s, const uint8_t *q, const char *address);

/* Opens the TCP port of a responder that has just given it up. */
void
stream_open(struct stream *s, const struct responder *server, stream_cb *cb);

void stream_close(struct stream *s);

#endif
