/* SPDX-License-Identifier: BSD-3-Clause */
/* A TCP connection to a nameserver. */
#include "stream.h"

#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <errno.h>
#include <event.h>
#include <stdlib.h>

#include "descriptor.h"
#include "support/util.h"

/* Bytes that are read in one pass of the loop: the longest message. */
#define READ_MAX (2 + 65535)

struct stream {
	struct descriptor descriptor;
	struct event_base *base;
	struct event event;
	short what; /* EV_* that the event waits for; 0: it was not set yet */
	struct evbuffer *in, *out;
	size_t taken; /* bytes of in, of the message that was returned last */
	bool ended;
	void (*ready_cb)(void *arg);
	void *arg;
};

static void event_cb(int fd, short what, void *arg);

/*
 * Watches the socket for messages, and for room to send.  Without memory for
 * that the stream has ended: no event would report anything.
 */
static void
watch(struct stream *s)
{
	short what = EV_READ | EV_PERSIST;

	if (EVBUFFER_LENGTH(s->out) > 0)
		what |= EV_WRITE;
	if (what == s->what)
		return;
	if (s->what != 0)
		event_del(&s->event);
	s->what = what;
	event_set(&s->event, s->descriptor.fd, what, event_cb, s);
	event_base_set(s->base, &s->event);
	if (event_add(&s->event, NULL) == -1)
		s->ended = true;
}

static void
send_out(struct stream *s)
{
	ssize_t n = send(s->descriptor.fd, EVBUFFER_DATA(s->out),
	    EVBUFFER_LENGTH(s->out), MSG_NOSIGNAL);

	if (n > 0)
		evbuffer_drain(s->out, (size_t)n);
	else if (n == -1 && !evi_util_is_transient(errno))
		s->ended = true;
}

void
evi_stream_receive(struct stream *s)
{
	int n = evbuffer_read(s->in, s->descriptor.fd, READ_MAX);

	if (n == 0 || (n == -1 && !evi_util_is_transient(errno)))
		s->ended = true;
}

static void
event_cb(int fd, short what, void *arg)
{
	struct stream *s = arg;

	(void)fd;
	if (what & EV_WRITE)
		send_out(s);
	if (what & EV_READ)
		evi_stream_receive(s);
	if (!s->ended)
		watch(s);
	s->ready_cb(s->arg);
}

struct stream *
evi_stream_new(struct event_base *base, const struct address *address,
    void (*ready_cb)(void *arg), void *arg)
{
	struct stream *s = malloc(sizeof(*s));
	int one = 1;

	if (s == NULL)
		return NULL;
	*s = (struct stream){
	    .descriptor.fd = -1,
	    .base = base,
	    .in = evbuffer_new(),
	    .out = evbuffer_new(),
	    .ready_cb = ready_cb,
	    .arg = arg,
	};
	if (s->in == NULL || s->out == NULL ||
	    evi_descriptor_open(&s->descriptor, address, SOCK_STREAM) == -1) {
		evi_stream_free(s);
		return NULL;
	}
	setsockopt(s->descriptor.fd, IPPROTO_TCP, TCP_NODELAY, &one,
	    sizeof(one));
	watch(s);
	return s;
}

void
evi_stream_free(struct stream *s)
{
	int error = errno;

	if (s == NULL)
		return;
	if (s->what != 0)
		event_del(&s->event);
	evi_descriptor_close(&s->descriptor);
	if (s->in != NULL)
		evbuffer_free(s->in);
	if (s->out != NULL)
		evbuffer_free(s->out);
	free(s);
	errno = error;
}

int
evi_stream_send(struct stream *s, const uint8_t *msg, size_t len)
{
	uint8_t head[2] = {(uint8_t)(len >> 8), (uint8_t)len};

	if (evbuffer_expand(s->out, sizeof(head) + len) == -1)
		return -1;
	evbuffer_add(s->out, head, sizeof(head));
	evbuffer_add(s->out, msg, len);
	watch(s);
	return 0;
}

const uint8_t *
evi_stream_next(struct stream *s, size_t *len)
{
	const uint8_t *data;
	size_t size;

	evbuffer_drain(s->in, s->taken);
	s->taken = 0;
	data = EVBUFFER_DATA(s->in);
	size = EVBUFFER_LENGTH(s->in);
	if (size < 2)
		return NULL;
	*len = (size_t)data[0] << 8 | data[1];
	if (size - 2 < *len)
		return NULL;
	s->taken = 2 + *len;
	return data + 2;
}

bool
evi_stream_has_ended(const struct stream *s)
{
	return s->ended;
}
