/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Replies beyond those that are recorded byte for byte: what becomes of the
 * buffer, odd codes and reasons, and which connections are kept.
 */
#include "http_server.h"

#include <time.h>

#define GET "GET /a HTTP/1.1\r\n\r\n"

/* Opens a server that answers by reply(), and a client that has sent text. */
static void
ask(struct server *s, struct client *c, const char *text,
    void (*reply)(struct evhttp_request *, struct server *))
{
	server_open(s);
	s->reply = reply;
	client_open(c, s);
	say(c, text);
}

static void
hang_up(struct server *s, struct client *c)
{
	note_clear();
	client_close(c);
	server_close(s);
}

/* Sends text, and expects a whole answer, and the end of the connection if
 * closes. */
static void
check_answer(const char *text,
    void (*reply)(struct evhttp_request *, struct server *),
    const char *expected, bool is_closed)
{
	struct server s;
	struct client c;

	ask(&s, &c, text, reply);
	if (is_closed)
		expect_end(&c, expected);
	else {
		expect_answers(&c, expected);
		say(&c, LAST_REQUEST);
		assert_true(wait_end(&c));
		assert_int_equal(count_answers(&c), 2);
	}
	hang_up(&s, &c);
}

/*
 * The buffer.
 */

static void
look_at_buffer(struct evhttp_request *req, struct server *s)
{
	struct evbuffer *body = evbuffer_new();

	(void)s;
	evbuffer_add(body, "hello", 5);
	evhttp_send_reply(req, 200, "OK", body);
	assert_int_equal(EVBUFFER_LENGTH(body), 0);
	evbuffer_add(body, "more", 4);
	assert_int_equal(EVBUFFER_LENGTH(body), 4);
	evbuffer_free(body);
}

TEST(http_body_is_moved_out_of_the_programs_buffer)
{
	check_answer(GET, look_at_buffer, "200:hello", false);
}

static void
reply_megabytes(struct evhttp_request *req, struct server *s)
{
	struct evbuffer *body = evbuffer_new();
	static char block[65536];

	(void)s;
	for (int i = 0; i < 64; i++) {
		memset(block, 'a' + i % 26, sizeof(block));
		evbuffer_add(body, block, sizeof(block));
	}
	evhttp_send_reply(req, 200, "OK", body);
	evbuffer_free(body);
}

TEST(http_body_of_four_megabytes_arrives_whole)
{
	struct server s;
	struct client c;
	struct answer a;

	ask(&s, &c, GET, reply_megabytes);
	assert_true(wait_answers(&c, 1));
	assert_true(read_answer(&c, 0, &a));
	assert_int_equal(a.body_len, 64 * 65536);
	for (size_t i = 0; i < a.body_len; i += 4096)
		assert_int_equal(a.body[i], 'a' + i / 65536 % 26);
	free(a.body);
	hang_up(&s, &c);
}

static void
look_whether_something_is_written(struct evhttp_request *req, struct server *s)
{
	struct client *c = s->more;
	char byte;

	reply_text(req, "x");
	assert_int_equal(recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT), -1);
}

TEST(http_nothing_is_written_inside_send_reply)
{
	struct server s;
	struct client c;

	ask(&s, &c, GET, look_whether_something_is_written);
	s.more = &c;
	expect_answers(&c, "200:x");
	hang_up(&s, &c);
}

static void
reply_twice(struct evhttp_request *req, struct server *s)
{
	(void)s;
	reply_text(req, "one");
	reply_text(req, "two");
}

TEST(http_second_reply_to_a_request_is_ignored, DIFFERS(V14, "it is sent, too"),
    DIFFERS(V21, "it is sent, too"))
{
	check_answer(GET, reply_twice, "200:one", false);
}

static void
reply_and_fail(struct evhttp_request *req, struct server *s)
{
	(void)s;
	reply_text(req, "one");
	evhttp_send_error(req, 500, "Burnt");
}

TEST(http_error_after_a_reply_is_ignored, DIFFERS(V14, "it is sent, too"),
    DIFFERS(V21, "it is sent, too"))
{
	check_answer(GET, reply_and_fail, "200:one", false);
}

static void
reply_x(struct evhttp_request *req, struct server *s)
{
	(void)s;
	reply_text(req, "x");
}

TEST(http_reply_to_a_chunked_request_has_a_length)
{
	struct server s;
	struct client c;

	ask(&s, &c,
	    "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
	    "0\r\n\r\n",
	    reply_x);
	expect_answers(&c, "200:x");
	assert_string_equal(first_field(&c, "Content-Length"), "1");
	assert_string_equal(first_field(&c, "Transfer-Encoding"), "");
	hang_up(&s, &c);
}

static void
reply_304_with_a_length(struct evhttp_request *req, struct server *s)
{
	(void)s;
	evhttp_add_header(req->output_headers, "Content-Length", "0");
	evhttp_send_reply(req, 304, "Not Modified", NULL);
}

TEST(http_length_of_a_304_that_the_program_sets_is_sent)
{
	struct server s;
	struct client c;

	ask(&s, &c, GET, reply_304_with_a_length);
	expect_answers(&c, "304");
	assert_string_equal(first_field(&c, "Content-Length"), "0");
	hang_up(&s, &c);
}

/*
 * Codes and reasons.
 */

static int next_code;

static void
reply_code(struct evhttp_request *req, struct server *s)
{
	struct evbuffer *body = evbuffer_new();

	(void)s;
	evbuffer_add(body, "x", 1);
	evhttp_send_reply(req, next_code, "Odd", body);
	evbuffer_free(body);
}

TEST(http_any_code_is_sent_as_it_is)
{
	static const int all[] = {0, -1, 7, 99, 200, 299, 418, 600, 999, 1000,
	    12345};
	char line[64];

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct server s;
		struct client c;

		next_code = all[i];
		ask(&s, &c, "GET /a HTTP/1.0\r\n\r\n", reply_code);
		assert_true(wait_end(&c));
		snprintf(line, sizeof(line), "HTTP/1.0 %d Odd\r\n", all[i]);
		assert_memory_equal(c.got, line, strlen(line));
		hang_up(&s, &c);
	}
}

static bool
has_text(void *arg)
{
	struct client *c = arg;

	return c->ended || strstr(c->got, "\r\n\r\n") != NULL;
}

TEST(http_1xx_has_no_length_and_no_body, DIFFERS(V14, "it has both"),
    DIFFERS(V21, "it has both"))
{
	struct server s;
	struct client c;

	next_code = 103;
	ask(&s, &c, GET, reply_code);
	assert_true(wait_until(s.base, has_text, &c));
	let_it_work(s.base);
	assert_string_equal(first_field(&c, "Content-Length"), "");
	assert_string_equal(strstr(c.got, "\r\n\r\n"), "\r\n\r\n");
	hang_up(&s, &c);
}

static void
fail_without_a_reason(struct evhttp_request *req, struct server *s)
{
	(void)s;
	evhttp_send_error(req, 404, NULL);
}

TEST(http_error_without_a_reason_has_the_phrase_of_its_code,
    DIFFERS(V14, "a crash"))
{
	struct server s;
	struct client c;

	ask(&s, &c, GET, fail_without_a_reason);
	expect_end(&c, "404");
	assert_memory_equal(c.got, "HTTP/1.1 404 Not Found\r\n", 24);
	hang_up(&s, &c);
}

static void
split_by_reason(struct evhttp_request *req, struct server *s)
{
	(void)s;
	evhttp_send_reply(req, 200, "OK\r\nX-Evil: 1\r\n\r\nevil", NULL);
}

TEST(http_reason_cannot_end_its_line, DIFFERS(V14, "it is sent as it is"),
    DIFFERS(V21, "it is sent as it is"))
{
	struct server s;
	struct client c;

	ask(&s, &c, GET, split_by_reason);
	expect_answers(&c, "200");
	assert_null(strstr(c.got, "\nX-Evil"));
	hang_up(&s, &c);
}

static void
split_by_list(struct evhttp_request *req, struct server *s)
{
	struct evkeyval *field = calloc(1, sizeof(*field));

	(void)s;
	field->key = strdup("A");
	field->value = strdup("b\r\nX-Evil: 1");
	TAILQ_INSERT_TAIL(req->output_headers, field, next);
	evhttp_send_reply(req, 200, "OK", NULL);
}

TEST(http_value_in_a_list_built_by_the_program_cannot_end_its_line,
    DIFFERS(V14, "it is sent as it is"), DIFFERS(V21, "it is sent as it is"))
{
	struct server s;
	struct client c;

	ask(&s, &c, GET, split_by_list);
	expect_answers(&c, "200");
	assert_null(strstr(c.got, "\nX-Evil"));
	hang_up(&s, &c);
}

static void
reply_folded(struct evhttp_request *req, struct server *s)
{
	(void)s;
	evhttp_add_header(req->output_headers, "A", "b\r\n\tc");
	evhttp_send_reply(req, 200, "OK", NULL);
}

TEST(http_folded_value_is_sent_as_given, DIFFERS(V21, "another fold is sent"))
{
	struct server s;
	struct client c;

	ask(&s, &c, GET, reply_folded);
	expect_answers(&c, "200");
	assert_non_null(strstr(c.got, "\r\nA: b\r\n\tc\r\n"));
	hang_up(&s, &c);
}

/*
 * Which connections are kept.
 */

TEST(http_1_1_is_kept_unless_the_client_asks_to_close)
{
	check_answer("GET / HTTP/1.1\r\n\r\n", reply_x, "200:x", false);
	check_answer("GET / HTTP/1.1\r\nConnection: keep-alive\r\n\r\n",
	    reply_x, "200:x", false);
	check_answer("GET / HTTP/1.1\r\nConnection: TE\r\n\r\n", reply_x,
	    "200:x", false);
	check_answer("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", reply_x,
	    "200:x", true);
	check_answer("GET / HTTP/1.1\r\nconnection: CLOSE\r\n\r\n", reply_x,
	    "200:x", true);
}

TEST(http_close_counts_wherever_it_stands_in_connection,
    DIFFERS(V14, "the whole value of the first field is compared"),
    DIFFERS(V21, "the whole value of the first field is compared"))
{
	check_answer("GET / HTTP/1.1\r\nConnection: TE, close\r\n\r\n", reply_x,
	    "200:x", true);
	check_answer("GET / HTTP/1.1\r\nConnection: foo,close, bar\r\n\r\n",
	    reply_x, "200:x", true);
	check_answer("GET / HTTP/1.1\r\nConnection: TE\r\nConnection: close\r\n"
		     "\r\n",
	    reply_x, "200:x", true);
	check_answer("GET / HTTP/1.0\r\nConnection: keep-alive\r\n"
		     "Connection: close\r\n\r\n",
	    reply_x, "200:x", true);
}

TEST(http_1_0_is_kept_only_if_the_client_asks)
{
	check_answer("GET / HTTP/1.0\r\n\r\n", reply_x, "200:x", true);
	check_answer("GET / HTTP/1.0\r\nConnection: close\r\n\r\n", reply_x,
	    "200:x", true);
	check_answer("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	    reply_x, "200:x", false);
	check_answer("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
	    reply_x, "200:x", false);
}

TEST(http_keep_alive_of_http_1_0_may_be_followed_by_more)
{
	check_answer("GET / HTTP/1.0\r\nConnection: keep-alive, TE\r\n\r\n",
	    reply_x, "200:x", false);
}

static void
reply_kept(struct evhttp_request *req, struct server *s)
{
	(void)s;
	evhttp_add_header(req->output_headers, "Connection", "keep-alive");
	reply_text(req, "x");
}

static int
count_text(const char *text, const char *what)
{
	int n = 0;

	while ((text = strstr(text, what)) != NULL) {
		n++;
		text++;
	}
	return n;
}

TEST(http_keep_alive_is_sent_once_to_http_1_0,
    DIFFERS(V14, "twice, if the program said it, too"),
    DIFFERS(V21, "twice, if the program said it, too"))
{
	struct server s;
	struct client c;

	ask(&s, &c, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	    reply_kept);
	expect_answers(&c, "200:x");
	assert_int_equal(count_text(c.got, "\nConnection: "), 1);
	hang_up(&s, &c);
}

TEST(http_close_of_the_client_overrides_connection_of_the_program)
{
	struct server s;
	struct client c;

	ask(&s, &c, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", reply_kept);
	expect_end(&c, "200:x");
	assert_int_equal(count_text(c.got, "\nConnection: "), 1);
	assert_string_equal(first_field(&c, "Connection"), "close");
	hang_up(&s, &c);
}

/*
 * Absolute targets.
 */

TEST(http_connection_of_an_absolute_target_is_kept,
    DIFFERS(V14, "it ends, unless both sides say Proxy-Connection"),
    DIFFERS(V21, "it ends, unless both sides say Proxy-Connection"))
{
	check_answer("GET http://h/ HTTP/1.1\r\n\r\n", reply_x, "200:x", false);
	check_answer("GET * HTTP/1.1\r\n\r\n", reply_x, "200:x", false);
}

TEST(http_connection_of_an_absolute_target_ends_when_it_is_asked)
{
	check_answer("GET http://h/ HTTP/1.1\r\nConnection: close\r\n\r\n",
	    reply_x, "200:x", true);
	check_answer("GET http://h/ HTTP/1.1\r\nProxy-Connection: close\r\n"
		     "\r\n",
	    reply_x, "200:x", true);
}

static void
reply_to_proxy(struct evhttp_request *req, struct server *s)
{
	(void)s;
	evhttp_add_header(req->output_headers, "Proxy-Connection",
	    "keep-alive");
	reply_text(req, "x");
}

TEST(http_connection_of_a_proxy_is_kept_when_both_sides_say_so)
{
	check_answer("GET http://h/ HTTP/1.1\r\n"
		     "Proxy-Connection: keep-alive\r\n\r\n",
	    reply_to_proxy, "200:x", false);
}

static void
fail_500(struct evhttp_request *req, struct server *s)
{
	(void)s;
	evhttp_send_error(req, 500, "Burnt");
}

TEST(http_error_ends_the_connection)
{
	check_answer("GET / HTTP/1.1\r\n\r\n", fail_500, "500", true);
	check_answer("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	    fail_500, "500", true);
	check_answer("GET http://h/ HTTP/1.1\r\n\r\n", fail_500, "500", true);
}

TEST(http_error_for_an_absolute_target_says_that_it_closes,
    DIFFERS(V14, "it does not say so"), DIFFERS(V21, "it does not say so"))
{
	struct server s;
	struct client c;

	ask(&s, &c, "GET http://h/ HTTP/1.1\r\n\r\n", fail_500);
	expect_end(&c, "500");
	assert_string_equal(first_field(&c, "Connection"), "close");
	hang_up(&s, &c);
}

TEST(http_error_to_a_head_has_no_body, DIFFERS(V14, "it has"),
    DIFFERS(V21, "it has"))
{
	struct server s;
	struct client c;

	ask(&s, &c, "HEAD / HTTP/1.1\r\n\r\n", fail_500);
	assert_true(wait_end(&c));
	assert_string_equal(strstr(c.got, "\r\n\r\n"), "\r\n\r\n");
	hang_up(&s, &c);
}

/*
 * The date.
 */

/* The form alone says no more than a minute, which is enough. */
TEST(http_date_is_the_current_time)
{
	struct server s;
	struct client c;
	char before[64], after[64];
	const char *date;
	time_t now = time(NULL);

	strftime(before, sizeof(before), "%a, %d %b %Y %H:%M", gmtime(&now));
	ask(&s, &c, GET, reply_x);
	expect_answers(&c, "200:x");
	now = time(NULL);
	strftime(after, sizeof(after), "%a, %d %b %Y %H:%M", gmtime(&now));
	date = first_field(&c, "Date");
	assert_int_equal(strlen(date), 29);
	assert_string_equal(date + 25, " GMT");
	if (strncmp(date, before, strlen(before)) != 0)
		assert_memory_equal(date, after, strlen(after));
	hang_up(&s, &c);
}
