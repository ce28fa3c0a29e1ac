/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server's answers, byte for byte as libevent 1.4 sends them, or as they
 * ought to be.
 */
#include "http_server.h"
#include "http_golden.h"

#define LAST_ANSWER                                                            \
	"HTTP/1.1 200 OK\r\n" DATE "Content-Length: 5\r\n" HTML_DEFAULT        \
	"Connection: close\r\n\r\n/last"

static void
take_step(struct evhttp_request *req, const struct step *step)
{
	struct evbuffer *buffer = evbuffer_new();
	struct evbuffer *body = step->text != NULL ? buffer : NULL;

	if (body != NULL)
		evbuffer_add(body, step->text, strlen(step->text));
	if (step->act == ADD_HEADER)
		assert_int_equal(evhttp_add_header(req->output_headers,
				     step->name, step->text),
		    0);
	else if (step->act == ADD_OUTPUT)
		evbuffer_add_buffer(req->output_buffer, body);
	else if (step->act == SET_VERSION_10)
		req->major = 1, req->minor = 0;
	else if (step->act == SEND_REPLY)
		evhttp_send_reply(req, step->code, step->name, body);
	else if (step->act == SEND_ERROR)
		evhttp_send_error(req, step->code, step->name);
	else if (step->act == SEND_START)
		evhttp_send_reply_start(req, step->code, step->name);
	else if (step->act == SEND_CHUNK)
		evhttp_send_reply_chunk(req, body);
	else if (step->act == SEND_END)
		evhttp_send_reply_end(req);
	evbuffer_free(buffer);
}

static void
golden_cb(struct evhttp_request *req, void *arg)
{
	const struct golden *g = arg;

	if (strcmp(req->uri, "/last") == 0) {
		reply_text(req, req->uri);
		return;
	}
	for (const struct step *s = g->steps; s->act != NOTHING; s++)
		take_step(req, s);
}

/* One connection: the answer, and then the end or another answer. */
static void
check_one(const struct golden *g)
{
	struct server s;
	struct client c;
	char all[2048];

	printf("%s\n", g->name);
	server_open_bare(&s, AF_INET);
	if (g->steps[0].act != NOTHING)
		evhttp_set_gencb(s.http, golden_cb, (void *)g);
	client_open(&c, &s);
	say(&c, g->request);
	expect_bytes(&c, g->answer, strlen(g->answer));
	if (!g->is_closed) {
		say(&c, LAST_REQUEST);
		snprintf(all, sizeof(all), "%s%s", g->answer, LAST_ANSWER);
		expect_bytes(&c, all, strlen(all));
	}
	assert_true(wait_end(&c));
	close_both(&s, &c);
}

static void
check(const struct golden *all, size_t n)
{
	for (const struct golden *g = all; g < all + n; g++)
		check_one(g);
}

#define CHECK(table) check(table, sizeof(table) / sizeof((table)[0]))

TEST(http_answers_are_sent_as_recorded)
{
	CHECK(golden_same);
}

TEST(http_answers_without_a_type_are_sent_as_recorded,
    DIFFERS(V21, "a Content-Type is added to every answer"))
{
	CHECK(golden_no_type);
}

TEST(http_error_pages_are_sent_as_recorded,
    DIFFERS(V21, "the pages have another text"))
{
	CHECK(golden_pages);
}

TEST(http_204_and_304_have_no_body_and_no_length_is_added,
    DIFFERS(V14, "Content-Length: 0 is added, and a body is sent"),
    DIFFERS(V21, "a length is added to a 304"))
{
	CHECK(golden_204);
}

TEST(http_answer_to_head_has_no_body,
    DIFFERS(V14, "the body is sent, and is the next answer to the client"),
    DIFFERS(V21, "the length is left out, and the body is sent"))
{
	CHECK(golden_head);
}

TEST(http_stream_to_http_1_0_keep_alive_ends_with_the_connection,
    DIFFERS(V14, "Content-Length: 0, then the body, and the connection stays"),
    DIFFERS(V21, "as 1.4"))
{
	CHECK(golden_stream_10_kept);
}

TEST(http_stream_has_no_length_beside_its_chunks, DIFFERS(V14, "both are sent"),
    DIFFERS(V21, "the chunks are sent without their framing"))
{
	CHECK(golden_stream_length);
}

TEST(http_empty_chunk_is_left_out, DIFFERS(V14, "it ends the body"),
    DIFFERS(V21, "a Content-Type is added to every answer"))
{
	CHECK(golden_empty_chunk);
}

TEST(http_reason_is_escaped_in_the_page, DIFFERS(V14, "it is sent as HTML"),
    DIFFERS(V21, "as 1.4, and the page has another text"))
{
	CHECK(golden_escaped);
}
