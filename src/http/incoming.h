/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests that a server's connection reads: from the bytes to the program's
 * callbacks.
 */
#ifndef EVI_HTTP_INCOMING_H
#define EVI_HTTP_INCOMING_H

#include "http.h"

/*
 * The first byte of a request has arrived: makes the request that is read.
 * Returns EVI_READ_MORE; EVI_READ_NEW if the program has a callback for new
 * requests; or EVI_READ_NOMEM.
 */
enum read_result evi_incoming_begin(struct evhttp_connection *evcon);

/*
 * Does what a result of the reader asks for, and keeps parsing while there is
 * input.  Returns true if more bytes have to be read first; false if something
 * else has to happen, or the connection is closed.
 */
bool
evi_incoming_handle(struct evhttp_connection *evcon, enum read_result result);

/* Refuses the request that is being read with a status, 400 for example; its
 * connection closes after the answer. */
void evi_incoming_refuse(struct evhttp_connection *evcon, int status);

/* While more bytes of output than this wait, no other request is begun. */
#define EVI_INCOMING_UNSENT_MAX 65536

/* Whether the connection may read and parse bytes now. */
static inline bool
evi_incoming_may_read(const struct evhttp_connection *evcon)
{
	return evcon->fd != -1 && evcon->unanswered == NULL &&
	       !evcon->close_when_written && !evcon->output.has_failed &&
	       !evcon->is_paused && !evcon->entry.is_lingering &&
	       evi_output_size(&evcon->output) < EVI_INCOMING_UNSENT_MAX;
}

/* Whether the reader has anything to parse or report without more bytes. */
static inline bool
evi_incoming_has_input(const struct evhttp_connection *evcon)
{
	return evi_conn_has_input(evcon) ||
	       evcon->reader.state == EVI_READING_END;
}

/*
 * Discards the rest of the body of the request that is being read, of which
 * there must be one: its answer was begun, or it needs no body.  Afterwards no
 * request is being read, and this one is unanswered unless the program has
 * given the whole answer.
 */
void evi_incoming_drop_body(struct evhttp_connection *evcon);

#endif
