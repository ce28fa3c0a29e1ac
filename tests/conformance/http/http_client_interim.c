/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP client: interim answers (1xx), and answers to HEAD.
 */
#include "test.h"
#include "http_client.h"

/* The whole of what two requests see, over one connection where it is kept. */
static void
check_two(const struct step *script, enum evhttp_cmd_type type,
    const char *expected, int connections)
{
	struct client c;

	SET_UP(&c, script, serve_y);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	evhttp_connection_set_timeout(c.evcon, 10);
	send_request(&c, new_request("a"), type);
	get(&c, "b");
	await_answers(&c, 2);
	client_run_passes(&c);
	assert_log(expected);
	assert_int_equal(n_answers, 2);
	assert_int_equal(c.origin.accepted, connections);
	client_tear_down(&c);
}

/*
 * Interim answers.
 */

#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"
#define FINAL "takes it for the answer"

TEST(answer_100_is_skipped, DIFFERS(V14, FINAL))
{
	static const struct step script[] = {REQUEST, SEND(CONTINUE OK_X),
	    REQUEST, SEND(OK_1("y")), END};

	check_two(script, EVHTTP_REQ_POST, "a:200 <x> b:200 <y>", 1);
}

TEST(answer_100_in_a_piece_of_its_own_is_skipped, DIFFERS(V14, FINAL))
{
	static const struct step script[] = {REQUEST, SEND(CONTINUE), STALL,
	    SEND(OK_X), REQUEST, SEND(OK_1("y")), END};
	struct client c;

	SET_UP(&c, script);
	post(&c, "a", "hello");
	get(&c, "b");
	wait_for(&c, c.origin.peer[0].step->kind == STEP_STALL);
	client_run_passes(&c);
	assert_log("");
	peer_resume(&c.origin.peer[0]);
	await_answers(&c, 2);
	assert_log("a:200 <x> b:200 <y>");
	client_tear_down(&c);
}

TEST(interim_answers_byte_by_byte_are_skipped,
    DIFFERS(V14, "LF after CR in another piece is an empty line"),
    DIFFERS(V21, "skips 100 alone"))
{
	static const struct step script[] = {REQUEST,
	    TRICKLE(CONTINUE "HTTP/1.1 102 Wait\r\nA: b\r\n\r\n" OK_X), REQUEST,
	    SEND(OK_1("y")), END};

	check_two(script, EVHTTP_REQ_POST, "a:200 <x> b:200 <y>", 1);
}

TEST(answer_103_is_skipped_with_its_headers, DIFFERS(V14, FINAL),
    DIFFERS(V21, FINAL))
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.1 103 Early\r\nLink: </x>\r\nContent-Length: 7\r\n"
		 "\r\n" OK_X),
	    REQUEST, SEND(OK_1("y")), END};

	check_two(script, EVHTTP_REQ_GET, "a:200 <x> b:200 <y>", 1);
}

static void
no_link_cb(struct evhttp_request *req, void *name)
{
	note_answer_cb(req, name);
	if (req != NULL && evhttp_find_header(req->input_headers, "Link"))
		note("Link");
}

TEST(headers_of_an_interim_answer_are_not_those_of_the_final_one,
    DIFFERS(V14, FINAL), DIFFERS(V21, FINAL))
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.1 103 Early\r\nLink: </x>\r\n\r\n" OK_X), END};
	struct client c;

	SET_UP(&c, script);
	send_request(&c, evhttp_request_new(no_link_cb, "a"), EVHTTP_REQ_GET);
	await_answers(&c, 1);
	assert_log("a:200 <x>");
	client_tear_down(&c);
}

TEST(several_interim_answers_are_skipped, DIFFERS(V14, FINAL))
{
	static const struct step script[] = {REQUEST,
	    SEND(CONTINUE CONTINUE CONTINUE OK_X), REQUEST, SEND(OK_1("y")),
	    END};

	check_two(script, EVHTTP_REQ_POST, "a:200 <x> b:200 <y>", 1);
}

TEST(interim_answers_are_skipped_in_a_queue, DIFFERS(V14, FINAL))
{
	static const struct step script[] = {REQUEST, SEND(CONTINUE OK_X),
	    AGAIN};
	struct client c;

	SET_UP(&c, script);
	get(&c, "a");
	post(&c, "b", "hello");
	get(&c, "c");
	await_answers(&c, 3);
	assert_log("a:200 <x> b:200 <x> c:200 <x>");
	assert_int_equal(c.origin.accepted, 1);
	client_tear_down(&c);
}

TEST(end_after_an_interim_answer_fails_the_request, DIFFERS(V14, FINAL))
{
	static const struct step script[] = {REQUEST, SEND(CONTINUE), CLOSE,
	    END};
	struct client c;

	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	get(&c, "a");
	await_answers(&c, 1);
	client_run_passes(&c);
	assert_true(
	    strcmp(noted(), "a:0") == 0 || strcmp(noted(), "a:NULL") == 0);
	assert_int_equal(c.origin.accepted, 1);
	client_tear_down(&c);
}

/* After it the connection speaks another protocol. */
TEST(answer_101_is_final)
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"), END};
	struct client c;

	SET_UP(&c, script);
	get(&c, "a");
	await_answers(&c, 1);
	client_run_passes(&c);
	assert_log("a:101");
	client_tear_down(&c);
}

TEST(connection_is_not_used_again_after_a_101,
    DIFFERS(V14, "it is used for the next request"),
    DIFFERS(V21, "it is used for the next request"))
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"), END};
	static const struct step next[] = {REQUEST, SEND(OK_1("y")), END};
	struct client c;

	SET_UP(&c, script, next);
	get(&c, "a");
	get(&c, "b");
	await_answers(&c, 2);
	assert_log("a:101 closed b:200 <y>");
	assert_int_equal(c.origin.accepted, 2);
	client_tear_down(&c);
}

/*
 * HEAD.
 */

#define WAITS "waits for a body"

static void
check_head(const char *answer)
{
	const struct step script[] = {REQUEST, SEND_TEXT(answer), REQUEST,
	    SEND(OK_1("y")), END};

	n_answers = 0;
	check_two(script, EVHTTP_REQ_HEAD, "a:200 b:200 <y>", 1);
}

TEST(answer_to_head_with_a_length_has_no_body, DIFFERS(V14, WAITS))
{
	check_head("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
}

TEST(answer_to_head_in_chunks_has_no_body, DIFFERS(V14, WAITS))
{
	check_head("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
}

TEST(answer_to_head_without_a_length_has_no_body, DIFFERS(V14, WAITS))
{
	check_head("HTTP/1.1 200 OK\r\n\r\n");
}

TEST(answer_to_head_with_length_0_is_complete)
{
	check_head("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

static void
length_cb(struct evhttp_request *req, void *name)
{
	note_answer_cb(req, name);
	if (req != NULL)
		note("%s",
		    evhttp_find_header(req->input_headers, "Content-Length"));
}

TEST(answer_to_head_has_the_length, DIFFERS(V14, WAITS))
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"), END};
	struct client c;

	SET_UP(&c, script);
	send_request(&c, evhttp_request_new(length_cb, "a"), EVHTTP_REQ_HEAD);
	await_answers(&c, 1);
	assert_log("a:200 5");
	client_tear_down(&c);
}

/* A server that sends one all the same: its bytes are nobody's answer. */
TEST(body_in_an_answer_to_head_is_not_the_next_answer,
    DIFFERS(V14, "takes it for the body"),
    DIFFERS(V21, "takes it for the next answer"))
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.1 200 OK\r\nContent-Length: 38\r\n\r\n"
		 "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
	    REQUEST, SEND(OK_1("z")), END};

	check_two(script, EVHTTP_REQ_HEAD, "a:200 b:200 <y>", 2);
}

TEST(answer_304_with_a_length_keeps_the_connection)
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\n"), REQUEST,
	    SEND(OK_1("y")), END};

	check_two(script, EVHTTP_REQ_GET, "a:304 b:200 <y>", 1);
}
