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
	EVI_BODY_NONE,	     /* there is none */
	EVI_BODY_LENGTH,     /* after so many bytes, perhaps 0 */
	EVI_BODY_CHUNKED,    /* see chunks.h */
	EVI_BODY_EOF,	     /* with the connection; answers only */
	EVI_BODY_BAD,	     /* the message is to be refused: 400 */
	EVI_BODY_UNSUPPORTED /* likewise: 501; requests only */
};

struct body_framing {
	enum framing framing;
	int64_t length; /* of EVI_BODY_LENGTH, else 0 */
	bool is_last;	/* no message may follow on the connection */
	bool has_both;	/* Content-Length was there, too, and does not count */
};

/*
 * Gathers what the library acts on while the fields of a head are read.  Its
 * owner embeds it, and reads the last six flags once the head is complete.
 *
 * A list, such as that of Connection, goes on over all lines of that name, and
 * a folded line ends an element.  Case does not count.
 */
struct framer {
	int64_t length;	   /* if has_length */
	enum header_id id; /* whose value a folded line goes on with */
	enum coding {
		EVI_CODING_NONE,
		EVI_CODING_OTHER,
		EVI_CODING_IDENTITY,
		EVI_CODING_CHUNKED
	} coding; /* the last one */
	bool has_length;
	bool needs_length;  /* a line of it has no number so far */
	bool has_coding;    /* a line of it, perhaps with none */
	bool needs_comma;   /* before the next coding */
	bool has_host;	    /* a line of it */
	bool has_host_text; /* with something in it */
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

/* Begins with the next message. */
void evi_framer_begin(struct framer *framer);

/* Takes note of a field, in the order in which they come: EVI_FIELD_NEW. */
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
 * Whether no field to come can save this request, so that it may be refused
 * before its head is complete.
 */
bool evi_framer_is_bad(const struct framer *framer);

/*
 * Decides how the body of a request ends; once, when its head is complete.
 * minor is its version's.  Takes back expects_continue from HTTP/1.0, as
 * RFC 9110 10.1.1 says.
 *
 *  - Content-Length: digits, up to 2^63-1; in more than one line if they say
 *    the same.
 *  - Transfer-Encoding: one line, a list that ends in chunked.  Another list is
 *    refused, whatever Content-Length says, with 501 if it is one of codings
 *    that are not known.  With Content-Length it counts alone.  Then, and in
 *    HTTP/1.0, the request is the last one (RFC 9112 6.1, 6.3).
 *  - Neither: no body.  1.4 read to the end of the connection.
 *  - Host: at most one line, a host with or without a port, or nothing.
 *  - None of these, nor Connection, has a control byte other than a tab.
 */
void evi_framer_decide_request(struct framer *framer, int minor,
    struct body_framing *body);

/*
 * The same of an answer.  That to HEAD, 1xx, 204 and 304 have no body, whatever
 * the fields say.  With neither length nor coding, or with a coding that is not
 * known, it ends with the connection.
 */
void evi_framer_decide_response(const struct framer *framer,
    bool is_answer_to_head, int code, int minor, struct body_framing *body);

#endif
