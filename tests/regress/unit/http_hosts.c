/* SPDX-License-Identifier: BSD-3-Clause */
/* Virtual hosts, aliases, and the default content type. */
#include "http_ours.h"

static void
say_name_cb(struct evhttp_request *req, void *name)
{
	reply_text(req, name);
}

/* A virtual host that answers everything with its name. */
static struct evhttp *
add_host(struct evhttp *http, struct server *s, const char *pattern, char *name)
{
	struct evhttp *vhost = evhttp_new(s->base);

	evhttp_set_gencb(vhost, say_name_cb, name);
	assert_int_equal(evhttp_add_virtual_host(http, pattern, vhost), 0);
	return vhost;
}

static void
open_hosts(struct server *s)
{
	server_open_with(s, say_name_cb, "main");
}

/* Checks which virtual host answers a request for a host. */
static void
asks(struct server *s, const char *host, const char *answer)
{
	char request[300], expected[50];
	struct client c;

	snprintf(request, sizeof(request),
	    "GET /a HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", host);
	snprintf(expected, sizeof(expected), "200:%s", answer);
	client_open(&c, s);
	say(&c, request);
	expect_end(&c, expected);
	client_close(&c);
}

TEST(http_virtual_host_is_found_by_its_pattern)
{
	struct server s;

	open_hosts(&s);
	add_host(s.http, &s, "a.example", "a");
	add_host(s.http, &s, "*.b.example", "b");
	add_host(s.http, &s, "c?.example", "c");
	add_host(s.http, &s, "*d*e*.example", "de");
	asks(&s, "a.example", "a");
	asks(&s, "A.EXAMPLE", "a");
	asks(&s, "a.example:8080", "a");
	asks(&s, "xa.example", "main");
	asks(&s, "a.examplex", "main");
	asks(&s, "x.b.example", "b");
	asks(&s, "x.y.B.example", "b");
	asks(&s, "b.example", "main");
	asks(&s, ".b.example", "b");
	asks(&s, "c1.example", "c");
	asks(&s, "c.example", "main");
	asks(&s, "c12.example", "main");
	asks(&s, "de.example", "de");
	asks(&s, "1d2dd3e4.example", "de");
	asks(&s, "1e2d3.example", "main");
	asks(&s, "", "main");
	server_close(&s);
}

TEST(http_pattern_of_a_star_is_every_host)
{
	struct server s;
	struct client c;

	open_hosts(&s);
	add_host(s.http, &s, "*", "all");
	asks(&s, "a.example", "all");
	asks(&s, "[::1]:80", "all");
	/* Without a host there is nothing to match. */
	client_open(&c, &s);
	say(&c, "GET /a HTTP/1.0\r\n\r\n");
	expect_end(&c, "200:main");
	client_close(&c);
	server_close(&s);
}

TEST(http_pattern_of_many_stars_is_matched_in_time)
{
	char pattern[201], host[201];
	struct server s;

	for (int i = 0; i < 100; i++)
		memcpy(pattern + 2 * i, "*a", 2);
	strcpy(pattern + 199, "b");
	memset(host, 'a', 200);
	host[200] = '\0';
	open_hosts(&s);
	add_host(s.http, &s, pattern, "never");
	for (int i = 0; i < 100; i++)
		asks(&s, host, "main");
	server_close(&s);
}

TEST(http_host_of_an_address_has_its_brackets)
{
	struct server s;

	open_hosts(&s);
	add_host(s.http, &s, "[::1]", "six");
	add_host(s.http, &s, "127.0.0.1", "four");
	asks(&s, "[::1]", "six");
	asks(&s, "[::1]:8080", "six");
	asks(&s, "127.0.0.1:80", "four");
	server_close(&s);
}

/* RFC 9112 3.2.2 */
TEST(http_host_of_an_absolute_uri_counts_before_the_header)
{
	struct server s;
	struct client c;

	open_hosts(&s);
	add_host(s.http, &s, "a.example", "a");
	add_host(s.http, &s, "b.example", "b");
	client_open(&c, &s);
	say(&c,
	    "GET http://a.example:80/x HTTP/1.1\r\nHost: b.example\r\n\r\n");
	say(&c, "GET http:///x HTTP/1.1\r\nHost: b.example\r\n\r\n");
	say(&c, "GET /http://a.example/ HTTP/1.1\r\nHost: b.example\r\n\r\n");
	expect_answers(&c, "200:a 200:b 200:b");
	client_close(&c);
	server_close(&s);
}

TEST(http_first_pattern_that_matches_counts)
{
	struct server s;

	open_hosts(&s);
	add_host(s.http, &s, "*.example", "wide");
	add_host(s.http, &s, "a.example", "narrow");
	asks(&s, "a.example", "wide");
	server_close(&s);
}

TEST(http_virtual_host_may_have_virtual_hosts)
{
	struct evhttp *outer;
	struct server s;

	open_hosts(&s);
	outer = add_host(s.http, &s, "*.example", "outer");
	add_host(outer, &s, "a.*", "inner");
	asks(&s, "a.example", "inner");
	asks(&s, "b.example", "outer");
	asks(&s, "a.test", "main");
	server_close(&s);
}

TEST(http_alias_counts_before_any_pattern)
{
	struct evhttp *vhost;
	struct server s;

	open_hosts(&s);
	add_host(s.http, &s, "*", "all");
	vhost = add_host(s.http, &s, "never", "aliased");
	assert_int_equal(evhttp_add_server_alias(vhost, "A.example"), 0);
	assert_int_equal(evhttp_add_server_alias(s.http, "main.example"), 0);
	asks(&s, "a.EXAMPLE:80", "aliased");
	asks(&s, "main.example", "main");
	asks(&s, "b.example", "all");
	assert_int_equal(evhttp_remove_server_alias(vhost, "a.example"), 0);
	assert_int_equal(evhttp_remove_server_alias(vhost, "a.example"), -1);
	asks(&s, "a.example", "all");
	server_close(&s);
}

TEST(http_alias_is_not_a_pattern)
{
	struct evhttp *vhost;
	struct server s;

	open_hosts(&s);
	vhost = add_host(s.http, &s, "never", "aliased");
	evhttp_add_server_alias(vhost, "*.example");
	asks(&s, "a.example", "main");
	server_close(&s);
}

static void
paths_cb(struct evhttp_request *req, void *arg)
{
	(void)arg;
	reply_text(req, evhttp_request_get_host(req));
}

TEST(http_virtual_host_answers_whatever_path_is_asked)
{
	struct evhttp *vhost;
	struct server s;
	struct client c;

	open_hosts(&s);
	vhost = evhttp_new(s.base);
	evhttp_set_cb(vhost, "/there", paths_cb, NULL);
	evhttp_set_cb(s.http, "/a", say_name_cb, "main");
	evhttp_add_virtual_host(s.http, "a.example", vhost);
	client_open(&c, &s);
	say(&c, "GET /there HTTP/1.1\r\nHost: A.example:1\r\n\r\n"
		"GET /a HTTP/1.1\r\nHost: b.example\r\n\r\n"
		"GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n");
	expect_end(&c, "200:A.example 200:main 404");
	client_close(&c);
	server_close(&s);
}

TEST(http_virtual_host_that_was_removed_is_the_programs)
{
	struct evhttp *vhost;
	struct server s;

	open_hosts(&s);
	vhost = add_host(s.http, &s, "a.example", "a");
	asks(&s, "a.example", "a");
	assert_int_equal(evhttp_remove_virtual_host(s.http, vhost), 0);
	assert_int_equal(evhttp_remove_virtual_host(s.http, vhost), -1);
	asks(&s, "a.example", "main");
	assert_int_equal(evhttp_add_virtual_host(s.http, "b.example", vhost),
	    0);
	asks(&s, "b.example", "a");
	evhttp_free(vhost);
	asks(&s, "b.example", "main");
	server_close(&s);
}

TEST(http_server_that_is_not_a_virtual_host_is_refused)
{
	struct evhttp *vhost, *inner;
	struct server s, other;

	open_hosts(&s);
	server_open(&other);
	assert_int_equal(evhttp_add_virtual_host(s.http, "a", other.http), -1);
	vhost = add_host(s.http, &s, "a", "a");
	assert_int_equal(evhttp_add_virtual_host(s.http, "b", vhost), -1);
	assert_int_equal(evhttp_add_virtual_host(other.http, "b", vhost), -1);
	assert_int_equal(evhttp_remove_virtual_host(other.http, vhost), -1);
	inner = add_host(vhost, &s, "b", "b");
	/* No circle, not even of one. */
	assert_int_equal(evhttp_remove_virtual_host(s.http, vhost), 0);
	assert_int_equal(evhttp_add_virtual_host(vhost, "c", vhost), -1);
	assert_int_equal(evhttp_add_virtual_host(inner, "c", vhost), -1);
	evhttp_free(vhost);
	server_close(&s);
	server_close(&other);
}

static void
free_host_cb(struct evhttp_request *req, void *arg)
{
	struct evhttp **vhost = arg;

	reply_text(req, "freed");
	evhttp_free(*vhost);
	*vhost = NULL;
}

TEST(http_virtual_host_may_be_freed_in_its_handler)
{
	struct evhttp *vhost;
	struct server s;

	open_hosts(&s);
	vhost = evhttp_new(s.base);
	evhttp_set_gencb(vhost, free_host_cb, &vhost);
	evhttp_add_virtual_host(s.http, "a", vhost);
	asks(&s, "a", "freed");
	assert_null(vhost);
	asks(&s, "a", "main");
	server_close(&s);
}

TEST(http_connections_to_virtual_hosts_are_counted_with_the_servers)
{
	struct evhttp *vhost;
	struct server s;
	struct client c;

	open_hosts(&s);
	vhost = add_host(s.http, &s, "a", "a");
	client_open(&c, &s);
	say(&c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	expect_answers(&c, "200:a");
	assert_int_equal(evhttp_get_connection_count(s.http), 1);
	assert_int_equal(evhttp_get_connection_count(vhost), 0);
	client_close(&c);
	server_close(&s);
}

/* --- the default content type --- */

static void
answer_with_type_cb(struct evhttp_request *req, void *type)
{
	if (strcmp(req->uri, "/own") == 0)
		evhttp_add_header(req->output_headers, "Content-Type",
		    "image/png");
	(void)type;
	reply_text(req, "x");
}

static void
has_type(struct server *s, const char *uri, const char *type)
{
	char request[100];
	struct client c;

	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\n\r\n", uri);
	client_open(&c, s);
	say(&c, request);
	expect_answers(&c, "200:x");
	assert_string_equal(first_field(&c, "Content-Type"), type);
	client_close(&c);
}

TEST(http_content_type_is_what_the_program_says)
{
	struct server s;

	server_open_with(&s, answer_with_type_cb, NULL);
	has_type(&s, "/", "text/html; charset=ISO-8859-1");
	evhttp_set_default_content_type(s.http, "text/plain");
	has_type(&s, "/", "text/plain");
	has_type(&s, "/own", "image/png");
	evhttp_set_default_content_type(s.http, NULL);
	has_type(&s, "/", "");
	has_type(&s, "/own", "image/png");
	server_close(&s);
}
