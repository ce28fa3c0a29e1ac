/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bufferevents, the resolver and HTTP on a libev loop that the program runs
 * itself.  The tests never call event_base_loop().
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <evdns.h>
#include <evhttp.h>

#include "responder.h"
#include "on.h"

/* --- bufferevents --- */

static void
echo_cb(struct bufferevent *bev, void *unused)
{
	(void)unused;
	bufferevent_write_buffer(bev, bev->input);
}

static void
answer_cb(struct bufferevent *bev, void *unused)
{
	char text[6] = "";

	(void)unused;
	bufferevent_read(bev, text, 5);
	note("%s", text);
	host_break(host);
}

static void
end_cb(struct bufferevent *bev, short what, void *unused)
{
	(void)bev;
	(void)what;
	(void)unused;
	note("end");
}

static struct bufferevent *
new_bev(int fd, evbuffercb read_cb)
{
	struct bufferevent *bev =
	    bufferevent_new(fd, read_cb, NULL, end_cb, NULL);

	assert_int_equal(bufferevent_base_set(base, bev), 0);
	bufferevent_settimeout(bev, 60, 60);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
	return bev;
}

TEST(bufferevents_work_on_a_program_s_loop)
{
	struct bufferevent *client, *server;
	int fd[2];

	open_on(NULL);
	make_pair(fd);
	client = new_bev(fd[0], answer_cb);
	server = new_bev(fd[1], echo_cb);
	bufferevent_write(client, "hello", 5);
	host_run(host);
	assert_log("hello");
	bufferevent_write(client, "again", 5);
	host_run(host);
	assert_log("again");
	bufferevent_free(server);
	close(fd[1]);
	host_wait_once(host);
	assert_log("end");
	bufferevent_free(client);
	assert_int_equal(host_run(host), 0);
	close(fd[0]);
	close_on();
}

/* --- the resolver --- */

static void
rule(const struct question *q, struct reply *reply, void *arg)
{
	(void)arg;
	if (q->serial == 0)
		reply->drop =
		    true; /* so that the time-out's timer is used, too */
	else
		reply_a(reply, "192.0.2.1", 60);
}

static void
found_cb(int result, char type, int count, int ttl, void *addresses, void *arg)
{
	char text[INET_ADDRSTRLEN];

	(void)type;
	(void)ttl;
	(void)arg;
	assert_int_equal(result, DNS_ERR_NONE);
	assert_int_equal(count, 1);
	note("%s", inet_ntop(AF_INET, addresses, text, sizeof(text)));
	host_break(host);
}

/* A base on a loop, whose resolver has been asked for www.test. */
static struct responder *
open_on_and_ask(void)
{
	struct responder *server;

	open_on(NULL);
	server = responder_new("127.0.0.1", RESPONDER_CHILD, rule, NULL);
	evdns_set_option("timeout:", "1", DNS_OPTIONS_ALL);
	assert_int_equal(evdns_nameserver_ip_add(responder_address(server)), 0);
	evdns_resolve_ipv4("www.test", DNS_QUERY_NO_SEARCH, found_cb, NULL);
	return server;
}

TEST(evdns_works_on_a_program_s_loop)
{
	struct responder *server = open_on_and_ask();

	host_run(host);
	assert_log("192.0.2.1");
	evdns_resolve_ipv4("ftp.test", DNS_QUERY_NO_SEARCH, found_cb, NULL);
	host_run(host);
	assert_log("192.0.2.1");
	evdns_shutdown(0);
	responder_free(server);
	host_pass(host);
	close_on();
}

static void
await_answer(void *unused)
{
	(void)unused;
	host_run(host);
	assert_log("192.0.2.1");
	evdns_shutdown(0);
}

/* Parent and child each use a socket of their own. */
TEST(evdns_request_in_flight_at_a_fork_is_answered_on_both_copies_of_the_loop)
{
	struct responder *server = open_on_and_ask();

	host_pass(host);
	assert_int_equal(in_child(await_answer, NULL), 0);
	await_answer(NULL);
	responder_free(server);
	host_pass(host);
	close_on();
}

/* --- HTTP --- */

static void
handler_cb(struct evhttp_request *req, void *unused)
{
	struct evbuffer *page = evbuffer_new();

	(void)unused;
	evbuffer_add_printf(page, "you asked for %s", evhttp_request_uri(req));
	evhttp_send_reply(req, 200, "OK", page);
	evbuffer_free(page);
}

static void
response_cb(struct evhttp_request *req, void *unused)
{
	(void)unused;
	assert_non_null(req);
	assert_int_equal(req->response_code, 200);
	note("%.*s", (int)EVBUFFER_LENGTH(req->input_buffer),
	    (char *)EVBUFFER_DATA(req->input_buffer));
	host_break(host);
}

/* A server on a port of the kernel's choice. */
static struct evhttp *
new_server(unsigned short *port)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	socklen_t len = sizeof(sin);
	struct evhttp *http = evhttp_new(base);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(listen(fd, 8), 0);
	getsockname(fd, (struct sockaddr *)&sin, &len);
	*port = ntohs(sin.sin_port);
	assert_int_equal(evhttp_accept_socket(http, fd), 0);
	evhttp_set_gencb(http, handler_cb, NULL);
	return http;
}

TEST(http_works_on_a_program_s_loop)
{
	struct evhttp_connection *evcon;
	struct evhttp *http;
	unsigned short port;

	open_on(NULL);
	http = new_server(&port);
	evcon = evhttp_connection_new("127.0.0.1", port);
	evhttp_connection_set_base(evcon, base);
	for (int i = 0; i < 2; i++) {
		evhttp_make_request(evcon,
		    evhttp_request_new(response_cb, NULL), EVHTTP_REQ_GET,
		    i ? "/two" : "/one");
		host_run(host);
	}
	assert_log("you asked for /one you asked for /two");
	evhttp_connection_free(evcon);
	evhttp_free(http);
	assert_int_equal(host_run(host), 0);
	close_on();
}
