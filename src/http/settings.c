/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a program sets and reads of a connection, a server's or a client's.
 */
#include <stdlib.h>
#include <sys/socket.h>

#include "conn.h"

void
evhttp_connection_set_closecb(struct evhttp_connection *evcon,
    void (*cb)(struct evhttp_connection *, void *), void *arg)
{
	evi_conn_set_closecb(evcon, cb, arg);
}

void
evhttp_connection_set_timeout(struct evhttp_connection *evcon,
    int timeout_in_secs)
{
	evi_conn_set_time_limit(evcon,
	    timeout_in_secs < 0 ? -1 : timeout_in_secs, NULL);
	evi_conn_time_limit_changed(evcon);
}

void
evhttp_connection_set_timeout_tv(struct evhttp_connection *evcon,
    const struct timeval *tv)
{
	evi_conn_set_time_limit(evcon, -1, tv);
	evi_conn_time_limit_changed(evcon);
}

void
evhttp_connection_get_peer(struct evhttp_connection *evcon, char **address,
    unsigned short *port)
{
	*address = evcon->address;
	*port = evcon->port;
}

void
evhttp_connection_set_max_headers_size(struct evhttp_connection *evcon,
    ssize_t new_max_headers_size)
{
	evi_reader_limit_head(&evcon->reader.limits, new_max_headers_size);
}

void
evhttp_connection_set_max_body_size(struct evhttp_connection *evcon,
    ssize_t new_max_body_size)
{
	evi_reader_limit_body(&evcon->reader.limits, new_max_body_size);
}

struct event_base *
evhttp_connection_get_base(struct evhttp_connection *evcon)
{
	return evcon->base;
}

struct evhttp *
evhttp_connection_get_server(struct evhttp_connection *evcon)
{
	return evcon->http_server;
}

const struct sockaddr *
evhttp_connection_get_addr(struct evhttp_connection *evcon)
{
	socklen_t len = sizeof(struct sockaddr_storage);
	struct sockaddr *peer = evcon->peer;

	if (evcon->fd == -1 || peer != NULL)
		return peer;
	peer = calloc(1, len);
	if (peer == NULL || getpeername(evcon->fd, peer, &len) == -1) {
		free(peer);
		return NULL;
	}
	evi_conn_set_peer(evcon, peer);
	return peer;
}
