/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writes the heads of answers and requests to the end of a buffer.
 */
#ifndef EVI_HTTP_WRITE_H
#define EVI_HTTP_WRITE_H

#include "request.h"

/* Which headers a message has. */
struct found_headers {
	bool date, content_length, content_type, transfer_encoding, connection;
	bool closes;	  /* Connection has the element close */
	bool keeps_alive; /* Connection has, or as in 1.4 begins with,
			     keep-alive */
	bool proxy_closes, proxy_keeps_alive; /* the same of Proxy-Connection */
};

/* Finds out which headers a message has. */
void evi_write_find_headers(struct found_headers *found,
    const struct evkeyvalq *headers);

/* How the program gives an answer. */
enum answer_form {
	EVI_ANSWER_WHOLE,  /* in one call: its length is known */
	EVI_ANSWER_CHUNKS, /* in pieces */
};

/*
 * Writes the head of an answer: the program's headers, then those that are
 * missing.  body is the length of the body in bytes.  closes: the connection
 * will close, whatever the headers say.  type is the Content-Type of a body
 * without one; NULL adds none.  Sets req's
 * members is_bodiless, must_close and pub.chunked.  Returns 0, or -1 without
 * memory.
 */
int evi_write_answer(struct http_request *req, struct evbuffer *to,
    enum answer_form form, size_t body, bool closes, const char *type);

/* Writes the head of a client's request.  Returns 0, or -1 without memory. */
int evi_write_request(struct http_request *req, struct evbuffer *to);

#endif
