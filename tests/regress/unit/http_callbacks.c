/* SPDX-License-Identifier: BSD-3-Clause */
/* evcompat_http_del_cb(): which of several callbacks for a path it removes. */
#include "http_ours.h"

#define GET "GET /x HTTP/1.1\r\nConnection: close\r\n\r\n"

static void
say_name_cb(struct evhttp_request *req, void *name)
{
	reply_text(req, name);
}

static void
say_other_cb(struct evhttp_request *req, void *name)
{
	(void)name;
	reply_text(req, "other");
}

/* Sends a request for /x, and expects this answer, in the words of
 * answers(). */
static void
expect_answer(struct server *s, const char *answer)
{
	struct client c;

	client_open(&c, s);
	say(&c, GET);
	expect_end(&c, answer);
	client_close(&c);
}

TEST(http_callback_with_that_argument_is_removed_not_the_first)
{
	char first[] = "first", second[] = "second";
	struct server s;

	server_open_bare(&s, AF_INET);
	evhttp_set_cb(s.http, "/x", say_name_cb, first);
	evhttp_set_cb(s.http, "/x", say_name_cb, second);
	assert_int_equal(evcompat_http_del_cb(s.http, "/x", say_name_cb,
			     second),
	    0);
	expect_answer(&s, "200:first");
	assert_int_equal(evhttp_del_cb(s.http, "/x"), 0);
	assert_int_equal(evhttp_del_cb(s.http, "/x"), -1);
	server_close(&s);
}

TEST(http_callback_with_that_function_is_removed_not_the_first)
{
	char name[] = "name";
	struct server s;

	server_open_bare(&s, AF_INET);
	evhttp_set_cb(s.http, "/x", say_name_cb, name);
	evhttp_set_cb(s.http, "/x", say_other_cb, name);
	assert_int_equal(evcompat_http_del_cb(s.http, "/x", say_other_cb, name),
	    0);
	expect_answer(&s, "200:name");
	server_close(&s);
}

TEST(http_callback_that_differs_is_not_removed)
{
	char name[] = "name", same[] = "name";
	struct server s;

	server_open_bare(&s, AF_INET);
	evhttp_set_cb(s.http, "/x", say_name_cb, name);
	assert_int_equal(evcompat_http_del_cb(s.http, "/x", say_name_cb, same),
	    -1);
	assert_int_equal(evcompat_http_del_cb(s.http, "/x", say_other_cb, name),
	    -1);
	assert_int_equal(evcompat_http_del_cb(s.http, "/y", say_name_cb, name),
	    -1);
	expect_answer(&s, "200:name");
	assert_int_equal(evcompat_http_del_cb(s.http, "/x", say_name_cb, name),
	    0);
	assert_int_equal(evcompat_http_del_cb(s.http, "/x", say_name_cb, name),
	    -1);
	expect_answer(&s, "404");
	server_close(&s);
}

TEST(http_callback_that_was_set_twice_is_removed_once)
{
	char name[] = "name";
	struct server s;

	server_open_bare(&s, AF_INET);
	evhttp_set_cb(s.http, "/x", say_name_cb, name);
	evhttp_set_cb(s.http, "/x", say_name_cb, name);
	assert_int_equal(evcompat_http_del_cb(s.http, "/x", say_name_cb, name),
	    0);
	expect_answer(&s, "200:name");
	server_close(&s);
}
