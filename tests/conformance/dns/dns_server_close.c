/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server side: the end of a port, that of its base, and a socket that has
 * no room for an answer.
 */
#include "test.h"
#include "dns_server.h"

#include <stdlib.h>

static struct evdns_server_request *kept[200];
static int nkept;

static void
keep_cb(struct evdns_server_request *req, void *arg)
{
	(void)arg;
	assert_true(nkept < 200);
	kept[nkept++] = req;
}

static void
close_port(struct server *s)
{
	evdns_close_server_port(s->port);
	s->port = NULL;
}

/*
 * Closing.
 */

TEST(port_without_requests_is_closed_at_once)
{
	struct server s;

	dns_server_open(&s, answer_empty_cb);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, NOTHING_FOR_T);
	close_port(&s);
	assert_false(is_open(s.fd));
	assert_int_equal(event_base_loop(s.base, EVLOOP_NONBLOCK), 1);
	dns_server_close(&s);
}

TEST(closed_port_answers_what_it_was_asked_before)
{
	struct server s;

	dns_server_open(&s, keep_cb);
	dns_server_ask(&s, ASK_T);
	dns_server_ask(&s, ASK_U);
	close_port(&s);
	assert_true(is_open(s.fd));
	dns_server_pass(&s);
	assert_int_equal(evdns_server_request_respond(kept[1], 0), 0);
	assert_reply(s.client, NOTHING_FOR_U);
	assert_true(is_open(s.fd));
	assert_int_equal(evdns_server_request_respond(kept[0], 0), 0);
	assert_reply(s.client, NOTHING_FOR_T);
	assert_false(is_open(s.fd));
	assert_int_equal(event_base_loop(s.base, EVLOOP_NONBLOCK), 1);
	dns_server_close(&s);
}

TEST(closed_port_ends_with_the_last_request_that_is_dropped)
{
	struct server s;

	dns_server_open(&s, keep_cb);
	dns_server_ask(&s, ASK_T);
	dns_server_ask(&s, ASK_U);
	close_port(&s);
	assert_int_equal(evdns_server_request_drop(kept[0]), 0);
	assert_true(is_open(s.fd));
	assert_int_equal(evdns_server_request_drop(kept[1]), 0);
	assert_false(is_open(s.fd));
	assert_int_equal(event_base_loop(s.base, EVLOOP_NONBLOCK), 1);
	dns_server_close(&s);
}

TEST(closed_port_hands_no_more_requests_over,
    DIFFERS(V14, "as long as one waits for its answer others are handed over"),
    DIFFERS(V21, "as long as one waits for its answer others are handed over"))
{
	struct server s;

	dns_server_open(&s, keep_cb);
	dns_server_ask(&s, ASK_T);
	send_hex(s.client, ASK_U);
	close_port(&s);
	dns_server_pass(&s);
	dns_server_ask(&s, ASK_U);
	assert_int_equal(nkept, 1);
	evdns_server_request_respond(kept[0], 0);
	assert_reply(s.client, NOTHING_FOR_T);
	assert_no_reply(s.client);
	assert_false(is_open(s.fd));
	dns_server_close(&s);
}

/*
 * Closing inside the callback.
 */

static void
close_then_respond_cb(struct evdns_server_request *req, void *arg)
{
	struct server *s = arg;

	note("%s", req->questions[0]->name);
	close_port(s);
	assert_true(is_open(s->fd));
	answer_empty_cb(req, arg);
	assert_false(is_open(s->fd));
}

TEST(callback_may_close_the_port_before_it_answers)
{
	struct server s;

	dns_server_open(&s, close_then_respond_cb);
	send_hex(s.client, ASK_T);
	send_hex(s.client, ASK_U);
	dns_server_pass(&s);
	assert_log("t");
	assert_reply(s.client, NOTHING_FOR_T);
	assert_no_reply(s.client);
	assert_int_equal(event_base_loop(s.base, EVLOOP_NONBLOCK), 1);
	dns_server_close(&s);
}

static void
respond_then_close_cb(struct evdns_server_request *req, void *arg)
{
	struct server *s = arg;

	note("%s", req->questions[0]->name);
	answer_empty_cb(req, arg);
	assert_true(is_open(s->fd));
	close_port(s);
	assert_false(is_open(s->fd));
}

TEST(callback_may_close_the_port_after_it_has_answered)
{
	struct server s;

	dns_server_open(&s, respond_then_close_cb);
	send_hex(s.client, ASK_T);
	send_hex(s.client, ASK_U);
	dns_server_pass(&s);
	assert_log("t");
	assert_reply(s.client, NOTHING_FOR_T);
	assert_no_reply(s.client);
	assert_int_equal(event_base_loop(s.base, EVLOOP_NONBLOCK), 1);
	dns_server_close(&s);
}

static void
close_and_keep_cb(struct evdns_server_request *req, void *arg)
{
	close_port(arg);
	keep_cb(req, arg);
}

TEST(callback_may_close_the_port_and_answer_later)
{
	struct server s;

	dns_server_open(&s, close_and_keep_cb);
	dns_server_ask(&s, ASK_T);
	assert_true(is_open(s.fd));
	evdns_server_request_respond(kept[0], 0);
	assert_reply(s.client, NOTHING_FOR_T);
	assert_false(is_open(s.fd));
	dns_server_close(&s);
}

/*
 * Without a base.
 */

TEST(request_is_answered_after_its_base_was_freed)
{
	struct event_base *other;
	struct server s;

	dns_server_open(&s, keep_cb);
	dns_server_ask(&s, ASK_T);
	event_base_free(s.base);
	other = s.base = event_init();
	assert_int_equal(evdns_server_request_respond(kept[0], 0), 0);
	assert_reply(s.client, NOTHING_FOR_T);
	assert_ptr_equal(s.base, other);
	dns_server_close(&s);
	assert_false(is_open(s.fd));
}

TEST(port_is_closed_after_its_base_was_freed)
{
	struct server s;

	dns_server_open(&s, keep_cb);
	dns_server_ask(&s, ASK_T);
	event_base_free(s.base);
	s.base = event_init();
	close_port(&s);
	assert_true(is_open(s.fd));
	evdns_server_request_drop(kept[0]);
	assert_false(is_open(s.fd));
	dns_server_close(&s);
}

/*
 * No room: a pair of local sockets, where the client has room for a few
 * datagrams that it does not read.
 */

static int nasked;

static void
server_open_narrow(struct server *s, evdns_request_callback_fn_type cb)
{
	int fd[2], least = 1;

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fd),
	    0);
	setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &least, sizeof(least));
	s->base = event_init();
	s->fd = fd[0];
	s->client = fd[1];
	s->port = evdns_add_server_port(s->fd, 0, cb, s);
	assert_non_null(s->port);
}

/* Asks; the request's id is how many were asked before. */
static void
ask_next(struct server *s)
{
	dns_server_ask_as(s, nasked++, ASK_T);
}

/* What evdns_server_request_respond() returned last. */
static int responded;

static void
note_respond_cb(struct evdns_server_request *req, void *arg)
{
	(void)arg;
	responded = evdns_server_request_respond(req, 0);
}

/* Sends requests until an answer has to wait for room in the socket. */
static void
ask_until_full(struct server *s)
{
	do {
		ask_next(s);
		assert_in_range(nasked, 1, 10000);
	} while (responded == 0);
	assert_int_equal(responded, 1);
}

/* All that was asked for is answered, in order. */
static void
take_all(struct server *s)
{
	for (int i = 0; i < nasked; i++) {
		assert_reply_as(s->client, i, NOTHING_FOR_T);
		dns_server_pass(s);
	}
	assert_no_reply(s->client);
}

TEST(answer_waits_for_room_in_the_socket,
    DIFFERS(V14, "crashes when it is sent"),
    DIFFERS(V21, "an answer that would have to wait is lost"))
{
	struct server s;

	server_open_narrow(&s, note_respond_cb);
	ask_until_full(&s);
	take_all(&s);
	ask_next(&s);
	assert_int_equal(responded, 0);
	dns_server_close(&s);
}

TEST(answers_wait_for_an_earlier_one_that_waits,
    DIFFERS(V14, "crashes when they are sent"),
    DIFFERS(V21, "an answer that would have to wait is lost"))
{
	struct server s;

	server_open_narrow(&s, note_respond_cb);
	ask_until_full(&s);
	for (int i = 0; i < 20; i++) {
		ask_next(&s);
		assert_int_equal(responded, 1);
	}
	take_all(&s);
	dns_server_close(&s);
}

TEST(closed_port_sends_what_waits, DIFFERS(V14, "crashes when it is sent"),
    DIFFERS(V21, "an answer that would have to wait is lost"))
{
	struct server s;

	server_open_narrow(&s, note_respond_cb);
	ask_until_full(&s);
	close_port(&s);
	assert_true(is_open(s.fd));
	take_all(&s);
	assert_false(is_open(s.fd));
	dns_server_close(&s);
}

TEST(answer_that_waits_is_lost_with_its_base_and_port,
    DIFFERS(V14, "the descriptor stays open"),
    DIFFERS(V21, "an answer that would have to wait is lost"))
{
	struct server s;

	server_open_narrow(&s, note_respond_cb);
	ask_until_full(&s);
	event_base_free(s.base);
	s.base = event_init();
	assert_true(is_open(s.fd));
	close_port(&s);
	assert_false(is_open(s.fd));
	dns_server_close(&s);
}
