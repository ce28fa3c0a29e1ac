/* SPDX-License-Identifier: BSD-3-Clause */
/* Datagrams, many by one system call. */
#include <sys/socket.h>
#include <arpa/nameser.h>

#include <errno.h>
#include <string.h>

#include "datagram.h"

/* --- that come in --- */

/*
 * After one batch there are said to be no more, even if there are: what they
 * lead to comes first, so that the server has something to do, and other events
 * have their turn.
 */
#define IN_BATCH 16
#define IN_SIZE 4097
static struct {
	uint8_t data[IN_BATCH][IN_SIZE];
	unsigned int len[IN_BATCH];
	int n, next;
	bool done;
	struct evi_socket *socket; /* NULL once it is closed */
} incoming;

void
evi_datagrams_start(struct evi_socket *s)
{
	incoming.socket = s;
	incoming.n = incoming.next = 0;
	incoming.done = false;
}

static int
read_batch(int fd)
{
	struct mmsghdr msgs[IN_BATCH];
	struct iovec iov[IN_BATCH];
	int i, n;

	if (incoming.done) {
		errno = EAGAIN;
		return -1;
	}
	memset(msgs, 0, sizeof(msgs));
	for (i = 0; i < IN_BATCH; i++) {
		iov[i].iov_base = incoming.data[i];
		iov[i].iov_len = IN_SIZE;
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(fd, msgs, IN_BATCH, MSG_DONTWAIT, NULL);
	if (n == -1)
		return -1;
	for (i = 0; i < n; i++)
		incoming.len[i] = msgs[i].msg_len;
	incoming.n = n;
	incoming.next = 0;
	incoming.done = true;
	return 0;
}

static bool
may_be_reply(const uint8_t *msg, size_t len)
{
	return len >= NS_HFIXEDSZ && (msg[2] & 0x80) && msg[4] == 0 &&
	       msg[5] == 1;
}

ssize_t
evi_datagram_read(struct evi_socket *s, void *data, size_t size)
{
	size_t len;

	do {
		if (incoming.next == incoming.n && read_batch(s->fd) == -1)
			return -1;
		len = incoming.len[incoming.next++];
	} while (!may_be_reply(incoming.data[incoming.next - 1], len));
	if (len > size)
		len = size;
	memcpy(data, incoming.data[incoming.next - 1], len);
	return (ssize_t)len;
}

bool
evi_datagrams_left(const struct evi_socket *s)
{
	return incoming.socket == s && incoming.next < incoming.n;
}

const uint8_t *
evi_datagram_last(size_t *len)
{
	if (incoming.socket == NULL || incoming.next == 0)
		return NULL;
	*len = incoming.len[incoming.next - 1];
	return incoming.data[incoming.next - 1];
}

/* --- that go out --- */

/* Few, so that the server begins while the rest is put together. */
#define OUT_BATCH 8
static struct {
	struct evi_socket *socket;
	int n;
	uint8_t data[OUT_BATCH][EVI_DATAGRAM_MAX];
	size_t len[OUT_BATCH];
} outgoing;
static TAILQ_HEAD(, evi_socket) failed = TAILQ_HEAD_INITIALIZER(failed);

static void
fail(struct evi_socket *s, int error)
{
	if (s->error == 0)
		TAILQ_INSERT_TAIL(&failed, s, failed);
	s->error = error;
}

/*
 * A datagram there is no room for is as good as lost on its way.  Any other
 * error is about what was sent before.
 */
void
evi_datagrams_flush(void)
{
	struct mmsghdr msgs[OUT_BATCH];
	struct iovec iov[OUT_BATCH];
	int i, n;

	if (outgoing.n == 0)
		return;
	memset(msgs, 0, sizeof(msgs[0]) * (size_t)outgoing.n);
	for (i = 0; i < outgoing.n; i++) {
		iov[i].iov_base = outgoing.data[i];
		iov[i].iov_len = outgoing.len[i];
		msgs[i].msg_hdr.msg_iov = &iov[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	for (i = 0; i < outgoing.n; i += n) {
		n = sendmmsg(outgoing.socket->fd, msgs + i,
		    (unsigned int)(outgoing.n - i), MSG_NOSIGNAL);
		if (n > 0)
			continue;
		if (errno != EAGAIN && errno != ENOBUFS)
			fail(outgoing.socket, errno);
		break;
	}
	outgoing.n = 0;
}

void
evi_datagram_write(struct evi_socket *s, const void *data, size_t len)
{
	if (outgoing.n == OUT_BATCH || outgoing.socket != s)
		evi_datagrams_flush();
	outgoing.socket = s;
	memcpy(outgoing.data[outgoing.n], data, len);
	outgoing.len[outgoing.n++] = len;
}

struct evi_socket *
evi_datagrams_failed(void)
{
	return TAILQ_FIRST(&failed);
}

void
evi_datagrams_recovered(struct evi_socket *s)
{
	if (s->error == 0)
		return;
	s->error = 0;
	TAILQ_REMOVE(&failed, s, failed);
}

void
evi_datagrams_forget(struct evi_socket *s)
{
	if (outgoing.socket == s) {
		outgoing.socket = NULL;
		outgoing.n = 0;
	}
	if (incoming.socket == s)
		incoming.socket = NULL;
	evi_datagrams_recovered(s);
}
