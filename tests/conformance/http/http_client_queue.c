/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HTTP client: requests that wait, and when a connection is kept for them.
 */
#include "test.h"
#include "http_client.h"

static char *
name_of(int i)
{
	static char names[300][8];

	snprintf(names[i], sizeof names[i], "%d", i);
	return names[i];
}

static int in_order;

static void
count_in_order_cb(struct evhttp_request *req, void *name)
{
	n_answers++;
	if (req != NULL && req->response_code == 200 && atoi(name) == in_order)
		in_order++;
}

TEST(queue_of_300_requests_goes_over_one_connection_in_order)
{
	struct evhttp_request *req;
	struct client c;
	char *at, line[32];

	SET_UP(&c, serve_x);
	for (int i = 0; i < 300; i++) {
		req = evhttp_request_new(count_in_order_cb, name_of(i));
		send_request(&c, req, EVHTTP_REQ_GET);
	}
	await_answers(&c, 300);
	client_run_passes(&c);
	assert_int_equal(n_answers, 300);
	assert_int_equal(in_order, 300);
	assert_int_equal(c.origin.accepted, 1);
	assert_int_equal(c.origin.peer[0].requests, 300);
	at = c.origin.peer[0].got;
	for (int i = 0; i < 300; i++) {
		snprintf(line, sizeof line, "GET /%d HTTP/1.1\r\n\r\n", i);
		assert_memory_equal(at, line, strlen(line));
		at += strlen(line);
	}
	client_tear_down(&c);
}

/*
 * After a first answer, the second request goes over the same connection, or
 * over another.
 */

enum fate {
	KEPT,
	CLOSED
};

struct first {
	const char *what;
	const char *answer;
	const char *header[2]; /* what the request notes */
	const char *expected;  /* what the first request notes, and its closecb
				  if the connection closes */
	int flags;
};

static void
check_fate(const struct first *f, enum fate fate)
{
	const struct step script[] = {REQUEST, SEND_TEXT(f->answer), REQUEST,
	    SEND(OK_1("y")), END};
	struct evhttp_request *req;
	struct client c;
	char expected[200];

	print_message("%s\n", f->what);
	n_answers = 0;
	SET_UP(&c, script, serve_y);
	if (strstr(f->expected, "closed") == NULL)
		evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	req = new_request("a");
	req->flags |= f->flags;
	if (f->header[0] != NULL)
		evhttp_add_header(req->output_headers, f->header[0],
		    f->header[1]);
	send_request(&c, req, EVHTTP_REQ_GET);
	get(&c, "b");
	await_answers(&c, 2);
	client_run_passes(&c);
	snprintf(expected, sizeof expected, "%s b:200 <y>", f->expected);
	assert_log(expected);
	assert_int_equal(c.origin.accepted, fate == KEPT ? 1 : 2);
	assert_int_equal(c.origin.peer[0].client_closed, fate == CLOSED);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	client_tear_down(&c);
}

#define check_fates(table, fate)                                               \
	do {                                                                   \
		for (size_t i = 0; i < sizeof(table) / sizeof(table)[0]; i++)  \
			check_fate(&(table)[i], fate);                         \
	} while (0)

static const struct first kept[] = {
    {"1.1", OK_X, {NULL}, "a:200 <x>", 0},
    {"keep-alive",
	"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n"
	"Content-Length: 1\r\n\r\nx",
	{NULL}, "a:200 <x>", 0},
    {"1.0 and keep-alive",
	"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n"
	"Content-Length: 1\r\n\r\nx",
	{"Connection", "keep-alive"}, "a:200 <x>", 0},
    {"chunks",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	"1\r\nx\r\n0\r\n\r\n",
	{NULL}, "a:200 <x>", 0},
    {"no content", "HTTP/1.1 204 No\r\n\r\n", {NULL}, "a:204", 0},
    {"an error", "HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", {NULL},
	"a:500", 0},
};

TEST(connection_is_kept_for_the_next_request)
{
	check_fates(kept, KEPT);
}

static const struct first closed[] = {
    {"the answer says close",
	"HTTP/1.1 200 OK\r\nConnection: close\r\n"
	"Content-Length: 1\r\n\r\nx",
	{NULL}, "closed a:200 <x>", 0},
    {"the answer says CLOSE",
	"HTTP/1.1 200 OK\r\nconnection: CLOSE\r\n"
	"Content-Length: 1\r\n\r\nx",
	{NULL}, "closed a:200 <x>", 0},
    {"the program says close", OK_X, {"Connection", "close"},
	"closed a:200 <x>", 0},
    {"a proxy closes",
	"HTTP/1.1 200 OK\r\nConnection: close\r\n"
	"Proxy-Connection: close\r\nContent-Length: 1\r\n\r\nx",
	{NULL}, "closed a:200 <x>", EVHTTP_PROXY_REQUEST},
};

TEST(connection_that_either_side_closes_is_closed_before_the_callback)
{
	check_fates(closed, CLOSED);
}

static const struct first proxy = {"a proxy", OK_X, {NULL}, "a:200 <x>",
    EVHTTP_PROXY_REQUEST};

TEST(connection_to_a_proxy_is_kept, DIFFERS(V14, "closes it always"),
    DIFFERS(V21, "closes it always"))
{
	check_fate(&proxy, KEPT);
}

static const struct first old = {"1.0",
    "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", {NULL}, "a:200 <x>", 0};

TEST(connection_is_not_kept_after_an_answer_of_1_0, DIFFERS(V14, "keeps it"),
    DIFFERS(V21, "keeps it"))
{
	check_fate(&old, CLOSED);
}

static const struct first listed = {"a list",
    "HTTP/1.1 200 OK\r\nConnection: foo, close\r\n"
    "Content-Length: 1\r\n\r\nx",
    {NULL}, "closed a:200 <x>", 0};

TEST(close_in_a_list_closes, DIFFERS(V14, "looks at the first word"),
    DIFFERS(V21, "looks at the first word"))
{
	check_fate(&listed, CLOSED);
}

static const struct first second_line = {"two lines",
    "HTTP/1.1 200 OK\r\nConnection: foo\r\nConnection: close\r\n"
    "Content-Length: 1\r\n\r\nx",
    {NULL}, "closed a:200 <x>", 0};

TEST(close_in_a_second_header_closes, DIFFERS(V14, "looks at the first"),
    DIFFERS(V21, "looks at the first"))
{
	check_fate(&second_line, CLOSED);
}

/* One answer and the beginning of another: never another request's. */
static const struct first too_much = {"too much",
    OK_X "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", {NULL},
    "a:200 <x>", 0};

TEST(bytes_after_an_answer_are_not_the_next_answer,
    DIFFERS(V14, "takes them for it"), DIFFERS(V21, "takes them for it"))
{
	check_fate(&too_much, CLOSED);
}

static const struct first too_long = {"too long",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxyz", {NULL}, "a:200 <x>", 0};

TEST(body_longer_than_its_length_does_not_fail_the_next_request,
    DIFFERS(V14, "takes it for the answer"),
    DIFFERS(V21, "takes it for the answer"))
{
	check_fate(&too_long, CLOSED);
}

static const struct first no_content = {"no content",
    "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\nhello", {NULL}, "a:204", 0};

TEST(body_of_a_204_does_not_fail_the_next_request,
    DIFFERS(V14, "takes it for the answer"),
    DIFFERS(V21, "takes it for the answer"))
{
	check_fate(&no_content, CLOSED);
}

/*
 * Read up to the end.
 */

static const struct step up_to_the_end[] = {REQUEST,
    SEND("HTTP/1.1 200 OK\r\n\r\nhello"), CLOSE, END};

TEST(request_after_an_answer_up_to_the_end_goes_over_a_new_connection,
    DIFFERS(V14, "believes that the connection is alive"),
    DIFFERS(V21, "believes that the connection is alive"))
{
	struct client c;

	SET_UP(&c, up_to_the_end, serve_y);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	get(&c, "a");
	get(&c, "b");
	get(&c, "c");
	await_answers(&c, 3);
	assert_log("a:200 <hello> b:200 <y> c:200 <y>");
	assert_int_equal(c.origin.accepted, 2);
	client_tear_down(&c);
}

TEST(request_after_the_callback_of_such_an_answer_has_a_new_connection,
    DIFFERS(V14, "believes that the connection is alive"),
    DIFFERS(V21, "believes that the connection is alive"))
{
	struct client c;

	SET_UP(&c, up_to_the_end, serve_y);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	get(&c, "a");
	await_answers(&c, 1);
	get(&c, "b");
	await_answers(&c, 2);
	assert_log("a:200 <hello> b:200 <y>");
	client_tear_down(&c);
}

/*
 * Bytes that nobody asked for.
 */

static const struct step speaks_when_idle[] = {REQUEST, SEND(OK_X), STALL,
    SEND(OK_1("!")), END};

TEST(idle_connection_on_which_bytes_arrive_is_closed)
{
	struct client c;

	SET_UP(&c, speaks_when_idle, serve_y);
	get(&c, "a");
	await_answers(&c, 1);
	client_run_passes(&c);
	assert_log("a:200 <x>");
	peer_resume(&c.origin.peer[0]);
	wait_for(&c, c.origin.closed == 1);
	assert_log("closed");
	get(&c, "b");
	await_answers(&c, 2);
	assert_log("b:200 <y>");
	assert_int_equal(c.origin.accepted, 2);
	client_tear_down(&c);
}

TEST(bytes_that_arrived_unseen_before_a_request_are_not_its_answer,
    DIFFERS(V14, "takes them for it"), DIFFERS(V21, "takes them for it"))
{
	struct pollfd pfd = {.events = POLLIN};
	struct client c;

	SET_UP(&c, speaks_when_idle, serve_y);
	get(&c, "a");
	await_answers(&c, 1);
	assert_log("a:200 <x>");
	pfd.fd = client_fd(&c.origin.peer[0]);
	peer_resume(&c.origin.peer[0]);
	assert_int_equal(poll(&pfd, 1, 10000), 1);
	get(&c, "b");
	await_answers(&c, 2);
	assert_log("closed b:200 <y>");
	assert_int_equal(c.origin.accepted, 2);
	client_tear_down(&c);
}

/* The origin accepts and speaks before the client's loop sees that it is
 * connected. */
TEST(server_that_speaks_first_gets_no_request,
    DIFFERS(V14, "takes it for the answer"),
    DIFFERS(V21, "takes it for the answer"))
{
	static const struct step script[] = {SEND(OK_1("!")), END};
	struct pollfd pfd = {.events = POLLIN};
	struct client c;

	SET_UP(&c, script, serve_y);
	evhttp_connection_set_closecb(c.evcon, NULL, NULL);
	get(&c, "a");
	pfd.fd = c.origin.listener;
	assert_int_equal(poll(&pfd, 1, 10000), 1);
	origin_accept_cb(c.origin.listener, EV_READ, &c.origin);
	pfd.fd = client_fd(&c.origin.peer[0]);
	assert_int_equal(poll(&pfd, 1, 10000), 1);
	await_answers(&c, 1);
	client_run_passes(&c);
	assert_log("a:200 <y>");
	assert_int_equal(c.origin.accepted, 2);
	assert_int_equal(c.origin.peer[0].len, 0);
	client_tear_down(&c);
}
