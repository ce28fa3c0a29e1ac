/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The functions of libevent 2.x that read a member of a request.
 */
#include "http_ours.h"

/* 1.4 exports this function and declares it in no header. */
void
evhttp_response_code(struct evhttp_request *req, int code, const char *reason);

static void
look_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	note("%s", evhttp_request_get_uri(req));
	note("%d", evhttp_request_get_command(req) == EVHTTP_REQ_POST);
	note("%s",
	    evhttp_find_header(evhttp_request_get_input_headers(req), "A"));
	note("%d", (int)EVBUFFER_LENGTH(evhttp_request_get_input_buffer(req)));
	assert_ptr_equal(evhttp_request_get_connection(req), req->evcon);
	assert_ptr_equal(evhttp_request_get_output_headers(req),
	    req->output_headers);
	assert_ptr_equal(evhttp_request_get_output_buffer(req),
	    req->output_buffer);
	assert_int_equal(evhttp_request_get_response_code(req), 0);
	assert_null(evhttp_request_get_response_code_line(req));
	evhttp_send_reply(req, 203, "Rye", NULL);
	assert_int_equal(evhttp_request_get_response_code(req), 203);
	assert_string_equal(evhttp_request_get_response_code_line(req), "Rye");
}

TEST(http_getters_return_the_members_of_a_request)
{
	struct server s;
	struct client c;

	server_open_with(&s, look_cb, NULL);
	client_open(&c, &s);
	say(&c, "POST /a?b HTTP/1.1\r\nA: x\r\nContent-Length: 5\r\n\r\nhello");
	expect_answers(&c, "203");
	assert_log("/a?b 1 x 5");
	client_close(&c);
	server_close(&s);
}

TEST(http_reason_that_is_long_is_kept_whole)
{
	struct evhttp_request *req = evhttp_request_new(NULL, NULL);
	char reason[200];

	memset(reason, 'r', sizeof reason - 1);
	reason[sizeof reason - 1] = '\0';
	evhttp_response_code(req, 200, reason);
	assert_string_equal(req->response_code_line, reason);
	evhttp_response_code(req, 200, "OK");
	assert_string_equal(req->response_code_line, "OK");
	evhttp_request_free(req);
}
