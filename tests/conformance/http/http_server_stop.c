/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Listeners that can be taken away, and with the last one the graceful stop:
 * functions of later libevents, found by name.
 */
#include "http_server.h"
#include "symbol.h"

#define GET "GET /a HTTP/1.1\r\n\r\n"
#define NOT_IN_14 DIFFERS(V14, "there is no such function")
#define STOPS                                                                  \
	DIFFERS(V14, "there is no such function"),                             \
	    DIFFERS(V21, "open connections are not affected")

struct evhttp_bound_socket;

typedef struct evhttp_bound_socket *accept_fn(struct evhttp *, int);
typedef int get_fd_fn(struct evhttp_bound_socket *);
typedef void remove_fn(struct evhttp *, struct evhttp_bound_socket *);

/* A server that has its one listener by handle. */
struct bound {
	struct server s;
	struct evhttp_bound_socket *socket;
	int fd;
};

static void
open_bound(struct bound *b)
{
	accept_fn *accept_by_handle;
	void *found = symbol("evhttp_accept_socket_with_handle");

	memcpy(&accept_by_handle, &found, sizeof(found));
	memset(b, 0, sizeof(*b));
	b->s.base = event_base_new();
	b->s.http = evhttp_new(b->s.base);
	evhttp_set_gencb(b->s.http, note_request_cb, &b->s);
	b->fd = listener(AF_INET, &b->s.at, &b->s.at_len);
	b->socket = accept_by_handle(b->s.http, b->fd);
	assert_non_null(b->socket);
}

static void
remove_listener(struct bound *b)
{
	remove_fn *remove_it;
	void *found = symbol("evhttp_del_accept_socket");

	memcpy(&remove_it, &found, sizeof(found));
	remove_it(b->s.http, b->socket);
}

TEST(http_bound_socket_knows_its_descriptor, NOT_IN_14)
{
	struct bound b;
	get_fd_fn *get_fd;
	void *found = symbol("evhttp_bound_socket_get_fd");

	memcpy(&get_fd, &found, sizeof(found));
	open_bound(&b);
	assert_int_equal(get_fd(b.socket), b.fd);
	server_close(&b.s);
}

TEST(http_listener_that_is_removed_is_closed, NOT_IN_14)
{
	struct bound b;
	int fd;

	open_bound(&b);
	remove_listener(&b);
	assert_int_equal(fcntl(b.fd, F_GETFD), -1);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&b.s.at, b.s.at_len),
	    -1);
	assert_int_equal(errno, ECONNREFUSED);
	close(fd);
	server_close(&b.s);
}

static struct evhttp_request *kept;

static void
keep(struct evhttp_request *req, struct server *s)
{
	(void)s;
	kept = req;
}

static bool
is_kept(void *arg)
{
	(void)arg;
	return kept != NULL;
}

TEST(http_open_request_is_answered_after_the_last_listener_is_gone, NOT_IN_14)
{
	struct bound b;
	struct client c;

	open_bound(&b);
	b.s.reply = keep;
	client_open(&c, &b.s);
	say(&c, GET);
	assert_true(wait_until(b.s.base, is_kept, NULL));
	remove_listener(&b);
	let_it_work(b.s.base);
	reply_text(kept, "x");
	expect_answers(&c, "200:x");
	note_clear();
	close_both(&b.s, &c);
}

TEST(http_answers_after_the_last_listener_is_gone_close_the_connection, STOPS)
{
	struct bound b;
	struct client c;

	open_bound(&b);
	b.s.reply = keep;
	client_open(&c, &b.s);
	say(&c, GET);
	assert_true(wait_until(b.s.base, is_kept, NULL));
	remove_listener(&b);
	reply_text(kept, "x");
	expect_end(&c, "200:x");
	assert_string_equal(first_field(&c, "Connection"), "close");
	note_clear();
	close_both(&b.s, &c);
}

TEST(http_idle_connections_close_when_the_last_listener_is_gone, STOPS)
{
	struct bound b;
	struct client c;

	open_bound(&b);
	client_open(&c, &b.s);
	say(&c, GET);
	expect_answers(&c, "200:/a");
	remove_listener(&b);
	expect_end(&c, "200:/a");
	note_clear();
	close_both(&b.s, &c);
}
