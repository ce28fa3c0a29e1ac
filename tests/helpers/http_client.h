/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the suites of the HTTP client share: a client, an origin for it on the
 * same base, and callbacks that note what they are given.
 */
#ifndef HELPERS_HTTP_CLIENT_H
#define HELPERS_HTTP_CLIENT_H

#include <sys/types.h>
#include "support/queue.h"
#include <sys/time.h>
#include <evhttp.h>
#include <signal.h>

#include "http_origin.h"

/* How long nothing at all may happen while a test waits: generous, and less
 * than the harness allows. */
#define PATIENCE MSEC(12000)

struct client {
	struct event_base *base;
	struct origin origin;
	struct evhttp_connection *evcon; /* NULL: the test freed it */
	struct event patience;
	bool is_hopeless;
};

/* How many callbacks of requests ran. */
extern int n_answers;

/*
 * A request's callback, which notes "NAME:NULL", "NAME:0", or the code and the
 * body, as in "NAME:200 <hello>".
 */
void note_answer_cb(struct evhttp_request *req, void *name);

/* A chunk_cb for such a request. */
void chunk_cb(struct evhttp_request *req, void *name);

void close_cb(struct evhttp_connection *evcon, void *name);

void out_of_patience_cb(int fd, short what, void *arg);

/* One pass of the loop, which waits for something to happen. */
void turn(struct client *c);

#define wait_for(c, condition)                                                 \
	do {                                                                   \
		while (!(condition))                                           \
			turn(c);                                               \
	} while (0)

/* Runs the loop until n requests in all had their callback. */
void await_answers(struct client *c, int n);

/* Makes enough passes for what must not happen to show. */
void client_run_passes(struct client *c);

struct evhttp_connection *
new_connection(struct client *c, const char *address, unsigned short port);

/* A client of an origin whose port refuses until origin_listen(). */
void client_set_up_refused(struct client *c, const struct step *const *scripts,
    int n);

/* A client of an origin that accepts; one script for each connection. */
void client_set_up_scripts(struct client *c, const struct step *const *scripts,
    int n);

#define SET_UP(c, ...)                                                         \
	client_set_up_scripts(c, (const struct step *const[]){__VA_ARGS__},    \
	    sizeof((const struct step *const[]){__VA_ARGS__}) /                \
		sizeof(struct step *))

void client_free_connection(struct client *c);

void client_tear_down(struct client *c);

struct evhttp_request *new_request(char *name);

/* Sends a request whose URI is "/" and its name. */
void send_request(struct client *c, struct evhttp_request *req,
    enum evhttp_cmd_type type);

void get(struct client *c, char *name);

void head(struct client *c, char *name);

void post(struct client *c, char *name, const char *body);

/* A body far longer than what the sockets take. */
void post_32_mb(struct client *c, char *name);

/* Fails the test: the callback of a request that make_request refuses. */
void never_cb(struct evhttp_request *req, void *unused);

/* Runs the loop for a while in which nothing has to happen. */
void idle_for(struct client *c, double ms);

/* Scripts that answer any number of requests. */
extern const struct step serve_x[];
extern const struct step serve_y[];

/* A client whose connection is idle after an answer to a. */
void client_set_up_idle(struct client *c);

#endif
