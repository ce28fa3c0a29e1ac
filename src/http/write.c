/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writes heads.  The plan:
 *
 *  1. Lines are put together in a struct text, on the stack, and go to the
 *     buffer when that is full, and at the end.
 *  2. The order of the lines is 1.4's, byte for byte: the first line, the
 *     program's headers in its order, then those that the library adds.  To
 *     answers it adds Transfer-Encoding, Date, Connection: keep-alive,
 *     Content-Length, Content-Type, Connection: close.
 *  3. evi_write_find_headers() finds out which headers the request and the
 *     answer have, decide_answer() what follows from that, and then the lines
 *     are written.
 */
#include "write.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "upload.h"

/* --- text --- */

/* Text that is put together before it is added to a buffer. */
struct text {
	struct evbuffer *to;
	size_t len;
	bool failed;	  /* memory ran out */
	char bytes[1024]; /* nearly every head fits */
};

static void
text_begin(struct text *t, struct evbuffer *to)
{
	t->to = to;
	t->len = 0;
	t->failed = false;
}

static void
flush_text(struct text *t, const char *s, size_t len)
{
	if (!t->failed && evbuffer_add(t->to, s, len) == -1)
		t->failed = true;
}

static void
text_add(struct text *t, const char *s, size_t len)
{
	if (len > sizeof t->bytes - t->len) {
		flush_text(t, t->bytes, t->len);
		t->len = 0;
		if (len > sizeof t->bytes) {
			flush_text(t, s, len);
			return;
		}
	}
	memcpy(t->bytes + t->len, s, len);
	t->len += len;
}

/* text_add(), inline for short pieces. */
static inline void
text_put(struct text *t, const char *s, size_t len)
{
	if (len > sizeof t->bytes - t->len) {
		text_add(t, s, len);
		return;
	}
	memcpy(t->bytes + t->len, s, len);
	t->len += len;
}

#define TEXT_LITERAL(t, s) text_put(t, "" s, sizeof(s) - 1)

/* Adds the rest to the buffer.  Returns 0; -1 if memory ran out before or now.
 */
static int
text_end(struct text *t)
{
	flush_text(t, t->bytes, t->len);
	return t->failed ? -1 : 0;
}

static void
text_number(struct text *t, int64_t n)
{
	uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;
	char digit = (char)('0' + n);
	char digits[24];
	char *p = digits + sizeof digits;

	if (n >= 0 && n <= 9) {
		text_put(t, &digit, 1);
		return;
	}
	do {
		*--p = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (n < 0)
		*--p = '-';
	text_put(t, p, (size_t)(digits + sizeof digits - p));
}

/* Adds a string; CR and LF become blanks, except before a fold (RFC 9112 5.2).
 */
static void
add_cleaned(struct text *t, const char *s)
{
	size_t n;

	while (s[n = strcspn(s, "\r\n")] != '\0') {
		size_t end = n + strspn(s + n, "\r\n");
		bool is_fold = s[end] == ' ' || s[end] == '\t';

		text_add(t, s, n);
		if (is_fold)
			TEXT_LITERAL(t, "\r\n");
		for (; !is_fold && n < end; n++)
			TEXT_LITERAL(t, " ");
		s += end;
	}
	text_add(t, s, n);
}

static void
text_add_clean(struct text *t, const char *s)
{
	size_t len = strlen(s);

	/* Nearly no string has CR or LF. */
	if (memchr(s, '\n', len) == NULL && memchr(s, '\r', len) == NULL)
		text_put(t, s, len);
	else
		add_cleaned(t, s);
}

static void
text_add_field(struct text *t, const char *key, const char *value)
{
	text_add_clean(t, key);
	TEXT_LITERAL(t, ": ");
	text_add_clean(t, value);
	TEXT_LITERAL(t, "\r\n");
}

/* --- the headers of a message --- */

/* 1.4: a value that begins with keep-alive counts, whatever follows. */
static bool
keeps_alive(const char *value)
{
	static const char token[] = "keep-alive";

	return strncasecmp(value, token, sizeof token - 1) == 0 ||
	       evi_headers_value_has(value, token);
}

/* Whether a key is that name, of 4 letters at least.  strcasecmp() is called
 * only if the first 4 are the same. */
static inline bool
is_key(const char *key, const char *name)
{
	return (key[0] | 0x20) == (name[0] | 0x20) &&
	       (key[1] | 0x20) == (name[1] | 0x20) &&
	       (key[2] | 0x20) == (name[2] | 0x20) &&
	       (key[3] | 0x20) == (name[3] | 0x20) &&
	       strcasecmp(key, name) == 0;
}

void
evi_write_find_headers(struct found_headers *found,
    const struct evkeyvalq *headers)
{
	const struct evkeyval *h;

	memset(found, 0, sizeof *found);
	TAILQ_FOREACH (h, headers, next) {
		switch (h->key[0] | 0x20) {
		case 'c':
			if (is_key(h->key, "Connection")) {
				found->connection = true;
				found->closes |=
				    evi_headers_value_has(h->value, "close");
				found->keeps_alive |= keeps_alive(h->value);
			} else if (is_key(h->key, "Content-Type")) {
				found->content_type = true;
			} else if (is_key(h->key, "Content-Length")) {
				found->content_length = true;
			}
			break;
		case 'd':
			found->date |= is_key(h->key, "Date");
			break;
		case 'p':
			if (is_key(h->key, "Proxy-Connection")) {
				found->proxy_closes |=
				    evi_headers_value_has(h->value, "close");
				found->proxy_keeps_alive |=
				    keeps_alive(h->value);
			}
			break;
		case 't':
			found->transfer_encoding |=
			    is_key(h->key, "Transfer-Encoding");
			break;
		default:
			break;
		}
	}
}

/* The length of a Date: "Sun, 06 Nov 1994 08:49:37 GMT". */
#define DATE_LEN 29

/* The value of Date now: DATE_LEN bytes and a NUL, valid until the next call.
 */
static const char *
format_date(void)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	static _Thread_local struct {
		time_t second; /* that text is for */
		char text[64];
	} date = {.second = -1};
	time_t t = time(NULL);
	struct tm tm;

	if (t == date.second || gmtime_r(&t, &tm) == NULL)
		return date.text;
	snprintf(date.text, sizeof date.text,
	    "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * tm.tm_wday,
	    tm.tm_mday, months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
	date.second = t;
	return date.text;
}

/* --- answers --- */

static void
add_type(struct text *t, const char *type)
{
	TEXT_LITERAL(t, "Content-Type: ");
	text_add_clean(t, type);
	TEXT_LITERAL(t, "\r\n");
}

static void
add_date(struct text *t)
{
	TEXT_LITERAL(t, "Date: ");
	text_put(t, format_date(), DATE_LEN);
	TEXT_LITERAL(t, "\r\n");
}

static bool
may_have_body(const struct evhttp_request *req)
{
	int code = req->response_code;

	return req->type != EVHTTP_REQ_HEAD && code != 204 && code != 304 &&
	       (code < 100 || code > 199);
}

static void
add_version(struct text *t, const struct evhttp_request *req)
{
	if (req->major == 1 && req->minor == 1) { /* nearly always */
		TEXT_LITERAL(t, "HTTP/1.1");
		return;
	}
	TEXT_LITERAL(t, "HTTP/");
	text_number(t, req->major);
	TEXT_LITERAL(t, ".");
	text_number(t, req->minor);
}

static void
add_status_line(struct text *t, const struct evhttp_request *req)
{
	add_version(t, req);
	TEXT_LITERAL(t, " ");
	text_number(t, req->response_code);
	TEXT_LITERAL(t, " ");
	text_add_clean(t, req->response_code_line);
	TEXT_LITERAL(t, "\r\n");
}

/* How an answer is framed, and why. */
struct answer {
	enum answer_form form;
	struct found_headers in, out; /* of the request, of the answer */
	bool is_http11;		      /* the client has HTTP/1.1 */
	/* The client has HTTP/1.0 and asked for keep-alive; so it gets that. */
	bool keeps_http10_alive;
	bool says_close;    /* with a header Connection: close */
	bool is_chunked;    /* with Transfer-Encoding: chunked */
	bool has_no_length; /* 204 and 1xx: no Content-Length */
};

static void
decide_answer(struct answer *a, struct http_request *req, enum answer_form form,
    bool closes)
{
	const struct evhttp_request *pub = &req->pub;
	int code = pub->response_code;

	a->form = form;
	evi_write_find_headers(&a->in, pub->input_headers);
	evi_write_find_headers(&a->out, pub->output_headers);
	a->is_http11 = pub->major == 1 && pub->minor >= 1;
	/* After a 101 come the bytes of another protocol. */
	evi_request_set_bodiless(req,
	    !may_have_body(pub) && !(code == 101 && form == EVI_ANSWER_CHUNKS));
	a->has_no_length = code == 204 || (code >= 100 && code <= 199);
	a->is_chunked = form == EVI_ANSWER_CHUNKS && a->is_http11 &&
			!a->has_no_length && code != 304;
	a->keeps_http10_alive = !a->is_http11 && a->in.keeps_alive &&
				!a->in.closes && !closes &&
				form == EVI_ANSWER_WHOLE;
	if ((pub->flags & EVHTTP_PROXY_REQUEST) && a->in.proxy_closes)
		closes = true;
	evi_request_set_must_close(req,
	    closes || a->in.closes || a->out.closes ||
		(!a->is_http11 && !a->keeps_http10_alive));
	a->says_close = a->in.closes || (closes && a->is_http11);
}

/* Adds the program's headers, except those that the library overrides. */
static void
add_program_headers(struct text *t, const struct http_request *req,
    const struct answer *a)
{
	const struct evkeyval *h;

	TAILQ_FOREACH (h, req->pub.output_headers, next) {
		if (a->says_close && is_key(h->key, "Connection"))
			continue;
		if ((a->has_no_length ||
			(a->form == EVI_ANSWER_CHUNKS && a->is_http11)) &&
		    is_key(h->key, "Content-Length"))
			continue;
		if (a->is_chunked && is_key(h->key, "Transfer-Encoding"))
			continue;
		text_add_field(t, h->key, h->value);
	}
}

static void
add_length(struct text *t, const struct answer *a, size_t body, int code)
{
	if (a->form != EVI_ANSWER_WHOLE || a->has_no_length || code == 304 ||
	    a->out.content_length || a->out.transfer_encoding ||
	    (!a->is_http11 && !a->keeps_http10_alive))
		return;
	TEXT_LITERAL(t, "Content-Length: ");
	text_number(t, (int64_t)body);
	TEXT_LITERAL(t, "\r\n");
}

int
evi_write_answer(struct http_request *req, struct evbuffer *to,
    enum answer_form form, size_t body, bool closes, const char *type)
{
	struct text t;
	struct answer a;
	int code = req->pub.response_code;

	decide_answer(&a, req, form, closes);
	req->pub.chunked = a.is_chunked && !req->is_bodiless;
	text_begin(&t, to);
	add_status_line(&t, &req->pub);
	add_program_headers(&t, req, &a);
	if (a.is_chunked)
		TEXT_LITERAL(&t, "Transfer-Encoding: chunked\r\n");
	if (a.is_http11 && !a.out.date)
		add_date(&t);
	if (a.keeps_http10_alive && !a.out.connection)
		TEXT_LITERAL(&t, "Connection: keep-alive\r\n");
	add_length(&t, &a, body, code);
	if (body > 0 && !a.out.content_type && type != NULL &&
	    !a.has_no_length && code != 304)
		add_type(&t, type);
	if (a.says_close)
		TEXT_LITERAL(&t, "Connection: close\r\n");
	TEXT_LITERAL(&t, "\r\n");
	return text_end(&t);
}

/* --- requests --- */

static bool
adds_length(const struct evhttp_request *req)
{
	switch ((int)req->type) {
	case EVHTTP_REQ_POST:
	case EVHTTP_REQ_PUT:
	case EVHTTP_REQ_PATCH:
		return true;
	default:
		return EVBUFFER_LENGTH(req->output_buffer) > 0;
	}
}

/* Whether a request's header is sent.  evcompat_http_stream() overrides those
 * that say how long the body is.  1.4: Proxy-Connection is never sent. */
static bool
may_send_header(const struct http_request *req, const char *key)
{
	if (req->upload != NULL &&
	    (is_key(key, "Content-Length") || is_key(key, "Transfer-Encoding")))
		return false;
	return !is_key(key, "Proxy-Connection");
}

static void
add_framing(struct text *t, const struct http_request *req,
    const struct found_headers *out)
{
	int64_t length = (int64_t)req->output.off;

	if (req->upload != NULL) {
		length = req->upload->remaining;
	} else if (out->content_length || out->transfer_encoding ||
		   !adds_length(&req->pub)) {
		return;
	}
	if (length < 0) {
		TEXT_LITERAL(t, "Transfer-Encoding: chunked\r\n");
		return;
	}
	TEXT_LITERAL(t, "Content-Length: ");
	text_number(t, length);
	TEXT_LITERAL(t, "\r\n");
}

int
evi_write_request(struct http_request *req, struct evbuffer *to)
{
	const struct evhttp_request *pub = &req->pub;
	const char *method = evi_request_method(pub->type);
	const struct evkeyval *h;
	struct found_headers out;
	struct text t;

	evi_write_find_headers(&out, pub->output_headers);
	text_begin(&t, to);
	text_add(&t, method, strlen(method));
	TEXT_LITERAL(&t, " ");
	text_add(&t, pub->uri, strlen(pub->uri));
	TEXT_LITERAL(&t, " ");
	add_version(&t, pub);
	TEXT_LITERAL(&t, "\r\n");
	TAILQ_FOREACH (h, pub->output_headers, next)
		if (may_send_header(req, h->key))
			text_add_field(&t, h->key, h->value);
	add_framing(&t, req, &out);
	TEXT_LITERAL(&t, "\r\n");
	return text_end(&t);
}
