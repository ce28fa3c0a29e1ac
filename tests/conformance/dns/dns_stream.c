/* SPDX-License-Identifier: BSD-3-Clause */
/* The TCP side of a DNS server; see the header. */
#include "dns_stream.h"
#include "test.h"

static void
stream_hang_up(struct stream *s)
{
	event_del(&s->piece_ev);
	if (s->fd == -1)
		return;
	event_del(&s->read_ev);
	close(s->fd);
	s->fd = -1;
	s->have = s->len = s->sent = 0;
}

static void
stream_read_cb(int fd, short what, void *arg)
{
	struct stream *s = arg;
	uint8_t msg[sizeof s->in];
	ssize_t n =
	    recv(fd, s->in + s->have, sizeof s->in - s->have, MSG_DONTWAIT);

	(void)what;
	if (n <= 0) {
		stream_hang_up(s);
		return;
	}
	s->have += (size_t)n;
	while (s->fd != -1 && s->have >= 2) {
		size_t len = (size_t)s->in[0] << 8 | s->in[1];

		if (s->have < 2 + len)
			break;
		memcpy(msg, s->in + 2, len);
		s->have -= 2 + len;
		memmove(s->in, s->in + 2 + len, s->have);
		s->questions++;
		s->cb(s, msg, len);
	}
}

static void
stream_accept_cb(int listener, short what, void *arg)
{
	struct stream *s = arg;

	(void)what;
	stream_hang_up(s);
	s->fd = accept(listener, NULL, NULL);
	assert_true(s->fd >= 0);
	s->connections++;
	event_set(&s->read_ev, s->fd, EV_READ | EV_PERSIST, stream_read_cb, s);
	event_add(&s->read_ev, NULL);
}

static void
stream_piece_cb(int unused, short what, void *arg)
{
	struct stream *s = arg;
	size_t n = s->len - s->sent;
	ssize_t done;

	(void)unused;
	(void)what;
	if (s->fd == -1)
		return;
	if (n > s->piece)
		n = s->piece;
	done = send(s->fd, s->out + s->sent, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (done > 0)
		s->sent += (size_t)done;
	if (s->sent < s->len)
		evtimer_add(&s->piece_ev, MSEC(0));
	else if (s->hang_up)
		stream_hang_up(s);
}

void
stream_send(struct stream *s, size_t piece)
{
	s->piece = piece;
	stream_piece_cb(-1, 0, s);
}

void
stream_put(struct stream *s, const void *data, size_t len)
{
	assert_true(s->len + len <= sizeof s->out);
	if (len > 0)
		memcpy(s->out + s->len, data, len);
	s->len += len;
}

void
stream_put16(struct stream *s, size_t n)
{
	uint8_t b[2] = {n >> 8 & 0xff, n & 0xff};

	stream_put(s, b, 2);
}

void
stream_put_answer(struct stream *s, const uint8_t *q, const char *address)
{
	static const uint8_t record[] = {0xc0, 12, 0, TYPE_A, 0, 1, 0, 0, 0, 60,
	    0, 4};
	static const uint8_t counts[] = {0, 1, 0, 1, 0, 0, 0, 0};
	size_t end = 12;
	uint8_t ip[4];

	while (q[end] != 0)
		end += 1 + q[end];
	end += 5;
	stream_put16(s, end + sizeof record + sizeof ip);
	stream_put(s, q, 2);
	stream_put16(s, 0x8180);
	stream_put(s, counts, sizeof counts);
	stream_put(s, q + 12, end - 12);
	stream_put(s, record, sizeof record);
	assert_int_equal(inet_pton(AF_INET, address, ip), 1);
	stream_put(s, ip, sizeof ip);
}

void
stream_open(struct stream *s, const struct responder *server, stream_cb *cb)
{
	struct sockaddr_in sin = {.sin_family = AF_INET,
	    .sin_port = htons(responder_port(server)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int one = 1;

	memset(s, 0, sizeof *s);
	s->fd = -1;
	s->cb = cb;
	evtimer_set(&s->piece_ev, stream_piece_cb, s);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_true(s->listener >= 0);
	setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&sin, sizeof sin),
	    0);
	assert_int_equal(listen(s->listener, 8), 0);
	event_set(&s->accept_ev, s->listener, EV_READ | EV_PERSIST,
	    stream_accept_cb, s);
	event_add(&s->accept_ev, NULL);
}

void
stream_close(struct stream *s)
{
	stream_hang_up(s);
	event_del(&s->accept_ev);
	close(s->listener);
}
