/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests whose body the program takes as it arrives: a server's callbacks for
 * a new request, for its head, and for pieces.
 */
#include "http_upload.h"
#include "wrap.h"

/* --- which callbacks are set --- */

static int
pieces_alone_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evhttp_request_set_chunked_cb(req, upload_piece_cb);
	return 0;
}

TEST(http_chunked_callback_needs_no_header_callback)
{
	struct upload u = {.keeps = false};

	open_upload(&u);
	evhttp_set_newreqcb(u.s.http, pieces_alone_cb, NULL);
	say(&u.c, POST("6") "rye");
	let_it_work(u.s.base);
	assert_int_equal(u.seen, 3);
	say(&u.c, "oat");
	expect_answers(&u.c, "200:x");
	assert_int_equal(u.seen, 6);
	assert_log("handled:0");
	close_upload(&u);
}

static int
head_alone_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	evhttp_request_set_header_cb(req, upload_head_cb);
	return 0;
}

TEST(http_header_callback_alone_leaves_the_body_to_the_handler)
{
	struct upload u = {.keeps = false};

	open_upload(&u);
	evhttp_set_newreqcb(u.s.http, head_alone_cb, NULL);
	say(&u.c, POST("6") "rye");
	let_it_work(u.s.base);
	assert_log("head:/a");
	say(&u.c, "oat");
	expect_answers(&u.c, "200:x");
	assert_log("handled:6");
	assert_int_equal(u.pieces, 0);
	close_upload(&u);
}

static int
nothing_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	assert_int_equal(req->kind, EVHTTP_REQUEST);
	assert_string_equal(req->remote_host, "127.0.0.1");
	assert_null(req->uri);
	note("new");
	return 0;
}

TEST(http_new_request_that_nothing_is_set_for_is_as_any_other)
{
	struct upload u = {.keeps = false};

	open_upload(&u);
	evhttp_set_newreqcb(u.s.http, nothing_cb, NULL);
	say(&u.c, POST("3") "rye");
	expect_answers(&u.c, "200:x");
	say(&u.c, "GET /b HTTP/1.1\r\n\r\n");
	expect_answers(&u.c, "200:x 200:x");
	assert_log("new handled:3 new handled:0");
	close_upload(&u);
}

TEST(http_idle_connection_has_no_request)
{
	struct upload u = {.keeps = false};

	open_upload(&u);
	await_connections(&u.s, 1);
	let_it_work(u.s.base);
	assert_null(u.req);
	say(&u.c, POST("0"));
	expect_answers(&u.c, "200:x");
	u.req = NULL;
	let_it_work(u.s.base);
	assert_null(u.req);
	close_upload(&u);
}

/* --- pieces --- */

TEST(http_pieces_have_at_most_64_kilobytes_whatever_the_framing)
{
	struct upload u = {.keeps = false};
	char *body = malloc(1 << 20);

	assert_non_null(body);
	memset(body, 'x', 1 << 20);
	open_upload(&u);
	say(&u.c, POST("1048576"));
	say_bytes(&u.c, body, 1 << 20);
	expect_answers(&u.c, "200:x");
	assert_int_equal(u.seen, 1 << 20);
	assert_in_range(u.largest, 1, 65536);
	say(&u.c, CHUNKED "100000\r\n");
	say_bytes(&u.c, body, 1 << 20);
	say(&u.c, "\r\n0\r\n\r\n");
	expect_answers(&u.c, "200:x 200:x");
	assert_int_equal(u.seen, 2 << 20);
	assert_in_range(u.largest, 1, 65536);
	free(body);
	close_upload(&u);
}

TEST(http_body_of_a_request_is_never_more_than_a_piece_in_memory)
{
	struct upload u = {.keeps = false};
	static char block[65536];
	long bytes;

	open_upload(&u);
	say(&u.c, POST("67108864"));
	let_it_work(u.s.base);
	bytes = counts.bytes;
	for (int i = 0; i < 1024; i++) {
		say_bytes(&u.c, block, sizeof(block));
		assert_true(counts.bytes < bytes + 400000);
	}
	expect_answers(&u.c, "200:x");
	assert_int_equal(u.seen, 64 << 20);
	assert_log("head:/a handled:0");
	close_upload(&u);
}

/* The kernel takes what the program does not; the program's part is bounded. */
static size_t
fill_up(struct upload *u, size_t left)
{
	static char block[65536];
	int idle = 0;

	while (left > 0 && idle < 50) {
		size_t piece = left < sizeof(block) ? left : sizeof(block);
		ssize_t n = send(u->c.fd, block, piece, MSG_NOSIGNAL);

		left -= n > 0 ? (size_t)n : 0;
		idle = n > 0 ? 0 : idle + 1;
		let_it_work(u->s.base);
	}
	return left;
}

static void
send_rest(struct upload *u, size_t left)
{
	static char block[65536];

	while (left > 0) {
		size_t piece = left < sizeof(block) ? left : sizeof(block);

		say_bytes(&u->c, block, piece);
		left -= piece;
	}
}

static void
pauses_and_resumes(const char *head, const char *tail)
{
	struct upload u = {.keeps = true};
	size_t left;
	int pieces;

	open_upload(&u);
	say(&u.c, head);
	left = fill_up(&u, 32 << 20);
	assert_true(left > 0);
	assert_in_range(u.largest, 65536, 2 * 65536);
	pieces = u.pieces;
	/* A part that leaves less than 64 KB is enough; the program keeps it.
	 */
	evbuffer_drain(u.req->input_buffer,
	    EVBUFFER_LENGTH(u.req->input_buffer) - 65536);
	let_it_work(u.s.base);
	assert_int_equal(u.pieces, pieces);
	evbuffer_drain(u.req->input_buffer, 1);
	assert_int_equal(u.pieces, pieces); /* never inside */
	let_it_work(u.s.base);
	assert_true(u.pieces > pieces);
	u.keeps = false;
	evbuffer_drain(u.req->input_buffer,
	    EVBUFFER_LENGTH(u.req->input_buffer));
	send_rest(&u, left);
	say(&u.c, tail);
	expect_answers(&u.c, "200:x");
	assert_log("head:/a handled:0");
	close_upload(&u);
}

TEST(http_reading_pauses_at_64_kilobytes_until_some_is_drained)
{
	pauses_and_resumes(POST("33554432"), "");
	pauses_and_resumes(CHUNKED "2000000\r\n", "\r\n0\r\n\r\n");
}

/* The whole body arrives before the program drains anything. */
TEST(http_end_of_a_body_that_paused_comes_to_the_handler)
{
	struct upload u = {.keeps = true};

	open_whole_upload(&u);
	evbuffer_drain(u.req->input_buffer, 60000);
	expect_answers(&u.c, "200:x");
	assert_log("head:/a handled:40000");
	close_upload(&u);
}

/*
 * The client has sent everything; only the program is slow, which must not time
 * out.
 */
TEST(http_time_does_not_run_while_a_body_is_paused)
{
	struct upload u = {.keeps = true};
	char chunk[1005];

	open_upload(&u);
	say(&u.c, CHUNKED);
	memset(chunk, 'x', sizeof(chunk));
	memcpy(chunk, "3e8\r\n", 5);
	for (int i = 0; i < 70; i++) {
		say_bytes(&u.c, chunk, sizeof(chunk));
		say(&u.c, "\r\n");
	}
	say(&u.c, "0\r\n\r\n");
	for (int i = 0; i < 20; i++)
		let_it_work(u.s.base);
	assert_in_range(EVBUFFER_LENGTH(u.req->input_buffer), 65536, 69999);
	evhttp_connection_set_timeout_tv(u.req->evcon, MSEC(20));
	spin(100);
	let_it_work(u.s.base);
	assert_log("head:/a");
	evhttp_connection_set_timeout_tv(u.req->evcon, NULL);
	u.keeps = false;
	evbuffer_drain(u.req->input_buffer,
	    EVBUFFER_LENGTH(u.req->input_buffer));
	expect_answers(&u.c, "200:x");
	assert_log("handled:0");
	close_upload(&u);
}

TEST(http_pause_ends_with_the_client)
{
	struct upload u = {.keeps = true};

	open_upload(&u);
	say(&u.c, POST("33554432"));
	fill_up(&u, 32 << 20);
	client_reset(&u.c);
	let_it_work(u.s.base);
	assert_log("head:/a");
	u.keeps = false;
	evbuffer_drain(u.req->input_buffer,
	    EVBUFFER_LENGTH(u.req->input_buffer));
	await_connections(&u.s, 0);
	assert_log("error:3 closed");
	server_close(&u.s);
}

/* --- answers before the body has arrived --- */

static void
answer_now(struct upload *u)
{
	u->at_head = u->at_piece = NULL;
	reply_text(u->req, "early");
}

static void
refuse_now(struct upload *u)
{
	u->at_head = u->at_piece = NULL;
	evhttp_send_error(u->req, 403, "No");
}

static void
begin_now(struct upload *u)
{
	u->at_head = u->at_piece = NULL;
	evhttp_send_reply_start(u->req, 200, "OK");
	send_chunk(u->req, "part");
}

TEST(http_answer_in_the_header_callback_has_the_body_dropped)
{
	struct upload u = {.at_head = answer_now};

	open_upload(&u);
	say(&u.c, POST("6"));
	expect_answers(&u.c, "200:early");
	say(&u.c, "ryeoatGET /b HTTP/1.1\r\n\r\n");
	expect_answers(&u.c, "200:early 200:x");
	assert_log("head:/a head:/b handled:0");
	assert_int_equal(u.pieces, 0);
	close_upload(&u);
}

TEST(http_answer_in_the_chunked_callback_has_the_rest_dropped)
{
	struct upload u = {.at_piece = answer_now};

	open_upload(&u);
	say(&u.c, POST("6") "rye");
	expect_answers(&u.c, "200:early");
	say(&u.c, "oatGET /b HTTP/1.1\r\n\r\n");
	expect_answers(&u.c, "200:early 200:x");
	assert_log("head:/a head:/b handled:0");
	assert_int_equal(u.pieces, 1);
	close_upload(&u);
}

TEST(http_answer_at_the_last_piece_is_the_only_one)
{
	struct upload u = {.at_piece = answer_now};

	open_upload(&u);
	say(&u.c, POST("3") "rye" CHUNKED "3\r\nrye\r\n0\r\n\r\n");
	expect_answers(&u.c, "200:early 200:x");
	assert_log("head:/a head:/a handled:0");
	close_upload(&u);
}

TEST(http_error_in_the_header_callback_can_be_read_while_the_body_comes)
{
	struct upload u = {.at_head = refuse_now};

	open_upload(&u);
	say(&u.c, POST("4194304"));
	send_rest(&u, 4 << 20);
	expect_end(&u.c, "403");
	assert_false(u.c.was_reset);
	assert_log("head:/a closed");
	close_upload(&u);
}

/*
 * The server would have to read 16 MB more and drop them, so it closes the
 * connection.
 */
TEST(http_answer_before_a_large_body_can_be_read_and_ends_the_connection)
{
	struct upload u = {.at_head = answer_now};

	open_upload(&u);
	say(&u.c, POST("8388608"));
	send_rest(&u, 8 << 20);
	expect_end(&u.c, "200:early");
	assert_false(u.c.was_reset);
	close_upload(&u);
}

TEST(http_answer_begun_in_a_callback_continues_while_the_body_is_dropped)
{
	for (int at_piece = 0; at_piece < 2; at_piece++) {
		struct upload u = {.keeps = false};

		*(at_piece ? &u.at_piece : &u.at_head) = begin_now;
		open_upload(&u);
		say(&u.c, POST("6") "rye");
		let_it_work(u.s.base);
		let_it_work(u.s.base);
		assert_non_null(strstr(u.c.got, "part"));
		say(&u.c, "oat");
		let_it_work(u.s.base);
		send_chunk(u.req, "ly");
		evhttp_send_reply_end(u.req);
		expect_answers(&u.c, "200:partly");
		say(&u.c, "GET /b HTTP/1.1\r\n\r\n");
		expect_answers(&u.c, "200:partly 200:x");
		assert_log("head:/a head:/b handled:0");
		close_upload(&u);
	}
}

static int
answer_new_cb(struct evhttp_request *req, void *arg)
{
	struct upload *u = arg;

	u->req = req;
	if (u->at_head != NULL)
		u->at_head(u);
	return 0;
}

static void
open_answering(struct upload *u)
{
	open_upload(u);
	evhttp_set_newreqcb(u->s.http, answer_new_cb, u);
}

TEST(http_answer_to_a_request_that_is_not_read_yet_ends_the_connection)
{
	struct upload u = {.at_head = answer_now};

	open_answering(&u);
	say(&u.c, POST("3"));
	expect_end(&u.c, "200:early");
	assert_non_null(strstr(u.c.got, "HTTP/1.1 200 OK"));
	assert_non_null(strstr(u.c.got, "Connection: close"));
	assert_log("");
	close_upload(&u);
}

TEST(http_answer_in_the_middle_of_a_head_ends_the_connection)
{
	struct upload u = {.at_head = NULL};

	open_answering(&u);
	say(&u.c, "GET /a HTTP/1.1\r\nA: b");
	let_it_work(u.s.base);
	reply_text(u.req, "early");
	let_it_work(u.s.base);
	say(&u.c, "\r\n\r\nGET /b HTTP/1.1\r\n\r\n");
	expect_end(&u.c, "200:early");
	assert_log("");
	close_upload(&u);
}

TEST(http_request_whose_body_is_paused_may_be_answered)
{
	struct upload u = {.keeps = true};
	size_t left;

	open_upload(&u);
	say(&u.c, POST("33554432"));
	left = fill_up(&u, 32 << 20);
	reply_text(u.req, "early");
	expect_answers(&u.c, "200:early");
	send_rest(&u, left < (4 << 20) ? left : 4 << 20);
	expect_end(&u.c, "200:early");
	assert_log("head:/a closed");
	close_upload(&u);
}

/* --- 100 Continue --- */

TEST(http_100_is_not_sent_if_the_header_callback_answers)
{
	struct upload u = {.at_head = refuse_now};

	open_upload(&u);
	say(&u.c, "POST /a HTTP/1.1\r\nExpect: 100-continue\r\n"
		  "Content-Length: 5\r\n\r\n");
	expect_answers(&u.c, "403");
	assert_string_equal(first_field(&u.c, "Connection"), "close");
	close_upload(&u);
}

TEST(http_100_is_not_sent_for_a_body_over_the_limit)
{
	struct upload u = {.keeps = false};

	open_upload(&u);
	evhttp_set_max_body_size(u.s.http, 4);
	client_close(&u.c);
	let_it_work(u.s.base);
	client_open(&u.c, &u.s);
	say(&u.c, "POST /a HTTP/1.1\r\nExpect: 100-continue\r\n"
		  "Content-Length: 5\r\n\r\n");
	expect_answers(&u.c, "413");
	assert_null(strstr(noted(), "handled"));
	close_upload(&u);
}

TEST(http_100_is_not_sent_for_a_body_that_has_begun_to_come)
{
	struct upload u = {.keeps = false};

	open_upload(&u);
	say(&u.c, "POST /a HTTP/1.1\r\nExpect: 100-continue\r\n"
		  "Content-Length: 5\r\n\r\nhello");
	expect_answers(&u.c, "200:x");
	close_upload(&u);
}

/* --- requests after one another --- */

TEST(http_uploads_in_one_packet_are_taken_in_order)
{
	struct upload u = {.keeps = false};

	open_upload(&u);
	say(&u.c, POST("3") "rye" CHUNKED "3\r\noat\r\n0\r\n\r\n" POST("0")
		      POST("5") "wheat");
	expect_answers(&u.c, "200:x 200:x 200:x 200:x");
	assert_log("head:/a handled:0 head:/a handled:0 head:/a handled:0 "
		   "head:/a handled:0");
	assert_int_equal(u.seen, 11);
	close_upload(&u);
}
