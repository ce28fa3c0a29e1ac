/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writes heads: of answers and of requests, as text at the end of a buffer.
 */
#ifndef EVI_HTTP_WRITE_H
#define EVI_HTTP_WRITE_H

#include "request.h"

/* What the headers of a message have in them, found in one walk. */
struct found_headers {
	bool date, content_length, content_type, transfer_encoding, connection;
	bool closes;	  /* Connection has the element close */
	bool keeps_alive; /* and keep-alive, or begins with it, as in 1.4 */
	bool proxy_closes, proxy_keeps_alive; /* likewise Proxy-Connection */
};
void evi_write_find_headers(struct found_headers *known,
    const struct evkeyvalq *headers);

/* The value of Date, now: 29 bytes and a NUL, until the next call. */
const char *evi_write_date(void);

/* How the answer to a request is framed. */
enum answer_form {
	EVI_ANSWER_WHOLE,  /* its body has a length */
	EVI_ANSWER_CHUNKS, /* it comes in pieces */
};

/*
 * Puts the head of an answer together, by the reference's order: the program's
 * headers, then those that are lacking.  closes: the connection ends whatever
 * the headers say.  Sets the members of req that follow from it: is_bodiless,
 * must_close, pub.chunked.  type is the Content-Type of a body that has none;
 * NULL: it is not added.  Returns 0; -1 without memory.
 */
int evi_write_answer(struct http_request *req, struct evbuffer *to,
    enum answer_form how, size_t body, bool closes, const char *type);

/* The same for a client's request, whose output_buffer is the body. */
int evi_write_request(struct http_request *req, struct evbuffer *to);

#endif
