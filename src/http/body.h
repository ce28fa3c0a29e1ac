/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How the body of an HTTP message is framed (RFC 9112, sections 6 and 7), what
 * else the head says about the connection, and chunks.  Pure functions of
 * bytes, as in head.h.
 */
#ifndef EVI_HTTP_BODY_H
#define EVI_HTTP_BODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "head.h"

/* How a body ends. */
enum evi_framing {
	EVI_BODY_NONE,	     /* there is none */
	EVI_BODY_LENGTH,     /* after so many bytes, perhaps 0 */
	EVI_BODY_CHUNKED,    /* see struct evi_chunks */
	EVI_BODY_EOF,	     /* with the connection; answers only */
	EVI_BODY_BAD,	     /* the message is to be refused: 400 */
	EVI_BODY_UNSUPPORTED /* likewise: 501; requests only */
};

struct evi_body {
	enum evi_framing framing;
	int64_t length; /* of EVI_BODY_LENGTH, else 0 */
	bool is_last;	/* no message may follow, because of the framing */
	bool has_both;	/* Content-Length is there and does not count */
};

/*
 * What the fields of a head say that is of the library's concern, gathered
 * while they are read.  Its owner embeds it; the flags are for reading.
 *
 * A list, such as that of Connection, goes on over all lines of that name, and
 * a folded line ends an element.  Case does not count.
 */
struct evi_framer {
	int64_t length;
	enum evi_header id; /* whose value a folded line goes on with */
	enum evi_coding {
		EVI_CODING_NONE,
		EVI_CODING_OTHER,
		EVI_CODING_CHUNKED
	} coding;	     /* the last one */
	bool wants_comma;    /* a coding has been read, a comma must be next */
	bool has_length;     /* some line */
	bool has_coding;     /* a line */
	bool has_host;	     /* a line */
	bool is_empty;	     /* the line's value so far, where it is one only */
	bool has_bad_length; /* and so on: what makes the message bad */
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
void evi_framer_begin(struct evi_framer *framer);

/* Takes note of a field, in the order in which they come: EVI_FIELD_NEW. */
void evi_framer_field(struct evi_framer *framer, const struct evi_field *field);

/* The same of a line that goes on with the field before: EVI_FIELD_FOLD. */
void evi_framer_fold(struct evi_framer *framer, const struct evi_field *field);

/*
 * Whether no field to come can save this request, so that it may be refused
 * before its head is complete.
 */
bool evi_framer_is_bad(const struct evi_framer *framer);

/*
 * Decides how the body of a request ends; once, when its head is complete.
 * minor is its version's.  Takes back expects_continue from HTTP/1.0, as
 * RFC 9110 10.1.1 says.
 *
 *  - Content-Length: digits, up to 2^63-1; in more than one line if they say
 *    the same.
 *  - Transfer-Encoding: one line, a list that ends in chunked.  Another list is
 *    refused, whatever Content-Length says; 501 if chunked is not in it.  With
 *    Content-Length it counts alone, and this is the last request, RFC
 * 9112 6.3; so it is in HTTP/1.0.
 *  - Neither: no body.  1.4 read to the end of the connection.
 *  - Host: at most one line, a host with or without a port, or nothing.
 *  - None of these, nor Connection, has a control byte other than a tab.
 */
void
evi_framer_request(struct evi_framer *framer, int minor, struct evi_body *body);

/*
 * The same of an answer.  That to HEAD, 1xx, 204 and 304 have no body, whatever
 * the fields say.  With neither length nor coding, or with a coding that is not
 * known, it ends with the connection.
 */
void evi_framer_response(const struct evi_framer *framer,
    bool is_answer_to_head, int code, int minor, struct evi_body *body);

/*
 * Chunks, RFC 9112 7.1, from bytes.  Lines end in CR LF and nothing else.  What
 * is not data is bounded: blanks and extensions in all to 16 KB and a sixteenth
 * of the data, trailers to EVI_TRAILER_BYTES and EVI_TRAILERS; trailers are
 * checked for form, and dropped.  All zeros is the state at the beginning.
 */
#define EVI_TRAILER_BYTES 16384
#define EVI_TRAILERS 128

struct evi_chunks {
	uint64_t size;	 /* of the chunk that is read, or was last */
	uint64_t left;	 /* of its data */
	uint64_t extra;	 /* bytes of blanks and extensions so far */
	uint64_t earned; /* how many more of them the data allows */
	size_t scanned;	 /* of a trailer line */
	uint16_t trailer_bytes;
	uint8_t trailers;
	uint8_t digits; /* of the size */
	uint8_t state;
};

enum evi_chunk {
	EVI_CHUNK_MORE, /* more bytes are needed */
	EVI_CHUNK_DATA, /* some data */
	EVI_CHUNK_DONE, /* the body and its trailers are complete */
	EVI_CHUNK_BAD
};

void evi_chunks_begin(struct evi_chunks *chunks);

/*
 * Looks at what comes next.  *used is how many bytes in front are framing, done
 * with.  After DATA, *n bytes, one at least, follow them, and count as
 * consumed: as many as there are of the chunk, the rest comes as DATA again.
 * What is neither, a trailer line that is not complete, has to be given again
 * with more after it.  DONE and BAD are final.
 */
enum evi_chunk evi_chunks_next(struct evi_chunks *chunks, const char *data,
    size_t len, size_t *used, size_t *n);

/* After DATA: whether these were the last bytes of their chunk. */
bool evi_chunks_at_end(const struct evi_chunks *chunks);

#endif
