/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Answers of a server.  The plan:
 *
 *  1. A whole answer is one call: evhttp_send_reply(), _error() or _page().
 *     An answer in pieces is evhttp_send_reply_start(), _chunk() and _end().
 *  2. Both begin with begin_answer(), which adds the head to the output, and
 *     end with end_answer().  Nothing is written here: end_answer() has the
 *     connection's role called from the loop.
 *  3. A small body is copied to the output, after the head, so that the answers
 *     to several requests that arrived together are written together.  A large
 *     body stays in the request's output buffer, and is written from there.
 */
#include "reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/log.h"

/* The longest body that is copied, in bytes. */
#define COPIED_BODY 8192

/* The usual text after each status code. */
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

static const char *
default_reason(int code)
{
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

/* --- begin and end --- */

/*
 * Whether the request can be answered: a second answer is refused.  A request
 * without a connection cannot; it is freed if this call ends its answer.
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

/* Without memory for an answer the connection has to close. */
static void
fail_output(struct evhttp_connection *evcon)
{
	event_warnx("evhttp: no memory for an answer");
	evi_output_fail(&evcon->output);
}

/* The program has given the whole answer. */
static void
end_answer(struct http_request *req)
{
	struct evhttp_connection *evcon = req->pub.evcon;

	req->pub.userdone = 1;
	evi_request_set_answer_end(req,
	    evcon->output.written + evi_output_size(&evcon->output));
	if (req->must_close)
		evi_conn_close_when_written(evcon);
	if (evcon->unanswered == req)
		evi_conn_set_unanswered(evcon, NULL);
	evi_conn_write_soon(evcon);
}

/*
 * Breaks an answer off that has been begun, as it cannot become another one:
 * the connection closes after what was given of it, and the client sees that
 * the rest is missing.  Returns false if it has not been begun.
 */
static bool
break_off(struct http_request *req, const char *function)
{
	if (!req->is_started)
		return false;
	event_warnx("%s: the answer has been begun", function);
	evi_conn_set_drain_cb(req->pub.evcon, NULL, NULL);
	evi_request_set_must_close(req, true);
	end_answer(req);
	return true;
}

/*
 * The program answers before the head is complete, as it got the request at its
 * first byte: the connection has to close, as the end of the request is
 * unknown.
 */
static void
answer_before_head(struct http_request *req)
{
	if (req->pub.major == 0)
		req->pub.major = req->pub.minor = 1;
	evi_request_set_must_close(req, true);
}

static void
begin_answer(struct http_request *req, enum answer_form form, size_t body)
{
	struct evhttp_connection *evcon = req->pub.evcon;

	if (evcon->reading == req && evcon->reader.state < EVI_READING_BODY)
		answer_before_head(req);
	evi_request_set_started(req);
	evi_conn_set_state(evcon, EVI_CONN_WRITING);
	/* Adding no byte moves the body of the last answer to the buffer. */
	if (req->pub.response_code_line == NULL ||
	    evi_output_add(&evcon->output, "", 0) == -1 ||
	    evi_write_answer(req, &evcon->output.buffer, form, body,
		evcon->policy->closes_connections || req->must_close,
		evcon->policy->content_type) == -1)
		fail_output(evcon);
}

/* --- whole answers --- */

/* Adds the body: the request's output buffer, then databuf, which may be NULL.
 */
static void
add_body(struct http_request *req, struct evbuffer *databuf)
{
	struct evhttp_connection *evcon = req->pub.evcon;
	struct evbuffer *to = &evcon->output.buffer, *own = &req->output;
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
		evi_output_set_body(&evcon->output, req);
		return;
	}
	if (evbuffer_add(to, own->buffer, own->off) == -1 ||
	    (len > 0 && evbuffer_add(to, EVBUFFER_DATA(databuf), len) == -1))
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

/* 1.4: the page is HTTP/1.1, also for a request of HTTP/1.0. */
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

/* Sends the page that 1.4 sends; its heading is the same for each code. */
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

/* Moves a buffer to the output: as one chunk, if the answer is chunked. */
static void
add_chunk(struct http_request *req, struct evbuffer *databuf)
{
	struct evhttp_connection *evcon = req->pub.evcon;
	struct evbuffer *to = &evcon->output.buffer;
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
	if (req->pub.chunked && evbuffer_add(to, size, (size_t)n) == -1)
		fail_output(evcon);
	if (evbuffer_add_buffer(to, databuf) == -1)
		fail_output(evcon);
	if (req->pub.chunked && evbuffer_add(to, "\r\n", 2) == -1)
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
	evi_conn_set_drain_cb(pub->evcon, cb, arg);
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
 * 1.4: a header "Connection: close" that was added after the head was sent
 * still closes the connection.  The callback of the last chunk is not called
 * any more, as in 2.1.
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
	    evbuffer_add(&pub->evcon->output.buffer, "0\r\n\r\n", 5) == -1)
		fail_output(pub->evcon);
	evi_conn_set_drain_cb(pub->evcon, NULL, NULL);
	if (evi_headers_has_token(pub->output_headers, "Connection", "close"))
		evi_request_set_must_close(req, true);
	end_answer(req);
}
