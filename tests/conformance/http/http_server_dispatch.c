/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which callback a request gets: evhttp_set_cb(), evhttp_set_gencb(), or the
 * 404 page.
 */
#include "http_server.h"

/* A callback that notes its name, the argument, and answers. */
static void
named_cb(struct evhttp_request *req, void *name)
{
	note("%s", (const char *)name);
	reply_text(req, "x");
}

/* The targets, each with the callback that is to be called: "" is the 404
 * page. */
struct target {
	const char *uri;
	const char *name;
};

static void
check_targets(struct server *s, const struct target *all)
{
	char head[256];

	for (; all->uri != NULL; all++) {
		printf("'%s'\n", all->uri);
		snprintf(head, sizeof(head),
		    "GET %s HTTP/1.1\r\nConnection: close\r\n\r\n", all->uri);
		ends_with(s, head, strlen(head), all->name,
		    all->name[0] != '\0' ? "200:x" : "404");
	}
}

/* A server with callbacks for these paths, and a generic one if it has a name.
 */
static void
check_routes(const struct target *routes, const char *generic,
    const struct target *all)
{
	struct server s;

	server_open_bare(&s, AF_INET);
	if (generic != NULL)
		evhttp_set_gencb(s.http, named_cb, (void *)generic);
	for (; routes->uri != NULL; routes++)
		evhttp_set_cb(s.http, routes->uri, named_cb,
		    (void *)routes->name);
	check_targets(&s, all);
	server_close(&s);
}

TEST(http_callback_of_a_path_gets_it_with_any_query)
{
	static const struct target routes[] = {{"/x", "x"}, {"/y", "y"},
	    {NULL, NULL}};
	static const struct target all[] = {{"/x", "x"}, {"/x?", "x"},
	    {"/x?a=b", "x"}, {"/x?/y", "x"}, {"/y", "y"}, {"/z", ""}, {"/", ""},
	    {NULL, NULL}};

	check_routes(routes, NULL, all);
}

TEST(http_path_is_compared_byte_for_byte)
{
	static const struct target all[] = {{"/x", "x"}, {"/x/", ""},
	    {"/X", ""}, {"//x", ""}, {"/./x", ""}, {"/x;p", ""},
	    {"/x/../x", ""}, {"/xy", ""}, {NULL, NULL}};
	struct server s;

	server_open_bare(&s, AF_INET);
	evhttp_set_cb(s.http, "/x", named_cb, "x");
	check_targets(&s, all);
	server_close(&s);
}

TEST(http_path_is_not_decoded, DIFFERS(V21, "it is"))
{
	static const struct target routes[] = {{"/x", "x"}, {"/%41", "percent"},
	    {NULL, NULL}};
	static const struct target all[] = {{"/%78", ""}, {"/%41", "percent"},
	    {NULL, NULL}};

	check_routes(routes, NULL, all);
}

TEST(http_fragment_and_parameters_are_ordinary_bytes_of_a_path,
    DIFFERS(V21, "a fragment is no part of it"))
{
	static const struct target all[] = {{"/x#f", "fragment"},
	    {"/x;p", "parameter"}, {"/x;p?q", "parameter"}, {NULL, NULL}};
	struct server s;

	server_open_bare(&s, AF_INET);
	evhttp_set_cb(s.http, "/x#f", named_cb, "fragment");
	evhttp_set_cb(s.http, "/x;p", named_cb, "parameter");
	check_targets(&s, all);
	server_close(&s);
}

TEST(http_path_with_a_question_mark_is_never_asked_for)
{
	static const struct target routes[] = {{"/x?a", "x"}, {NULL, NULL}};
	static const struct target all[] = {{"/x?a", "generic"},
	    {"/x", "generic"}, {NULL, NULL}};

	check_routes(routes, "generic", all);
}

TEST(http_empty_path_has_a_callback_of_its_own)
{
	static const struct target routes[] = {{"", "empty"}, {NULL, NULL}};
	static const struct target all[] = {{"?", "empty"}, {"?a", "empty"},
	    {"/", "generic"}, {NULL, NULL}};

	check_routes(routes, "generic", all);
}

TEST(http_empty_target_is_that_of_the_empty_path, DIFFERS(V21, "400"))
{
	static const struct target routes[] = {{"", "empty"}, {NULL, NULL}};
	static const struct target all[] = {{"", "empty"}, {NULL, NULL}};

	check_routes(routes, NULL, all);
}

TEST(http_absolute_target_is_compared_whole,
    DIFFERS(V21, "its path is compared"))
{
	static const struct target routes[] = {{"/x", "x"},
	    {"http://h/abs", "absolute"}, {NULL, NULL}};
	static const struct target all[] = {{"http://h/abs", "absolute"},
	    {"http://h/abs?q", "absolute"}, {"http://h/x", "generic"},
	    {"http://H/abs", "generic"}, {NULL, NULL}};

	check_routes(routes, "generic", all);
}

TEST(http_generic_callback_gets_what_no_path_matches)
{
	static const struct target routes[] = {{"/x", "x"}, {NULL, NULL}};
	static const struct target all[] = {{"/x", "x"}, {"/y", "generic"},
	    {"*", "generic"}, {NULL, NULL}};

	check_routes(routes, "generic", all);
}

TEST(http_generic_callback_can_be_replaced_and_removed)
{
	static const struct target one[] = {{"/a", "one"}, {NULL, NULL}};
	static const struct target two[] = {{"/a", "two"}, {NULL, NULL}};
	static const struct target none[] = {{"/a", ""}, {NULL, NULL}};
	struct server s;

	server_open_bare(&s, AF_INET);
	check_targets(&s, none);
	evhttp_set_gencb(s.http, named_cb, "one");
	check_targets(&s, one);
	evhttp_set_gencb(s.http, named_cb, "two");
	check_targets(&s, two);
	evhttp_set_gencb(s.http, NULL, NULL);
	check_targets(&s, none);
	server_close(&s);
}

TEST(http_first_callback_of_a_path_counts)
{
	static const struct target routes[] = {{"/x", "first"},
	    {"/x", "second"}, {NULL, NULL}};
	static const struct target all[] = {{"/x", "first"}, {NULL, NULL}};

	check_routes(routes, NULL, all);
}

TEST(http_second_callback_of_a_path_counts_when_the_first_is_removed,
    DIFFERS(V21, "the second was refused"))
{
	static const struct target two[] = {{"/x", "second"}, {NULL, NULL}};
	struct server s;

	server_open_bare(&s, AF_INET);
	evhttp_set_cb(s.http, "/x", named_cb, "first");
	evhttp_set_cb(s.http, "/x", named_cb, "second");
	assert_int_equal(evhttp_del_cb(s.http, "/x"), 0);
	check_targets(&s, two);
	assert_int_equal(evhttp_del_cb(s.http, "/x"), 0);
	assert_int_equal(evhttp_del_cb(s.http, "/x"), -1);
	server_close(&s);
}

TEST(http_removed_callback_is_called_no_more)
{
	static const struct target all[] = {{"/x", ""}, {"/y", "y"},
	    {NULL, NULL}};
	struct server s;

	server_open_bare(&s, AF_INET);
	evhttp_set_cb(s.http, "/x", named_cb, "x");
	evhttp_set_cb(s.http, "/y", named_cb, "y");
	assert_int_equal(evhttp_del_cb(s.http, "/x"), 0);
	assert_int_equal(evhttp_del_cb(s.http, "/x"), -1);
	assert_int_equal(evhttp_del_cb(s.http, "/never"), -1);
	check_targets(&s, all);
	server_close(&s);
}

TEST(http_path_is_copied)
{
	static const struct target all[] = {{"/x", "x"}, {NULL, NULL}};
	char path[] = "/x";
	struct server s;

	server_open_bare(&s, AF_INET);
	evhttp_set_cb(s.http, path, named_cb, "x");
	path[1] = 'y';
	check_targets(&s, all);
	server_close(&s);
}

/* Callbacks that change the list they are found in. */

static void
remove_self_cb(struct evhttp_request *req, void *arg)
{
	struct server *s = arg;

	assert_int_equal(evhttp_del_cb(s->http, "/x"), 0);
	named_cb(req, "self");
}

TEST(http_callback_may_remove_itself)
{
	static const struct target once[] = {{"/x", "self"}, {"/x", "generic"},
	    {NULL, NULL}};
	struct server s;

	server_open_bare(&s, AF_INET);
	evhttp_set_cb(s.http, "/x", remove_self_cb, &s);
	evhttp_set_gencb(s.http, named_cb, "generic");
	check_targets(&s, once);
	server_close(&s);
}

static void
add_another_cb(struct evhttp_request *req, void *arg)
{
	struct server *s = arg;

	evhttp_set_cb(s->http, "/new", named_cb, "new");
	evhttp_set_gencb(s->http, NULL, NULL);
	named_cb(req, "adds");
}

TEST(http_callback_may_add_another)
{
	static const struct target all[] = {{"/a", "adds"}, {"/new", "new"},
	    {"/a", ""}, {NULL, NULL}};
	struct server s;

	server_open_bare(&s, AF_INET);
	evhttp_set_gencb(s.http, add_another_cb, &s);
	check_targets(&s, all);
	server_close(&s);
}

TEST(http_1000_paths_have_a_callback_each)
{
	static char names[1000][8];
	char path[16];
	struct target all[] = {{"/p0", "n0"}, {"/p500", "n500"},
	    {"/p999", "n999"}, {"/p1000", ""}, {NULL, NULL}};
	struct server s;

	server_open_bare(&s, AF_INET);
	for (int i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "/p%d", i);
		snprintf(names[i], sizeof(names[i]), "n%d", i);
		evhttp_set_cb(s.http, path, named_cb, names[i]);
	}
	check_targets(&s, all);
	server_close(&s);
}
