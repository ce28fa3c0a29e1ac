/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server side: requests come in, and are answered now, later or not at all.
 */
#include "test.h"
#include "dns_server.h"

#include <stdlib.h>

/* Requests that the callback got and has not answered. */
static struct evdns_server_request *kept[2000];
static int nkept;

static void
keep_cb(struct evdns_server_request *req, void *arg)
{
	(void)arg;
	assert_true(nkept < 2000);
	kept[nkept++] = req;
}

/* Notes what was asked: flags, then name, type and class of each. */
static void
note_request_cb(struct evdns_server_request *req, void *arg)
{
	note("%#x", req->flags);
	for (int i = 0; i < req->nquestions; i++)
		note("%s:%d:%d", req->questions[i]->name,
		    req->questions[i]->type, req->questions[i]->class);
	answer_empty_cb(req, arg);
}

/*
 * What is handed over.
 */

TEST(request_is_handed_over_with_its_questions)
{
	struct server s;

	dns_server_open(&s, note_request_cb);
	dns_server_ask(&s, ASK_WWW);
	assert_log("0x100 www.example.com:1:1");
	dns_server_ask(&s, "1234 0010 0002 0000 0000 0000 0174 00 00ff ffff"
			   "0775027320 ff 2d21 c00c ffff 0000");
	assert_log("0x10 t:255:65535 u\2s \377-!.t:65535:0");
	dns_server_ask(&s, HEADER "00 0002 0001");
	assert_log("0x100 :2:1");
	dns_server_close(&s);
}

TEST(name_is_handed_over_with_its_capitals)
{
	struct server s;

	dns_server_open(&s, note_request_cb);
	dns_server_ask(&s, HEADER "0377577702654d00 0001 0001");
	assert_log("0x100 wWw.eM:1:1");
	dns_server_close(&s);
}

static void
note_length_cb(struct evdns_server_request *req, void *arg)
{
	note("%zu", strlen(req->questions[0]->name));
	answer_empty_cb(req, arg);
}

TEST(name_of_255_bytes_is_handed_over)
{
	char request[600] = HEADER;
	struct server s;

	for (int i = 0; i < 127; i++)
		sprintf(request + strlen(request), "01%02x", 'a' + i % 26);
	strcat(request, "00 0001 0001");
	dns_server_open(&s, note_length_cb);
	dns_server_ask(&s, request);
	assert_log("253");
	memcpy(request + 5, "8100", 4);
	assert_reply(s.client, request);
	dns_server_close(&s);
}

static void
note_arg_cb(struct evdns_server_request *req, void *arg)
{
	note("%s", (const char *)arg);
	answer_empty_cb(req, arg);
}

TEST(callback_gets_the_argument_of_its_port)
{
	struct sockaddr_storage at;
	socklen_t len;
	struct server s;
	int fd, client;
	struct evdns_server_port *other;

	dns_server_open(&s, note_request_cb);
	fd = local_socket(AF_INET, &at, &len);
	client = client_of(fd);
	other = evdns_add_server_port(fd, 0, note_arg_cb, "other");
	send_hex(client, ASK_U);
	dns_server_pass(&s);
	assert_log("other");
	evdns_close_server_port(other);
	dns_server_ask(&s, ASK_T);
	assert_log("0x100 t:1:1");
	close(client);
	dns_server_close(&s);
}

static void
check_address_of_client(struct server *s, struct evdns_server_request *req)
{
	struct sockaddr_storage at, got;
	socklen_t len = sizeof(at);

	assert_int_equal(getsockname(s->client, (struct sockaddr *)&at, &len),
	    0);
	memset(&got, 0xaa, sizeof(got));
	assert_int_equal(evdns_server_request_get_requesting_addr(req,
			     (struct sockaddr *)&got, (int)len),
	    len);
	assert_memory_equal(&got, &at, len);
	assert_int_equal(((unsigned char *)&got)[len], 0xaa);
	assert_int_equal(evdns_server_request_get_requesting_addr(req,
			     (struct sockaddr *)&got, sizeof(got)),
	    len);
	assert_int_equal(evdns_server_request_get_requesting_addr(req,
			     (struct sockaddr *)&got, (int)len - 1),
	    -1);
	assert_int_equal(evdns_server_request_get_requesting_addr(req,
			     (struct sockaddr *)&got, 0),
	    -1);
	assert_int_equal(evdns_server_request_get_requesting_addr(req,
			     (struct sockaddr *)&got, -1),
	    -1);
}

static void
address_cb(struct evdns_server_request *req, void *arg)
{
	check_address_of_client(arg, req);
	answer_empty_cb(req, arg);
}

TEST(address_of_the_client_is_known)
{
	struct server s;

	dns_server_open(&s, address_cb);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, NOTHING_FOR_T);
	dns_server_close(&s);
}

TEST(address_of_the_client_is_known_with_ipv6)
{
	struct server s;

	dns_server_open_at(&s, AF_INET6, address_cb);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, NOTHING_FOR_T);
	dns_server_close(&s);
}

/*
 * Answers.
 */

TEST(answer_goes_to_the_client_that_asked)
{
	struct server s;
	int other;

	dns_server_open(&s, answer_empty_cb);
	other = client_of(s.fd);
	send_hex(other, ASK_T);
	send_hex(s.client, "4321 0000 0001 0000 0000 0000 0175 00 0001 0001");
	dns_server_pass(&s);
	assert_reply(other, NOTHING_FOR_T);
	assert_no_reply(other);
	assert_reply(s.client,
	    "4321 8000 0001 0000 0000 0000 0175 00 0001 0001");
	assert_no_reply(s.client);
	close(other);
	dns_server_close(&s);
}

TEST(answers_come_later_and_in_any_order)
{
	struct server s;

	dns_server_open(&s, keep_cb);
	for (int i = 0; i < 3; i++)
		dns_server_ask_as(&s, i, i == 1 ? ASK_U : ASK_T);
	assert_int_equal(nkept, 3);
	assert_no_reply(s.client);
	assert_string_equal(kept[1]->questions[0]->name, "u");
	assert_int_equal(add_any(kept[2], "t"), 0);
	assert_int_equal(evdns_server_request_respond(kept[2], 0), 0);
	assert_reply(s.client, "0002 8100 0001 0001 0000 0000 0174 00 0001 0001"
			       "c00c 0001 0001 00000001 0004 01020304");
	assert_int_equal(evdns_server_request_respond(kept[1], 0), 0);
	assert_reply_as(s.client, 1, NOTHING_FOR_U);
	assert_int_equal(evdns_server_request_respond(kept[0], 0), 0);
	assert_reply_as(s.client, 0, NOTHING_FOR_T);
	dns_server_close(&s);
}

static void
drop_cb(struct evdns_server_request *req, void *arg)
{
	(void)arg;
	add_any(req, "t");
	assert_int_equal(evdns_server_request_drop(req), 0);
}

TEST(request_that_is_dropped_gets_no_answer)
{
	struct server s;

	dns_server_open(&s, drop_cb);
	dns_server_ask(&s, ASK_T);
	assert_no_reply(s.client);
	dns_server_close(&s);
}

TEST(requests_that_come_at_once_are_all_answered)
{
	struct server s;

	dns_server_open(&s, answer_empty_cb);
	for (int i = 0; i < 200; i++)
		send_hex(s.client, ASK_T);
	for (int i = 0; i < 200; i++)
		dns_server_pass(&s);
	for (int i = 0; i < 200; i++)
		assert_reply(s.client, NOTHING_FOR_T);
	assert_no_reply(s.client);
	dns_server_close(&s);
}

/* A duplicate is a request like others. */
TEST(hundreds_of_requests_may_wait_for_their_answers)
{
	struct server s;

	dns_server_open(&s, keep_cb);
	for (int i = 0; i < 1000; i++)
		dns_server_ask(&s, ASK_T);
	assert_int_equal(nkept, 1000);
	while (nkept > 0) {
		evdns_server_request_respond(kept[--nkept], 0);
		assert_reply(s.client, NOTHING_FOR_T);
	}
	dns_server_close(&s);
}

/* Everything it was given is overwritten before it answers. */
static void
overwrite_cb(struct evdns_server_request *req, void *arg)
{
	char name[] = "name.t", data[] = "data.t", bytes[] = "bytes";

	(void)arg;
	evdns_server_request_add_reply(req, EVDNS_ANSWER_SECTION, name, 5, 1, 1,
	    0, 1, data);
	evdns_server_request_add_reply(req, EVDNS_ANSWER_SECTION, name, 16, 1,
	    1, 5, 0, bytes);
	memset(name, 'x', 6);
	memset(data, 'x', 6);
	memset(bytes, 'x', 5);
	evdns_server_request_respond(req, 0);
}

TEST(names_and_data_are_copied)
{
	struct server s;

	dns_server_open(&s, overwrite_cb);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, "1234 8100 0001 0002 0000 0000 0174 00 0001 0001"
			       "046e616d65 c00c 0005 0001 00000001 0007"
			       "0464617461 c00c"
			       "c013 0010 0001 00000001 0005 6279746573");
	dns_server_close(&s);
}

static void
wrong_then_right_cb(struct evdns_server_request *req, void *arg)
{
	static const int wrong[] = {16, 17, 66, 256, 32768, -1, -1000};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_true(evdns_server_request_respond(req, wrong[i]) < 0);
	answer_empty_cb(req, arg);
}

TEST(invalid_code_is_an_error_and_the_request_stays)
{
	struct server s;

	dns_server_open(&s, wrong_then_right_cb);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, NOTHING_FOR_T);
	assert_no_reply(s.client);
	dns_server_close(&s);
}

static void
wrong_section_cb(struct evdns_server_request *req, void *arg)
{
	static const int wrong[] = {-1, 3, 4, 1000};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(evdns_server_request_add_reply(req, wrong[i],
				     "t", EVDNS_TYPE_A, EVDNS_CLASS_INET, 1, 4,
				     0, "1234"),
		    -1);
	answer_empty_cb(req, arg);
}

TEST(invalid_section_is_an_error)
{
	struct server s;

	dns_server_open(&s, wrong_section_cb);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, NOTHING_FOR_T);
	dns_server_close(&s);
}

/*
 * The loop.
 */

TEST(port_keeps_the_loop_running)
{
	struct server s;

	dns_server_open(&s, answer_empty_cb);
	assert_int_equal(event_base_loop(s.base, EVLOOP_NONBLOCK), 0);
	evdns_close_server_port(s.port);
	assert_int_equal(event_base_loop(s.base, EVLOOP_NONBLOCK), 1);
	s.port = NULL;
	dns_server_close(&s);
}

TEST(port_is_on_the_base_that_was_current)
{
	struct event_base *other;
	struct server s;

	dns_server_open(&s, answer_empty_cb);
	other = event_init();
	send_hex(s.client, ASK_T);
	assert_int_equal(event_base_loop(other, EVLOOP_NONBLOCK), 1);
	assert_no_reply(s.client);
	dns_server_pass(&s);
	assert_reply(s.client, NOTHING_FOR_T);
	dns_server_close(&s);
	event_base_free(other);
}

/* The first request is answered when the loop inside has served the second. */
static void
nested_cb(struct evdns_server_request *req, void *arg)
{
	struct server *s = arg;

	note("<%s", req->questions[0]->name);
	if (strcmp(req->questions[0]->name, "t") == 0)
		dns_server_ask(s, ASK_U);
	note("%s>", req->questions[0]->name);
	answer_empty_cb(req, arg);
}

TEST(server_callback_may_run_the_loop, DIFFERS(V21, "loops do not nest"))
{
	struct server s;

	dns_server_open(&s, nested_cb);
	dns_server_ask(&s, ASK_T);
	assert_log("<t <u u> t>");
	assert_reply(s.client, NOTHING_FOR_U);
	assert_reply(s.client, NOTHING_FOR_T);
	dns_server_close(&s);
}

static void
loopbreak_cb(struct evdns_server_request *req, void *arg)
{
	struct server *s = arg;

	answer_empty_cb(req, arg);
	assert_int_equal(event_base_loopbreak(s->base), 0);
}

TEST(callback_may_end_the_loop)
{
	struct server s;

	dns_server_open(&s, loopbreak_cb);
	send_hex(s.client, ASK_T);
	assert_int_equal(event_base_dispatch(s.base), 0);
	assert_reply(s.client, NOTHING_FOR_T);
	dns_server_close(&s);
}

/* The child serves the socket as well, as where a program forks several
 * servers for one. */
static void
serve_as_child(void *arg)
{
	struct server *s = arg;

	assert_int_equal(event_reinit(s->base), 0);
	send_hex(s->client, ASK_U);
	dns_server_pass(s);
	assert_reply(s->client, NOTHING_FOR_U);
	dns_server_close(s);
}

TEST(parent_and_child_serve_one_socket)
{
	struct server s;

	dns_server_open(&s, answer_empty_cb);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, NOTHING_FOR_T);
	assert_int_equal(in_child(serve_as_child, &s), 0);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, NOTHING_FOR_T);
	dns_server_close(&s);
}
