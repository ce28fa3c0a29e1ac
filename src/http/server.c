/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct evhttp: making and freeing one, callbacks by path, settings.
 */
#include "server.h"

#include "reply.h"
#include "support/log.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define AT(type, member, on64, on32)                                           \
	_Static_assert(offsetof(struct type, member) ==                        \
			   (sizeof(void *) == 8 ? (on64) : (on32)),            \
	    "libevent 1.4 has it elsewhere")
AT(evhttp, sockets, 0, 0);
AT(evhttp, callbacks, 16, 8);
AT(evhttp, connections, 32, 16);
AT(evhttp, timeout, 48, 24);
AT(evhttp, gencb, 56, 28);
AT(evhttp, gencbarg, 64, 32);
AT(evhttp, base, 72, 36);
AT(evhttp_cb, what, 16, 8);
AT(evhttp_cb, cb, 24, 12);
AT(evhttp_cb, cbarg, 32, 16);
#undef AT

/* 1.4's. */
#define CONTENT_TYPE "text/html; charset=ISO-8859-1"

struct evhttp *
evhttp_new(struct event_base *base)
{
	struct evhttp *http = calloc(1, sizeof *http);

	if (http == NULL)
		return NULL;
	TAILQ_INIT(&http->sockets);
	TAILQ_INIT(&http->callbacks);
	TAILQ_INIT(&http->connections);
	TAILQ_INIT(&http->lingering);
	TAILQ_INIT(&http->aliases);
	TAILQ_INIT(&http->vhosts);
	http->timeout = -1;
	http->base = base;
	http->policy.content_type = CONTENT_TYPE;
	evi_limits_init(&http->limits);
	return http;
}

struct evhttp *
evhttp_start(const char *address, unsigned short port)
{
	struct evhttp *http = evhttp_new(NULL);

	if (http != NULL && evhttp_bind_socket(http, address, port) == -1) {
		evhttp_free(http);
		return NULL;
	}
	return http;
}

static void
free_callback(struct evhttp *http, struct evhttp_cb *cb)
{
	TAILQ_REMOVE(&http->callbacks, cb, next);
	free(cb->what);
	free(cb);
}

/* Close callbacks run, which may be the program's last word on anything. */
void
evhttp_free(struct evhttp *http)
{
	struct evhttp_bound_socket *bound;
	struct evhttp_connection *evcon;
	struct evhttp_cb *cb;

	if (http == NULL)
		return;
	while ((bound = TAILQ_FIRST(&http->sockets)) != NULL)
		evi_unlisten(bound);
	while ((evcon = TAILQ_FIRST(&http->connections)) != NULL)
		evi_serve_free(evcon);
	while ((evcon = TAILQ_FIRST(&http->lingering)) != NULL)
		evi_serve_free(evcon);
	while ((cb = TAILQ_FIRST(&http->callbacks)) != NULL)
		free_callback(http, cb);
	evi_vhosts_free(http);
	free(http);
}

/* --- callbacks --- */

void
evhttp_set_cb(struct evhttp *http, const char *path,
    void (*func)(struct evhttp_request *, void *), void *arg)
{
	struct evhttp_cb *cb = calloc(1, sizeof *cb);

	if (cb == NULL || (cb->what = strdup(path)) == NULL) {
		event_warnx("%s: no memory", __func__);
		free(cb);
		return;
	}
	cb->len = strlen(path);
	cb->cb = func;
	cb->cbarg = arg;
	TAILQ_INSERT_TAIL(&http->callbacks, cb, next);
}

/* The URI up to its query. */
static size_t
path_length(const char *uri)
{
	return strcspn(uri, "?");
}

static struct evhttp_cb *
find_callback(struct evhttp *http, const char *path, size_t len)
{
	struct evhttp_cb *cb;

	TAILQ_FOREACH (cb, &http->callbacks, next)
		if (cb->len == len && memcmp(cb->what, path, len) == 0)
			return cb;
	return NULL;
}

int
evhttp_del_cb(struct evhttp *http, const char *path)
{
	struct evhttp_cb *cb = find_callback(http, path, strlen(path));

	if (cb == NULL)
		return -1;
	free_callback(http, cb);
	return 0;
}

void
evhttp_set_gencb(struct evhttp *http,
    void (*cb)(struct evhttp_request *, void *), void *arg)
{
	http->gencb = cb;
	http->gencbarg = arg;
}

/* 1.4's page. */
static void
not_found(struct evi_request *req)
{
	struct evbuffer *page = evbuffer_new();
	char *uri = evhttp_htmlescape(req->pub.uri);

	evhttp_response_code(&req->pub, HTTP_NOTFOUND, "Not Found");
	if (page != NULL && uri != NULL)
		evbuffer_add_printf(page,
		    "<html><head><title>404 Not Found</title></head>"
		    "<body><h1>Not Found</h1>"
		    "<p>The requested URL %s was not found on this server."
		    "</p></body></html>\n",
		    uri);
	evhttp_send_page(&req->pub, page);
	free(uri);
	evbuffer_free(page);
}

void
evi_dispatch(struct evhttp *http, struct evi_request *req)
{
	struct evhttp_request *pub = &req->pub;
	struct evhttp_cb *cb = NULL;

	if (!TAILQ_EMPTY(&http->vhosts))
		http = evi_vhost_find(http, pub);
	if ((int)pub->type != EVHTTP_REQ_CONNECT)
		cb = find_callback(http, pub->uri, path_length(pub->uri));
	if (cb != NULL)
		cb->cb(pub, cb->cbarg);
	else if (http->gencb != NULL)
		http->gencb(pub, http->gencbarg);
	else
		not_found(req);
}

/* --- settings --- */

/* Negative is the default, 1.4's others too. */
void
evhttp_set_timeout(struct evhttp *http, int timeout_in_secs)
{
	http->timeout = timeout_in_secs < 0 ? -1 : timeout_in_secs;
	http->is_exact = false;
}

void
evhttp_set_timeout_tv(struct evhttp *http, const struct timeval *tv)
{
	http->is_exact = tv != NULL;
	http->timeout = -1;
	if (tv != NULL)
		http->time_limit = *tv;
}

void
evhttp_set_max_headers_size(struct evhttp *http, ssize_t max_headers_size)
{
	http->limits.head = max_headers_size;
}

void
evhttp_set_max_body_size(struct evhttp *http, ssize_t max_body_size)
{
	http->limits.body = max_body_size;
}

void
evhttp_set_max_connections(struct evhttp *http, int max_connections)
{
	http->max_connections = max_connections > 0 ? max_connections : 0;
}

int
evhttp_get_connection_count(struct evhttp *http)
{
	return http->n_connections;
}

void
evhttp_set_allowed_methods(struct evhttp *http, ev_uint16_t methods)
{
	http->knows_methods = true;
	http->methods = methods;
}

void
evhttp_set_default_content_type(struct evhttp *http, const char *content_type)
{
	http->policy.content_type = content_type;
}

void
evhttp_set_newreqcb(struct evhttp *http,
    int (*cb)(struct evhttp_request *, void *), void *arg)
{
	http->newreqcb = cb;
	http->newreqarg = arg;
}
