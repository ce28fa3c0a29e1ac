/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls over HTTP as libevent 1.4.15 sends and answers them, recorded, with
 * another date.  A row's name is that of the recording.
 */
#ifndef HELPERS_RPC_GOLDEN_H
#define HELPERS_RPC_GOLDEN_H

#include <stdbool.h>
#include <stddef.h>

#define GOLDEN_DATE "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"

/* What is said where there is no reply. */
#define GOLDEN_503                                                             \
	"HTTP/1.1 503 Service Error\r\n"                                       \
	"Content-Type: text/html\r\n"                                          \
	"Connection: close\r\n" GOLDEN_DATE "Content-Length: 136\r\n"          \
	"\r\n"                                                                 \
	"<HTML><HEAD>\n"                                                       \
	"<TITLE>503 Service Error</TITLE>\n"                                   \
	"</HEAD><BODY>\n"                                                      \
	"<H1>Method Not Implemented</H1>\n"                                    \
	"Invalid method in request<P>\n"                                       \
	"</BODY></HTML>\n"

/* Parcel: dest "hall 3", seal de ad.  Receipt: code 200, text "stored". */
#define GOLDEN_CRATE "\001\006hall 3\003\002\336\255"
#define GOLDEN_ACK "\001\002\030\300\002\006stored"

/* A pool's calls of Store, without and with an output hook that adds X-Hook. */
#define GOLDEN_CALL                                                            \
	"POST /.rpc.Store HTTP/1.1\r\n"                                        \
	"Content-Length: 12\r\n"                                               \
	"\r\n" GOLDEN_CRATE
#define GOLDEN_CALL_HOOK                                                       \
	"POST /.rpc.Store HTTP/1.1\r\n"                                        \
	"X-Hook: ohdr\r\n"                                                     \
	"Content-Length: 12\r\n"                                               \
	"\r\n" GOLDEN_CRATE

struct rpc_golden {
	const char *name;
	const char *request;
	size_t request_len;
	const char *answer;
	size_t answer_len;
	bool is_closed; /* after the answer */
};

#define ROW(name, request, answer, is_closed)                                  \
	{                                                                      \
		name, request, sizeof(request) - 1, answer,                    \
		    sizeof(answer) - 1, is_closed                              \
	}

#define GOLDEN_STORED                                                          \
	"HTTP/1.1 200 OK\r\n"                                                  \
	"Content-Type: application/octet-stream\r\n" GOLDEN_DATE               \
	"Content-Length: 12\r\n"                                               \
	"\r\n" GOLDEN_ACK

/* The handler answers with code 200, text "stored". */
static const struct rpc_golden golden_calls[] = {
    ROW("store",
	"POST /.rpc.Store HTTP/1.1\r\n"
	"Host: h\r\n"
	"Content-Length: 12\r\n"
	"\r\n" GOLDEN_CRATE,
	GOLDEN_STORED, false),
    ROW("store-10",
	"POST /.rpc.Store HTTP/1.0\r\n"
	"Content-Length: 12\r\n"
	"\r\n" GOLDEN_CRATE,
	"HTTP/1.0 200 OK\r\n"
	"Content-Type: application/octet-stream\r\n"
	"\r\n" GOLDEN_ACK,
	true),
    ROW("store-chunked",
	"POST /.rpc.Store HTTP/1.1\r\n"
	"Transfer-Encoding: chunked\r\n"
	"\r\n"
	"c\r\n"
	"\001\006hall 3\003\002\336\255\r\n"
	"0\r\n"
	"\r\n",
	GOLDEN_STORED, false),
    ROW("store-query",
	"POST /.rpc.Store?x=1 HTTP/1.1\r\n"
	"Host: h\r\n"
	"Content-Length: 12\r\n"
	"\r\n" GOLDEN_CRATE,
	GOLDEN_STORED, false),
};

/* There is nothing to answer with. */
static const struct rpc_golden golden_refused[] = {
    ROW("get",
	"GET /.rpc.Store HTTP/1.1\r\n"
	"Host: h\r\n"
	"\r\n",
	GOLDEN_503, true),
    ROW("empty",
	"POST /.rpc.Store HTTP/1.1\r\n"
	"Host: h\r\n"
	"Content-Length: 0\r\n"
	"\r\n",
	GOLDEN_503, true),
    ROW("garbage",
	"POST /.rpc.Store HTTP/1.1\r\n"
	"Host: h\r\n"
	"Content-Length: 12\r\n"
	"\r\n"
	"not a record",
	GOLDEN_503, true),
    ROW("cut",
	"POST /.rpc.Store HTTP/1.1\r\n"
	"Host: h\r\n"
	"Content-Length: 11\r\n"
	"\r\n"
	"\001\006hall 3\003\002\336",
	GOLDEN_503, true),
    ROW("extra",
	"POST /.rpc.Store HTTP/1.1\r\n"
	"Host: h\r\n"
	"Content-Length: 15\r\n"
	"\r\n"
	"\001\006hall 3\003\002\336\255\011\001\001",
	GOLDEN_503, true),
    ROW("half",
	"POST /.rpc.Half HTTP/1.1\r\n"
	"Host: h\r\n"
	"Content-Length: 12\r\n"
	"\r\n" GOLDEN_CRATE,
	GOLDEN_503, true),
};

/* No such call. */
static const struct rpc_golden golden_unknown[] = {
    ROW("unknown",
	"POST /.rpc.Nope HTTP/1.1\r\n"
	"Host: h\r\n"
	"Content-Length: 12\r\n"
	"\r\n" GOLDEN_CRATE,
	"HTTP/1.1 404 Not Found\r\n"
	"Content-Type: text/html\r\n"
	"Connection: close\r\n" GOLDEN_DATE "Content-Length: 151\r\n"
	"\r\n"
	"<html><head><title>404 Not Found</title></head><body><h1>Not "
	"Found</h1><p>The requested URL /.rpc.Nope was not found on this "
	"server.</p></body></html>\n",
	true),
};

/* An input hook returns -1. */
static const struct rpc_golden golden_hook_in[] = {
    ROW("hook-in-fail",
	"POST /.rpc.Store HTTP/1.1\r\n"
	"Host: h\r\n"
	"Content-Length: 12\r\n"
	"\r\n" GOLDEN_CRATE,
	GOLDEN_503, true),
};

/* An output hook returns -1. */
static const struct rpc_golden golden_hook_out[] = {
    ROW("hook-out-fail",
	"POST /.rpc.Store HTTP/1.1\r\n"
	"Host: h\r\n"
	"Content-Length: 12\r\n"
	"\r\n" GOLDEN_CRATE,
	GOLDEN_503, true),
};

/* Output hooks add X-Hook and a Content-Type. */
static const struct rpc_golden golden_hook_header[] = {
    ROW("hook-out-header",
	"POST /.rpc.Store HTTP/1.1\r\n"
	"Host: h\r\n"
	"Content-Length: 12\r\n"
	"\r\n" GOLDEN_CRATE,
	"HTTP/1.1 200 OK\r\n"
	"X-Hook: ohdr\r\n"
	"Content-Type: x/y\r\n" GOLDEN_DATE "Content-Length: 12\r\n"
	"\r\n" GOLDEN_ACK,
	false),
};

#endif
