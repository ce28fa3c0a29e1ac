/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Answers of a server, evhttp_send_*().  They only add to the connection's
 * output; serve.c writes it, from the loop, and frees the answered requests.
 */
#ifndef EVI_HTTP_REPLY_H
#define EVI_HTTP_REPLY_H

#include "conn.h"
#include "write.h"

/*
 * Answers with the page of evhttp_send_error(); adds a header Allow if allow is
 * not NULL.
 */
void evi_reply_error(struct http_request *req, int code, const char *reason,
    const char *allow);

#pragma GCC visibility push(default)

/*
 * 1.4 exports these, and programs declare and call them.  response_code() sets
 * the code and a copy of the reason.  send_page(), after it, drops the answer's
 * headers, sends databuf as HTML, and the connection closes.
 */
void
evhttp_response_code(struct evhttp_request *req, int code, const char *reason);
void evhttp_send_page(struct evhttp_request *req, struct evbuffer *databuf);

#pragma GCC visibility pop

#endif
