/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Answers.  An answer is whole, or begins, has chunks, and ends; end_answer()
 * is where both end up.  Small bodies are copied behind the head, so that the
 * answers to what one read brought leave in one piece; a large one stays in the
 * request's output buffer, and the connection writes it from there.
 */
#include "reply.h"

#include "support/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A body is copied up to this size. */
#define COPIED_BODY 8192

/* The usual text after a status code. */
static const char *
default_reason(int code)
{
	static const struct {
		int code;
		const char *reason;
	} reasons[] = {
	    {100, "Continue"},
	    {101, "Switching Protocols"},
	    {200, "OK"},
	    {201, "Created"},
	    {202, "Accepted"},
	    {204, "No Content"},
	    {206, "Partial Content"},
	    {301, "Moved Permanently"},
	    {302, "Found"},
	    {303, "See Other"},
	    {304, "Not Modified"},
	    {307, "Temporary Redirect"},
	    {308, "Permanent Redirect"},
	    {400, "Bad Request"},
	    {401, "Unauthorized"},
	    {403, "Forbidden"},
	    {404, "Not Found"},
	    {405, "Method Not Allowed"},
	    {406, "Not Acceptable"},
	    {408, "Request Timeout"},
	    {409, "Conflict"},
	    {410, "Gone"},
	    {411, "Length Required"},
	    {412, "Precondition Failed"},
	    {413, "Content Too Large"},
	    {414, "URI Too Long"},
	    {415, "Unsupported Media Type"},
	    {416, "Range Not Satisfiable"},
	    {417, "Expectation Failed"},
	    {421, "Misdirected Request"},
	    {422, "Unprocessable Content"},
	    {426, "Upgrade Required"},
	    {429, "Too Many Requests"},
	    {431, "Request Header Fields Too Large"},
	    {500, "Internal Server Error"},
	    {501, "Not Implemented"},
	    {502, "Bad Gateway"},
	    {503, "Service Unavailable"},
	    {504, "Gateway Timeout"},
	    {505, "HTTP Version Not Supported"},
	};

	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (reasons[i].code == code)
			return reasons[i].reason;
	return "Unknown";
}

void
evhttp_response_code(struct evhttp_request *req, int code, const char *reason)
{
	if (reason == NULL)
		reason = default_reason(code);
	req->kind = EVHTTP_RESPONSE;
	req->response_code = code;
	if (evi_request_set_reason(evi_request_of(req), reason,
		strlen(reason)) == -1)
		event_warnx("evhttp: no memory for a reason");
}

/* --- begin, end --- */

/*
 * Whether the request can be answered: a second answer is refused.  One that
 * has lost its connection ends here, if the answer would have ended it.
 */
static bool
may_answer(struct http_request *req, const char *function, bool ends)
{
	if (!(req->pub.flags & EVHTTP_REQ_OWN_CONNECTION)) {
		event_warnx("%s: the request is not a server's", function);
		return false;
	}
	if (req->pub.userdone) {
		event_warnx("%s: the request has been answered", function);
		return false;
	}
	if (req->pub.evcon != NULL)
		return true;
	if (ends) {
		req->pub.userdone = 1;
		if (!req->is_owned)
			evi_request_free(req);
	}
	return false;
}

/* Without memory for an answer the connection has to go. */
static void
fail_output(struct evhttp_connection *evcon)
{
	event_warnx("evhttp: no memory for an answer");
	evcon->output_failed = true;
}

/* The answer has been given whole. */
static void
end_answer(struct http_request *req)
{
	struct evhttp_connection *evcon = req->pub.evcon;

	req->pub.userdone = 1;
	req->answer_end = evcon->written + evi_conn_unsent(evcon);
	if (req->must_close)
		evcon->close_when_written = true;
	if (evcon->unanswered == req)
		evcon->unanswered = NULL;
	evi_conn_write_soon(evcon);
}

/*
 * Whether the answer has been begun.  Then it cannot become another one, and is
 * broken off: its connection ends after what was given of it, and the client
 * sees that the rest is missing.
 */
static bool
break_off(struct http_request *req, const char *function)
{
	if (!req->is_started)
		return false;
	event_warnx("%s: the answer has been begun", function);
	req->pub.evcon->drain_cb = NULL;
	req->must_close = true;
	end_answer(req);
	return true;
}

/*
 * An answer before the head has been read, by a program that has the request
 * since its first byte: where the next one would begin is not known.
 */
static void
answer_before_head(struct http_request *req)
{
	if (req->pub.major == 0)
		req->pub.major = req->pub.minor = 1;
	req->must_close = true;
}

static void
begin_answer(struct http_request *req, enum answer_form how, size_t body)
{
	struct evhttp_connection *evcon = req->pub.evcon;

	if (evcon->reading == req && evcon->reader.state < EVI_READING_BODY)
		answer_before_head(req);
	req->is_started = true;
	evcon->state = EVI_CONN_WRITING;
	if (req->pub.response_code_line == NULL ||
	    evi_conn_add(evcon, "", 0) == -1 ||
	    evi_write_answer(req, &evcon->output, how, body,
		evcon->policy->closes_connections || req->must_close,
		evcon->policy->content_type) == -1)
		fail_output(evcon);
}

/* --- whole answers --- */

/* The bodies of an answer, one after the other; databuf may be NULL. */
static void
add_body(struct http_request *req, struct evbuffer *databuf)
{
	struct evhttp_connection *evcon = req->pub.evcon;
	struct evbuffer *own = &req->output;
	size_t len = databuf != NULL ? EVBUFFER_LENGTH(databuf) : 0;

	if (req->is_bodiless) {
		evbuffer_drain(own, own->off);
		if (databuf != NULL)
			evbuffer_drain(databuf, len);
		return;
	}
	if (own->off + len > COPIED_BODY) {
		if (len > 0 && evbuffer_add_buffer(own, databuf) == -1)
			fail_output(evcon);
		evcon->body = req;
		return;
	}
	if (evbuffer_add(&evcon->output, own->buffer, own->off) == -1 ||
	    (len > 0 && evbuffer_add(&evcon->output, EVBUFFER_DATA(databuf),
			    len) == -1))
		fail_output(evcon);
	evbuffer_drain(own, own->off);
	if (len > 0)
		evbuffer_drain(databuf, len);
}

static void
send_whole(struct http_request *req, struct evbuffer *databuf)
{
	size_t body = EVBUFFER_LENGTH(&req->output) +
		      (databuf != NULL ? EVBUFFER_LENGTH(databuf) : 0);

	begin_answer(req, EVI_ANSWER_WHOLE, body);
	add_body(req, databuf);
	end_answer(req);
}

void
evhttp_send_reply(struct evhttp_request *pub, int code, const char *reason,
    struct evbuffer *databuf)
{
	struct http_request *req = evi_request_of(pub);

	if (!may_answer(req, __func__, true))
		return;
	if (break_off(req, __func__))
		return;
	evhttp_response_code(pub, code, reason);
	send_whole(req, databuf);
}

/* 1.4: whatever version the request had, the page is HTTP/1.1. */
static void
send_page(struct http_request *req, const char *allow, struct evbuffer *databuf)
{
	struct evhttp_request *pub = &req->pub;

	if (pub->major == 0 || (pub->major == 1 && pub->minor == 0)) {
		pub->major = 1;
		pub->minor = 1;
	}
	evhttp_clear_headers(pub->output_headers);
	if (evhttp_add_header(pub->output_headers, "Content-Type",
		"text/html") == -1 ||
	    evhttp_add_header(pub->output_headers, "Connection", "close") ==
		-1 ||
	    (allow != NULL &&
		evhttp_add_header(pub->output_headers, "Allow", allow) == -1))
		fail_output(pub->evcon);
	send_whole(req, databuf);
}

void
evhttp_send_page(struct evhttp_request *pub, struct evbuffer *databuf)
{
	struct http_request *req = evi_request_of(pub);

	if (may_answer(req, __func__, true) && !break_off(req, __func__))
		send_page(req, NULL, databuf);
}

/* 1.4's page.  Its heading is the same for every code. */
void
evi_reply_error(struct http_request *req, int code, const char *reason,
    const char *allow)
{
	struct evbuffer *page = evbuffer_new();
	char *escaped;

	evhttp_response_code(&req->pub, code, reason);
	escaped = req->pub.response_code_line != NULL
		      ? evhttp_htmlescape(req->pub.response_code_line)
		      : NULL;
	if (page == NULL || escaped == NULL ||
	    evbuffer_add_printf(page,
		"<HTML><HEAD>\n"
		"<TITLE>%d %s</TITLE>\n"
		"</HEAD><BODY>\n"
		"<H1>Method Not Implemented</H1>\n"
		"Invalid method in request<P>\n"
		"</BODY></HTML>\n",
		code, escaped) == -1)
		fail_output(req->pub.evcon);
	send_page(req, allow, page);
	free(escaped);
	evbuffer_free(page);
}

void
evhttp_send_error(struct evhttp_request *pub, int error, const char *reason)
{
	struct http_request *req = evi_request_of(pub);

	if (!may_answer(req, __func__, true))
		return;
	if (break_off(req, __func__))
		return;
	evi_reply_error(req, error, reason, NULL);
}

/* --- answers in pieces --- */

/* As one chunk, if the answer is chunked.  Moves the content. */
static void
add_chunk(struct http_request *req, struct evbuffer *databuf)
{
	struct evhttp_connection *evcon = req->pub.evcon;
	size_t len = EVBUFFER_LENGTH(databuf);
	char size[24];
	int n;

	if (len == 0)
		return;
	if (req->is_bodiless) {
		evbuffer_drain(databuf, len);
		return;
	}
	n = snprintf(size, sizeof size, "%zx\r\n", len);
	if (req->pub.chunked &&
	    evbuffer_add(&evcon->output, size, (size_t)n) == -1)
		fail_output(evcon);
	if (evbuffer_add_buffer(&evcon->output, databuf) == -1)
		fail_output(evcon);
	if (req->pub.chunked && evbuffer_add(&evcon->output, "\r\n", 2) == -1)
		fail_output(evcon);
	evi_conn_write_soon(evcon);
}

void
evhttp_send_reply_start(struct evhttp_request *pub, int code,
    const char *reason)
{
	struct http_request *req = evi_request_of(pub);

	if (!may_answer(req, __func__, false))
		return;
	if (req->is_started) {
		event_warnx("%s: the answer has been begun", __func__);
		return;
	}
	evhttp_response_code(pub, code, reason);
	begin_answer(req, EVI_ANSWER_CHUNKS, req->output.off);
	add_chunk(req, &req->output);
	evi_conn_write_soon(pub->evcon);
}

void
evhttp_send_reply_chunk_with_cb(struct evhttp_request *pub,
    struct evbuffer *databuf, void (*cb)(struct evhttp_connection *, void *),
    void *arg)
{
	struct http_request *req = evi_request_of(pub);

	if (!may_answer(req, __func__, false))
		return;
	if (!req->is_started)
		evhttp_send_reply_start(pub, 200, "OK");
	pub->evcon->drain_cb = cb;
	pub->evcon->drain_arg = arg;
	if (databuf != NULL)
		add_chunk(req, databuf);
	if (cb != NULL)
		evi_conn_write_soon(pub->evcon);
}

void
evhttp_send_reply_chunk(struct evhttp_request *pub, struct evbuffer *databuf)
{
	evhttp_send_reply_chunk_with_cb(pub, databuf, NULL, NULL);
}

/*
 * A header that was added meanwhile is not sent, but may close, as in 1.4.  As
 * in 2.1, nobody waits for the last chunk to be written any more.
 */
void
evhttp_send_reply_end(struct evhttp_request *pub)
{
	struct http_request *req = evi_request_of(pub);

	if (!may_answer(req, __func__, true))
		return;
	if (!req->is_started)
		evhttp_send_reply_start(pub, 200, "OK");
	if (pub->chunked && !req->is_bodiless &&
	    evbuffer_add(&pub->evcon->output, "0\r\n\r\n", 5) == -1)
		fail_output(pub->evcon);
	pub->evcon->drain_cb = NULL;
	if (evi_headers_has_token(pub->output_headers, "Connection", "close"))
		req->must_close = true;
	end_answer(req);
}
