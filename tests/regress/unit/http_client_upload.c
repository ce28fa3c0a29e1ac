/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A client's request whose body the program gives in pieces:
 * evcompat_http_stream() and what goes with it.
 */
#include <evcompat.h>

#include "http_ours_client.h"
#include "wrap.h"

#define UPLOAD "POST /a HTTP/1.1\r\n"
#define CHUNKS UPLOAD "Transfer-Encoding: chunked\r\n\r\n"

/* The pieces that the callback for more gives, one in each call. */
struct upload {
	struct client c;
	struct evhttp_request *req;
	const char *const *pieces; /* "": the end; NULL: no more pieces */
	int asked;
	void (*inside)(struct upload *);
};

static int
give(struct upload *u, const char *text)
{
	struct evbuffer *buf = evbuffer_new();
	int result;

	assert_non_null(buf);
	evbuffer_add(buf, text, strlen(text));
	result = evcompat_http_stream_piece(u->req, buf);
	assert_int_equal(EVBUFFER_LENGTH(buf), result == 0 ? 0 : strlen(text));
	evbuffer_free(buf);
	return result;
}

static void
more_cb(struct evhttp_request *req, void *arg)
{
	struct upload *u = arg;
	const char *piece = u->pieces != NULL ? *u->pieces : NULL;

	assert_ptr_equal(req, u->req);
	u->asked++;
	if (u->inside != NULL) {
		u->inside(u);
		return;
	}
	if (piece == NULL)
		return;
	u->pieces++;
	if (piece[0] != '\0')
		assert_int_equal(give(u, piece), 0);
	else
		assert_int_equal(evcompat_http_stream_end(req), 0);
}

static void
set_up(struct upload *u, const struct step *script, ev_int64_t length,
    const char *const *pieces)
{
	memset(u, 0, sizeof(*u));
	n_answers = 0;
	note_clear();
	SET_UP(&u->c, script, serve_y);
	u->req = new_noting_request("a", false);
	u->pieces = pieces;
	assert_int_equal(evcompat_http_stream(u->req, length, more_cb, u), 0);
}

static void
send_it(struct upload *u)
{
	send_request(&u->c, u->req, EVHTTP_REQ_POST);
}

/*
 * Checks the whole request as the origin receives it, and the log after its
 * answer.
 */
static void
arrives(ev_int64_t length, const char *const *pieces, const char *bytes)
{
	const struct step script[] = {BYTES(strlen(bytes)), SEND(OK_X), END};
	struct upload u;

	set_up(&u, script, length, pieces);
	evhttp_add_header(u.req->output_headers, "Content-Length", "77");
	evhttp_add_header(u.req->output_headers, "Transfer-Encoding", "gzip");
	send_it(&u);
	await_answers(&u.c, 1);
	assert_string_equal(u.c.origin.peer[0].got, bytes);
	assert_log("a:200 <x>");
	get(&u.c, "b");
	client_run_passes(&u.c);
	assert_int_equal(u.c.origin.accepted, 1);
	client_tear_down(&u.c);
}

TEST(http_body_of_unknown_length_is_sent_in_chunks)
{
	static const char *const pieces[] = {"rye", "barley and oats", "",
	    NULL};

	arrives(-1, pieces,
	    CHUNKS "3\r\nrye\r\nf\r\nbarley and oats\r\n0\r\n\r\n");
}

TEST(http_body_of_known_length_is_sent_as_it_is)
{
	static const char *const pieces[] = {"rye", "oats", "", NULL};

	arrives(7, pieces, UPLOAD "Content-Length: 7\r\n\r\nryeoats");
}

TEST(http_streamed_body_may_be_empty)
{
	static const char *const pieces[] = {"", NULL};

	arrives(-1, pieces, CHUNKS "0\r\n\r\n");
	arrives(0, pieces, UPLOAD "Content-Length: 0\r\n\r\n");
}

TEST(http_output_buffer_is_the_first_piece)
{
	static const struct step script[] = {REQUEST, STALL, END};
	static const char *const pieces[] = {"oats", "", NULL};
	struct upload u;

	for (int i = 0; i < 2; i++) {
		set_up(&u, script, i == 0 ? -1 : 7, pieces);
		evbuffer_add(u.req->output_buffer, "rye", 3);
		send_it(&u);
		wait_for(&u.c, u.asked == 2);
		client_run_passes(&u.c);
		assert_string_equal(u.c.origin.peer[0].got,
		    i == 0 ? CHUNKS "3\r\nrye\r\n4\r\noats\r\n0\r\n\r\n"
			   : UPLOAD "Content-Length: 7\r\n\r\nryeoats");
		assert_int_equal(u.asked, 2);
		client_tear_down(&u.c);
	}
}

TEST(http_piece_may_come_at_any_time_after_the_first_call)
{
	static const struct step script[] = {REQUEST, STALL, END};
	static const char *const none[] = {NULL};
	struct upload u;

	set_up(&u, script, -1, none);
	send_it(&u);
	wait_for(&u.c, u.asked == 1);
	client_run_passes(&u.c);
	assert_int_equal(u.asked, 1);
	assert_int_equal(give(&u, ""), 0);
	client_run_passes(&u.c);
	assert_int_equal(u.asked, 1);
	assert_int_equal(give(&u, "rye"), 0);
	assert_int_equal(give(&u, "oats"), 0);
	client_run_passes(&u.c);
	assert_int_equal(u.asked, 2);
	assert_int_equal(evcompat_http_stream_end(u.req), 0);
	client_run_passes(&u.c);
	assert_int_equal(u.asked, 2);
	assert_string_equal(u.c.origin.peer[0].got,
	    CHUNKS "3\r\nrye\r\n4\r\noats\r\n0\r\n\r\n");
	client_tear_down(&u.c);
}

TEST(http_callback_of_a_streamed_body_may_be_missing)
{
	static const struct step script[] = {REQUEST, STALL, END};
	struct upload u;

	set_up(&u, script, -1, NULL);
	assert_int_equal(evcompat_http_stream(u.req, 3, NULL, NULL), 0);
	send_it(&u);
	wait_for(&u.c, u.c.origin.peer[0].len > 0);
	assert_int_equal(give(&u, "rye"), 0);
	assert_int_equal(evcompat_http_stream_end(u.req), 0);
	client_run_passes(&u.c);
	assert_string_equal(u.c.origin.peer[0].got,
	    UPLOAD "Content-Length: 3\r\n\r\nrye");
	client_tear_down(&u.c);
}

/* --- back-pressure --- */

#define PIECE 65536
#define PIECES 1024

struct flood {
	struct client c;
	int given;
	size_t most; /* bytes of memory, the maximum */
	long before;
};

static void
flood_cb(struct evhttp_request *req, void *arg)
{
	static char block[PIECE];
	struct flood *f = arg;
	struct evbuffer *buf;

	if (counts.bytes - f->before > (long)f->most)
		f->most = (size_t)(counts.bytes - f->before);
	if (f->given++ == PIECES) {
		assert_int_equal(evcompat_http_stream_end(req), 0);
		return;
	}
	buf = evbuffer_new();
	evbuffer_add(buf, block, sizeof(block));
	assert_int_equal(evcompat_http_stream_piece(req, buf), 0);
	evbuffer_free(buf);
}

/* Reads the request from a socket, and answers at its end. */
static void
swallow(struct client *c, int fd)
{
	static char block[1048576];
	size_t all = 0, whole = 0;
	ssize_t n;

	while (n_answers == 0) {
		n = recv(fd, block, sizeof(block) - 1, MSG_DONTWAIT);
		if (n > 0 && whole == 0) {
			block[n] = '\0';
			assert_non_null(strstr(block, "\r\n\r\n"));
			whole = (size_t)(strstr(block, "\r\n\r\n") + 4 - block);
			whole += (size_t)PIECE * PIECES;
		}
		all += n > 0 ? (size_t)n : 0;
		if (whole > 0 && all == whole) {
			send(fd, OK_X, sizeof(OK_X) - 1, MSG_NOSIGNAL);
			whole++;
		}
		base_pass(c->base);
	}
}

TEST(http_body_of_any_length_costs_no_more_than_some_pieces)
{
	struct flood f = {0};
	struct evhttp_request *req;
	int fd;

	n_answers = 0;
	note_clear();
	SET_UP(&f.c, serve_x);
	event_del(&f.c.origin.accept_ev);
	req = new_noting_request("a", false);
	assert_int_equal(evcompat_http_stream(req, (ev_int64_t)PIECE * PIECES,
			     flood_cb, &f),
	    0);
	send_request(&f.c, req, EVHTTP_REQ_POST);
	do {
		base_pass(f.c.base);
		fd = accept(f.c.origin.listener, NULL, NULL);
	} while (fd == -1);
	f.before = counts.bytes;
	for (int i = 0; i < 10000 && f.given < PIECES; i++)
		event_base_loop(f.c.base, EVLOOP_NONBLOCK);
	/*
	 * The origin does not read: the sockets are full, and the callback is
	 * not called.
	 */
	assert_in_range(f.given, 1, PIECES - 1);
	swallow(&f.c, fd);
	assert_int_equal(f.given, PIECES + 1);
	assert_log("a:200 <x>");
	/* 64 MB were sent; the thread keeps at most 1 MB of spare blocks. */
	assert_in_range(f.most, 1, 32 * PIECE);
	close(fd);
	origin_stop_listening(&f.c.origin);
	client_tear_down(&f.c);
}

/* --- time --- */

TEST(http_program_that_is_slow_with_a_body_is_not_timed_out)
{
	static const struct step script[] = {
	    BYTES(sizeof(CHUNKS "3\r\nrye\r\n0\r\n\r\n") - 1), SEND(OK_X), END};
	static const char *const none[] = {NULL};
	struct timeval limit = {0, 200000};
	struct upload u;

	set_up(&u, script, -1, none);
	evhttp_connection_set_timeout_tv(u.c.evcon, &limit);
	send_it(&u);
	wait_for(&u.c, u.asked == 1);
	idle_for(&u.c, 500);
	assert_int_equal(give(&u, "rye"), 0);
	idle_for(&u.c, 500);
	assert_int_equal(evcompat_http_stream_end(u.req), 0);
	await_answers(&u.c, 1);
	assert_log("a:200 <x>");
	client_tear_down(&u.c);
}

TEST(http_server_that_is_silent_after_a_streamed_body_is_timed_out)
{
	static const struct step script[] = {STALL, END};
	static const char *const pieces[] = {"rye", "", NULL};
	struct timeval limit = {0, 200000};
	struct upload u;
	double begin;

	set_up(&u, script, -1, pieces);
	evhttp_connection_set_timeout_tv(u.c.evcon, &limit);
	send_it(&u);
	begin = now_ms();
	await_answers(&u.c, 1);
	assert_true(now_ms() - begin >= 200);
	assert_log("closed a:error:0 a:NULL");
	client_tear_down(&u.c);
}

TEST(http_server_that_does_not_read_a_streamed_body_is_timed_out)
{
	struct timeval limit = {0, 200000};
	struct flood f = {0};
	struct evhttp_request *req;

	n_answers = 0;
	note_clear();
	SET_UP(&f.c, serve_x);
	event_del(&f.c.origin.accept_ev);
	evhttp_connection_set_timeout_tv(f.c.evcon, &limit);
	req = new_noting_request("a", false);
	assert_int_equal(evcompat_http_stream(req, -1, flood_cb, &f), 0);
	send_request(&f.c, req, EVHTTP_REQ_POST);
	await_answers(&f.c, 1);
	assert_log("closed a:error:0 a:NULL");
	assert_in_range(f.given, 1, PIECES);
	client_tear_down(&f.c);
}

/* --- early ends --- */

TEST(http_answer_before_the_end_of_a_body_is_the_end_of_the_request)
{
	static const struct step script[] = {
	    BYTES(sizeof(CHUNKS "3\r\nrye\r\n") - 1), SEND(OK_X), END};
	static const char *const pieces[] = {"rye", NULL};
	struct upload u;

	set_up(&u, script, -1, pieces);
	evhttp_request_own(u.req);
	send_it(&u);
	await_answers(&u.c, 1);
	assert_log("closed a:200 <x>");
	assert_int_equal(give(&u, "oats"), -1);
	assert_int_equal(evcompat_http_stream_end(u.req), -1);
	get(&u.c, "b");
	await_answers(&u.c, 2);
	assert_log("b:200 <y>");
	assert_int_equal(u.c.origin.accepted, 2);
	evhttp_request_free(u.req);
	client_tear_down(&u.c);
}

TEST(http_server_that_closes_in_a_streamed_body_ends_the_request_once)
{
	static const struct step script[] = {
	    BYTES(sizeof(CHUNKS "3\r\nrye\r\n") - 1), CLOSE, END};
	static const char *const pieces[] = {"rye", NULL};
	struct upload u;

	set_up(&u, script, -1, pieces);
	send_it(&u);
	await_answers(&u.c, 1);
	client_run_passes(&u.c);
	assert_int_equal(n_answers, 1);
	assert_log("closed a:error:1 a:0");
	client_tear_down(&u.c);
}

/* The server may have closed the connection before the request began. */
TEST(http_streamed_body_is_never_sent_twice)
{
	static const char *const pieces[] = {"rye", "", NULL};
	struct upload u;

	set_up(&u, serve_x, -1, pieces);
	get(&u.c, "c");
	await_answers(&u.c, 1);
	client_run_passes(&u.c);
	close_unseen_by_the_loop(&u.c.origin.peer[0]);
	note_clear();
	send_request(&u.c, u.req, EVHTTP_REQ_GET);
	await_answers(&u.c, 2);
	assert_true(strstr(noted(), "a:200") == NULL ||
		    u.c.origin.peer[1].requests == 1);
	assert_in_range(u.asked, 0, 3);
	client_tear_down(&u.c);
}

/* --- what is freed inside --- */

static void
free_request_inside(struct upload *u)
{
	evhttp_request_free(u->req);
	u->req = NULL;
}

static void
cancel_inside(struct upload *u)
{
	evhttp_cancel_request(u->req);
	u->req = NULL;
}

static void
free_connection_inside(struct upload *u)
{
	client_free_connection(&u->c);
	u->req = NULL;
}

TEST(http_callback_of_a_streamed_body_may_free_request_and_connection)
{
	static void (*const actions[])(struct upload *) = {free_request_inside,
	    cancel_inside, free_connection_inside};
	static const struct step script[] = {STALL, END};
	struct upload u;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		set_up(&u, script, -1, NULL);
		u.inside = actions[i];
		send_it(&u);
		wait_for(&u.c, u.asked == 1);
		client_run_passes(&u.c);
		assert_int_equal(u.asked, 1);
		assert_int_equal(n_answers, 0);
		if (u.c.evcon != NULL) {
			get(&u.c, "b");
			await_answers(&u.c, 1);
		}
		client_tear_down(&u.c);
	}
}

/* --- mistakes --- */

TEST(http_streaming_is_refused_where_it_makes_no_sense)
{
	static const struct step script[] = {STALL, END};
	static const char *const none[] = {NULL};
	struct upload u;

	set_up(&u, script, 5, none);
	errno = 0;
	assert_int_equal(evcompat_http_stream(u.req, -2, more_cb, &u), -1);
	assert_int_equal(errno, EINVAL);
	errno = 0;
	assert_int_equal(give(&u, "rye"), -1);
	assert_int_equal(errno, ENOTCONN);
	send_it(&u);
	errno = 0;
	assert_int_equal(give(&u, "rye"), -1);
	assert_int_equal(errno, ENOTCONN);
	assert_int_equal(evcompat_http_stream(u.req, 5, more_cb, &u), -1);
	wait_for(&u.c, u.asked == 1);
	errno = 0;
	assert_int_equal(give(&u, "barley"), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(give(&u, "rye"), 0);
	errno = 0;
	assert_int_equal(evcompat_http_stream_end(u.req), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(give(&u, "ee"), 0);
	assert_int_equal(evcompat_http_stream_end(u.req), 0);
	errno = 0;
	assert_int_equal(evcompat_http_stream_end(u.req), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(give(&u, ""), -1);
	u.req = new_noting_request("b", false);
	assert_int_equal(give(&u, "rye"), -1);
	evhttp_request_free(u.req);
	client_tear_down(&u.c);
}

TEST(http_1_0_has_no_chunks_and_a_length_no_less_than_the_first_piece)
{
	static const char *const none[] = {NULL};
	struct upload u;

	set_up(&u, serve_x, -1, none);
	u.req->major = 1;
	u.req->minor = 0;
	assert_int_equal(evhttp_make_request(u.c.evcon, u.req, EVHTTP_REQ_POST,
			     "/a"),
	    -1);
	u.req = new_noting_request("b", false);
	evbuffer_add(u.req->output_buffer, "barley", 6);
	assert_int_equal(evcompat_http_stream(u.req, 5, more_cb, &u), 0);
	assert_int_equal(evhttp_make_request(u.c.evcon, u.req, EVHTTP_REQ_POST,
			     "/b"),
	    -1);
	client_tear_down(&u.c);
}

TEST(http_owned_request_that_is_sent_again_is_not_streamed_again)
{
	static const struct step script[] = {REQUEST, STALL, SEND(OK_X),
	    REQUEST, SEND(OK_X), END};
	static const char *const pieces[] = {"rye", "", NULL};
	struct upload u;

	set_up(&u, script, 3, pieces);
	evhttp_request_own(u.req);
	send_it(&u);
	wait_for(&u.c, u.asked == 2);
	client_run_passes(&u.c);
	peer_resume(&u.c.origin.peer[0]);
	await_answers(&u.c, 1);
	u.c.origin.peer[0].used = u.c.origin.peer[0].len;
	send_request(&u.c, u.req, EVHTTP_REQ_GET);
	await_answers(&u.c, 2);
	assert_int_equal(u.asked, 2);
	assert_non_null(strstr(u.c.origin.peer[0].got, "GET /a HTTP/1.1\r\n"));
	evhttp_request_free(u.req);
	client_tear_down(&u.c);
}

TEST(http_servers_request_is_not_streamed)
{
	struct evhttp_request *req = evhttp_request_new(NULL, NULL);

	req->flags |= EVHTTP_REQ_OWN_CONNECTION;
	errno = 0;
	assert_int_equal(evcompat_http_stream(req, -1, NULL, NULL), -1);
	assert_int_equal(errno, EINVAL);
	req->flags = 0;
	fail_alloc(1);
	assert_int_equal(evcompat_http_stream(req, -1, NULL, NULL), -1);
	fail_alloc(0);
	evhttp_request_free(req);
}
