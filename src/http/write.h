/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writes heads: of answers and of requests, as text at the end of a buffer.
 */
#ifndef EVI_HTTP_WRITE_H
#define EVI_HTTP_WRITE_H

#include "request.h"

#include <string.h>

/* Small pieces of text, put together before they go to a buffer. */
struct evi_text {
	struct evbuffer *to;
	size_t len;
	bool failed; /* there was no memory */
	char text[1024];
};

void evi_text_begin(struct evi_text *t, struct evbuffer *to);
void evi_text_add(struct evi_text *t, const char *s, size_t len);

/* The same, where it is for short pieces to be quick. */
static inline void
evi_text_put(struct evi_text *t, const char *s, size_t len)
{
	if (len > sizeof t->text - t->len) {
		evi_text_add(t, s, len);
		return;
	}
	memcpy(t->text + t->len, s, len);
	t->len += len;
}
void evi_text_number(struct evi_text *t, int64_t n);

/* What is left goes to the buffer.  Returns 0; -1 if anything did not. */
int evi_text_end(struct evi_text *t);

#define EVI_TEXT_LITERAL(t, s) evi_text_put(t, "" s, sizeof(s) - 1)

/* A string in which line ends are blanks, but for folds (RFC 9112 5.2). */
void evi_text_clean(struct evi_text *t, const char *s);

/* "key: value" and a line end. */
void evi_text_field(struct evi_text *t, const char *key, const char *value);

/* What the headers of a message have in them, found in one walk. */
struct evi_known {
	bool date, content_length, content_type, transfer_encoding, connection;
	bool closes;	  /* Connection has the element close */
	bool keeps_alive; /* and keep-alive, or begins with it, as in 1.4 */
	bool proxy_closes, proxy_keeps_alive; /* likewise Proxy-Connection */
};
void evi_known_find(struct evi_known *known, const struct evkeyvalq *headers);

/* The value of Date, now: 29 bytes and a NUL, until the next call. */
const char *evi_date(void);

/* How the answer to a request is framed. */
enum evi_answer {
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
int evi_write_answer(struct evi_request *req, struct evbuffer *to,
    enum evi_answer how, size_t body, bool closes, const char *type);

/* The same for a client's request, whose output_buffer is the body. */
int evi_write_request(struct evi_request *req, struct evbuffer *to);

#endif
