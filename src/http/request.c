/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * struct evhttp_request: making and freeing one, and the functions that read
 * or set a member.
 */
#include "request.h"

#include <stdlib.h>
#include <string.h>

#include "element.h"

const char *
evi_request_method(int type)
{
	static const char *const names[] = {
	    [EVHTTP_REQ_GET] = "GET",
	    [EVHTTP_REQ_POST] = "POST",
	    [EVHTTP_REQ_HEAD] = "HEAD",
	    [EVHTTP_REQ_PUT] = "PUT",
	    [EVHTTP_REQ_DELETE] = "DELETE",
	    [EVHTTP_REQ_OPTIONS] = "OPTIONS",
	    [EVHTTP_REQ_TRACE] = "TRACE",
	    [EVHTTP_REQ_CONNECT] = "CONNECT",
	    [EVHTTP_REQ_PATCH] = "PATCH",
	};

	if (type < 0 || (size_t)type >= sizeof names / sizeof names[0])
		return NULL;
	return names[type];
}

struct evhttp_request *
evhttp_request_new(void (*cb)(struct evhttp_request *, void *), void *arg)
{
	/* malloc() uses the block again that the thread freed last, which is in
	 * the processor's cache; glibc's calloc() does not. */
	struct http_request *req = malloc(sizeof *req);

	if (req == NULL)
		return NULL;
	*req = (struct http_request){
	    .pub.kind = EVHTTP_RESPONSE,
	    .pub.input_headers = &req->input_headers,
	    .pub.output_headers = &req->output_headers,
	    .pub.input_buffer = &req->input,
	    .pub.output_buffer = &req->output,
	    .pub.cb = cb,
	    .pub.cb_arg = arg,
	};
	TAILQ_INIT(&req->input_headers);
	TAILQ_INIT(&req->output_headers);
	return &req->pub;
}

/* Frees the memory of an evbuffer that is a member of another struct. */
static void
free_buffer(struct evbuffer *buf)
{
	buf->cb = NULL;
	evbuffer_drain(buf, buf->off);
	free(buf->orig_buffer);
}

void
evi_request_reset_buffer(struct evbuffer *buf)
{
	evbuffer_drain(buf, buf->off);
	free(buf->orig_buffer);
	buf->buffer = buf->orig_buffer = NULL;
	buf->totallen = 0;
}

static void
free_reason(struct http_request *req)
{
	if (req->pub.response_code_line != req->reason)
		free(req->pub.response_code_line);
	req->pub.response_code_line = NULL;
}

int
evi_request_set_reason(struct http_request *req, const char *reason, size_t len)
{
	char *copy = len < sizeof req->reason ? req->reason : malloc(len + 1);

	if (copy == NULL) {
		free_reason(req);
		return -1;
	}
	memmove(copy, reason, len); /* they may overlap */
	copy[len] = '\0';
	free_reason(req);
	req->pub.response_code_line = copy;
	return 0;
}

void
evi_request_free(struct http_request *req)
{
	if (req == NULL)
		return;
	if (req->has_short_head)
		evi_element_release_list(&req->input_headers);
	else
		evhttp_clear_headers(&req->input_headers);
	evhttp_clear_headers(&req->output_headers);
	free_buffer(&req->input);
	free_buffer(&req->output);
	if (req->owns_remote_host)
		free(req->pub.remote_host);
	free(req->pub.uri);
	free_reason(req);
	free(req->host);
	free(req->upload);
	free(req);
}

void
evi_request_detach(struct http_request *req)
{
	req->pub.evcon = NULL;
	if (req->pub.remote_host != NULL && !req->owns_remote_host) {
		req->pub.remote_host = strdup(req->pub.remote_host);
		req->owns_remote_host = true;
	}
}

void
evi_request_release(struct http_request *req)
{
	req->in_last_callback = false;
	if (req->is_owned)
		evi_request_detach(req);
	else
		evi_request_free(req);
}

void
evi_request_queue_refused(struct http_request *req, struct requestq *list,
    struct evhttp_connection *evcon)
{
	evi_request_queue(req, list, evcon);
	req->is_refused = true;
}

void
evi_request_set_host(struct http_request *req, char *host)
{
	req->host = host;
}

void
evi_request_set_upload(struct http_request *req, struct upload *upload)
{
	free(req->upload);
	req->upload = upload;
}

void
evi_request_clear_input(struct http_request *req)
{
	evhttp_clear_headers(&req->input_headers);
	evbuffer_drain(&req->input, req->input.off);
	free_reason(req);
	req->pub.response_code = 0;
	req->pub.chunked = 0;
	req->pub.ntoread = 0;
}

void
evi_request_call_error_cb(struct http_request *req,
    enum evhttp_request_error error)
{
	if (req->error_cb != NULL)
		req->error_cb(error, req->pub.cb_arg);
}

struct evhttp_connection *
evhttp_request_get_connection(struct evhttp_request *req)
{
	return req->evcon;
}

const char *
evhttp_request_uri(struct evhttp_request *req)
{
	return req->uri;
}

const char *
evhttp_request_get_uri(const struct evhttp_request *req)
{
	return req->uri;
}

enum evhttp_cmd_type
evhttp_request_get_command(const struct evhttp_request *req)
{
	return req->type;
}

int
evhttp_request_get_response_code(const struct evhttp_request *req)
{
	return req->response_code;
}

const char *
evhttp_request_get_response_code_line(const struct evhttp_request *req)
{
	return req->response_code_line;
}

struct evkeyvalq *
evhttp_request_get_input_headers(struct evhttp_request *req)
{
	return req->input_headers;
}

struct evkeyvalq *
evhttp_request_get_output_headers(struct evhttp_request *req)
{
	return req->output_headers;
}

struct evbuffer *
evhttp_request_get_input_buffer(struct evhttp_request *req)
{
	return req->input_buffer;
}

struct evbuffer *
evhttp_request_get_output_buffer(struct evhttp_request *req)
{
	return req->output_buffer;
}

void
evhttp_request_set_chunked_cb(struct evhttp_request *req,
    void (*cb)(struct evhttp_request *, void *))
{
	req->chunk_cb = cb;
}

void
evhttp_request_set_header_cb(struct evhttp_request *req,
    int (*cb)(struct evhttp_request *, void *))
{
	evi_request_of(req)->header_cb = cb;
}

void
evhttp_request_set_error_cb(struct evhttp_request *req,
    void (*cb)(enum evhttp_request_error, void *))
{
	evi_request_of(req)->error_cb = cb;
}

void
evhttp_request_set_on_complete_cb(struct evhttp_request *req,
    void (*cb)(struct evhttp_request *, void *), void *cb_arg)
{
	evi_request_of(req)->complete_cb = cb;
	evi_request_of(req)->complete_arg = cb_arg;
}

void
evhttp_request_own(struct evhttp_request *req)
{
	evi_request_of(req)->is_owned = true;
}

int
evhttp_request_is_owned(struct evhttp_request *req)
{
	return evi_request_of(req)->is_owned;
}
