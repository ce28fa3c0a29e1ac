/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests of buffers share: bytes that tell their place, and two
 * bufferevents that talk.
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

/* A number of bytes that says what these are. */
unsigned long digest(const void *data, size_t len);

/*
 * Bytes without CR and LF, each of which depends on how far it is from the
 * start.
 */
void fill_text(unsigned char *to, size_t len, size_t start);
bool is_text(const unsigned char *text, size_t len, size_t start);

/* Adds some, start being what the buffer has so far. */
void add_text(struct evbuffer *buf, size_t len);

/* A buffer of that many; and a file of them, to be read. */
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
	size_t size; /* of a message, */
	unsigned char *message;
	int left;   /* how often it is still to come back */
	int faults; /* errors, and messages that were not the same */
};

/* Opens it on the base, which is to be the current one or not. */
void echo_open(struct echo *e, struct event_base *base, size_t size);

/* Runs the base until n messages have come back. */
void echo_run(struct echo *e, int rounds);

void echo_close(struct echo *e);

#endif
