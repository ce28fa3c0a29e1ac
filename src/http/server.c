/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct evhttp: making and freeing one, settings.
 */
#include <stddef.h>
#include <stdlib.h>

#include "dispatch.h"
#include "ending.h"
#include "http.h"
#include "listen.h"
#include "serve.h"
#include "vhost.h"

/* Programs read members through a copy of 1.4's private header. */
#define ASSERT_OFFSET(type, member, on64, on32)                                \
	_Static_assert(offsetof(struct type, member) ==                        \
			   (sizeof(void *) == 8 ? (on64) : (on32)),            \
	    "libevent 1.4 has it elsewhere")
ASSERT_OFFSET(evhttp, sockets, 0, 0);
ASSERT_OFFSET(evhttp, callbacks, 16, 8);
ASSERT_OFFSET(evhttp, connections, 32, 16);
ASSERT_OFFSET(evhttp, timeout, 48, 24);
ASSERT_OFFSET(evhttp, gencb, 56, 28);
ASSERT_OFFSET(evhttp, gencbarg, 64, 32);
ASSERT_OFFSET(evhttp, base, 72, 36);
ASSERT_OFFSET(evhttp_cb, what, 16, 8);
ASSERT_OFFSET(evhttp_cb, cb, 24, 12);
ASSERT_OFFSET(evhttp_cb, cbarg, 32, 16);
#undef ASSERT_OFFSET

/* The default of evhttp_set_default_content_type(); the same as in 1.4. */
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
	evi_ending_init(&http->conns);
	evi_vhost_init(&http->hosts);
	http->timeout = -1;
	http->base = base;
	evi_conn_init_policy(&http->policy, CONTENT_TYPE);
	evi_reader_init_limits(&http->limits);
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

/* Close callbacks run inside, and may use the connections. */
void
evhttp_free(struct evhttp *http)
{
	struct evhttp_bound_socket *bound;
	struct evhttp_connection *evcon;
	struct evhttp *vhost;

	if (http == NULL)
		return;
	while ((bound = TAILQ_FIRST(&http->sockets)) != NULL)
		evi_listen_free(bound);
	while ((evcon = TAILQ_FIRST(&http->connections)) != NULL)
		evi_serve_free(evcon);
	while ((evcon = TAILQ_FIRST(&http->conns.lingering)) != NULL)
		evi_serve_free(evcon);
	evi_dispatch_clear(http);
	evi_vhost_clear_aliases(http);
	while ((vhost = TAILQ_FIRST(&http->hosts.vhosts)) != NULL) {
		evhttp_remove_virtual_host(http, vhost);
		evhttp_free(vhost);
	}
	if (http->hosts.parent != NULL)
		evhttp_remove_virtual_host(http->hosts.parent, http);
	free(http);
}

/* --- settings --- */

/* A negative timeout is the default; in 1.4 only -1 is. */
void
evhttp_set_timeout(struct evhttp *http, int timeout_in_secs)
{
	http->timeout = timeout_in_secs < 0 ? -1 : timeout_in_secs;
	http->uses_time_limit = false;
}

void
evhttp_set_timeout_tv(struct evhttp *http, const struct timeval *tv)
{
	http->uses_time_limit = tv != NULL;
	http->timeout = -1;
	if (tv != NULL)
		http->time_limit = *tv;
}

void
evhttp_set_max_headers_size(struct evhttp *http, ssize_t max_headers_size)
{
	evi_reader_limit_head(&http->limits, max_headers_size);
}

void
evhttp_set_max_body_size(struct evhttp *http, ssize_t max_body_size)
{
	evi_reader_limit_body(&http->limits, max_body_size);
}

void
evhttp_set_max_connections(struct evhttp *http, int max_connections)
{
	http->max_connections = max_connections > 0 ? max_connections : 0;
}

int
evhttp_get_connection_count(struct evhttp *http)
{
	return http->conns.n_connections;
}

void
evhttp_set_allowed_methods(struct evhttp *http, ev_uint16_t methods)
{
	http->has_method_mask = true;
	http->methods = methods;
}

void
evhttp_set_default_content_type(struct evhttp *http, const char *content_type)
{
	evi_conn_set_content_type(&http->policy, content_type);
}

void
evhttp_set_newreqcb(struct evhttp *http,
    int (*cb)(struct evhttp_request *, void *), void *arg)
{
	http->newreq_cb = cb;
	http->newreq_arg = arg;
}
