/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The libevent half of the program `hosted` (see hosted_ev.c): a server and a
 * client on <evhttp.h>.  It does not call event_dispatch(): ev_run() in the
 * libev half runs its events.
 */
#include <sys/types.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <err.h>
#include <event.h>
#include <evhttp.h>
#include <fcntl.h>
#include <stdio.h>

#include "hosted.h"

#define PAGES 3

static struct event_base *base;
static struct evhttp *http;
static struct evhttp_connection *client;
static struct event next;
static int pages;

static void
page_cb(struct evhttp_request *req, void *unused)
{
	struct evbuffer *page = evbuffer_new();

	(void)unused;
	if (page == NULL)
		err(1, "evbuffer_new");
	evbuffer_add_printf(page, "page %d, after %d beats of libev's", ++pages,
	    beats());
	evhttp_send_reply(req, HTTP_OK, "OK", page);
	evbuffer_free(page);
}

static void
answer_cb(struct evhttp_request *req, void *unused)
{
	static const struct timeval soon = {0, 2000};

	(void)unused;
	if (req == NULL || req->response_code != HTTP_OK)
		errx(1, "no answer");
	printf("hosted: evhttp: %.*s\n",
	    (int)EVBUFFER_LENGTH(req->input_buffer),
	    (char *)EVBUFFER_DATA(req->input_buffer));
	evtimer_add(&next, &soon);
}

static void
end(void)
{
	evhttp_connection_free(client);
	evhttp_free(http);
	event_base_free(base);
	printf("hosted: libevent's half is done, and its base freed\n");
}

static void
next_cb(int fd, short what, void *unused)
{
	struct evhttp_request *req;

	(void)fd;
	(void)what;
	(void)unused;
	if (pages == PAGES) {
		end();
		return;
	}
	req = evhttp_request_new(answer_cb, NULL);
	if (req == NULL ||
	    evhttp_make_request(client, req, EVHTTP_REQ_GET, "/") == -1)
		errx(1, "evhttp_make_request failed");
}

/* Makes a listening socket, on a port that the kernel chooses. */
static int
listen_on(unsigned short *port)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sin, len) == -1 ||
	    listen(fd, 8) == -1 || fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		err(1, "socket");
	*port = ntohs(sin.sin_port);
	return fd;
}

void
serve_on(struct event_base *on)
{
	static const struct timeval now = {0, 0};
	unsigned short port;
	int fd = listen_on(&port);

	base = on;
	http = evhttp_new(base);
	if (http == NULL || evhttp_accept_socket(http, fd) == -1)
		errx(1, "evhttp_accept_socket failed");
	evhttp_set_gencb(http, page_cb, NULL);
	client = evhttp_connection_new("127.0.0.1", port);
	if (client == NULL)
		errx(1, "evhttp_connection_new failed");
	evhttp_connection_set_base(client, base);
	evtimer_set(&next, next_cb, NULL);
	if (event_base_set(base, &next) == -1 || evtimer_add(&next, &now) == -1)
		err(1, "event_add");
}
