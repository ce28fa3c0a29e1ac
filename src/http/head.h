/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The head of an HTTP message, line by line (RFC 9112, sections 2 to 5).  Pure
 * functions of bytes: nothing here allocates, reads a descriptor or keeps
 * anything, and what comes out are spans of what was put in.
 */
#ifndef EVI_HTTP_HEAD_H
#define EVI_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Bytes of somebody else's: without a NUL after them, and perhaps none. */
struct span {
	const char *data;
	size_t len;
};

/*
 * Takes one line from the front of data.  Returns how many bytes it is with its
 * end, CR LF or LF, and *line is the line without it; 0 if more bytes are
 * needed; -1 where a NUL stands in it, or a CR without an LF, which 1.4 took
 * for the end of a line.  A NUL or CR is refused as soon as it is seen.
 *
 * *scanned is the caller's: 0 before the first call for a line, and then left
 * alone as long as the same line, grown, is given again.  So each byte is
 * looked at once, in however many pieces it comes.  It is 0 again after each
 * line.
 */
ssize_t evi_head_next_line(const char *data, size_t len, size_t *scanned,
    struct span *line);

/* "GET /x HTTP/1.1" */
struct request_line {
	int method; /* its EVHTTP_REQ_*, GET 0 to PATCH 8; -1 any other token */
	struct span method_name;
	struct span uri;
	int minor; /* 0 or 1 */
};

/*
 * Reads the first line of a request.  Returns 0, or -1 where it is not one:
 * exactly one blank between the three; no control byte or blank in the URI, but
 * bytes from 0x80 on, as in 1.4, and none at all ("GET  HTTP/1.1").  HTTP/1.2
 * to 1.9 count as 1.1, RFC 9110 2.5; every other version is refused.
 */
int evi_head_parse_request(struct span line, struct request_line *out);

/* "HTTP/1.1 200 OK" */
struct status_line {
	int minor; /* 0 or 1 */
	int code;  /* 100 to 999 */
	struct span reason;
};

/*
 * Reads the first line of an answer.  Returns 0 or -1.  The reason may be
 * missing, with or without the blank before it; as in 1.4 it keeps its blanks.
 */
int evi_head_parse_status(struct span line, struct status_line *out);

/* The headers that the library looks at itself. */
enum header_id {
	EVI_HEADER_OTHER,
	EVI_HEADER_CONTENT_LENGTH,
	EVI_HEADER_TRANSFER_ENCODING,
	EVI_HEADER_CONNECTION,
	EVI_HEADER_PROXY_CONNECTION,
	EVI_HEADER_HOST,
	EVI_HEADER_EXPECT
};

enum field_kind {
	EVI_FIELD_BAD,
	EVI_FIELD_NEW,	/* all of *out is set */
	EVI_FIELD_FOLD, /* goes on with the value before; only the value is set
			 */
	EVI_FIELD_END	/* the empty line; nothing is set */
};

struct field {
	enum header_id id;
	struct span name;
	struct span value;
};

/*
 * Reads a line after the first.  A name is a token, with the colon right after
 * it; a value has no blanks or tabs around it, and may hold any byte that
 * evi_head_next_line() lets through.  A folded line is the value as it stands,
 * its blanks included: 1.4 appends just that.  That there is a value before it
 * is for the caller to know, and a fault where there is none.
 */
enum field_kind evi_head_parse_field(struct span line, struct field *out);

/*
 * evi_head_next_line() and evi_head_parse_field() in one, which is sooner: most
 * of a head is fields.  Returns what the first does; if that is more than 0,
 * *kind is what the second does.
 */
ssize_t evi_head_next_field(const char *data, size_t len, size_t *scanned,
    enum field_kind *kind, struct field *out);

/*
 * For those who take values apart.
 */

/* The span without blanks and tabs around it. */
struct span evi_head_span_trim(struct span span);

/* Whether it is that text, which is in lower case, without regard to case. */
bool evi_head_span_equals(struct span span, const char *lower);

/*
 * Removes the first element, which may be empty, and the comma after it from a
 * list.  Stores the element without the blanks and tabs around it.  Returns
 * false if the list is empty.
 */
bool evi_head_span_next_element(struct span *list, struct span *element);

/* How many bytes the token at the beginning of the span has (RFC 9110 5.6.2).
 */
size_t evi_head_span_token(struct span span);

#endif
