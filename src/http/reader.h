/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads messages: bytes in, a struct http_request filled.  Has no descriptor
 * and calls nobody; what it is at it tells its caller, who goes on from there.
 */
#ifndef EVI_HTTP_READER_H
#define EVI_HTTP_READER_H

#include "framer.h"
#include "chunks.h"
#include "head.h"
#include "request.h"

/* The limits of a head where nobody sets any. */
#define EVI_HEAD_MAX ((size_t)131072)
#define EVI_FIELDS_MAX 1000

/* A piece of a body is no longer than this. */
#define EVI_PIECE_MAX ((size_t)65536)

/* What a program has set; negative is no limit. */
struct size_limits {
	ssize_t head; /* bytes */
	ssize_t body;
};

enum read_result {
	EVI_READ_MORE,	/* takes more bytes to go on */
	EVI_READ_NEW,	/* not the reader's; see struct conn_role */
	EVI_READ_HEAD,	/* the head is complete, if stops_at_head is set; and of
			 * a GET or HEAD with a body, and of answers below 200 */
	EVI_READ_PIECE, /* some of the body has come; see stops_at_pieces */
	EVI_READ_CHUNK, /* a whole chunk is there; see stops_at_chunks */
	EVI_READ_DONE,	/* the message is complete; begin the next one */
	EVI_READ_BAD,	/* it is refused: status says how */
	EVI_READ_NOMEM
};

enum reader_state {
	EVI_READING_NOTHING, /* before the first byte */
	EVI_READING_LINE,
	EVI_READING_FIELDS,
	EVI_READING_BODY,
	EVI_READING_END /* nothing is left but to say that it is done */
};

struct message_reader {
	/* How the caller wants it, for all messages. */
	struct size_limits limits;
	uint16_t methods;   /* a bit for each type that is accepted */
	bool knows_methods; /* refuses others with 501 and 405, not 400 */
	bool is_client;	    /* reads answers */

	/* For this message. */
	bool answers_head;    /* it is the answer to HEAD */
	bool stops_at_head;   /* HEAD is told of each message, see below */
	bool stops_at_pieces; /* stops where some of the body has come */
	bool stops_at_chunks; /* stops after each chunk */
	bool discards_body;   /* the body is not kept, nor is it too long */

	/* What it found. */
	enum reader_state state;
	int status; /* of what is BAD: 400, 413, 414, 417, 431 ... */
	enum framing framing;
	bool is_last;	       /* its framing leaves no place for another */
	bool closes;	       /* that, or it says so */
	bool keeps_alive;      /* it asks for it */
	bool expects_continue; /* 100-continue */

	size_t head_bytes, scanned;
	int fields, blank_lines;
	int64_t remaining; /* of a body of known length */
	int64_t body_bytes;
	struct framer framer;
	struct chunks chunks;
};

/* Makes the reader of a server's or a client's connection. */
void evi_reader_init(struct message_reader *rd, bool is_client);

/* The next message begins. */
void evi_reader_begin(struct message_reader *rd);

/*
 * Looks at bytes that follow those that were used before, and fills req, which
 * may be NULL once the body is dropped.  *used is how many it is done with: the
 * rest is to be given again, more after it if MORE is the answer.
 */
enum read_result evi_reader_feed(struct message_reader *rd,
    struct http_request *req, const char *data, size_t len, size_t *used);

/*
 * How many bytes of the body may be put straight into req's input buffer, and
 * that so many have been.
 */
size_t evi_reader_direct_size(const struct message_reader *rd);
enum read_result evi_reader_add_direct(struct message_reader *rd,
    struct http_request *req, size_t n);

/* The other side ends here: DONE if so does the message, else BAD. */
enum read_result evi_reader_eof(struct message_reader *rd);

/* Sets the limits as evhttp_set_max_headers_size() and so on describe. */
void evi_reader_init_limits(struct size_limits *limits);

#pragma GCC visibility push(default)

/*
 * 1.4 exports these, and programs declare and call them.  They take the first
 * line, or header lines up to the empty one, from buf, as req->kind says what
 * is read.  Return 1 when done; 0 if more is needed, complete header lines
 * having been taken; -1 if it is not HTTP.
 */
int evhttp_parse_firstline(struct evhttp_request *req, struct evbuffer *buf);
int evhttp_parse_headers(struct evhttp_request *req, struct evbuffer *buf);

#pragma GCC visibility pop

#endif
