/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP client: what is sent, byte for byte, and when.
 */
#include "support/queue.h"

#include "test.h"
#include "http_client.h"
#include "http_client_golden.h"

#include <fcntl.h>
#include <netinet/tcp.h>

static struct evhttp_request *
golden_request(const struct golden *g, char *name)
{
	struct evhttp_request *req = new_request(name);

	req->flags |= g->flags;
	for (const struct golden_header *h = g->headers; h->key != NULL; h++)
		assert_int_equal(evhttp_add_header(req->output_headers, h->key,
				     h->value),
		    0);
	evbuffer_add(req->output_buffer, g->body, strlen(g->body));
	return req;
}

/* Sends the request, and waits for as many bytes as are expected. */
static void
check_sent(const struct golden *g)
{
	const struct step script[] = {BYTES(strlen(g->request)), SEND(OK_X),
	    END};
	struct client c;

	print_message("%s\n", g->what);
	n_answers = 0;
	SET_UP(&c, script);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	assert_int_equal(evhttp_make_request(c.evcon, golden_request(g, "a"),
			     g->type, g->uri),
	    0);
	if (g->type == EVHTTP_REQ_HEAD)
		wait_for(&c, c.origin.peer[0].used > 0);
	else
		await_answers(&c, 1);
	assert_string_equal(c.origin.peer[0].got, g->request);
	note_clear();
	client_tear_down(&c);
}

TEST(requests_are_the_recorded_bytes)
{
	for (size_t i = 0;
	     i < sizeof golden_requests / sizeof golden_requests[0]; i++)
		check_sent(&golden_requests[i]);
}

TEST(folded_header_is_sent_folded, DIFFERS(V21, "refuses to add it"))
{
	check_sent(&folded);
}

TEST(get_with_a_body_has_a_content_length, DIFFERS(V14, "adds no length"),
    DIFFERS(V21, "adds no length"))
{
	check_sent(&body_of_get);
}

TEST(empty_uri_is_sent_as_a_slash, DIFFERS(V14, "sends two blanks"),
    DIFFERS(V21, "sends two blanks"))
{
	check_sent(&empty_uri);
}

TEST(post_in_chunks_gets_no_content_length, DIFFERS(V14, "adds one"),
    DIFFERS(V21, "adds one"))
{
	check_sent(&own_chunks);
}

TEST(version_1_0_is_sent_where_the_program_sets_it)
{
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, serve_x);
	req = new_request("a");
	req->major = 1;
	req->minor = 0;
	evhttp_add_header(req->output_headers, "Host", "shop.example");
	assert_int_equal(evhttp_make_request(c.evcon, req, EVHTTP_REQ_GET,
			     "/loaf"),
	    0);
	await_answers(&c, 1);
	assert_string_equal(c.origin.peer[0].got,
	    "GET /loaf HTTP/1.0\r\nHost: shop.example\r\n\r\n");
	client_tear_down(&c);
}

/*
 * What can not be sent.
 */

/* A request that is refused stays valid, has no callback, and leaves nothing
 * for the next one. */
static void
check_refused(enum evhttp_cmd_type type, const char *uri)
{
	struct evhttp_request *req = evhttp_request_new(never_cb, NULL);
	struct client c;

	SET_UP(&c, serve_x);
	assert_int_equal(evhttp_make_request(c.evcon, req, type, uri), -1);
	client_run_passes(&c);
	assert_int_equal(c.origin.accepted, 0);
	assert_int_equal(req->response_code, 0);
	get(&c, "b");
	await_answers(&c, 1);
	client_run_passes(&c);
	assert_log("b:200 <x>");
	assert_string_equal(c.origin.peer[0].got, "GET /b HTTP/1.1\r\n\r\n");
	client_tear_down(&c);
}

#define SENDS_IT "sends it as it is"

TEST(uri_with_a_line_end_is_refused, DIFFERS(V14, SENDS_IT),
    DIFFERS(V21, SENDS_IT))
{
	check_refused(EVHTTP_REQ_GET, "/a HTTP/1.1\r\nX: y");
}

TEST(uri_with_a_cr_is_refused, DIFFERS(V14, SENDS_IT), DIFFERS(V21, SENDS_IT))
{
	check_refused(EVHTTP_REQ_GET, "/a\rb");
}

TEST(uri_with_a_lf_is_refused, DIFFERS(V14, SENDS_IT), DIFFERS(V21, SENDS_IT))
{
	check_refused(EVHTTP_REQ_GET, "/a\nb");
}

TEST(type_outside_the_enum_is_refused, DIFFERS(V14, "sends \"(null)\""),
    DIFFERS(V21, "sends \"(null)\""))
{
	check_refused((enum evhttp_cmd_type)4711, "/a");
}

/* A header in a list that the program builds by itself. */
static void
add_directly(struct evhttp_request *req, const char *key, const char *value)
{
	struct evkeyval *h = calloc(1, sizeof *h);

	assert_non_null(h);
	h->key = strdup(key);
	h->value = strdup(value);
	TAILQ_INSERT_TAIL(req->output_headers, h, next);
}

static void
check_directly(const char *value, const char *sent)
{
	struct evhttp_request *req;
	struct client c;
	char expected[200];

	SET_UP(&c, serve_x);
	req = new_request("a");
	add_directly(req, "A", value);
	send_request(&c, req, EVHTTP_REQ_GET);
	await_answers(&c, 1);
	snprintf(expected, sizeof expected, "GET /a HTTP/1.1\r\nA: %s\r\n\r\n",
	    sent);
	assert_string_equal(c.origin.peer[0].got, expected);
	client_tear_down(&c);
}

TEST(header_put_into_the_list_directly_is_sent)
{
	check_directly("b", "b");
}

TEST(line_end_in_a_header_that_the_program_added_directly_ends_no_line,
    DIFFERS(V14, SENDS_IT), DIFFERS(V21, SENDS_IT))
{
	check_directly("b\r\nC: d", "b  C: d");
}

TEST(lf_in_a_header_that_the_program_added_directly_ends_no_line,
    DIFFERS(V14, SENDS_IT), DIFFERS(V21, SENDS_IT))
{
	check_directly("b\nC: d", "b C: d");
}

TEST(cr_in_a_header_that_the_program_added_directly_becomes_a_blank,
    DIFFERS(V14, SENDS_IT), DIFFERS(V21, SENDS_IT))
{
	check_directly("b\rC: d", "b C: d");
}

TEST(line_end_after_a_header_added_directly_ends_no_head,
    DIFFERS(V14, SENDS_IT), DIFFERS(V21, SENDS_IT))
{
	check_directly("b\r\n", "b  ");
}

TEST(fold_in_a_header_that_the_program_added_directly_is_sent_unchanged)
{
	check_directly("b\r\n\tC: d", "b\r\n\tC: d");
}

/*
 * When.
 */

TEST(next_request_is_sent_when_the_answer_before_it_is_complete)
{
	static const struct step script[] = {REQUEST,
	    SEND("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx"), STALL,
	    SEND("y"), AGAIN};
	struct client c;

	SET_UP(&c, script);
	for (int i = 0; i < 3; i++)
		get(&c, (char *[]){"a", "b", "c"}[i]);
	for (int i = 0; i < 3; i++) {
		wait_for(&c, c.origin.peer[0].step->kind == STEP_STALL);
		client_run_passes(&c);
		assert_int_equal(c.origin.peer[0].requests, i + 1);
		assert_int_equal(c.origin.peer[0].len, c.origin.peer[0].used);
		assert_int_equal(n_answers, i);
		peer_resume(&c.origin.peer[0]);
		await_answers(&c, i + 1);
	}
	assert_log("a:200 <xy> b:200 <xy> c:200 <xy>");
	assert_int_equal(c.origin.accepted, 1);
	assert_string_equal(c.origin.peer[0].got, "GET /a HTTP/1.1\r\n\r\n"
						  "GET /b HTTP/1.1\r\n\r\n"
						  "GET /c HTTP/1.1\r\n\r\n");
	client_tear_down(&c);
}

/* The bytes are as recorded: three requests over one connection. */
TEST(requests_of_a_queue_are_sent_one_after_the_other)
{
	static char *const names[] = {"a", "b", "c"};
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, serve_x);
	for (int i = 0; i < 3; i++) {
		req = new_request(names[i]);
		evhttp_add_header(req->output_headers, "Host", "h");
		if (i == 1)
			evbuffer_add(req->output_buffer, "xy", 2);
		send_request(&c, req,
		    i == 1 ? EVHTTP_REQ_POST : EVHTTP_REQ_GET);
	}
	await_answers(&c, 3);
	assert_string_equal(c.origin.peer[0].got,
	    "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"
	    "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nxy"
	    "GET /c HTTP/1.1\r\nHost: h\r\n\r\n");
	client_tear_down(&c);
}

/* The bytes are as recorded: two requests, the first of which says close. */
TEST(request_that_says_close_is_the_last_of_its_connection)
{
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, serve_x, serve_y);
	req = new_request("a");
	evhttp_add_header(req->output_headers, "Host", "h");
	evhttp_add_header(req->output_headers, "Connection", "close");
	send_request(&c, req, EVHTTP_REQ_GET);
	req = new_request("b");
	evhttp_add_header(req->output_headers, "Host", "h");
	send_request(&c, req, EVHTTP_REQ_GET);
	await_answers(&c, 2);
	assert_log("closed a:200 <x> b:200 <y>");
	assert_string_equal(c.origin.peer[0].got,
	    "GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	assert_string_equal(c.origin.peer[1].got,
	    "GET /b HTTP/1.1\r\nHost: h\r\n\r\n");
	client_tear_down(&c);
}

TEST(body_is_sent_at_once_where_the_program_expects_100_continue,
    DIFFERS(V21, "waits for 100 Continue"))
{
	struct evhttp_request *req;
	struct client c;

	SET_UP(&c, serve_x);
	req = new_request("a");
	evhttp_add_header(req->output_headers, "Expect", "100-continue");
	evbuffer_add(req->output_buffer, "hello", 5);
	send_request(&c, req, EVHTTP_REQ_POST);
	await_answers(&c, 1);
	assert_log("a:200 <x>");
	assert_string_equal(c.origin.peer[0].got,
	    "POST /a HTTP/1.1\r\nExpect: 100-continue\r\n"
	    "Content-Length: 5\r\n\r\nhello");
	client_tear_down(&c);
}

TEST(post_of_1_mb_arrives_whole)
{
	const size_t len = 1 << 20;
	struct evhttp_request *req;
	char *body = malloc(len);
	struct client c;

	assert_non_null(body);
	for (size_t i = 0; i < len; i++)
		body[i] = 'a' + (char)(i * 2654435761u >> 24) % 26;
	SET_UP(&c, serve_x);
	req = new_request("a");
	evbuffer_add(req->output_buffer, body, len);
	send_request(&c, req, EVHTTP_REQ_POST);
	await_answers(&c, 1);
	assert_log("a:200 <x>");
	assert_true(c.origin.peer[0].len > len);
	assert_memory_equal(c.origin.peer[0].got + c.origin.peer[0].len - len,
	    body, len);
	free(body);
	client_tear_down(&c);
}

/*
 * An answer that comes before the request is written, which is far more than
 * the sockets take: the origin reads its head and no more.
 */

#define REFUSAL                                                                \
	"HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\n"                       \
	"Connection: close\r\n\r\nno"

static void
check_early(const struct step *script, const char *expected)
{
	struct client c;

	SET_UP(&c, script, serve_x);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	post_32_mb(&c, "a");
	get(&c, "b");
	await_answers(&c, 2);
	client_run_passes(&c);
	assert_log(expected);
	assert_int_equal(c.origin.accepted, 2);
	assert_true(c.origin.peer[0].len < 32 << 20);
	client_tear_down(&c);
}

TEST(answer_before_the_request_is_written_is_read,
    DIFFERS(V14, "does not read while it writes"),
    DIFFERS(V21, "does not read while it writes"))
{
	static const struct step script[] = {BYTES(100), STOP_READING,
	    SEND(REFUSAL), END};

	check_early(script, "a:413 <no> b:200 <x>");
}

TEST(answer_before_the_request_is_written_that_closes_is_read,
    DIFFERS(V14, "NULL for an answer"), DIFFERS(V21, "NULL for an answer"))
{
	static const struct step script[] = {BYTES(100), STOP_READING,
	    SEND(REFUSAL), CLOSE, END};

	check_early(script, "a:413 <no> b:200 <x>");
}

/*
 * The socket.
 */

static int
socket_flag(int fd, int level, int option)
{
	socklen_t len = sizeof(int);
	int value = 0;

	assert_int_equal(getsockopt(fd, level, option, &value, &len), 0);
	return value != 0;
}

TEST(socket_is_nonblocking)
{
	struct client c;

	client_set_up_idle(&c);
	assert_true(fcntl(client_fd(&c.origin.peer[0]), F_GETFL) & O_NONBLOCK);
	client_tear_down(&c);
}

TEST(socket_is_closed_on_exec, DIFFERS(V21, "is not"))
{
	struct client c;

	client_set_up_idle(&c);
	assert_true(fcntl(client_fd(&c.origin.peer[0]), F_GETFD) & FD_CLOEXEC);
	client_tear_down(&c);
}

TEST(socket_is_kept_alive_by_probes, DIFFERS(V21, "is not"))
{
	struct client c;

	client_set_up_idle(&c);
	assert_true(socket_flag(client_fd(&c.origin.peer[0]), SOL_SOCKET,
	    SO_KEEPALIVE));
	client_tear_down(&c);
}

TEST(socket_sends_small_pieces_at_once, DIFFERS(V14, "leaves Nagle's delay on"),
    DIFFERS(V21, "leaves Nagle's delay on"))
{
	struct client c;

	client_set_up_idle(&c);
	assert_true(socket_flag(client_fd(&c.origin.peer[0]), IPPROTO_TCP,
	    TCP_NODELAY));
	client_tear_down(&c);
}
