/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests whose body the program takes as it comes: evhttp_set_newreqcb(),
 * evhttp_request_set_header_cb() and evhttp_request_set_chunked_cb() on the
 * server.  1.4 and 2.1 have nothing of it.
 */
#include "http_server.h"
#include "symbol.h"

#define POST "POST /a HTTP/1.1\r\n"
#define NOWHERE                                                                \
	DIFFERS(V14, "there is no such function"),                             \
	    DIFFERS(V21, "there is no such function")

typedef int head_fn(struct evhttp_request *, void *);

struct upload {
	struct server s;
	struct client c;
	struct evhttp_request *req;
	int new_result, head_result;
	bool drains;
	bool notes_pieces;
	size_t seen;
	/* Called as well, at the head or at each piece. */
	void (*at_head)(struct upload *, struct evhttp_request *);
	void (*at_piece)(struct upload *, struct evhttp_request *);
};

/* The upload that the test has.  The callbacks of a request get its cb_arg,
 * which is the library's own on the server. */
static struct upload *the_upload;

static void
piece_cb(struct evhttp_request *req, void *arg)
{
	struct upload *u = the_upload;
	size_t len = EVBUFFER_LENGTH(req->input_buffer);

	(void)arg;
	if (u->notes_pieces)
		note("piece:%.*s", (int)len,
		    (char *)EVBUFFER_DATA(req->input_buffer));
	if (u->drains) {
		u->seen += len;
		evbuffer_drain(req->input_buffer, len);
	} else
		u->seen = len;
	if (u->at_piece != NULL)
		u->at_piece(u, req);
}

static int
head_cb(struct evhttp_request *req, void *arg)
{
	const char *a = evhttp_find_header(req->input_headers, "A");

	(void)arg;
	note("head:%s:%s:%s", method_of(req), req->uri, a != NULL ? a : "");
	assert_int_equal(EVBUFFER_LENGTH(req->input_buffer), 0);
	if (the_upload->at_head != NULL)
		the_upload->at_head(the_upload, req);
	return the_upload->head_result;
}

static int
new_cb(struct evhttp_request *req, void *arg)
{
	struct upload *u = arg;
	void (*set_head)(struct evhttp_request *, head_fn *);
	void *found = symbol("evhttp_request_set_header_cb");

	memcpy(&set_head, &found, sizeof(found));
	note("new");
	u->req = req;
	set_head(req, head_cb);
	evhttp_request_set_chunked_cb(req, piece_cb);
	return u->new_result;
}

static void
handled_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	note_request(req, false);
	reply_text(req, "x");
}

static void
open_upload(struct upload *u)
{
	void (*set_new)(struct evhttp *, head_fn *, void *);
	void *found = symbol("evhttp_set_newreqcb");

	memcpy(&set_new, &found, sizeof(found));
	u->req = NULL;
	u->seen = 0;
	the_upload = u;
	server_open_with(&u->s, handled_cb, u);
	set_new(u->s.http, new_cb, u);
	client_open(&u->c, &u->s);
}

static void
close_upload(struct upload *u)
{
	close_both(&u->s, &u->c);
}

TEST(http_new_request_is_reported_at_its_first_byte, NOWHERE)
{
	struct upload u = {.drains = true};

	open_upload(&u);
	let_it_work(u.s.base);
	assert_log("");
	say(&u.c, "G");
	let_it_work(u.s.base);
	assert_log("new");
	say(&u.c, "ET /a HTTP/1.1\r\nA: b\r\n\r\n");
	expect_answers(&u.c, "200:x");
	assert_log("head:GET:/a:b GET:/a");
	close_upload(&u);
}

TEST(http_new_request_may_be_refused, NOWHERE)
{
	struct upload u = {.new_result = -1};

	open_upload(&u);
	say(&u.c, "GET /a HTTP/1.1\r\n\r\n");
	expect_end(&u.c, "");
	assert_log("new");
	close_upload(&u);
}

TEST(http_head_may_be_refused_before_the_body_is_read, NOWHERE)
{
	struct upload u = {.head_result = -1};

	open_upload(&u);
	say(&u.c, POST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
	expect_end(&u.c, "");
	assert_log("new head:POST:/a:");
	close_upload(&u);
}

TEST(http_continue_is_sent_after_the_head_was_accepted, NOWHERE)
{
	struct upload u = {.drains = true, .notes_pieces = true};

	open_upload(&u);
	say(&u.c, POST "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
	expect_answers(&u.c, "100");
	assert_log("new head:POST:/a:");
	say(&u.c, "hello");
	expect_answers(&u.c, "100 200:x");
	assert_log("piece:hello POST:/a");
	close_upload(&u);
}

TEST(http_pieces_of_a_body_come_as_they_arrive, NOWHERE)
{
	struct upload u = {.drains = true, .notes_pieces = true};

	open_upload(&u);
	say(&u.c, POST "Content-Length: 6\r\n\r\nrye");
	let_it_work(u.s.base);
	assert_log("new head:POST:/a: piece:rye");
	say(&u.c, "oat");
	expect_answers(&u.c, "200:x");
	assert_log("piece:oat POST:/a");
	close_upload(&u);
}

TEST(http_pieces_of_a_chunk_come_before_it_is_whole, NOWHERE)
{
	struct upload u = {.drains = true, .notes_pieces = true};

	open_upload(&u);
	say(&u.c, POST "Transfer-Encoding: chunked\r\n\r\n6\r\nrye");
	let_it_work(u.s.base);
	assert_log("new head:POST:/a: piece:rye");
	say(&u.c, "oat\r\n0\r\n\r\n");
	expect_answers(&u.c, "200:x");
	assert_log("piece:oat POST:/a");
	close_upload(&u);
}

TEST(http_what_is_not_drained_is_there_in_the_handler, NOWHERE)
{
	struct upload u = {.drains = false};

	open_upload(&u);
	say(&u.c, POST "Content-Length: 6\r\n\r\nrye");
	let_it_work(u.s.base);
	say(&u.c, "oat");
	expect_answers(&u.c, "200:x");
	assert_log("new head:POST:/a: POST:/a:ryeoat");
	close_upload(&u);
}

/* A client that sends without end has to wait for a program that does not
 * drain, and resumes when it does. */
TEST(http_reading_pauses_until_the_program_drains, NOWHERE)
{
	struct upload u = {.drains = false};
	static char block[1 << 20];
	size_t left = 32 << 20;
	int pause = 0;

	open_upload(&u);
	say(&u.c, POST "Content-Length: 33554432\r\n\r\n");
	while (left > 0 && pause < 100) {
		ssize_t n = send(u.c.fd, block,
		    left < sizeof(block) ? left : sizeof(block), MSG_NOSIGNAL);

		left -= n > 0 ? (size_t)n : 0;
		pause = n > 0 ? 0 : pause + 1;
		let_it_work(u.s.base);
	}
	assert_true(left > 0);
	assert_true(u.seen < 1 << 20);
	note_clear();
	u.drains = true;
	evbuffer_drain(u.req->input_buffer,
	    EVBUFFER_LENGTH(u.req->input_buffer));
	for (; left > 0; left -= left < sizeof(block) ? left : sizeof(block))
		say_bytes(&u.c, block,
		    left < sizeof(block) ? left : sizeof(block));
	expect_answers(&u.c, "200:x");
	assert_log("POST:/a");
	close_upload(&u);
}

/*
 * Answers before the body is there.
 */

static void
refuse(struct upload *u, struct evhttp_request *req)
{
	(void)u;
	evhttp_send_error(req, 403, "Forbidden");
}

static void
accept_early(struct upload *u, struct evhttp_request *req)
{
	u->at_piece = NULL;
	reply_text(req, "early");
}

TEST(http_head_may_be_answered_and_no_handler_is_called, NOWHERE)
{
	struct upload u = {.drains = true, .at_head = refuse};

	open_upload(&u);
	say(&u.c, POST "Content-Length: 5\r\n\r\nhello");
	expect_end(&u.c, "403");
	assert_log("new head:POST:/a:");
	close_upload(&u);
}

TEST(http_body_that_was_answered_at_its_head_is_dropped, NOWHERE)
{
	struct upload u = {.drains = true, .at_head = accept_early};

	open_upload(&u);
	say(&u.c, POST "Content-Length: 5\r\n\r\nhe");
	expect_answers(&u.c, "200:early");
	u.at_head = NULL;
	say(&u.c, "llo");
	say(&u.c, "GET /b HTTP/1.1\r\n\r\n");
	expect_answers(&u.c, "200:early 200:x");
	assert_log("new head:POST:/a: new head:GET:/b: GET:/b");
	close_upload(&u);
}

TEST(http_piece_may_be_answered_and_the_rest_is_dropped, NOWHERE)
{
	struct upload u = {.drains = true, .at_piece = accept_early};

	open_upload(&u);
	say(&u.c, POST "Transfer-Encoding: chunked\r\n\r\n5\r\nhe");
	expect_answers(&u.c, "200:early");
	say(&u.c, "llo\r\n0\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
	expect_answers(&u.c, "200:early 200:x");
	assert_log("new head:POST:/a: new head:GET:/b: GET:/b");
	close_upload(&u);
}

/*
 * Freeing things.
 */

static void
free_its_connection(struct upload *u, struct evhttp_request *req)
{
	(void)u;
	evhttp_connection_free(req->evcon);
}

static void
free_its_server(struct upload *u, struct evhttp_request *req)
{
	(void)req;
	evhttp_free(u->s.http);
	u->s.http = NULL;
}

static void
free_itself(struct upload *u, struct evhttp_request *req)
{
	(void)u;
	evhttp_request_free(req);
}

typedef void free_fn(struct upload *, struct evhttp_request *);

static free_fn *const frees[] = {free_its_connection, free_its_server,
    free_itself};

/* The client sees the end of the connection, and nothing is called after. */
static void
check_freed(struct upload *u, const char *body, const char *log)
{
	char text[256];

	open_upload(u);
	snprintf(text, sizeof(text), POST "%s", body);
	say(&u->c, text);
	expect_end(&u->c, "");
	assert_log(log);
	close_upload(u);
}

TEST(http_anything_may_be_freed_at_the_head, NOWHERE)
{
	for (size_t i = 0; i < 3; i++) {
		struct upload u = {.at_head = frees[i]};

		check_freed(&u, "Content-Length: 5\r\n\r\nhello",
		    "new head:POST:/a:");
		check_freed(&u,
		    "Expect: 100-continue\r\n"
		    "Content-Length: 5\r\n\r\n",
		    "new head:POST:/a:");
	}
}

TEST(http_anything_may_be_freed_at_a_piece, NOWHERE)
{
	for (size_t i = 0; i < 3; i++) {
		struct upload u = {.drains = true, .at_piece = frees[i]};

		check_freed(&u, "Content-Length: 5\r\n\r\nhello",
		    "new head:POST:/a:");
		check_freed(&u, "Content-Length: 5\r\n\r\nhe",
		    "new head:POST:/a:");
		check_freed(&u,
		    "Transfer-Encoding: chunked\r\n\r\n"
		    "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n",
		    "new head:POST:/a:");
	}
}

static void
closed_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	(void)arg;
	note("closed");
}

static bool
is_noted_closed(void *arg)
{
	(void)arg;
	return strstr(noted(), "closed") != NULL;
}

TEST(http_client_that_leaves_an_upload_ends_it_without_the_handler, NOWHERE)
{
	struct upload u = {.drains = true, .notes_pieces = true};

	open_upload(&u);
	say(&u.c, POST "Content-Length: 5\r\n\r\nhe");
	let_it_work(u.s.base);
	evhttp_connection_set_closecb(u.req->evcon, closed_cb, NULL);
	client_close(&u.c);
	assert_true(wait_until(u.s.base, is_noted_closed, NULL));
	assert_log("new head:POST:/a: piece:he closed");
	server_close(&u.s);
	assert_log("");
}
