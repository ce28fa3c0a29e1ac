/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Parses the head of an HTTP message, line by line (RFC 9112, sections 2 to 5).
 * Pure functions of bytes: they allocate nothing, read no descriptor and keep
 * no state; the spans that they return are parts of the bytes passed to them.
 */
#ifndef EVI_HTTP_HEAD_H
#define EVI_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Bytes that belong to the caller, any number, without a NUL after them. */
struct span {
	const char *data;
	size_t len;
};

/*
 * Finds the first line of data.  Returns its length with its end, CR LF or LF,
 * and *line is the line without it.  Returns 0 if more bytes are needed; -1 for
 * a NUL, or a CR without an LF, which 1.4 takes for the end of a line.  These
 * are refused at once, before the line is complete.
 *
 * *scanned is how many bytes of the line were searched before.  It must be 0
 * for the first call, which sets it; the caller passes it on unchanged with the
 * same line and more bytes, so that each byte is searched once.  It is 0 again
 * after each line.
 */
ssize_t evi_head_next_line(const char *data, size_t len, size_t *scanned,
    struct span *line);

/* "GET /x HTTP/1.1" */
struct request_line {
	int method; /* its EVHTTP_REQ_*, 0 (GET) to 8 (PATCH); -1: unknown */
	struct span method_name;
	struct span uri;
	int minor; /* 0 or 1 */
};

/*
 * Parses the first line of a request.  Returns 0; -1 if it is malformed.  There
 * must be one blank between the three parts.  The URI must not have a control
 * byte or a blank; as in 1.4 it may have bytes from 0x80 on, and may be empty
 * ("GET  HTTP/1.1").  HTTP/1.2 to 1.9 count as 1.1 (RFC 9110 2.5); all other
 * versions are malformed.
 */
int evi_head_parse_request(struct span line, struct request_line *out);

/* "HTTP/1.1 200 OK" */
struct status_line {
	int minor; /* 0 or 1 */
	int code;  /* 100 to 999 */
	struct span reason;
};

/*
 * Parses the first line of an answer.  Returns 0; -1 if it is malformed.  The
 * reason may be missing, with or without the blank before it.  1.4: blanks
 * around the reason are a part of it.
 */
int evi_head_parse_status(struct span line, struct status_line *out);

/* The headers that the library acts on. */
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
	EVI_FIELD_BAD,	/* malformed; nothing is set */
	EVI_FIELD_NEW,	/* a field; all of *out is set */
	EVI_FIELD_FOLD, /* a folded line; only out->value is set */
	EVI_FIELD_END	/* the empty line; nothing is set */
};

struct field {
	enum header_id id;
	struct span name;
	struct span value;
};

/*
 * Parses a line after the first.  A name is a token, and the colon follows it
 * directly.  The blanks and tabs around a value are removed; it may have any
 * byte that evi_head_next_line() accepts.  The value of a folded line is the
 * whole line with its blanks, which 1.4 appends to the value before.  The
 * caller has to refuse a folded line without a field before it.
 */
enum field_kind evi_head_parse_field(struct span line, struct field *out);

/*
 * evi_head_next_line() and evi_head_parse_field() in one call, which is faster.
 * Returns what the first one does; if that is more than 0, *kind is what the
 * second one returns.
 */
ssize_t evi_head_next_field(const char *data, size_t len, size_t *scanned,
    enum field_kind *kind, struct field *out);

/* The span without blanks and tabs around it. */
struct span evi_head_span_trim(struct span span);

/* Whether span equals lower, a text in lower case; the case of span is ignored.
 */
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
