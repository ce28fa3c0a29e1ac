/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads messages: fills a struct http_request from bytes.  The reader
 * knows no descriptor and calls no callback; it returns what it has found.
 */
#ifndef EVI_HTTP_READER_H
#define EVI_HTTP_READER_H

#include "chunks.h"
#include "framer.h"
#include "head.h"
#include "request.h"

/* The limits of a head where the program sets none: bytes, fields. */
#define EVI_HEAD_MAX ((size_t)131072)
#define EVI_FIELDS_MAX 1000

/* The longest piece of a body that is reported, in bytes. */
#define EVI_PIECE_MAX ((size_t)65536)

/* The limits that a program has set, in bytes; negative: none. */
struct size_limits {
	ssize_t head;
	ssize_t body;
};

enum read_result {
	EVI_READ_MORE,	/* more bytes are needed */
	EVI_READ_NEW,	/* not the reader's; see struct conn_role */
	EVI_READ_HEAD,	/* the head is complete, and stops_at_head is set, or
			 * it is that of a GET or HEAD with a body, or of an
			 * answer with a code below 200 */
	EVI_READ_PIECE, /* some of the body was added; see stops_at_pieces */
	EVI_READ_CHUNK, /* a whole chunk was added; see stops_at_chunks */
	EVI_READ_DONE,	/* the message is complete; begin the next one */
	EVI_READ_BAD,	/* the message is refused, with status */
	EVI_READ_NOMEM	/* no memory; as after EVI_READ_BAD, nothing more of the
			 * connection can be parsed */
};

enum reader_state {
	EVI_READING_NOTHING, /* before the first byte */
	EVI_READING_LINE,
	EVI_READING_FIELDS,
	EVI_READING_BODY,
	EVI_READING_END /* the message is complete, and not reported yet */
};

struct message_reader {
	/* For all messages. */
	struct size_limits limits;
	uint16_t methods;     /* a bit for each method that is accepted */
	bool has_method_mask; /* others get 501 or 405, and not 400 */
	bool is_client;	      /* reads answers */

	/* For this message. */
	bool answers_head;    /* it is the answer to a HEAD request */
	bool stops_at_head;   /* reports each head */
	bool stops_at_pieces; /* reports each piece of the body */
	bool stops_at_chunks; /* reports each chunk of the body */
	bool discards_body;   /* the body is not kept, and may be any length */

	/* What this message says. */
	enum reader_state state;
	int status; /* for EVI_READ_BAD: 400, 413, 414, 417, 431 ... */
	enum framing framing;
	bool is_last;	       /* no other message may follow */
	bool closes;	       /* is_last, or Connection: close */
	bool keeps_alive;      /* Connection: keep-alive */
	bool expects_continue; /* Expect: 100-continue, not answered yet */

	size_t head_bytes;  /* of the head that were used */
	size_t scanned;	    /* see evi_head_next_line() */
	int fields;	    /* of the head, with folded lines */
	int blank_lines;    /* before the first line */
	int64_t remaining;  /* bytes to come of a body of known length */
	int64_t body_bytes; /* that were read, of any body */
	struct framer framer;
	struct chunks chunks;
};

/* Initializes the reader of a server's or a client's connection. */
void evi_reader_init(struct message_reader *rd, bool is_client);

/* Sets the limits of all messages. */
static inline void
evi_reader_set_limits(struct message_reader *rd,
    const struct size_limits *limits)
{
	rd->limits = *limits;
}

/* Accepts these methods only, and refuses others with 501 or 405. */
static inline void
evi_reader_set_methods(struct message_reader *rd, uint16_t methods)
{
	rd->has_method_mask = true;
	rd->methods = methods;
}

/* Begins the next message. */
void evi_reader_begin(struct message_reader *rd);

/*
 * Begins an answer.  answers_head: it is the answer to a HEAD request.
 * stops_at_head has its head reported, and stops_at_chunks each chunk of its
 * body.
 */
void evi_reader_begin_answer(struct message_reader *rd, bool answers_head,
    bool stops_at_head, bool stops_at_chunks);

/*
 * Sets whether this message's head is reported; call it before the head is
 * complete.
 */
static inline void
evi_reader_stop_at_head(struct message_reader *rd, bool stops)
{
	rd->stops_at_head = stops;
}

/* Sets whether pieces of this message's body are reported. */
static inline void
evi_reader_stop_at_pieces(struct message_reader *rd, bool stops)
{
	rd->stops_at_pieces = stops;
}

/* Has the rest of this message's body read, but not kept. */
static inline void
evi_reader_discard_body(struct message_reader *rd)
{
	rd->discards_body = true;
}

/*
 * Whether the other end waits for 100 Continue, and has sent nothing of the
 * body yet.  Returns true once a message at most.
 */
bool evi_reader_take_expectation(struct message_reader *rd);

/*
 * Parses bytes that follow those that were used before, and fills req, which
 * may be NULL once the body is discarded.  *used is how many bytes were used:
 * the others have to be passed again, with more after them if the result is
 * EVI_READ_MORE.
 */
enum read_result evi_reader_feed(struct message_reader *rd,
    struct http_request *req, const char *data, size_t len, size_t *used);

/*
 * How many bytes of the body the caller may read into the request's input
 * buffer itself, for evi_reader_add_direct(); 0: it has to call
 * evi_reader_feed().
 */
size_t evi_reader_direct_size(const struct message_reader *rd);

/*
 * The caller has added n bytes of the body to req's input buffer.  Returns
 * EVI_READ_DONE, EVI_READ_PIECE or EVI_READ_MORE.
 */
enum read_result evi_reader_add_direct(struct message_reader *rd,
    struct http_request *req, size_t n);

/*
 * The other end has closed.  Returns EVI_READ_DONE if the message is complete
 * then, else EVI_READ_BAD.
 */
enum read_result evi_reader_eof(struct message_reader *rd);

/* Sets the limits that apply where the program sets none. */
static inline void
evi_reader_init_limits(struct size_limits *limits)
{
	limits->head = EVI_HEAD_MAX;
	limits->body = -1;
}

/* Sets the limit of a head, or of a body, in bytes; negative: none. */
static inline void
evi_reader_limit_head(struct size_limits *limits, ssize_t max)
{
	limits->head = max;
}

static inline void
evi_reader_limit_body(struct size_limits *limits, ssize_t max)
{
	limits->body = max;
}

#pragma GCC visibility push(default)

/*
 * 1.4 exports these, and programs declare and call them.  They remove the first
 * line, or header lines up to the empty one, from buf; req->kind says whether
 * it is a request or an answer.  Return 1 when done; 0 if more bytes are
 * needed, after complete header lines were removed; -1 if it is not HTTP.
 */
int evhttp_parse_firstline(struct evhttp_request *req, struct evbuffer *buf);
int evhttp_parse_headers(struct evhttp_request *req, struct evbuffer *buf);

#pragma GCC visibility pop

#endif
