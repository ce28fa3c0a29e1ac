/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The client of the HTTP bench, built with each library from this one source.
 *
 *	httpclient port path requests connections [close]
 *
 * Each connection sends its next request after the reply; with close, each
 * request has a new connection.  Prints how many replies were 200, and their
 * bytes; the exit status is 1 if there was another reply.
 */
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/time.h>
#include <event.h>
#include <evhttp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct event_base *base;
static const char *path;
static int port, closes;
static long left, in_flight;
static unsigned long well, other;
static unsigned long long bytes;

static void ask(struct evhttp_connection *evcon);

static void
done_cb(struct evhttp_request *req, void *arg)
{
	struct evhttp_connection *evcon = arg;

	in_flight--;
	if (req != NULL && req->response_code == HTTP_OK) {
		well++;
		bytes += EVBUFFER_LENGTH(req->input_buffer);
	} else {
		other++;
	}
	if (left > 0)
		ask(evcon);
	else if (in_flight == 0)
		event_loopexit(NULL);
}

static void
ask(struct evhttp_connection *evcon)
{
	struct evhttp_request *req = evhttp_request_new(done_cb, evcon);

	if (req == NULL)
		abort();
	evhttp_add_header(req->output_headers, "Host", "127.0.0.1");
	if (closes)
		evhttp_add_header(req->output_headers, "Connection", "close");
	left--;
	in_flight++;
	if (evhttp_make_request(evcon, req, EVHTTP_REQ_GET, path) == -1) {
		fprintf(stderr, "httpclient: no request could be made\n");
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	struct evhttp_connection **evcons;
	int n, i;

	if (argc < 5) {
		fprintf(stderr, "usage: httpclient port path requests "
				"connections [close]\n");
		return 2;
	}
	port = atoi(argv[1]);
	path = argv[2];
	left = atol(argv[3]);
	n = atoi(argv[4]);
	closes = argc > 5;
	signal(SIGPIPE, SIG_IGN);
	evcons = calloc(n, sizeof(*evcons));
	if (evcons == NULL || (base = event_init()) == NULL)
		return 1;
	for (i = 0; i < n && left > 0; i++) {
		evcons[i] = evhttp_connection_new("127.0.0.1", port);
		if (evcons[i] == NULL)
			return 1;
		evhttp_connection_set_base(evcons[i], base);
		ask(evcons[i]);
	}
	event_dispatch();
	printf("ok=%lu other=%lu bytes=%llu\n", well, other, bytes);
	return other > 0;
}
