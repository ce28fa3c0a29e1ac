/* SPDX-License-Identifier: BSD-3-Clause */
/* UDP sockets and their datagrams. */
#include "datagram.h"

#include <sys/socket.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- sockets --- */

struct udp_socket *
evi_datagram_open(struct udp_sockets *list, const struct address *address,
    uint64_t number, void *owner)
{
	struct udp_socket *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	if (evi_descriptor_open(&s->descriptor, address, SOCK_DGRAM) == -1) {
		int error = errno;

		free(s);
		errno = error;
		return NULL;
	}
	s->owner = owner;
	s->number = number;
	TAILQ_INSERT_HEAD(list, s, link);
	return s;
}

void
evi_datagram_close(struct datagrams *d, struct udp_sockets *list,
    struct udp_socket *s)
{
	TAILQ_REMOVE(list, s, link);
	event_del(&s->event);
	if (d->socket == s) {
		d->socket = NULL;
		d->n = 0;
	}
	evi_descriptor_close(&s->descriptor);
	free(s);
}

/* --- received datagrams --- */

static void
set_message(struct mmsghdr *m, struct iovec *iov, void *data, size_t len)
{
	*iov = (struct iovec){data, len};
	*m = (struct mmsghdr){.msg_hdr.msg_iov = iov, .msg_hdr.msg_iovlen = 1};
}

int
evi_datagram_receive(struct datagrams *d, struct udp_socket *s)
{
	struct mmsghdr msgs[EVI_IN_BATCH];
	struct iovec iov[EVI_IN_BATCH];
	int n;

	for (int i = 0; i < EVI_IN_BATCH; i++)
		set_message(&msgs[i], &iov[i], d->in[i], EVI_DATAGRAM_MAX);
	n = recvmmsg(s->descriptor.fd, msgs, EVI_IN_BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		d->in_len[i] = msgs[i].msg_len;
	if (n > 0)
		s->has_received = true;
	return n;
}

/* --- sent datagrams --- */

/*
 * Without room for them datagrams are lost, as they may be in the network.  The
 * kernel reports other errors for datagrams that were sent earlier, too.
 */
int
evi_datagram_flush(struct datagrams *d)
{
	struct mmsghdr msgs[EVI_OUT_BATCH];
	struct iovec iov[EVI_OUT_BATCH];
	int count = d->n;

	for (int i = 0; i < count; i++)
		set_message(&msgs[i], &iov[i], d->out[i], d->out_len[i]);
	d->n = 0;
	for (int i = 0, n; i < count; i += n) {
		n = sendmmsg(d->socket->descriptor.fd, msgs + i,
		    (unsigned int)(count - i), MSG_NOSIGNAL);
		if (n <= 0)
			return errno == EAGAIN || errno == ENOBUFS ? 0 : -1;
	}
	return 0;
}

void
evi_datagram_send(struct datagrams *d, struct udp_socket *s, const void *data,
    size_t len)
{
	d->socket = s;
	memcpy(d->out[d->n], data, len);
	d->out_len[d->n++] = len;
}
