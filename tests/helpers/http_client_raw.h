/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A client that knows nothing of HTTP but where an answer ends: it writes bytes
 * as the test cuts them and collects what comes back, as events on the base of
 * the server it talks to.
 *
 * What came back is shown as text, one word for each complete answer: the code,
 * and after a colon the body if the code is 200 and there is one
 * ("200:/a 404").  Bytes that are not a whole answer are a last word, "...".
 */
#ifndef HELPERS_HTTP_CLIENT_RAW_H
#define HELPERS_HTTP_CLIENT_RAW_H

#include <sys/types.h>
#include "support/queue.h"
#include <sys/time.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <event.h>

#include "test.h"

/* A test waits this long for what has to come, which is generous.  Where it
 * never comes the test fails after it. */
#define PATIENCE 8000 /* milliseconds */

struct client {
	struct event_base *base;
	int fd;
	struct event reader;
	char *got; /* NUL after it */
	size_t len, room;
	bool ended; /* the other side has closed, or reset */
	bool was_reset;
	bool asks_head; /* answers have no body: they are for HEAD */
};

struct answer {
	int code;
	size_t head; /* length, with the empty line */
	char *body;  /* without the chunks' framing; NUL after it */
	size_t body_len;
	size_t all; /* length on the wire */
};

/* Calls the base's events until done says true of arg; false once the time is
 * up, or no event is left. */
bool wait_until(struct event_base *base, bool (*done)(void *), void *arg);

/* Makes a few passes that do not wait: what is in the sockets arrives. */
void let_it_work(struct event_base *base);

/* Takes a connected socket. */
void client_from_fd(struct client *c, struct event_base *base, int fd);

void client_connect(struct client *c, struct event_base *base,
    const struct sockaddr_storage *at, socklen_t len);

void client_close(struct client *c);

/* Closes with RST instead of FIN. */
void client_reset(struct client *c);

/* Closes the sending side; the client still reads. */
void client_half_close(struct client *c);

/* Stops reading, so that the server has to wait. */
void client_pause(struct client *c);

/* Reads again. */
void client_resume(struct client *c);

/* Sends all of it, while the server works.  A server that has closed gets no
 * more. */
void say_bytes(struct client *c, const char *bytes, size_t len);

void say(struct client *c, const char *text);

/* Sends pieces of at most n bytes, each of which the server may see alone. */
void say_in_pieces(struct client *c, const char *text, size_t n);

/* Reads the answer at that offset; false if it is not whole or wrong.  Its body
 * is to be freed. */
bool read_answer(const struct client *c, size_t at, struct answer *a);

/* How many whole answers have come. */
int count_answers(const struct client *c);

/* All answers as text; valid until the next call. */
const char *answers(const struct client *c);

/* Runs the loop until n answers have come, or the end; false if not in time. */
bool wait_answers(struct client *c, int n);

/* Runs the loop until the server has closed; false if not in time. */
bool wait_end(struct client *c);

int count_words(const char *text);

void fail_client(const struct client *c, const char *what);

/* The answers come, and no more than they. */
void expect_answers(struct client *c, const char *expected);

/* They come, and then the server closes. */
void expect_end(struct client *c, const char *expected);

/* The value of the first answer's field as it is sent; "" if there is none. */
const char *first_field(const struct client *c, const char *name);

/* Puts another date over each that the server has sent. */
void mask_dates(struct client *c);

/* All that came so far are these len bytes, but for dates. */
void expect_bytes(struct client *c, const char *expected, size_t len);

#endif
