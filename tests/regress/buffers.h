/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests of buffers share: a text whose bytes depend on their place,
 * and an echo between two bufferevents.
 */
#ifndef REGRESS_BUFFERS_H
#define REGRESS_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <event.h>

#define KB ((size_t)1024)
#define MB (1024 * KB)

/* Frees the spare blocks that this thread keeps. */
void drop_spares(void);

/* A hash of the bytes (Bernstein's, 33). */
unsigned long digest(const void *data, size_t len);

/*
 * The text of these tests: bytes without CR and LF, each of which depends on
 * its offset.  start is the offset of the first one.
 */
void fill_text(unsigned char *to, size_t len, size_t start);
bool is_text(const unsigned char *text, size_t len, size_t start);

/*
 * Appends len bytes of that text, of which the buffer has the first ones so
 * far.
 */
void add_text(struct evbuffer *buf, size_t len);

/*
 * A buffer with len bytes of that text; and a descriptor from which len bytes
 * can be read, from the offset start on.
 */
struct evbuffer *new_text(size_t len);
int text_file(size_t start, size_t len);

/*
 * A client and a server on a socket pair.  The client sends a message, the
 * server sends back what it gets, and once the client has all of it and has
 * checked it, it sends the next.
 */
struct echo {
	struct event_base *base;
	int fd[2];
	struct bufferevent *client, *server;
	size_t size; /* of a message, in bytes */
	unsigned char *message;
	int left;   /* round trips that are still to be made */
	int faults; /* errors, and messages that were not the same */
};

/* Opens the pair, both ends on this base, whichever is the current one. */
void echo_open(struct echo *e, struct event_base *base, size_t size);

/* Runs the base until the client has received `rounds` messages. */
void echo_run(struct echo *e, int rounds);

void echo_close(struct echo *e);

#endif
