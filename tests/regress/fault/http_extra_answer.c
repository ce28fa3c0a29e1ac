/* SPDX-License-Identifier: BSD-3-Clause */
/* What a server sends after an answer is not the answer to the next request. */
#define EVCOMPAT_HTTP

#include "test.h"

#include "../../soak/soak.h"

#include <sys/socket.h>
#include <event.h>
#include <evhttp.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LARGE 50000 /* bytes; read into the request, up to its end */

static int answers;

static void
answered_cb(struct evhttp_request *req, void *arg)
{
	assert_non_null(req);
	assert_int_equal(req->response_code, 200);
	assert_string_equal(req->response_code_line, arg);
	answers++;
}

static int
accept_request(int listener)
{
	char head[1000];
	int fd = accept(listener, NULL, NULL);

	if (fd == -1 || recv(fd, head, sizeof head, 0) <= 0)
		_exit(1);
	return fd;
}

/* Two answers over the first connection, one over the next. */
static void
serve(int listener, size_t size)
{
	static char text[LARGE + 1000];
	int n = sprintf(text,
	    "HTTP/1.1 200 First\r\nContent-Length: %zu\r\n\r\n", size);
	int fd = accept_request(listener);

	memset(text + n, 'x', size);
	n += (int)size;
	n += sprintf(text + n,
	    "HTTP/1.1 200 Nobody's\r\nContent-Length: 0\r\n\r\n");
	if (send(fd, text, (size_t)n, MSG_NOSIGNAL) != n)
		_exit(1);
	fd = accept_request(listener);
	n = sprintf(text, "HTTP/1.1 200 Second\r\nContent-Length: 0\r\n\r\n");
	if (send(fd, text, (size_t)n, MSG_NOSIGNAL) != n)
		_exit(1);
}

static void
make_request(struct evhttp_connection *evcon, const char *reason)
{
	struct evhttp_request *req =
	    evhttp_request_new(answered_cb, (void *)(uintptr_t)reason);

	assert_int_equal(evhttp_make_request(evcon, req, EVHTTP_REQ_GET, "/"),
	    0);
}

static void
ask_twice(size_t size)
{
	struct event_base *base = event_init();
	struct soak_process server;
	struct evhttp_connection *evcon;
	struct sockaddr_in at;
	int listener = soak_listen(&at);

	assert_int_equal(fcntl(listener, F_SETFL, 0), 0);
	if (soak_fork(&server) == 0) {
		serve(listener, size);
		_exit(0);
	}
	close(listener);
	evcon = evhttp_connection_new("127.0.0.1", ntohs(at.sin_port));
	make_request(evcon, "First");
	make_request(evcon, "Second");
	while (answers < 2)
		event_loop(EVLOOP_ONCE);
	evhttp_connection_free(evcon);
	event_base_free(base);
	soak_end(&server);
}

TEST(http_answer_after_a_small_one_is_dropped)
{
	ask_twice(100);
}

TEST(http_answer_after_a_large_one_is_dropped)
{
	ask_twice(LARGE);
}
