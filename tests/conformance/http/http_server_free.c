/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Freeing things inside callbacks, and in every state a connection can be in.
 */
#include "http_server.h"

#define GET "GET /a HTTP/1.1\r\n\r\n"
#define POST                                                                   \
	"POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\n"                        \
	"hello"
#define CHUNKED                                                                \
	"POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"               \
	"5\r\nhello\r\n0\r\n\r\n"

/* What a handler does with its request. */
typedef void handler_fn(struct evhttp_request *, struct server *);

static void
closed_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	(void)arg;
	note("closed");
}

static void
free_server(struct evhttp_request *req, struct server *s)
{
	evhttp_connection_set_closecb(req->evcon, closed_cb, NULL);
	evhttp_free(s->http);
	s->http = NULL;
}

static void
reply_and_free_server(struct evhttp_request *req, struct server *s)
{
	evhttp_connection_set_closecb(req->evcon, closed_cb, NULL);
	reply_text(req, "x");
	evhttp_free(s->http);
	s->http = NULL;
}

static void
start_and_free_server(struct evhttp_request *req, struct server *s)
{
	evhttp_connection_set_closecb(req->evcon, closed_cb, NULL);
	evhttp_send_reply_start(req, 200, "OK");
	evhttp_free(s->http);
	s->http = NULL;
}

static void
free_connection(struct evhttp_request *req, struct server *s)
{
	(void)s;
	evhttp_connection_set_closecb(req->evcon, closed_cb, NULL);
	evhttp_connection_free(req->evcon);
}

static void
reply_and_free_connection(struct evhttp_request *req, struct server *s)
{
	reply_text(req, "x");
	free_connection(req, s);
}

static void
start_and_free_connection(struct evhttp_request *req, struct server *s)
{
	evhttp_send_reply_start(req, 200, "OK");
	free_connection(req, s);
}

/* The handler frees something, the client sees the connection end without an
 * answer, and closecb is called once. */
static void
check_frees(handler_fn *handler, const char *text, const char *log)
{
	struct server s;
	struct client c;

	server_open(&s);
	s.reply = handler;
	client_open(&c, &s);
	say(&c, text);
	expect_end(&c, "");
	let_it_work(s.base);
	assert_log(log);
	close_both(&s, &c);
	assert_log("");
}

/* The same with each kind of request. */
static void
check_frees_each(handler_fn *handler)
{
	check_frees(handler, GET, "GET:/a closed");
	check_frees(handler, POST, "POST:/a:hello closed");
	check_frees(handler, CHUNKED, "POST:/a:hello closed");
	check_frees(handler, GET GET, "GET:/a closed");
}

TEST(http_handler_may_free_the_server)
{
	check_frees_each(free_server);
}

TEST(http_handler_may_answer_and_free_the_server)
{
	check_frees_each(reply_and_free_server);
}

TEST(http_handler_may_start_an_answer_and_free_the_server)
{
	check_frees_each(start_and_free_server);
}

TEST(http_handler_may_free_its_connection)
{
	check_frees_each(free_connection);
}

TEST(http_handler_may_answer_and_free_its_connection)
{
	check_frees_each(reply_and_free_connection);
}

TEST(http_handler_may_start_an_answer_and_free_its_connection)
{
	check_frees_each(start_and_free_connection);
}

static void
free_request(struct evhttp_request *req, struct server *s)
{
	(void)s;
	evhttp_connection_set_closecb(req->evcon, closed_cb, NULL);
	evhttp_request_free(req);
}

TEST(http_handler_that_frees_its_request_closes_the_connection,
    DIFFERS(V14, "it stays open without an answer"),
    DIFFERS(V21, "it stays open without an answer"))
{
	check_frees_each(free_request);
}

/*
 * In closecb.
 */

static void
free_server_cb(struct evhttp_connection *evcon, void *arg)
{
	struct server *s = arg;

	(void)evcon;
	note("closed");
	if (s->http != NULL) {
		struct evhttp *http = s->http;

		s->http = NULL;
		evhttp_free(http);
	}
}

static void
fail_and_free_later(struct evhttp_request *req, struct server *s)
{
	evhttp_connection_set_closecb(req->evcon, free_server_cb, s);
	evhttp_send_error(req, 500, "Burnt");
}

TEST(http_closecb_may_free_the_server,
    DIFFERS(V14, "it is called again, and memory is freed twice"),
    DIFFERS(V21, "it is called again, and memory is freed twice"))
{
	struct server s;
	struct client c;

	server_open(&s);
	s.reply = fail_and_free_later;
	client_open(&c, &s);
	say(&c, GET);
	assert_true(wait_end(&c));
	let_it_work(s.base);
	assert_log("GET:/a closed");
	close_both(&s, &c);
}

/*
 * The server is freed with clients in every state.
 */

static void
keep(struct evhttp_request *req, struct server *s)
{
	(void)req;
	(void)s;
}

static void
keep_started(struct evhttp_request *req, struct server *s)
{
	(void)s;
	evhttp_send_reply_start(req, 200, "OK");
}

static void
reply_much(struct evhttp_request *req, struct server *s)
{
	static char block[8 << 20];
	struct evbuffer *body = evbuffer_new();

	(void)s;
	evbuffer_add(body, block, sizeof(block));
	evhttp_send_reply(req, 200, "OK", body);
	evbuffer_free(body);
}

/* The client sends text, the handler is called, if the request is whole, and
 * the server is freed. */
static void
check_freed_after(const char *text, handler_fn *handler)
{
	struct server s;
	struct client c;

	server_open(&s);
	s.reply = handler;
	client_open(&c, &s);
	client_pause(&c);
	say(&c, text);
	let_it_work(s.base);
	let_it_work(s.base);
	evhttp_free(s.http);
	s.http = NULL;
	client_resume(&c);
	assert_true(wait_end(&c));
	close_both(&s, &c);
	note_clear();
}

TEST(http_server_may_be_freed_in_any_state_of_a_connection)
{
	check_freed_after("", NULL);
	check_freed_after("GET /a HT", NULL);
	check_freed_after("GET /a HTTP/1.1\r\nA: b\r\n", NULL);
	check_freed_after("POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhe",
	    NULL);
	check_freed_after("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
			  "\r\n5\r\nhe",
	    NULL);
	check_freed_after(GET, NULL);
	check_freed_after(GET, keep);
	check_freed_after(GET GET, keep);
	check_freed_after(GET, keep_started);
	check_freed_after(GET, reply_much);
	check_freed_after("BREAD\r\n", NULL);
}

TEST(http_server_may_be_freed_without_a_client)
{
	struct server s;

	server_open(&s);
	let_it_work(s.base);
	server_close(&s);
	server_open(&s);
	server_close(&s);
}

TEST(http_server_that_never_listened_may_be_freed)
{
	struct event_base *base = event_base_new();
	struct evhttp *http = evhttp_new(base);

	evhttp_set_cb(http, "/x", note_request_cb, NULL);
	evhttp_set_gencb(http, note_request_cb, NULL);
	evhttp_free(http);
	event_base_free(base);
}

TEST(http_null_may_be_freed, DIFFERS(V14, "a crash"), DIFFERS(V21, "a crash"))
{
	evhttp_free(NULL);
	evhttp_request_free(NULL);
	evhttp_connection_free(NULL);
}

/* Programs do that when binding has failed. */
TEST(http_server_that_never_listened_may_be_given_to_free)
{
	struct event_base *base = event_base_new();
	struct evhttp *http = evhttp_new(base);

	free(http);
	event_base_free(base);
}

/*
 * A base of the current thread.
 */

TEST(http_server_without_a_base_is_on_the_current_one)
{
	struct server s = {.more = NULL};
	struct client c;

	s.base = event_init();
	s.http = evhttp_new(NULL);
	assert_int_equal(evhttp_accept_socket(s.http,
			     listener(AF_INET, &s.at, &s.at_len)),
	    0);
	evhttp_set_gencb(s.http, note_request_cb, &s);
	client_open(&c, &s);
	say(&c, GET);
	expect_answers(&c, "200:/a");
	note_clear();
	close_both(&s, &c);
}
