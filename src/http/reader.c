/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads messages.  The plan:
 *
 *  1. evi_reader_feed() moves through the states while there are bytes: empty
 *     lines, the first line, fields, body, end.  Each state uses the bytes that
 *     it can, and the caller passes the others again with the next call, so
 *     that the reader keeps only counters.
 *  2. Each line is checked as soon as it is complete.  A head that grows over
 *     its limit is refused without waiting for the end of the line.
 *  3. When the head is complete, end_head() asks the framer how the body ends,
 *     and result_after_head() whether the caller has to know first.
 *  4. The body is added to the request's input buffer, or discarded.
 */
#include "reader.h"

#include <stdlib.h>
#include <string.h>

#include "element.h"

/* How many empty lines before a message are ignored (RFC 9112 2.2). */
#define BLANK_LINES_MAX 8
/* A head limit of n bytes allows n / BYTES_OF_FIELD fields, and EVI_FIELDS_MAX
 * at least. */
#define BYTES_OF_FIELD 128

void
evi_reader_init(struct message_reader *rd, bool is_client)
{
	memset(rd, 0, sizeof *rd);
	evi_reader_init_limits(&rd->limits);
	rd->is_client = is_client;
	rd->methods = EVHTTP_METHOD_BIT(EVHTTP_REQ_GET) |
		      EVHTTP_METHOD_BIT(EVHTTP_REQ_POST) |
		      EVHTTP_METHOD_BIT(EVHTTP_REQ_HEAD);
	evi_reader_begin(rd);
}

void
evi_reader_begin(struct message_reader *rd)
{
	rd->state = EVI_READING_NOTHING;
	rd->answers_head = rd->stops_at_head = false;
	rd->stops_at_pieces = rd->stops_at_chunks = rd->discards_body = false;
	rd->status = 0;
	rd->framing = EVI_BODY_NONE;
	rd->is_last = rd->closes = rd->keeps_alive = rd->expects_continue =
	    false;
	rd->head_bytes = rd->scanned = 0;
	rd->fields = rd->blank_lines = 0;
	rd->remaining = rd->body_bytes = 0;
	evi_framer_begin(&rd->framer);
}

void
evi_reader_begin_answer(struct message_reader *rd, bool answers_head,
    bool stops_at_head, bool stops_at_chunks)
{
	evi_reader_begin(rd);
	rd->answers_head = answers_head;
	rd->stops_at_head = stops_at_head;
	rd->stops_at_chunks = stops_at_chunks;
}

bool
evi_reader_take_expectation(struct message_reader *rd)
{
	if (!rd->expects_continue || rd->state != EVI_READING_BODY ||
	    rd->discards_body)
		return false;
	rd->expects_continue = false;
	return rd->body_bytes == 0;
}

static enum read_result
refuse(struct message_reader *rd, int status)
{
	rd->status = status;
	return EVI_READ_BAD;
}

/* --- the first line --- */

static char *
copy_span(struct span span)
{
	char *s = malloc(span.len + 1);

	if (s == NULL)
		return NULL;
	memcpy(s, span.data, span.len);
	s[span.len] = '\0';
	return s;
}

/* Returns 0, or -1 without memory. */
static int
set_request_line(struct evhttp_request *req, const struct request_line *rl)
{
	char *uri = copy_span(rl->uri);

	if (uri == NULL)
		return -1;
	free(req->uri);
	req->uri = uri;
	req->type = (enum evhttp_cmd_type)rl->method;
	req->major = 1;
	req->minor = (char)rl->minor;
	if (uri[0] != '/' && uri[0] != '\0')
		req->flags |= EVHTTP_PROXY_REQUEST;
	return 0;
}

static int
set_status_line(struct evhttp_request *req, const struct status_line *sl)
{
	if (evi_request_set_reason(evi_request_of(req), sl->reason.data,
		sl->reason.len) == -1)
		return -1;
	req->response_code = sl->code;
	req->major = 1;
	req->minor = (char)sl->minor;
	return 0;
}

static enum read_result
read_request_line(struct message_reader *rd, struct http_request *req,
    struct span line)
{
	struct request_line rl;

	if (evi_head_parse_request(line, &rl) == -1)
		return refuse(rd, 400);
	if (rl.method < 0)
		return refuse(rd, rd->has_method_mask ? 501 : 400);
	if ((rd->methods & EVHTTP_METHOD_BIT(rl.method)) == 0)
		return refuse(rd, rd->has_method_mask ? 405 : 400);
	if (set_request_line(&req->pub, &rl) == -1)
		return EVI_READ_NOMEM;
	return EVI_READ_MORE;
}

static enum read_result
read_status_line(struct message_reader *rd, struct http_request *req,
    struct span line)
{
	struct status_line sl;

	if (evi_head_parse_status(line, &sl) == -1)
		return refuse(rd, 400);
	if (set_status_line(&req->pub, &sl) == -1)
		return EVI_READ_NOMEM;
	return EVI_READ_MORE;
}

/* Parses the first line, or ignores an empty line before a request. */
static enum read_result
parse_first_line(struct message_reader *rd, struct http_request *req,
    struct span line)
{
	enum read_result result;

	if (line.len == 0) {
		if (rd->is_client || ++rd->blank_lines > BLANK_LINES_MAX)
			return refuse(rd, 400);
		rd->state = EVI_READING_NOTHING;
		return EVI_READ_MORE;
	}
	result = rd->is_client ? read_status_line(rd, req, line)
			       : read_request_line(rd, req, line);
	rd->state = EVI_READING_FIELDS;
	return result;
}

/* --- fields --- */

/* Whether a head with more than EVI_FIELDS_MAX fields has too many. */
static bool
has_too_many_fields(const struct message_reader *rd)
{
	if (rd->limits.head < 0)
		return false;
	return rd->limits.head <= (ssize_t)EVI_HEAD_MAX ||
	       rd->fields > rd->limits.head / BYTES_OF_FIELD;
}

static bool
is_body_too_long(const struct message_reader *rd, int64_t more)
{
	if (rd->limits.body < 0 || rd->discards_body)
		return false;
	return more > rd->limits.body - rd->body_bytes;
}

/* Reports the head where the caller has to know it before the body. */
static enum read_result
result_after_head(struct message_reader *rd, const struct evhttp_request *req)
{
	/* The client may be waiting for 100 Continue, or for the refusal. */
	if (rd->stops_at_head && is_body_too_long(rd, rd->remaining))
		return refuse(rd, 413);
	if (rd->stops_at_head)
		return EVI_READ_HEAD;
	if (rd->is_client && req->response_code < 200)
		return EVI_READ_HEAD;
	if (rd->state == EVI_READING_END)
		return EVI_READ_DONE;
	if (!rd->is_client &&
	    (req->type == EVHTTP_REQ_GET || req->type == EVHTTP_REQ_HEAD))
		return EVI_READ_HEAD;
	return EVI_READ_MORE;
}

/* All fields are known: decides how the message ends. */
static enum read_result
end_head(struct message_reader *rd, struct http_request *req, size_t bytes)
{
	struct evhttp_request *pub = &req->pub;
	struct body_framing body;

	evi_request_set_short_head(req, bytes <= EVI_SHORT_HEAD);
	if (rd->is_client)
		evi_framer_decide_response(&rd->framer, rd->answers_head,
		    pub->response_code, pub->minor, &body);
	else
		evi_framer_decide_request(&rd->framer, pub->minor, &body);
	if (body.framing == EVI_BODY_BAD)
		return refuse(rd, 400);
	if (body.framing == EVI_BODY_UNSUPPORTED)
		return refuse(rd, 501);
	if (rd->framer.expects_other && !rd->is_client)
		return refuse(rd, 417);
	if (body.has_both)
		evi_headers_remove_all(pub->input_headers, "Content-Length");
	rd->framing = body.framing;
	rd->is_last = body.is_last || body.framing == EVI_BODY_EOF;
	rd->closes = rd->is_last || rd->framer.closes;
	rd->keeps_alive = rd->framer.keeps_alive;
	rd->expects_continue = rd->framer.expects_continue;
	rd->remaining = body.framing == EVI_BODY_LENGTH ? body.length : 0;
	pub->chunked = body.framing == EVI_BODY_CHUNKED;
	pub->ntoread = body.framing == EVI_BODY_EOF ? -1 : rd->remaining;
	evi_chunks_begin(&rd->chunks);
	rd->state =
	    body.framing == EVI_BODY_NONE ||
		    (body.framing == EVI_BODY_LENGTH && rd->remaining == 0)
		? EVI_READING_END
		: EVI_READING_BODY;
	return result_after_head(rd, pub);
}

static inline bool
exceeds_field_limit(const struct message_reader *rd)
{
	return rd->fields > EVI_FIELDS_MAX && has_too_many_fields(rd);
}

static enum read_result
add_field(struct message_reader *rd, struct http_request *req,
    const struct field *field)
{
	rd->fields++;
	if (exceeds_field_limit(rd))
		return refuse(rd, 431);
	if (field->id == EVI_HEADER_OTHER)
		evi_framer_skip_field(&rd->framer);
	else
		evi_framer_add_field(&rd->framer, field);
	if (evi_headers_append(&req->input_headers, field->name.data,
		field->name.len, field->value.data, field->value.len) == -1)
		return EVI_READ_NOMEM;
	return EVI_READ_MORE;
}

static enum read_result
add_folded(struct message_reader *rd, struct http_request *req,
    const struct field *field)
{
	if (TAILQ_EMPTY(&req->input_headers))
		return refuse(rd, 400);
	rd->fields++; /* a folded line takes as much work as a field */
	if (exceeds_field_limit(rd))
		return refuse(rd, 431);
	evi_framer_add_fold(&rd->framer, field);
	if (evi_headers_fold(&req->input_headers, field->value.data,
		field->value.len) == -1)
		return EVI_READ_NOMEM;
	return EVI_READ_MORE;
}

/* Whether a head of this many bytes is over its limit. */
static inline bool
is_head_too_long(const struct message_reader *rd, size_t bytes)
{
	return rd->limits.head >= 0 && bytes > (size_t)rd->limits.head;
}

/* Reads the first line, and empty lines before it. */
static enum read_result
read_line(struct message_reader *rd, struct http_request *req, const char *data,
    size_t len, size_t *used)
{
	enum read_result result = EVI_READ_MORE;
	struct span line;
	ssize_t n;

	while (result == EVI_READ_MORE && rd->state != EVI_READING_FIELDS) {
		if (*used < len)
			rd->state = EVI_READING_LINE;
		n = evi_head_next_line(data + *used, len - *used, &rd->scanned,
		    &line);
		if (n < 0)
			return refuse(rd, 400);
		if (is_head_too_long(rd,
			rd->head_bytes + (n > 0 ? (size_t)n : len - *used)))
			return refuse(rd, 414);
		if (n == 0)
			break;
		*used += (size_t)n;
		rd->head_bytes += (size_t)n;
		result = parse_first_line(rd, req, line);
	}
	return result;
}

/* Reads fields until there are no more, or something has to be reported. */
static enum read_result
read_fields(struct message_reader *rd, struct http_request *req,
    const char *data, size_t len, size_t *used)
{
	const char *at = data + *used, *end = data + len;
	enum read_result result = EVI_READ_MORE;
	size_t bytes = rd->head_bytes;
	enum field_kind kind;
	struct field field;
	ssize_t n;

	while (result == EVI_READ_MORE && rd->state == EVI_READING_FIELDS) {
		n = evi_head_next_field(at, (size_t)(end - at), &rd->scanned,
		    &kind, &field);
		if (n < 0)
			return refuse(rd, 400);
		bytes += n > 0 ? (size_t)n : (size_t)(end - at);
		if (is_head_too_long(rd, bytes))
			return refuse(rd, 431);
		if (n == 0)
			break;
		at += n;
		if (kind == EVI_FIELD_NEW)
			result = add_field(rd, req, &field);
		else if (kind == EVI_FIELD_END)
			result = end_head(rd, req, bytes);
		else if (kind == EVI_FIELD_FOLD)
			result = add_folded(rd, req, &field);
		else
			return refuse(rd, 400);
	}
	rd->head_bytes += (size_t)(at - data) - *used;
	*used = (size_t)(at - data);
	return result;
}

static enum read_result
read_head(struct message_reader *rd, struct http_request *req, const char *data,
    size_t len, size_t *used)
{
	enum read_result result = read_line(rd, req, data, len, used);

	if (result == EVI_READ_MORE && rd->state == EVI_READING_FIELDS)
		result = read_fields(rd, req, data, len, used);
	return result;
}

/* --- the body --- */

/* Adds n bytes to the body, unless it is discarded. */
static enum read_result
add_to_body(struct message_reader *rd, struct http_request *req,
    const char *data, size_t n)
{
	if (is_body_too_long(rd, (int64_t)n))
		return refuse(rd, 413);
	rd->body_bytes += (int64_t)n;
	if (rd->discards_body || n == 0)
		return EVI_READ_MORE;
	if (evbuffer_add(&req->input, data, n) == -1)
		return EVI_READ_NOMEM;
	return rd->stops_at_pieces ? EVI_READ_PIECE : EVI_READ_MORE;
}

/* Counts n bytes of a body of known length.  Returns EVI_READ_DONE after the
 * last one, else EVI_READ_MORE. */
static enum read_result
count_body(struct message_reader *rd, struct http_request *req, size_t n)
{
	rd->remaining -= (int64_t)n;
	if (req != NULL && !rd->discards_body)
		req->pub.ntoread = rd->remaining;
	if (rd->remaining > 0)
		return EVI_READ_MORE;
	rd->state = EVI_READING_END;
	return EVI_READ_DONE;
}

/* Reads the bytes of a body of known length. */
static enum read_result
read_sized_body(struct message_reader *rd, struct http_request *req,
    const char *data, size_t len, size_t *used)
{
	size_t n = (uint64_t)rd->remaining < len ? (size_t)rd->remaining : len;
	enum read_result result;

	/* A body over the limit is refused before it is read. */
	if (is_body_too_long(rd, rd->remaining))
		return refuse(rd, 413);
	result = add_to_body(rd, req, data, n);
	if (result == EVI_READ_BAD || result == EVI_READ_NOMEM)
		return result;
	*used += n;
	if (count_body(rd, req, n) == EVI_READ_DONE && result == EVI_READ_MORE)
		return EVI_READ_DONE;
	return result;
}

static enum read_result
read_chunks(struct message_reader *rd, struct http_request *req,
    const char *data, size_t len, size_t *used)
{
	enum read_result result;
	size_t framing, n;

	for (;;) {
		switch (evi_chunks_next(&rd->chunks, data + *used, len - *used,
		    &framing, &n)) {
		case EVI_CHUNK_MORE:
			*used += framing;
			return EVI_READ_MORE;
		case EVI_CHUNK_DATA:
			result =
			    add_to_body(rd, req, data + *used + framing, n);
			*used += framing + n;
			if (result != EVI_READ_MORE)
				return result;
			if (rd->stops_at_chunks &&
			    evi_chunks_is_at_chunk_end(&rd->chunks))
				return EVI_READ_CHUNK;
			break;
		case EVI_CHUNK_DONE:
			*used += framing;
			rd->state = EVI_READING_END;
			return EVI_READ_DONE;
		default:
			return refuse(rd, 400);
		}
	}
}

static enum read_result
read_body(struct message_reader *rd, struct http_request *req, const char *data,
    size_t len, size_t *used)
{
	enum read_result result;

	if (rd->framing == EVI_BODY_LENGTH)
		return read_sized_body(rd, req, data, len, used);
	if (rd->framing == EVI_BODY_CHUNKED)
		return read_chunks(rd, req, data, len, used);
	result = add_to_body(rd, req, data, len);
	if (result != EVI_READ_BAD && result != EVI_READ_NOMEM)
		*used += len;
	return result;
}

enum read_result
evi_reader_feed(struct message_reader *rd, struct http_request *req,
    const char *data, size_t len, size_t *used)
{
	enum read_result result;
	size_t head = 0;

	*used = 0;
	if (rd->state == EVI_READING_END)
		return EVI_READ_DONE;
	if (rd->state != EVI_READING_BODY) {
		result = read_head(rd, req, data, len, &head);
		*used = head;
		if (result != EVI_READ_MORE || rd->state != EVI_READING_BODY)
			return result;
	}
	*used = 0;
	result = read_body(rd, req, data + head, len - head, used);
	*used += head;
	return result;
}

size_t
evi_reader_direct_size(const struct message_reader *rd)
{
	if (rd->state != EVI_READING_BODY || rd->discards_body)
		return 0;
	if (rd->framing != EVI_BODY_LENGTH ||
	    (rd->limits.body >= 0 && rd->remaining > rd->limits.body))
		return 0;
	if (rd->stops_at_pieces && rd->remaining > (int64_t)EVI_PIECE_MAX)
		return EVI_PIECE_MAX;
	return rd->remaining > INT32_MAX ? INT32_MAX : (size_t)rd->remaining;
}

enum read_result
evi_reader_add_direct(struct message_reader *rd, struct http_request *req,
    size_t n)
{
	rd->body_bytes += (int64_t)n;
	if (count_body(rd, req, n) == EVI_READ_DONE && !rd->stops_at_pieces)
		return EVI_READ_DONE;
	return rd->stops_at_pieces ? EVI_READ_PIECE : EVI_READ_MORE;
}

enum read_result
evi_reader_eof(struct message_reader *rd)
{
	if (rd->state != EVI_READING_END &&
	    (rd->state != EVI_READING_BODY || rd->framing != EVI_BODY_EOF))
		return refuse(rd, 400);
	rd->state = EVI_READING_END;
	rd->closes = true;
	return EVI_READ_DONE;
}

/* --- exported by 1.4 --- */

/* Finds the first line in buf; see evi_head_next_line(). */
static ssize_t
next_line(struct evbuffer *buf, struct span *line)
{
	size_t scanned = 0;

	return evi_head_next_line((const char *)EVBUFFER_DATA(buf),
	    EVBUFFER_LENGTH(buf), &scanned, line);
}

int
evhttp_parse_firstline(struct evhttp_request *req, struct evbuffer *buf)
{
	struct request_line rl;
	struct status_line sl;
	struct span line;
	ssize_t n = next_line(buf, &line);
	int result = -1;

	if (n <= 0)
		return (int)n;
	if (req->kind == EVHTTP_REQUEST) {
		/* 1.4 has the methods up to HEAD. */
		if (evi_head_parse_request(line, &rl) == 0 && rl.method >= 0 &&
		    rl.method <= EVHTTP_REQ_HEAD &&
		    set_request_line(req, &rl) == 0)
			result = 1;
	} else if (evi_head_parse_status(line, &sl) == 0 &&
		   set_status_line(req, &sl) == 0) {
		result = 1;
	}
	evbuffer_drain(buf, (size_t)n);
	return result;
}

int
evhttp_parse_headers(struct evhttp_request *req, struct evbuffer *buf)
{
	struct field field;
	struct span line;
	int result = 0;
	ssize_t n;

	while (result == 0 && (n = next_line(buf, &line)) != 0) {
		if (n < 0)
			return -1;
		switch (evi_head_parse_field(line, &field)) {
		case EVI_FIELD_END:
			result = 1;
			break;
		case EVI_FIELD_NEW:
			result = evi_headers_append(req->input_headers,
			    field.name.data, field.name.len, field.value.data,
			    field.value.len);
			break;
		case EVI_FIELD_FOLD:
			result = evi_headers_fold(req->input_headers,
			    field.value.data, field.value.len);
			break;
		default:
			result = -1;
			break;
		}
		evbuffer_drain(buf, (size_t)n);
	}
	return result;
}
