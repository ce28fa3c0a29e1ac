/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests of the HTTP server share: a server at a port of the kernel's
 * choice, handlers that note what they got, and whole exchanges in one call.
 */
#ifndef HELPERS_HTTP_SERVER_H
#define HELPERS_HTTP_SERVER_H

#include "http_client_raw.h"

#include <sys/un.h>
#include <arpa/inet.h>
#include <evhttp.h>

struct server {
	struct event_base *base;
	struct evhttp *http;
	int fd; /* the listener, which http closes */
	struct sockaddr_storage at;
	socklen_t at_len;
	/* What note_request_cb() has to do besides. */
	bool shows_headers;
	void (*reply)(struct evhttp_request *, struct server *);
	void *more; /* for reply() to use */
};

/* A head that ends the connection after the answer. */
#define LAST_REQUEST "GET /last HTTP/1.1\r\nConnection: close\r\n\r\n"

/* A listening socket; its address in at. */
int listener(int family, struct sockaddr_storage *at, socklen_t *len);

const char *method_of(const struct evhttp_request *req);

/* Notes METHOD:URI, what the header list has in braces if that is wanted, and
 * after a colon the body if there is one. */
void note_request(struct evhttp_request *req, bool shows_headers);

/* Answers 200 with that text. */
void reply_text(struct evhttp_request *req, const char *text);

/* The generic handler of server_open(): notes the request and answers with its
 * URI, or as the server's reply says. */
void note_request_cb(struct evhttp_request *req, void *arg);

/* Opens a server that has no handler. */
void server_open_bare(struct server *s, int family);

/* With note_request_cb(), which gets the server as its argument. */
void server_open(struct server *s);

/* With a generic handler of the test's own, which gets arg. */
void server_open_with(struct server *s,
    void (*cb)(struct evhttp_request *, void *), void *arg);

/* Frees the server and the base. http is NULL where the test has freed it. */
void server_close(struct server *s);

void client_open(struct client *c, struct server *s);

/* As client_open(), with socket buffers of a few kilobytes on the way to the
 * client, so that the server has to wait after a small answer. */
void client_open_narrow(struct client *c, struct server *s);

/* A server with note_request_cb(), and a client that has sent text. */
void open_both(struct server *s, struct client *c, const char *text);

void close_both(struct server *s, struct client *c);

/*
 * A handler that keeps its request for the test.
 */

struct kept {
	struct server s;
	struct client c;
	struct evhttp_request *req;
};

bool has_request(void *arg);

/* Opens both; the client has sent text, and k->req is the request that the
 * handler got. */
void kept_open(struct kept *k, const char *text);

void kept_close(struct kept *k);

/*
 * One exchange with note_request_cb() each: what the handler notes, and what
 * the client gets.
 */

/* The handler is called for these n requests, and for one that is sent when
 * they are answered: the connection was left open, and in order. */
void serves_with(struct server *s, const char *bytes, size_t len,
    const char *requests, int n);

void serves(const char *bytes, const char *requests);

/* As serves() with one request, and the headers are noted, too. */
void serves_headers(const char *bytes, const char *request);

/* The connection is closed after these answers. */
void ends_with(struct server *s, const char *bytes, size_t len,
    const char *requests, const char *expected);

void ends(const char *bytes, const char *requests, const char *expected);

/* No handler is called; the answer is that code, and the connection closed. */
void refuses_bytes(const char *bytes, size_t len, const char *code);

void refuses(const char *bytes);

/* No handler is called; the answer is one of these codes, blanks between them,
 * and the connection closed. */
void refuses_as(const char *bytes, const char *codes);

/* The client sends these bytes and closes its side: no handler is called,
 * and nothing is sent. */
void ignores(const char *bytes);

#endif
