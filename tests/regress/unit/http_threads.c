/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP in several threads, each with a base, a server and a client of its own:
 * nothing that they share is touched by two at once.  check-tsan runs this.
 */
#define EVCOMPAT_HTTP
#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <event.h>
#include <evhttp.h>

#include "test.h"

#define THREADS 4
#define REQUESTS 100

struct worker {
	pthread_t thread;
	struct event_base *base;
	struct evhttp_connection *evcon;
	int answers;
	bool is_well;
};

static void
serve_cb(struct evhttp_request *req, void *arg)
{
	struct evbuffer *body = evbuffer_new();

	(void)arg;
	evbuffer_add_printf(body, "%s of %s", req->uri,
	    evhttp_find_header(req->input_headers, "Host"));
	evhttp_add_header(req->output_headers, "Content-Type", "text/plain");
	evhttp_send_reply(req, 200, "OK", body);
	evbuffer_free(body);
}

static bool ask(struct worker *w);

static void
answered_cb(struct evhttp_request *req, void *arg)
{
	struct worker *w = arg;

	if (req == NULL || req->response_code != 200 ||
	    EVBUFFER_LENGTH(req->input_buffer) == 0)
		w->is_well = false;
	if (++w->answers == REQUESTS || !w->is_well || !ask(w))
		event_base_loopexit(w->base, NULL);
}

static bool
ask(struct worker *w)
{
	struct evhttp_request *req = evhttp_request_new(answered_cb, w);
	char uri[32];

	snprintf(uri, sizeof uri, "/%d", w->answers);
	evhttp_add_header(req->output_headers, "Host", "a.test");
	return evhttp_make_request(w->evcon, req, EVHTTP_REQ_GET, uri) == 0;
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct sockaddr_in sin;
	socklen_t len = sizeof sin;
	struct evhttp *http;
	int fd;

	w->base = event_base_new();
	http = evhttp_new(w->base);
	fd = evhttp_bound_socket_get_fd(
	    evhttp_bind_socket_with_handle(http, "127.0.0.1", 0));
	getsockname(fd, (struct sockaddr *)&sin, &len);
	evhttp_set_gencb(http, serve_cb, NULL);
	w->evcon = evhttp_connection_base_new(w->base, NULL, "127.0.0.1",
	    ntohs(sin.sin_port));
	w->is_well = ask(w);
	event_base_dispatch(w->base);
	evhttp_connection_free(w->evcon);
	evhttp_free(http);
	event_base_free(w->base);
	return NULL;
}

TEST(http_works_in_several_threads_with_a_base_each)
{
	static struct worker workers[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work,
				     &workers[i]),
		    0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	for (int i = 0; i < THREADS; i++) {
		assert_true(workers[i].is_well);
		assert_int_equal(workers[i].answers, REQUESTS);
	}
}
