/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the suites of the HTTP client share: a client, an origin for it on the
 * same base, and callbacks that note what they are given.
 */
#ifndef HELPERS_HTTP_CLIENT_H
#define HELPERS_HTTP_CLIENT_H

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
static int answers;

static inline void
note_body(struct evbuffer *body)
{
	size_t len = EVBUFFER_LENGTH(body);

	if (len > 300)
		note("<%zu bytes>", len);
	else if (len > 0)
		note("<%.*s>", (int)len, (char *)EVBUFFER_DATA(body));
}

/*
 * A request's callback, which notes "NAME:NULL", "NAME:0", or the code and the
 * body, as in "NAME:200 <hello>".
 */
static inline void
answer_cb(struct evhttp_request *req, void *name)
{
	answers++;
	if (req == NULL) {
		note("%s:NULL", (char *)name);
		return;
	}
	note("%s:%d", (char *)name, req->response_code);
	note_body(req->input_buffer);
}

/* A chunk_cb for such a request. */
static inline void
chunk_cb(struct evhttp_request *req, void *name)
{
	note("%s:chunk", (char *)name);
	note_body(req->input_buffer);
}

static inline void
close_cb(struct evhttp_connection *evcon, void *name)
{
	(void)evcon;
	note("%s", (char *)name);
}

static inline void
out_of_patience_cb(int fd, short what, void *arg)
{
	struct client *c = arg;

	(void)fd;
	(void)what;
	c->is_hopeless = true;
}

/* One pass of the loop, which waits for something to happen. */
static inline void
turn(struct client *c)
{
	evtimer_add(&c->patience, PATIENCE);
	event_base_loop(c->base, EVLOOP_ONCE);
	evtimer_del(&c->patience);
	if (c->is_hopeless)
		fail_msg("nothing happens any more; so far: %s", noted());
}

#define wait_for(c, condition)                                                 \
	do {                                                                   \
		while (!(condition))                                           \
			turn(c);                                               \
	} while (0)

/* Until n requests in all had their callback. */
static inline void
await_answers(struct client *c, int n)
{
	wait_for(c, answers >= n);
}

/* Passes enough for what must not happen to happen. */
static inline void
settle(struct client *c)
{
	for (int i = 0; i < 20; i++)
		event_base_loop(c->base, EVLOOP_NONBLOCK);
}

static inline struct evhttp_connection *
new_connection(struct client *c, const char *address, unsigned short port)
{
	struct evhttp_connection *evcon = evhttp_connection_new(address, port);

	assert_non_null(evcon);
	evhttp_connection_set_base(evcon, c->base);
	return evcon;
}

/* A client of an origin whose port refuses until origin_listen(). */
static inline void
set_up_refused(struct client *c, const struct step *const *scripts, int n)
{
	signal(SIGPIPE, SIG_IGN);
	memset(c, 0, sizeof *c);
	c->base = event_init();
	evtimer_set(&c->patience, out_of_patience_cb, c);
	origin_bind(&c->origin, c->base, AF_INET, scripts, n);
	c->evcon = new_connection(c, "127.0.0.1", c->origin.port);
	evhttp_connection_set_closecb(c->evcon, close_cb, "closed");
}

/* One script for each connection. */
static inline void
set_up_scripts(struct client *c, const struct step *const *scripts, int n)
{
	set_up_refused(c, scripts, n);
	origin_listen(&c->origin);
}

#define SET_UP(c, ...)                                                         \
	set_up_scripts(c, (const struct step *const[]){__VA_ARGS__},           \
	    sizeof((const struct step *const[]){__VA_ARGS__}) /                \
		sizeof(struct step *))

static inline void
free_connection(struct client *c)
{
	if (c->evcon != NULL)
		evhttp_connection_free(c->evcon);
	c->evcon = NULL;
}

static inline void
tear_down(struct client *c)
{
	free_connection(c);
	origin_close(&c->origin);
	event_base_free(c->base);
}

static inline struct evhttp_request *
new_request(char *name)
{
	struct evhttp_request *req = evhttp_request_new(answer_cb, name);

	assert_non_null(req);
	return req;
}

/* Sends a request whose URI is "/" and its name. */
static inline void
send_request(struct client *c, struct evhttp_request *req,
    enum evhttp_cmd_type type)
{
	char uri[64];

	snprintf(uri, sizeof uri, "/%s", (char *)req->cb_arg);
	assert_int_equal(evhttp_make_request(c->evcon, req, type, uri), 0);
}

static inline void
get(struct client *c, char *name)
{
	send_request(c, new_request(name), EVHTTP_REQ_GET);
}

static inline void
head(struct client *c, char *name)
{
	send_request(c, new_request(name), EVHTTP_REQ_HEAD);
}

static inline void
post(struct client *c, char *name, const char *body)
{
	struct evhttp_request *req = new_request(name);

	evbuffer_add(req->output_buffer, body, strlen(body));
	send_request(c, req, EVHTTP_REQ_POST);
}

/* A body far longer than what the sockets take. */
static inline void
post_32_mb(struct client *c, char *name)
{
	const size_t len = 32 << 20;
	struct evhttp_request *req = new_request(name);
	char *body = calloc(1, len);

	assert_non_null(body);
	evbuffer_add(req->output_buffer, body, len);
	free(body);
	send_request(c, req, EVHTTP_REQ_POST);
}

/* The callback of a request that make_request refuses. */
static inline void
never_cb(struct evhttp_request *req, void *unused)
{
	(void)req;
	(void)unused;
	fail_msg("a callback of a request that make_request refused");
}

/* Goes on for a while in which nothing has to happen. */
static inline void
idle_for(struct client *c, double ms)
{
	double end = now_ms() + ms;

	while (now_ms() < end) {
		base_pass(c->base);
		usleep(20000);
	}
}

/* Scripts that answer any number of requests. */
static const struct step serve_x[] = {REQUEST, SEND(OK_X), AGAIN};
static const struct step serve_y[] = {REQUEST, SEND(OK_1("y")), AGAIN};

/* A client whose connection is idle after an answer to a. */
static inline void
set_up_idle(struct client *c)
{
	SET_UP(c, serve_x, serve_y);
	get(c, "a");
	await_answers(c, 1);
	settle(c);
	assert_log("a:200 <x>");
}

#endif
