/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Our client, for other people's servers:
 *
 *	client PORT METHOD PATH TIMES BODY [NAME VALUE]...
 *
 * Makes the request TIMES times over one connection, with the file BODY if that
 * is not "-", and those headers.  Prints the last answer's code, the length of
 * its body, and how many connections it took; then the body.
 */
#define EVCOMPAT_HTTP

#include <sys/queue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <event.h>
#include <evhttp.h>

static struct {
	struct evhttp_connection *evcon;
	enum evhttp_cmd_type type;
	const char *path, *body;
	char **headers;
	int left, closed, connections;
} ask;

static void make_request(void);

static void
answered_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	if (req == NULL || req->response_code == 0) {
		fprintf(stderr, "client: no answer\n");
		exit(1);
	}
	if (--ask.left > 0) {
		make_request();
		return;
	}
	evhttp_connection_set_closecb(ask.evcon, NULL, NULL);
	printf("%d %zu %d\n", req->response_code,
	    EVBUFFER_LENGTH(req->input_buffer), ask.connections);
	fwrite(EVBUFFER_DATA(req->input_buffer), 1,
	    EVBUFFER_LENGTH(req->input_buffer), stdout);
	event_loopbreak();
}

static void
closed_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	(void)arg;
	ask.closed++;
}

static void
add_body(struct evhttp_request *req)
{
	FILE *file = fopen(ask.body, "rb");
	char block[4096];
	size_t n;

	if (file == NULL) {
		perror(ask.body);
		exit(1);
	}
	while ((n = fread(block, 1, sizeof block, file)) > 0)
		evbuffer_add(req->output_buffer, block, n);
	fclose(file);
}

static void
make_request(void)
{
	struct evhttp_request *req = evhttp_request_new(answered_cb, NULL);

	ask.connections = ask.closed + 1;
	evhttp_add_header(req->output_headers, "Host", "localhost");
	for (char **h = ask.headers; h[0] != NULL && h[1] != NULL; h += 2)
		evhttp_add_header(req->output_headers, h[0], h[1]);
	if (strcmp(ask.body, "-") != 0)
		add_body(req);
	if (evhttp_make_request(ask.evcon, req, ask.type, ask.path) == -1)
		exit(1);
}

static enum evhttp_cmd_type
method(const char *name)
{
	if (strcmp(name, "HEAD") == 0)
		return EVHTTP_REQ_HEAD;
	if (strcmp(name, "PUT") == 0)
		return EVHTTP_REQ_PUT;
	return strcmp(name, "POST") == 0 ? EVHTTP_REQ_POST : EVHTTP_REQ_GET;
}

int
main(int argc, char **argv)
{
	struct event_base *base = event_init();

	if (argc < 6) {
		fprintf(stderr,
		    "usage: %s PORT METHOD PATH TIMES BODY "
		    "[NAME VALUE]...\n",
		    argv[0]);
		return 2;
	}
	ask.evcon =
	    evhttp_connection_new("127.0.0.1", (unsigned short)atoi(argv[1]));
	ask.type = method(argv[2]);
	ask.path = argv[3];
	ask.left = atoi(argv[4]);
	ask.body = argv[5];
	ask.headers = argv + 6;
	evhttp_connection_set_closecb(ask.evcon, closed_cb, NULL);
	make_request();
	event_dispatch();
	evhttp_connection_free(ask.evcon);
	event_base_free(base);
	return 0;
}
