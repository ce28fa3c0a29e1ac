/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What libevent 1.4.15's HTTP server sends: requests, what the program did in
 * its handler, and the bytes that came back, recorded, with another date.
 *
 * Where 1.4's bytes are a fault the table has those that are right instead, and
 * says why.  A row's name is that of the recording.
 */
#ifndef CONFORMANCE_HTTP_GOLDEN_H
#define CONFORMANCE_HTTP_GOLDEN_H

#include <stdbool.h>
#include <stddef.h>

enum act {
	NOTHING,
	ADD_HEADER,
	ADD_OUTPUT, /* to output_buffer */
	SET_VERSION_10,
	SEND_REPLY,
	SEND_ERROR,
	SEND_START,
	SEND_CHUNK,
	SEND_END
};

struct step {
	enum act act;
	int code;
	const char *name; /* or the reason */
	const char *text; /* value or body; NULL: no buffer */
};

struct golden {
	const char *name;
	const char *request;
	struct step steps[6]; /* none: the server has no handler */
	const char *answer;
	bool is_closed; /* after the answer */
};

/* What the program did. */
#define ADD(name, value)                                                       \
	{                                                                      \
		ADD_HEADER, 0, name, value                                     \
	}
#define OUTPUT(text)                                                           \
	{                                                                      \
		ADD_OUTPUT, 0, NULL, text                                      \
	}
#define AS_10                                                                  \
	{                                                                      \
		SET_VERSION_10, 0, NULL, NULL                                  \
	}
#define REPLY(code, reason, body)                                              \
	{                                                                      \
		SEND_REPLY, code, reason, body                                 \
	}
#define FAIL(code, reason)                                                     \
	{                                                                      \
		SEND_ERROR, code, reason, NULL                                 \
	}
#define START(code, reason)                                                    \
	{                                                                      \
		SEND_START, code, reason, NULL                                 \
	}
#define CHUNK(text)                                                            \
	{                                                                      \
		SEND_CHUNK, 0, NULL, text                                      \
	}
#define END                                                                    \
	{                                                                      \
		SEND_END, 0, NULL, NULL                                        \
	}

/* What the client sent. */
#define GET_11                                                                 \
	"GET /t HTTP/1.1\r\n"                                                  \
	"Host: shop.example\r\n"                                               \
	"\r\n"
#define GET_10                                                                 \
	"GET /t HTTP/1.0\r\n"                                                  \
	"\r\n"
#define GET_10_KEPT                                                            \
	"GET /t HTTP/1.0\r\n"                                                  \
	"Connection: keep-alive\r\n"                                           \
	"\r\n"
#define GET_11_CLOSE                                                           \
	"GET /t HTTP/1.1\r\n"                                                  \
	"Host: shop.example\r\n"                                               \
	"Connection: close\r\n"                                                \
	"\r\n"
#define HEAD_11                                                                \
	"HEAD /t HTTP/1.1\r\n"                                                 \
	"Host: shop.example\r\n"                                               \
	"\r\n"

/* What comes back often. */
#define DATE "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
#define HTML_DEFAULT "Content-Type: text/html; charset=ISO-8859-1\r\n"
#define PAGE(title)                                                            \
	"<HTML><HEAD>\n"                                                       \
	"<TITLE>" title "</TITLE>\n"                                           \
	"</HEAD><BODY>\n"                                                      \
	"<H1>Method Not Implemented</H1>\n"                                    \
	"Invalid method in request<P>\n"                                       \
	"</BODY></HTML>\n"
#define BAD_REQUEST                                                            \
	"HTTP/1.1 400 Bad Request\r\n"                                         \
	"Content-Type: text/html\r\n"                                          \
	"Connection: close\r\n" DATE "Content-Length: 134\r\n"                 \
	"\r\n" PAGE("400 Bad Request")

/* Answers whose type is sent. */
static const struct golden golden_same[] = {
    {"reply-11", GET_11, {REPLY(200, "OK", "fresh bread")},
	"HTTP/1.1 200 OK\r\n" DATE "Content-Length: 11\r\n" HTML_DEFAULT "\r\n"
	"fresh bread",
	false},
    {"ctype-11", GET_11,
	{ADD("Content-Type", "text/plain"), REPLY(200, "OK", "fresh bread")},
	"HTTP/1.1 200 OK\r\n"
	"Content-Type: text/plain\r\n" DATE "Content-Length: 11\r\n"
	"\r\n"
	"fresh bread",
	false},
    {"clen-11", GET_11,
	{ADD("Content-Length", "11"), REPLY(200, "OK", "fresh bread")},
	"HTTP/1.1 200 OK\r\n"
	"Content-Length: 11\r\n" DATE HTML_DEFAULT "\r\n"
	"fresh bread",
	false},
    {"own-11", GET_11,
	{ADD("Server", "oven/1"), ADD("X-A", "1"), ADD("x-a", "2"),
	    REPLY(201, "Baked", "x")},
	"HTTP/1.1 201 Baked\r\n"
	"Server: oven/1\r\n"
	"X-A: 1\r\n"
	"x-a: 2\r\n" DATE "Content-Length: 1\r\n" HTML_DEFAULT "\r\n"
	"x",
	false},
    {"stream-ct-11", GET_11,
	{ADD("Content-Type", "text/plain"), START(200, "OK"), CHUNK("rye"),
	    END},
	"HTTP/1.1 200 OK\r\n"
	"Content-Type: text/plain\r\n"
	"Transfer-Encoding: chunked\r\n" DATE "\r\n"
	"3\r\n"
	"rye\r\n"
	"0\r\n"
	"\r\n",
	false},
    {"reply-10", GET_10, {REPLY(200, "OK", "fresh bread")},
	"HTTP/1.0 200 OK\r\n" HTML_DEFAULT "\r\n"
	"fresh bread",
	true},
    {"ctype-10", GET_10,
	{ADD("Content-Type", "text/plain"), REPLY(200, "OK", "fresh bread")},
	"HTTP/1.0 200 OK\r\n"
	"Content-Type: text/plain\r\n"
	"\r\n"
	"fresh bread",
	true},
    {"clen-10", GET_10,
	{ADD("Content-Length", "11"), REPLY(200, "OK", "fresh bread")},
	"HTTP/1.0 200 OK\r\n"
	"Content-Length: 11\r\n" HTML_DEFAULT "\r\n"
	"fresh bread",
	true},
    {"own-10", GET_10,
	{ADD("Server", "oven/1"), ADD("X-A", "1"), ADD("x-a", "2"),
	    REPLY(201, "Baked", "x")},
	"HTTP/1.0 201 Baked\r\n"
	"Server: oven/1\r\n"
	"X-A: 1\r\n"
	"x-a: 2\r\n" HTML_DEFAULT "\r\n"
	"x",
	true},
    {"stream-ct-10", GET_10,
	{ADD("Content-Type", "text/plain"), START(200, "OK"), CHUNK("rye"),
	    END},
	"HTTP/1.0 200 OK\r\n"
	"Content-Type: text/plain\r\n"
	"\r\n"
	"rye",
	true},
    {"reply-10ka", GET_10_KEPT, {REPLY(200, "OK", "fresh bread")},
	"HTTP/1.0 200 OK\r\n"
	"Connection: keep-alive\r\n"
	"Content-Length: 11\r\n" HTML_DEFAULT "\r\n"
	"fresh bread",
	false},
    {"ctype-10ka", GET_10_KEPT,
	{ADD("Content-Type", "text/plain"), REPLY(200, "OK", "fresh bread")},
	"HTTP/1.0 200 OK\r\n"
	"Content-Type: text/plain\r\n"
	"Connection: keep-alive\r\n"
	"Content-Length: 11\r\n"
	"\r\n"
	"fresh bread",
	false},
    {"clen-10ka", GET_10_KEPT,
	{ADD("Content-Length", "11"), REPLY(200, "OK", "fresh bread")},
	"HTTP/1.0 200 OK\r\n"
	"Content-Length: 11\r\n"
	"Connection: keep-alive\r\n" HTML_DEFAULT "\r\n"
	"fresh bread",
	false},
    {"own-10ka", GET_10_KEPT,
	{ADD("Server", "oven/1"), ADD("X-A", "1"), ADD("x-a", "2"),
	    REPLY(201, "Baked", "x")},
	"HTTP/1.0 201 Baked\r\n"
	"Server: oven/1\r\n"
	"X-A: 1\r\n"
	"x-a: 2\r\n"
	"Connection: keep-alive\r\n"
	"Content-Length: 1\r\n" HTML_DEFAULT "\r\n"
	"x",
	false},
    {"reply-11close", GET_11_CLOSE, {REPLY(200, "OK", "fresh bread")},
	"HTTP/1.1 200 OK\r\n" DATE "Content-Length: 11\r\n" HTML_DEFAULT
	"Connection: close\r\n"
	"\r\n"
	"fresh bread",
	true},
    {"ctype-11close", GET_11_CLOSE,
	{ADD("Content-Type", "text/plain"), REPLY(200, "OK", "fresh bread")},
	"HTTP/1.1 200 OK\r\n"
	"Content-Type: text/plain\r\n" DATE "Content-Length: 11\r\n"
	"Connection: close\r\n"
	"\r\n"
	"fresh bread",
	true},
    {"clen-11close", GET_11_CLOSE,
	{ADD("Content-Length", "11"), REPLY(200, "OK", "fresh bread")},
	"HTTP/1.1 200 OK\r\n"
	"Content-Length: 11\r\n" DATE HTML_DEFAULT "Connection: close\r\n"
	"\r\n"
	"fresh bread",
	true},
    {"own-11close", GET_11_CLOSE,
	{ADD("Server", "oven/1"), ADD("X-A", "1"), ADD("x-a", "2"),
	    REPLY(201, "Baked", "x")},
	"HTTP/1.1 201 Baked\r\n"
	"Server: oven/1\r\n"
	"X-A: 1\r\n"
	"x-a: 2\r\n" DATE "Content-Length: 1\r\n" HTML_DEFAULT
	"Connection: close\r\n"
	"\r\n"
	"x",
	true},
    {"stream-ct-11close", GET_11_CLOSE,
	{ADD("Content-Type", "text/plain"), START(200, "OK"), CHUNK("rye"),
	    END},
	"HTTP/1.1 200 OK\r\n"
	"Content-Type: text/plain\r\n"
	"Transfer-Encoding: chunked\r\n" DATE "Connection: close\r\n"
	"\r\n"
	"3\r\n"
	"rye\r\n"
	"0\r\n"
	"\r\n",
	true},
    {"post-11",
	"POST /t HTTP/1.1\r\n"
	"Host: shop.example\r\n"
	"Content-Length: 4\r\n"
	"\r\n"
	"salt",
	{REPLY(200, "OK", "got it")},
	"HTTP/1.1 200 OK\r\n" DATE "Content-Length: 6\r\n" HTML_DEFAULT "\r\n"
	"got it",
	false},
    {"own-close-11", GET_11,
	{ADD("Connection", "close"), REPLY(200, "OK", "x")},
	"HTTP/1.1 200 OK\r\n"
	"Connection: close\r\n" DATE "Content-Length: 1\r\n" HTML_DEFAULT "\r\n"
	"x",
	true},
    {"own-CLOSE-11", GET_11,
	{ADD("connection", "CLOSE"), REPLY(200, "OK", "x")},
	"HTTP/1.1 200 OK\r\n"
	"connection: CLOSE\r\n" DATE "Content-Length: 1\r\n" HTML_DEFAULT "\r\n"
	"x",
	true},
    {"own-ka-11", GET_11,
	{ADD("Connection", "keep-alive"), REPLY(200, "OK", "x")},
	"HTTP/1.1 200 OK\r\n"
	"Connection: keep-alive\r\n" DATE "Content-Length: 1\r\n" HTML_DEFAULT
	"\r\n"
	"x",
	false},
    {"own-date-11", GET_11, {ADD("Date", "yesterday"), REPLY(200, "OK", "x")},
	"HTTP/1.1 200 OK\r\n"
	"Date: yesterday\r\n"
	"Content-Length: 1\r\n" HTML_DEFAULT "\r\n"
	"x",
	false},
    {"output-buffer-11", GET_11, {OUTPUT("pre-"), REPLY(200, "OK", "x")},
	"HTTP/1.1 200 OK\r\n" DATE "Content-Length: 5\r\n" HTML_DEFAULT "\r\n"
	"pre-x",
	false},
    {"output-buffer-null-11", GET_11, {OUTPUT("only"), REPLY(200, "OK", NULL)},
	"HTTP/1.1 200 OK\r\n" DATE "Content-Length: 4\r\n" HTML_DEFAULT "\r\n"
	"only",
	false},
    {"reason-empty-11", GET_11, {REPLY(200, "", "x")},
	"HTTP/1.1 200 \r\n" DATE "Content-Length: 1\r\n" HTML_DEFAULT "\r\n"
	"x",
	false},
    {"reason-blanks-11", GET_11, {REPLY(200, "a b  c", "x")},
	"HTTP/1.1 200 a b  c\r\n" DATE "Content-Length: 1\r\n" HTML_DEFAULT
	"\r\n"
	"x",
	false},
    {"code-999-11", GET_11, {REPLY(999, "Odd", "x")},
	"HTTP/1.1 999 Odd\r\n" DATE "Content-Length: 1\r\n" HTML_DEFAULT "\r\n"
	"x",
	false},
    {"own-te-11", GET_11,
	{ADD("Transfer-Encoding", "gzip"), REPLY(200, "OK", "x")},
	"HTTP/1.1 200 OK\r\n"
	"Transfer-Encoding: gzip\r\n" DATE HTML_DEFAULT "\r\n"
	"x",
	false},
    {"emptyvalue-11", GET_11, {ADD("X-E", ""), REPLY(200, "OK", "x")},
	"HTTP/1.1 200 OK\r\n"
	"X-E: \r\n" DATE "Content-Length: 1\r\n" HTML_DEFAULT "\r\n"
	"x",
	false},
    {"v10-11", GET_11, {AS_10, REPLY(200, "OK", "x")},
	"HTTP/1.0 200 OK\r\n" HTML_DEFAULT "\r\n"
	"x",
	true},
    {"clen-short-11", GET_11,
	{ADD("Content-Length", "3"), REPLY(200, "OK", "fresh")},
	"HTTP/1.1 200 OK\r\n"
	"Content-Length: 3\r\n" DATE HTML_DEFAULT "\r\n"
	"fresh",
	false},
};

/* Answers without a type: there is no body, or its length is not known yet. */
static const struct golden golden_no_type[] = {
    {"reply-null-11", GET_11, {REPLY(200, "OK", NULL)},
	"HTTP/1.1 200 OK\r\n" DATE "Content-Length: 0\r\n"
	"\r\n",
	false},
    {"reply-empty-11", GET_11, {REPLY(200, "OK", "")},
	"HTTP/1.1 200 OK\r\n" DATE "Content-Length: 0\r\n"
	"\r\n",
	false},
    {"stream-11", GET_11,
	{START(200, "OK"), CHUNK("rye"), CHUNK("wheat bread"), END},
	"HTTP/1.1 200 OK\r\n"
	"Transfer-Encoding: chunked\r\n" DATE "\r\n"
	"3\r\n"
	"rye\r\n"
	"b\r\n"
	"wheat bread\r\n"
	"0\r\n"
	"\r\n",
	false},
    {"stream-none-11", GET_11, {START(200, "OK"), END},
	"HTTP/1.1 200 OK\r\n"
	"Transfer-Encoding: chunked\r\n" DATE "\r\n"
	"0\r\n"
	"\r\n",
	false},
    {"reply-null-10", GET_10, {REPLY(200, "OK", NULL)},
	"HTTP/1.0 200 OK\r\n"
	"\r\n",
	true},
    {"reply-empty-10", GET_10, {REPLY(200, "OK", "")},
	"HTTP/1.0 200 OK\r\n"
	"\r\n",
	true},
    {"stream-10", GET_10,
	{START(200, "OK"), CHUNK("rye"), CHUNK("wheat bread"), END},
	"HTTP/1.0 200 OK\r\n"
	"\r\n"
	"ryewheat bread",
	true},
    {"stream-none-10", GET_10, {START(200, "OK"), END},
	"HTTP/1.0 200 OK\r\n"
	"\r\n",
	true},
    {"204-10", GET_10, {REPLY(204, "No Content", NULL)},
	"HTTP/1.0 204 No Content\r\n"
	"\r\n",
	true},
    {"304-10", GET_10, {REPLY(304, "Not Modified", NULL)},
	"HTTP/1.0 304 Not Modified\r\n"
	"\r\n",
	true},
    {"reply-null-10ka", GET_10_KEPT, {REPLY(200, "OK", NULL)},
	"HTTP/1.0 200 OK\r\n"
	"Connection: keep-alive\r\n"
	"Content-Length: 0\r\n"
	"\r\n",
	false},
    {"reply-empty-10ka", GET_10_KEPT, {REPLY(200, "OK", "")},
	"HTTP/1.0 200 OK\r\n"
	"Connection: keep-alive\r\n"
	"Content-Length: 0\r\n"
	"\r\n",
	false},
    {"reply-null-11close", GET_11_CLOSE, {REPLY(200, "OK", NULL)},
	"HTTP/1.1 200 OK\r\n" DATE "Content-Length: 0\r\n"
	"Connection: close\r\n"
	"\r\n",
	true},
    {"reply-empty-11close", GET_11_CLOSE, {REPLY(200, "OK", "")},
	"HTTP/1.1 200 OK\r\n" DATE "Content-Length: 0\r\n"
	"Connection: close\r\n"
	"\r\n",
	true},
    {"stream-11close", GET_11_CLOSE,
	{START(200, "OK"), CHUNK("rye"), CHUNK("wheat bread"), END},
	"HTTP/1.1 200 OK\r\n"
	"Transfer-Encoding: chunked\r\n" DATE "Connection: close\r\n"
	"\r\n"
	"3\r\n"
	"rye\r\n"
	"b\r\n"
	"wheat bread\r\n"
	"0\r\n"
	"\r\n",
	true},
    {"stream-none-11close", GET_11_CLOSE, {START(200, "OK"), END},
	"HTTP/1.1 200 OK\r\n"
	"Transfer-Encoding: chunked\r\n" DATE "Connection: close\r\n"
	"\r\n"
	"0\r\n"
	"\r\n",
	true},
    {"head-null-11", HEAD_11, {REPLY(200, "OK", NULL)},
	"HTTP/1.1 200 OK\r\n" DATE "Content-Length: 0\r\n"
	"\r\n",
	false},
    {"head-clen-11", HEAD_11,
	{ADD("Content-Length", "99"), REPLY(200, "OK", NULL)},
	"HTTP/1.1 200 OK\r\n"
	"Content-Length: 99\r\n" DATE "\r\n",
	false},
    {"stream-close-11", GET_11,
	{ADD("Connection", "close"), START(200, "OK"), CHUNK("a"), END},
	"HTTP/1.1 200 OK\r\n"
	"Connection: close\r\n"
	"Transfer-Encoding: chunked\r\n" DATE "\r\n"
	"1\r\n"
	"a\r\n"
	"0\r\n"
	"\r\n",
	true},
    {"stream-lateclose-11", GET_11,
	{START(200, "OK"), CHUNK("a"), ADD("Connection", "close"), END},
	"HTTP/1.1 200 OK\r\n"
	"Transfer-Encoding: chunked\r\n" DATE "\r\n"
	"1\r\n"
	"a\r\n"
	"0\r\n"
	"\r\n",
	true},
    {"stream-emptychunk-10", GET_10,
	{START(200, "OK"), CHUNK("rye"), CHUNK(""), CHUNK("oat"), END},
	"HTTP/1.0 200 OK\r\n"
	"\r\n"
	"ryeoat",
	true},
};

/* The pages that the library makes. */
static const struct golden golden_pages[] = {
    {"error-11", GET_11, {ADD("X-Lost", "1"), FAIL(404, "No Bread")},
	"HTTP/1.1 404 No Bread\r\n"
	"Content-Type: text/html\r\n"
	"Connection: close\r\n" DATE "Content-Length: 131\r\n"
	"\r\n" PAGE("404 No Bread"),
	true},
    {"error-10", GET_10, {ADD("X-Lost", "1"), FAIL(404, "No Bread")},
	"HTTP/1.1 404 No Bread\r\n"
	"Content-Type: text/html\r\n"
	"Connection: close\r\n" DATE "Content-Length: 131\r\n"
	"\r\n" PAGE("404 No Bread"),
	true},
    {"error-10ka", GET_10_KEPT, {ADD("X-Lost", "1"), FAIL(404, "No Bread")},
	"HTTP/1.1 404 No Bread\r\n"
	"Content-Type: text/html\r\n"
	"Connection: close\r\n" DATE "Content-Length: 131\r\n"
	"\r\n" PAGE("404 No Bread"),
	true},
    {"error-11close", GET_11_CLOSE, {ADD("X-Lost", "1"), FAIL(404, "No Bread")},
	"HTTP/1.1 404 No Bread\r\n"
	"Content-Type: text/html\r\n" DATE "Content-Length: 131\r\n"
	"Connection: close\r\n"
	"\r\n" PAGE("404 No Bread"),
	true},
    {"error-output-11", GET_11, {OUTPUT("pre"), FAIL(500, "Burnt")},
	"HTTP/1.1 500 Burnt\r\n"
	"Content-Type: text/html\r\n"
	"Connection: close\r\n" DATE "Content-Length: 131\r\n"
	"\r\n"
	"pre" PAGE("500 Burnt"),
	true},
    {"bad-line",
	"BREAD\r\n"
	"\r\n",
	{}, BAD_REQUEST, true},
    {"bad-header",
	"GET /t HTTP/1.1\r\n"
	"no colon here\r\n"
	"\r\n",
	{}, BAD_REQUEST, true},
    {"bad-10",
	"GET /t HTTP/1.0\r\n"
	"no colon here\r\n"
	"\r\n",
	{}, BAD_REQUEST, true},
    {"put",
	"PUT /t HTTP/1.1\r\n"
	"Host: h\r\n"
	"Content-Length: 4\r\n"
	"\r\n"
	"salt",
	{}, BAD_REQUEST, true},
    {"clen-bad",
	"POST /t HTTP/1.1\r\n"
	"Content-Length: four\r\n"
	"\r\n"
	"salt",
	{}, BAD_REQUEST, true},
    {"404-11",
	"GET /none?q=<1> HTTP/1.1\r\n"
	"Host: h\r\n"
	"\r\n",
	{},
	"HTTP/1.1 404 Not Found\r\n"
	"Content-Type: text/html\r\n"
	"Connection: close\r\n" DATE "Content-Length: 158\r\n"
	"\r\n"
	"<html><head><title>404 Not Found</title></head><body><h1>Not "
	"Found</h1><p>The requested URL /none?q=&lt;1&gt; was not found on "
	"this server.</p></body></html>\n",
	true},
    {"404-10",
	"GET /none HTTP/1.0\r\n"
	"\r\n",
	{},
	"HTTP/1.1 404 Not Found\r\n"
	"Content-Type: text/html\r\n"
	"Connection: close\r\n" DATE "Content-Length: 146\r\n"
	"\r\n"
	"<html><head><title>404 Not Found</title></head><body><h1>Not "
	"Found</h1><p>The requested URL /none was not found on this "
	"server.</p></body></html>\n",
	true},
    {"404-10ka",
	"GET /none HTTP/1.0\r\n"
	"Connection: keep-alive\r\n"
	"\r\n",
	{},
	"HTTP/1.1 404 Not Found\r\n"
	"Content-Type: text/html\r\n"
	"Connection: close\r\n" DATE "Content-Length: 146\r\n"
	"\r\n"
	"<html><head><title>404 Not Found</title></head><body><h1>Not "
	"Found</h1><p>The requested URL /none was not found on this "
	"server.</p></body></html>\n",
	true},
};

/* A 204 and a 304 have no body, so no length is added (RFC 9110 8.6). */
static const struct golden golden_204[] = {
    {"204-11", GET_11, {REPLY(204, "No Content", NULL)},
	"HTTP/1.1 204 No Content\r\n" DATE "\r\n", false},
    {"204-11close", GET_11_CLOSE, {REPLY(204, "No Content", NULL)},
	"HTTP/1.1 204 No Content\r\n" DATE "Connection: close\r\n"
	"\r\n",
	true},
    {"204-10ka", GET_10_KEPT, {REPLY(204, "No Content", NULL)},
	"HTTP/1.0 204 No Content\r\n"
	"Connection: keep-alive\r\n"
	"\r\n",
	false},
    {"204-body-11", GET_11, {REPLY(204, "No Content", "x")},
	"HTTP/1.1 204 No Content\r\n" DATE "\r\n", false},
    {"304-11", GET_11, {REPLY(304, "Not Modified", NULL)},
	"HTTP/1.1 304 Not Modified\r\n" DATE "\r\n", false},
    {"304-11close", GET_11_CLOSE, {REPLY(304, "Not Modified", NULL)},
	"HTTP/1.1 304 Not Modified\r\n" DATE "Connection: close\r\n"
	"\r\n",
	true},
    {"304-10ka", GET_10_KEPT, {REPLY(304, "Not Modified", NULL)},
	"HTTP/1.0 304 Not Modified\r\n"
	"Connection: keep-alive\r\n"
	"\r\n",
	false},
    {"304-body-11", GET_11, {REPLY(304, "Not Modified", "x")},
	"HTTP/1.1 304 Not Modified\r\n" DATE "\r\n", false},
};

/* An answer to HEAD ends with its head. */
static const struct golden golden_head[] = {
    {"head-11", HEAD_11, {REPLY(200, "OK", "fresh bread")},
	"HTTP/1.1 200 OK\r\n" DATE "Content-Length: 11\r\n" HTML_DEFAULT "\r\n",
	false},
    {"stream-head-11", HEAD_11, {START(200, "OK"), CHUNK("rye"), END},
	"HTTP/1.1 200 OK\r\n"
	"Transfer-Encoding: chunked\r\n" DATE "\r\n",
	false},
};

/* The length of a streamed body is not known: only closing ends it. */
static const struct golden golden_stream_10_kept[] = {
    {"stream-10ka", GET_10_KEPT,
	{START(200, "OK"), CHUNK("rye"), CHUNK("wheat bread"), END},
	"HTTP/1.0 200 OK\r\n"
	"\r\n"
	"ryewheat bread",
	true},
    {"stream-ct-10ka", GET_10_KEPT,
	{ADD("Content-Type", "text/plain"), START(200, "OK"), CHUNK("rye"),
	    END},
	"HTTP/1.0 200 OK\r\n"
	"Content-Type: text/plain\r\n"
	"\r\n"
	"rye",
	true},
    {"stream-none-10ka", GET_10_KEPT, {START(200, "OK"), END},
	"HTTP/1.0 200 OK\r\n"
	"\r\n",
	true},
};

/* A length beside chunks is not sent (RFC 9112 6.2). */
static const struct golden golden_stream_length[] = {
    {"stream-clen-11", GET_11,
	{ADD("Content-Length", "6"), START(200, "OK"), CHUNK("rye"),
	    CHUNK("oat"), END},
	"HTTP/1.1 200 OK\r\n"
	"Transfer-Encoding: chunked\r\n" DATE "\r\n"
	"3\r\n"
	"rye\r\n"
	"3\r\n"
	"oat\r\n"
	"0\r\n"
	"\r\n",
	false},
};

/* An empty chunk would end the body: it is left out. */
static const struct golden golden_empty_chunk[] = {
    {"stream-emptychunk-11", GET_11,
	{START(200, "OK"), CHUNK("rye"), CHUNK(""), CHUNK("oat"), END},
	"HTTP/1.1 200 OK\r\n"
	"Transfer-Encoding: chunked\r\n" DATE "\r\n"
	"3\r\n"
	"rye\r\n"
	"3\r\n"
	"oat\r\n"
	"0\r\n"
	"\r\n",
	false},
};

/* The reason is text, not HTML. */
static const struct golden golden_escaped[] = {
    {"error-html-11", GET_11, {FAIL(500, "Burnt & <b>")},
	"HTTP/1.1 500 Burnt & <b>\r\n"
	"Content-Type: text/html\r\n"
	"Connection: close\r\n" DATE "Content-Length: 144\r\n"
	"\r\n" PAGE("500 Burnt &amp; &lt;b&gt;"),
	true},
};

#endif
