/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How the body of an HTTP message is framed (RFC 9112, section 6), and what
 * else its head says that the library acts on.  Pure functions of bytes, as in
 * head.h; the chunks themselves are in chunks.h.
 */
#ifndef EVI_HTTP_FRAMER_H
#define EVI_HTTP_FRAMER_H

#include "head.h"

#include <stdbool.h>
#include <stdint.h>

/* How a body ends. */
enum framing {
	EVI_BODY_NONE,	     /* there is no body */
	EVI_BODY_LENGTH,     /* after a number of bytes, which may be 0 */
	EVI_BODY_CHUNKED,    /* with its last chunk; see chunks.h */
	EVI_BODY_EOF,	     /* with the connection; answers only */
	EVI_BODY_BAD,	     /* refuse the message with 400 */
	EVI_BODY_UNSUPPORTED /* refuse the request with 501 */
};

struct body_framing {
	enum framing framing;
	int64_t length; /* in bytes, for EVI_BODY_LENGTH; else 0 */
	bool is_last;	/* no message may follow on the connection */
	bool has_both;	/* Transfer-Encoding overrides a Content-Length */
};

/*
 * What the fields of a head say that the library acts on.  Its owner embeds it,
 * and reads the last six flags once the head is complete.
 *
 * All lines of one name make up one list, that of Connection for example.  The
 * end of a line, also before a folded line, ends an element.  Upper and lower
 * case are the same.
 */
struct framer {
	int64_t length;	   /* Content-Length, if has_length */
	enum header_id id; /* whose value a folded line continues */
	enum coding {
		EVI_CODING_NONE,
		EVI_CODING_OTHER,
		EVI_CODING_IDENTITY,
		EVI_CODING_CHUNKED
	} coding; /* the last one of Transfer-Encoding */
	bool has_length;
	bool needs_length;  /* a line of Content-Length has no number so far */
	bool has_coding;    /* a line of Transfer-Encoding */
	bool needs_comma;   /* before another coding */
	bool has_host;	    /* a line of Host */
	bool has_host_text; /* a line of Host that is not empty */
	bool has_bad_length;
	bool has_bad_coding;
	bool has_bad_host;
	bool has_bad_connection;

	bool closes;	   /* Connection: close */
	bool keeps_alive;  /* Connection: keep-alive */
	bool proxy_closes; /* Proxy-Connection: close */
	bool proxy_keeps_alive;
	bool expects_continue; /* Expect: 100-continue */
	bool expects_other;    /* Expect: something else, too */
};

/* Begins the next message. */
void evi_framer_begin(struct framer *framer);

/* Adds a field, EVI_FIELD_NEW, in the order of the head. */
void evi_framer_add_field(struct framer *framer, const struct field *field);

/* A field that the library does not act on: evi_framer_add_field() of
 * EVI_HEADER_OTHER, without a call. */
static inline void
evi_framer_skip_field(struct framer *framer)
{
	framer->id = EVI_HEADER_OTHER;
}

/* Adds a folded line, EVI_FIELD_FOLD, to the value of the field before it. */
void evi_framer_add_fold(struct framer *framer, const struct field *field);

/*
 * Decides how the body of a request ends, once, when its head is complete.
 * minor is the minor number of its version.  Clears expects_continue for
 * HTTP/1.0 (RFC 9110 10.1.1).
 *
 *  - Content-Length: digits, up to 2^63-1.  Several lines must have the same
 *    number.
 *  - Transfer-Encoding: one line, a list that ends in chunked.  Other lists are
 *    refused, whatever Content-Length says: with 501 if a coding is unknown.
 *    Transfer-Encoding overrides Content-Length.  If there are both, or in
 *    HTTP/1.0, the request is the last one (RFC 9112 6.1, 6.3).
 *  - Neither: no body.  1.4 reads until the connection ends.
 *  - Host: at most one line: empty, or a host with or without a port.
 *  - These and Connection must not have a control byte other than a tab.
 */
void evi_framer_decide_request(struct framer *framer, int minor,
    struct body_framing *body);

/*
 * Decides how the body of an answer ends.  An answer to HEAD, and one with 1xx,
 * 204 or 304, has no body, whatever the fields say.  With neither
 * Content-Length nor Transfer-Encoding, or with unknown codings, the body ends
 * with the connection.
 */
void evi_framer_decide_response(const struct framer *framer,
    bool is_answer_to_head, int code, int minor, struct body_framing *body);

#endif
