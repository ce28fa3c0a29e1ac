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
};

/* The one there is.  The callbacks of a request get its cb_arg, which is the
 * library's own on the server. */
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
}

static int
head_cb(struct evhttp_request *req, void *arg)
{
	const char *a = evhttp_find_header(req->input_headers, "A");

	(void)arg;
	note("head:%s:%s:%s", method_of(req), req->uri, a != NULL ? a : "");
	assert_int_equal(EVBUFFER_LENGTH(req->input_buffer), 0);
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
	client_close(&u->c);
	server_close(&u->s);
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
 * drain, and goes on when it does. */
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
