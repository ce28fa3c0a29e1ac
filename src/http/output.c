/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bytes that a connection has to write.  One sendmsg() takes the buffer and
 * the body that follows it.
 */
#include "output.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "support/util.h"

int
evi_output_add(struct output *output, const char *data, size_t len)
{
	if (output->body != NULL) {
		if (evbuffer_add_buffer(&output->buffer,
			&output->body->output) == -1)
			return -1;
		output->body = NULL;
	}
	return evbuffer_add(&output->buffer, data, len);
}

static ssize_t
send_both(const struct output *output, int fd)
{
	const struct evbuffer *body = &output->body->output;
	struct iovec iov[2] = {
	    {output->buffer.buffer, output->buffer.off},
	    {body->buffer, body->off},
	};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};

	return sendmsg(fd, &msg, MSG_NOSIGNAL);
}

/* Removes n bytes, which were written. */
static void
drain(struct output *output, size_t n)
{
	size_t of_buffer = n < output->buffer.off ? n : output->buffer.off;

	output->written += n;
	evbuffer_drain(&output->buffer, of_buffer);
	if (output->body == NULL)
		return;
	evbuffer_drain(&output->body->output, n - of_buffer);
	if (output->body->output.off == 0)
		output->body = NULL;
}

int
evi_output_send(struct output *output, int fd)
{
	ssize_t n = output->body != NULL
			? send_both(output, fd)
			: send(fd, output->buffer.buffer, output->buffer.off,
			      MSG_NOSIGNAL);

	if (n > 0)
		drain(output, (size_t)n);
	if (n >= 0 || evi_util_is_transient(errno))
		return 0;
	output->has_failed = true;
	return -1;
}

void
evi_output_drop(struct output *output)
{
	output->body = NULL;
	evi_request_reset_buffer(&output->buffer);
}

void
evi_output_reset(struct output *output)
{
	evi_output_drop(output);
	output->has_failed = false;
}
