/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the client side of libevent 1.4.15 sends: what a program makes of a
 * request, and the bytes that come of it, recorded.
 */
#ifndef CONFORMANCE_HTTP_CLIENT_GOLDEN_H
#define CONFORMANCE_HTTP_CLIENT_GOLDEN_H

struct golden_header {
	const char *key, *value;
};

struct golden {
	const char *what;
	enum evhttp_cmd_type type;
	const char *uri;
	struct golden_header headers[5];
	const char *body;
	const char *request;
	int flags;
};

#define GET EVHTTP_REQ_GET
#define POST EVHTTP_REQ_POST
#define HEAD EVHTTP_REQ_HEAD
#define SHOP                                                                   \
	{                                                                      \
		"Host", "shop.example"                                         \
	}

static const struct golden golden_requests[] = {
    {"no headers", GET, "/loaf", {{0}}, "", "GET /loaf HTTP/1.1\r\n\r\n", 0},
    {"a Host", GET, "/loaf?kind=rye", {SHOP}, "",
	"GET /loaf?kind=rye HTTP/1.1\r\nHost: shop.example\r\n\r\n", 0},
    {"headers in their order", GET, "/loaf",
	{SHOP, {"Accept", "text/html"}, {"X-A", "1"}, {"x-a", "2"}}, "",
	"GET /loaf HTTP/1.1\r\nHost: shop.example\r\nAccept: text/html\r\n"
	"X-A: 1\r\nx-a: 2\r\n\r\n",
	0},
    {"HEAD", HEAD, "/loaf", {SHOP}, "",
	"HEAD /loaf HTTP/1.1\r\nHost: shop.example\r\n\r\n", 0},
    {"POST", POST, "/oven", {SHOP}, "flour=1&salt=2",
	"POST /oven HTTP/1.1\r\nHost: shop.example\r\n"
	"Content-Length: 14\r\n\r\nflour=1&salt=2",
	0},
    {"POST of nothing", POST, "/oven", {SHOP}, "",
	"POST /oven HTTP/1.1\r\nHost: shop.example\r\n"
	"Content-Length: 0\r\n\r\n",
	0},
    {"POST with the program's own length", POST, "/oven",
	{{"content-length", "15"}, SHOP}, "flour=1&salt=2!",
	"POST /oven HTTP/1.1\r\ncontent-length: 15\r\n"
	"Host: shop.example\r\n\r\nflour=1&salt=2!",
	0},
    {"a whole URL", GET, "http://shop.example/loaf", {SHOP}, "",
	"GET http://shop.example/loaf HTTP/1.1\r\n"
	"Host: shop.example\r\n\r\n",
	0},
    {"for a proxy", GET, "http://shop.example/loaf",
	{SHOP, {"Proxy-Connection", "keep-alive"}}, "",
	"GET http://shop.example/loaf HTTP/1.1\r\n"
	"Host: shop.example\r\n\r\n",
	EVHTTP_PROXY_REQUEST},
    {"a header for a proxy, without one", GET, "/loaf",
	{SHOP, {"Proxy-Connection", "keep-alive"}}, "",
	"GET /loaf HTTP/1.1\r\nHost: shop.example\r\n\r\n", 0},
    {"blanks in the URI", GET, "/white loaf", {SHOP}, "",
	"GET /white loaf HTTP/1.1\r\nHost: shop.example\r\n\r\n", 0},
};

/* libevent 2.1 refuses a folded value. */
static const struct golden folded = {"a folded value", GET, "/a",
    {{"Host", "h"}, {"X-F", "one\r\n two"}}, "",
    "GET /a HTTP/1.1\r\nHost: h\r\nX-F: one\r\n two\r\n\r\n", 0};

/* The next three rows have what libevcompat sends, not 1.4.  Here 1.4 sends
 * the body without a Content-Length. */
static const struct golden body_of_get = {"a body", GET, "/loaf", {SHOP},
    "salt",
    "GET /loaf HTTP/1.1\r\nHost: shop.example\r\n"
    "Content-Length: 4\r\n\r\nsalt",
    0};

/* 1.4 sends nothing between the two blanks. */
static const struct golden empty_uri = {"an empty URI", GET, "", {SHOP}, "",
    "GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n", 0};

/* 1.4 sends "Content-Length: 12" as well. */
static const struct golden own_chunks = {"chunks of the program's own", POST,
    "/a", {{"Host", "h"}, {"Transfer-Encoding", "chunked"}},
    "2\r\nxy\r\n0\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    "2\r\nxy\r\n0\r\n\r\n",
    0};

#endif
