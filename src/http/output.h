/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bytes that a connection has to write: a buffer, and after it the output
 * buffer of one request, which is not copied.
 */
#ifndef EVI_HTTP_OUTPUT_H
#define EVI_HTTP_OUTPUT_H

#include "request.h"

struct output {
	struct evbuffer buffer;
	struct http_request *body; /* whose output buffer follows, or NULL */
	uint64_t written;	   /* bytes since the connection was made */
	/* A write failed, or bytes are missing for lack of memory. */
	bool has_failed;
};

/*
 * Appends bytes to buffer.  If there is a body, its rest is first moved there.
 * Returns 0, or -1 without memory.
 */
int evi_output_add(struct output *output, const char *data, size_t len);

/* How many bytes are to be written. */
static inline size_t
evi_output_size(const struct output *output)
{
	return output->buffer.off +
	       (output->body != NULL ? output->body->output.off : 0);
}

/*
 * Appends the output buffer of a request, which must stay until it is written.
 * The output must not have the body of another request.
 */
static inline void
evi_output_set_body(struct output *output, struct http_request *req)
{
	output->body = req;
}

/* Drops the body, if it is that of the request. */
static inline void
evi_output_forget_body(struct output *output, const struct http_request *req)
{
	if (output->body == req)
		output->body = NULL;
}

/* Notes that the output has failed: nothing more is written. */
static inline void
evi_output_fail(struct output *output)
{
	output->has_failed = true;
}

/*
 * Writes to a socket as much as it takes with one system call.  Returns 0; -1
 * where that fails, and the output has failed.
 */
int evi_output_send(struct output *output, int fd);

/* Drops what is to be written, and frees its memory. */
void evi_output_drop(struct output *output);

/* Drops what is to be written, and resets has_failed. */
void evi_output_reset(struct output *output);

#endif
