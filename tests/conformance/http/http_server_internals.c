/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What programs reach though no header of 1.4 declares it: functions with
 * prototypes of their own, and fields by their distance from the start.
 */
#include "http_server.h"
#include "symbol.h"

#define GET "GET /a HTTP/1.1\r\n\r\n"

/* A function by name, with a type. */
#define FIND(function, name)                                                   \
	do {                                                                   \
		void *found = symbol(name);                                    \
		memcpy(&(function), &found, sizeof(found));                    \
	} while (0)

typedef int parse_fn(struct evhttp_request *, struct evbuffer *);

struct parsing {
	parse_fn *first_line, *headers;
	struct evhttp_request *req;
	struct evbuffer *buf;
};

static void
open_parsing(struct parsing *p, enum evhttp_request_kind kind, const char *text)
{
	FIND(p->first_line, "evhttp_parse_firstline");
	FIND(p->headers, "evhttp_parse_headers");
	p->req = evhttp_request_new(NULL, NULL);
	p->req->kind = kind;
	p->buf = evbuffer_new();
	evbuffer_add(p->buf, text, strlen(text));
}

static void
close_parsing(struct parsing *p)
{
	evhttp_request_free(p->req);
	evbuffer_free(p->buf);
}

static void
assert_rest(struct parsing *p, const char *rest)
{
	assert_int_equal(EVBUFFER_LENGTH(p->buf), strlen(rest));
	assert_memory_equal(EVBUFFER_DATA(p->buf), rest, strlen(rest));
}

#define NOT_IN_21 DIFFERS(V21, "it has another name there")

TEST(http_parse_firstline_reads_a_request_line, NOT_IN_21)
{
	struct parsing p;

	open_parsing(&p, EVHTTP_REQUEST, "POST /a?b HTTP/1.0\r\nA: b\r\n");
	assert_int_equal(p.first_line(p.req, p.buf), 1);
	assert_int_equal(p.req->type, EVHTTP_REQ_POST);
	assert_string_equal(p.req->uri, "/a?b");
	assert_int_equal(p.req->major, 1);
	assert_int_equal(p.req->minor, 0);
	assert_rest(&p, "A: b\r\n");
	close_parsing(&p);
}

TEST(http_parse_firstline_reads_a_status_line, NOT_IN_21)
{
	struct parsing p;

	open_parsing(&p, EVHTTP_RESPONSE, "HTTP/1.1 404 Not There\r\nA: b\r\n");
	assert_int_equal(p.first_line(p.req, p.buf), 1);
	assert_int_equal(p.req->response_code, 404);
	assert_string_equal(p.req->response_code_line, "Not There");
	assert_int_equal(p.req->major, 1);
	assert_int_equal(p.req->minor, 1);
	assert_rest(&p, "A: b\r\n");
	close_parsing(&p);
}

TEST(http_parse_firstline_waits_for_the_rest_of_a_line, NOT_IN_21)
{
	struct parsing p;

	open_parsing(&p, EVHTTP_REQUEST, "GET /a HTT");
	assert_int_equal(p.first_line(p.req, p.buf), 0);
	assert_rest(&p, "GET /a HTT");
	evbuffer_add(p.buf, "P/1.1\r\n", 7);
	assert_int_equal(p.first_line(p.req, p.buf), 1);
	assert_string_equal(p.req->uri, "/a");
	assert_rest(&p, "");
	close_parsing(&p);
}

TEST(http_parse_firstline_refuses_what_is_not_a_line, NOT_IN_21)
{
	static const char *const requests[] = {"BREAD\r\n",
	    "PUT / HTTP/1.1\r\n", "GET / HTTP/3.7\r\n", "GET /\r\n"};
	static const char *const answers_[] = {"BREAD\r\n",
	    "HTTP/3.7 200 OK\r\n", "HTTP/1.1 abc OK\r\n", "ICY 200 OK\r\n"};
	struct parsing p;

	for (int i = 0; i < 4; i++) {
		open_parsing(&p, EVHTTP_REQUEST, requests[i]);
		assert_int_equal(p.first_line(p.req, p.buf), -1);
		close_parsing(&p);
		open_parsing(&p, EVHTTP_RESPONSE, answers_[i]);
		assert_int_equal(p.first_line(p.req, p.buf), -1);
		close_parsing(&p);
	}
}

TEST(http_parse_headers_reads_to_the_empty_line, NOT_IN_21)
{
	struct parsing p;

	open_parsing(&p, EVHTTP_REQUEST,
	    "A: b\r\nC: d\r\n e\r\nA: f\r\n\r\nrest");
	assert_int_equal(p.headers(p.req, p.buf), 1);
	assert_string_equal(evhttp_find_header(p.req->input_headers, "a"), "b");
	assert_string_equal(evhttp_find_header(p.req->input_headers, "C"),
	    "d e");
	assert_rest(&p, "rest");
	close_parsing(&p);
}

TEST(http_parse_headers_takes_whole_lines_and_waits_for_more, NOT_IN_21)
{
	struct parsing p;

	open_parsing(&p, EVHTTP_RESPONSE, "A: b\r\nC: d");
	assert_int_equal(p.headers(p.req, p.buf), 0);
	assert_rest(&p, "C: d");
	assert_string_equal(evhttp_find_header(p.req->input_headers, "A"), "b");
	assert_null(evhttp_find_header(p.req->input_headers, "C"));
	evbuffer_add(p.buf, "\r\n\r\n", 4);
	assert_int_equal(p.headers(p.req, p.buf), 1);
	assert_string_equal(evhttp_find_header(p.req->input_headers, "C"), "d");
	assert_rest(&p, "");
	close_parsing(&p);
}

TEST(http_parse_headers_refuses_a_line_without_a_colon, NOT_IN_21)
{
	struct parsing p;

	open_parsing(&p, EVHTTP_REQUEST, "A: b\r\nbread\r\n\r\n");
	assert_int_equal(p.headers(p.req, p.buf), -1);
	close_parsing(&p);
	open_parsing(&p, EVHTTP_REQUEST, " A: b\r\n\r\n");
	assert_int_equal(p.headers(p.req, p.buf), -1);
	close_parsing(&p);
}

/*
 * Pages of the program's own.
 */

static void
send_page_of_own(struct evhttp_request *req, struct server *s)
{
	void (*set_code)(struct evhttp_request *, int, const char *);
	void (*send_page)(struct evhttp_request *, struct evbuffer *);
	struct evbuffer *page = evbuffer_new();

	(void)s;
	FIND(set_code, "evhttp_response_code");
	FIND(send_page, "evhttp_send_page");
	set_code(req, 418, "Teapot");
	assert_int_equal(req->response_code, 418);
	assert_string_equal(req->response_code_line, "Teapot");
	assert_int_equal(req->kind, EVHTTP_RESPONSE);
	evhttp_add_header(req->output_headers, "X-Lost", "1");
	evbuffer_add(page, "<p>short", 8);
	send_page(req, page);
	evbuffer_free(page);
}

TEST(http_response_code_and_send_page_make_a_page_and_close,
    DIFFERS(V21, "they have other names there"))
{
	struct server s;
	struct client c;

	server_open(&s);
	s.reply = send_page_of_own;
	client_open(&c, &s);
	say(&c, GET);
	expect_end(&c, "418");
	mask_dates(&c);
	assert_string_equal(c.got,
	    "HTTP/1.1 418 Teapot\r\nContent-Type: text/html\r\n"
	    "Connection: close\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
	    "Content-Length: 8\r\n\r\n<p>short");
	note_clear();
	close_both(&s, &c);
}

/*
 * A client's connection that is given up.
 */

static void
ended_cb(struct evhttp_request *req, void *name)
{
	if (req == NULL)
		note("%s:null", (const char *)name);
	else
		note("%s:%d", (const char *)name, req->response_code);
}

static bool
has_handled(void *arg)
{
	(void)arg;
	return noted()[0] != '\0';
}

static void
keep(struct evhttp_request *req, struct server *s)
{
	s->more = req;
}

static bool
has_second(void *arg)
{
	(void)arg;
	return strstr(noted(), "second:") != NULL;
}

/* err: 0 is a timeout, 1 the end of the connection, 2 a bad header. */
static void
check_fail(int err)
{
	void (*give_up)(struct evhttp_connection *, int);
	struct evhttp_connection *evcon;
	struct server s;

	FIND(give_up, "evhttp_connection_fail");
	server_open(&s);
	s.reply = keep;
	evcon = evhttp_connection_new("127.0.0.1",
	    ntohs(((struct sockaddr_in *)&s.at)->sin_port));
	evhttp_connection_set_base(evcon, s.base);
	assert_int_equal(evhttp_make_request(evcon,
			     evhttp_request_new(ended_cb, "first"),
			     EVHTTP_REQ_GET, "/one"),
	    0);
	assert_int_equal(evhttp_make_request(evcon,
			     evhttp_request_new(ended_cb, "second"),
			     EVHTTP_REQ_GET, "/two"),
	    0);
	assert_true(wait_until(s.base, has_handled, NULL));
	s.reply = NULL;
	assert_log("GET:/one");
	give_up(evcon, err);
	assert_true(wait_until(s.base, has_second, NULL));
	assert_log("first:null GET:/two second:200");
	evhttp_connection_free(evcon);
	server_close(&s);
}

TEST(http_connection_fail_ends_the_first_request_and_sends_the_rest,
    DIFFERS(V21, "it has another name there"))
{
	for (int err = 0; err <= 2; err++)
		check_fail(err);
}

/*
 * Fields by their offset.
 */

#if defined(__i386__)
enum {
	CON_FD = 8,
	CON_INPUT = 156,
	CON_OUTPUT = 160,
	CON_ADDRESS = 172,
	CON_PORT = 176,
	CON_FLAGS = 180,
	CON_TIMEOUT = 184,
	CON_STATE = 196,
	CON_REQUESTS = 204,
	CON_CLOSECB = 220,
	CON_BASE = 228,
	HTTP_CALLBACKS = 8,
	HTTP_CONNECTIONS = 16,
	HTTP_TIMEOUT = 24,
	HTTP_GENCB = 28,
	HTTP_GENCBARG = 32,
	HTTP_BASE = 36,
	CB_WHAT = 8,
	CB_CB = 12,
	CB_ARG = 16
};
#else
enum {
	CON_FD = 16,
	CON_INPUT = 280,
	CON_OUTPUT = 288,
	CON_ADDRESS = 312,
	CON_PORT = 320,
	CON_FLAGS = 324,
	CON_TIMEOUT = 328,
	CON_STATE = 340,
	CON_REQUESTS = 352,
	CON_CLOSECB = 384,
	CON_BASE = 400,
	HTTP_CALLBACKS = 16,
	HTTP_CONNECTIONS = 32,
	HTTP_TIMEOUT = 48,
	HTTP_GENCB = 56,
	HTTP_GENCBARG = 64,
	HTTP_BASE = 72,
	CB_WHAT = 16,
	CB_CB = 24,
	CB_ARG = 32
};
#endif

static void *
pointer_at(const void *object, size_t offset)
{
	void *value;

	memcpy(&value, (const char *)object + offset, sizeof(value));
	return value;
}

static int
int_at(const void *object, size_t offset)
{
	int value;

	memcpy(&value, (const char *)object + offset, sizeof(value));
	return value;
}

static int
port_at(const void *object, size_t offset)
{
	unsigned short value;

	memcpy(&value, (const char *)object + offset, sizeof(value));
	return value;
}

#define OTHER_STRUCT DIFFERS(V21, "the structs are others")

static void
never_called_cb(struct evhttp_connection *evcon, void *arg)
{
	(void)evcon;
	(void)arg;
}

/* The client's port, as the descriptor of the connection knows it. */
static int
port_of_peer(int fd)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);

	assert_int_equal(getpeername(fd, (struct sockaddr *)&in, &len), 0);
	return ntohs(in.sin_port);
}

static void
look_into_connection(struct evhttp_request *req, struct server *s)
{
	struct evhttp_connection *evcon = req->evcon;
	int fd = int_at(evcon, CON_FD);

	assert_int_equal(port_of_peer(fd), req->remote_port);
	assert_non_null(pointer_at(evcon, CON_INPUT));
	assert_int_equal(EVBUFFER_LENGTH(
			     (struct evbuffer *)pointer_at(evcon, CON_OUTPUT)),
	    0);
	assert_string_equal(pointer_at(evcon, CON_ADDRESS), "127.0.0.1");
	assert_int_equal(port_at(evcon, CON_PORT), req->remote_port);
	assert_int_equal(int_at(evcon, CON_TIMEOUT), 7);
	assert_ptr_equal(pointer_at(evcon, CON_REQUESTS), req);
	assert_ptr_equal(pointer_at(evcon, CON_BASE), s->base);
	assert_null(pointer_at(evcon, CON_CLOSECB));
	evhttp_connection_set_closecb(evcon, never_called_cb, NULL);
	assert_ptr_equal(pointer_at(evcon, CON_CLOSECB),
	    (void *)(uintptr_t)never_called_cb);
	evhttp_connection_set_closecb(evcon, NULL, NULL);
	evhttp_connection_set_timeout(evcon, 9);
	assert_int_equal(int_at(evcon, CON_TIMEOUT), 9);
	reply_text(req, "x");
	assert_int_equal(int_at(evcon, CON_STATE), 7);
}

TEST(http_fields_of_a_connection_are_where_libevent_1_4_has_them, OTHER_STRUCT)
{
	struct server s;
	struct client c;

	server_open(&s);
	evhttp_set_timeout(s.http, 7);
	s.reply = look_into_connection;
	client_open(&c, &s);
	say(&c, GET);
	expect_answers(&c, "200:x");
	note_clear();
	close_both(&s, &c);
}

TEST(http_fields_of_a_fresh_connection_are_where_libevent_1_4_has_them,
    OTHER_STRUCT)
{
	struct event_base *base = event_base_new();
	struct evhttp_connection *evcon =
	    evhttp_connection_new("h.example", 81);

	evhttp_connection_set_base(evcon, base);
	assert_int_equal(int_at(evcon, CON_FD), -1);
	assert_string_equal(pointer_at(evcon, CON_ADDRESS), "h.example");
	assert_int_equal(port_at(evcon, CON_PORT), 81);
	assert_int_equal(int_at(evcon, CON_TIMEOUT), -1);
	assert_int_equal(int_at(evcon, CON_STATE), 0);
	assert_null(pointer_at(evcon, CON_REQUESTS));
	assert_ptr_equal(pointer_at(evcon, CON_BASE), base);
	evhttp_connection_free(evcon);
	event_base_free(base);
}

static void
look_into_server(struct evhttp_request *req, struct server *s)
{
	void *first = pointer_at(s->http, HTTP_CALLBACKS);

	assert_ptr_equal(pointer_at(s->http, HTTP_CONNECTIONS), req->evcon);
	assert_string_equal(pointer_at(first, CB_WHAT), "/x");
	assert_ptr_equal(pointer_at(first, CB_CB),
	    (void *)(uintptr_t)note_request_cb);
	assert_ptr_equal(pointer_at(first, CB_ARG), s);
	reply_text(req, "x");
}

static bool
has_no_connection(void *arg)
{
	return pointer_at(((struct server *)arg)->http, HTTP_CONNECTIONS) ==
	       NULL;
}

TEST(http_fields_of_a_server_are_where_libevent_1_4_has_them, OTHER_STRUCT)
{
	struct server s;
	struct client c;

	server_open(&s);
	assert_int_equal(int_at(s.http, HTTP_TIMEOUT), -1);
	evhttp_set_timeout(s.http, 7);
	assert_int_equal(int_at(s.http, HTTP_TIMEOUT), 7);
	assert_ptr_equal(pointer_at(s.http, HTTP_GENCB),
	    (void *)(uintptr_t)note_request_cb);
	assert_ptr_equal(pointer_at(s.http, HTTP_GENCBARG), &s);
	assert_ptr_equal(pointer_at(s.http, HTTP_BASE), s.base);
	assert_non_null(pointer_at(s.http, 0));
	assert_null(pointer_at(s.http, HTTP_CALLBACKS));
	assert_null(pointer_at(s.http, HTTP_CONNECTIONS));
	evhttp_set_cb(s.http, "/x", note_request_cb, &s);
	s.reply = look_into_server;
	client_open(&c, &s);
	say(&c, GET);
	expect_answers(&c, "200:x");
	client_close(&c);
	assert_true(wait_until(s.base, has_no_connection, &s));
	note_clear();
	server_close(&s);
}

/*
 * The output buffer, as programs that stream use it.
 */

static bool
is_drained(void *arg)
{
	return EVBUFFER_LENGTH((struct evbuffer *)arg) == 0;
}

TEST(http_output_buffer_of_a_stream_is_what_is_not_sent_yet, OTHER_STRUCT)
{
	struct evbuffer *piece = evbuffer_new(), *output;
	struct kept k;

	kept_open(&k, GET);
	evhttp_send_reply_start(k.req, 200, "OK");
	output = pointer_at(k.req->evcon, CON_OUTPUT);
	assert_true(wait_until(k.s.base, is_drained, output));
	evbuffer_add(piece, "rye", 3);
	evhttp_send_reply_chunk(k.req, piece);
	assert_int_equal(EVBUFFER_LENGTH(output), strlen("3\r\nrye\r\n"));
	evbuffer_add(output, "3\r\noat\r\n", 8);
	assert_true(wait_until(k.s.base, is_drained, output));
	evhttp_send_reply_end(k.req);
	expect_answers(&k.c, "200:ryeoat");
	evbuffer_free(piece);
	kept_close(&k);
}
