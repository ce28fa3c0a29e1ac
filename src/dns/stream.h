/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A TCP connection to a nameserver: messages with their length before them
 * (RFC 1035, section 4.2.2), in both directions.
 */
#ifndef EVI_STREAM_H
#define EVI_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/address.h"

struct event_base;
struct stream;

/*
 * Starts to connect.  ready_cb(arg) is called from the loop when there may be
 * messages, or the connection may have ended.  NULL, errno set, without memory,
 * a descriptor, or a route.
 */
struct stream *evi_stream_new(struct event_base *base,
    const struct address *address, void (*ready_cb)(void *arg), void *arg);

/*
 * Closes a connection and drops what was not sent.  May be called inside
 * ready_cb().  NULL is ignored; errno is kept.
 */
void evi_stream_free(struct stream *s);

/* Sends a message of len bytes, at most 65,535.  -1 without memory. */
int evi_stream_send(struct stream *s, const uint8_t *msg, size_t len);

/* Reads what has arrived, as far as there is memory. */
void evi_stream_receive(struct stream *s);

/*
 * The next message, valid until this function or evi_stream_receive() is called
 * again, or the loop runs.  NULL: there is none yet.
 */
const uint8_t *evi_stream_next(struct stream *s, size_t *len);

/* Whether the connection was closed by the server, could not be made, or
 * failed. */
bool evi_stream_has_ended(const struct stream *s);

#endif
