/* SPDX-License-Identifier: BSD-3-Clause */
/* The steps of evbuffer.c that use descriptors; see the header. */
#include "evbuffer_io.h"

#include <sys/socket.h>
#include <errno.h>
#include <event.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "evbuffer_model.h"
#include "fuzz.h"

/* Bytes; every library reads and writes as many in one call. */
#define AT_ONCE 4096

/* The descriptor that the buffers read from, and the bytes that wait in it. */
static struct {
	int fd[2];
	bool is_open, is_ended;
	unsigned char data[MAX_LEN];
	size_t len;
} source;

static void
make_sockets(int fd[2])
{
	int type = SOCK_STREAM | SOCK_NONBLOCK;

	if (socketpair(AF_UNIX, type, 0, fd) != 0)
		fail("socketpair: %s", strerror(errno));
}

void
source_close(void)
{
	if (!source.is_open)
		return;
	close(source.fd[0]);
	if (!source.is_ended)
		close(source.fd[1]);
	source.is_open = source.is_ended = false;
	source.len = 0;
}

static void
source_open(unsigned kind)
{
	source_close();
	if (kind == 0)
		make_sockets(source.fd);
	else if (pipe2(source.fd, O_NONBLOCK) != 0)
		fail("pipe2: %s", strerror(errno));
	source.is_open = true;
}

void
step_fill(void)
{
	unsigned kind = take(8);
	size_t n;
	ssize_t r;

	if (!source.is_open || source.is_ended)
		source_open(kind % 2);
	if (kind < 4)
		n = take_text(bulk, MAX_TEXT);
	else if (kind < 7)
		n = take_bulk(MAX_LEN);
	else
		n = 0;
	n = n < MAX_LEN - source.len ? n : MAX_LEN - source.len;
	begin("fill(%zu), kind %u", n, kind);
	r = n > 0 ? write(source.fd[1], bulk, n) : 0;
	if (r > 0) {
		memcpy(source.data + source.len, bulk, r);
		source.len += r;
	}
	if (kind == 7) {
		close(source.fd[1]);
		source.is_ended = true;
	}
}

static void
read_nothing(struct pair *p, int howmuch)
{
	int r =
	    evbuffer_read(p->buf, source.is_open ? source.fd[0] : -1, howmuch);
	int err = errno;

	/* The kernel may check the length or the descriptor first. */
	if (howmuch == 0 && r == 0)
		return;
	if (source.is_ended) {
		expect("the result", r, 0);
		return;
	}
	expect("the result", r, -1);
	expect("errno", err, source.is_open ? EAGAIN : EBADF);
}

void
step_read(void)
{
	struct pair *p = take_pair();
	unsigned kind = take(5);
	size_t most = source.len, r;
	int howmuch = -1;

	if (kind == 2)
		howmuch = 1 + take(64);
	if (kind == 3)
		howmuch = take_16();
	if (kind == 4)
		howmuch = take_16() * 64;
	begin("read(%d, %d) of %zu", pair_id(p), howmuch, source.len);
	if (source.len > pair_room(p))
		return;
	if (source.len == 0) {
		read_nothing(p, howmuch);
		return;
	}
	if (howmuch >= 0 && (size_t)howmuch < most)
		most = howmuch;
	r = evbuffer_read(p->buf, source.fd[0], howmuch);
	if (r > most || (r == 0 && most > 0))
		fail("the result is %zd, not 1 to %zu", r, most);
	if (most <= AT_ONCE)
		expect("the result", r, most);
	source.len -= r;
	model_add(p, source.data, r);
	memmove(source.data, source.data + r, source.len);
}

void
step_write(void)
{
	struct pair *p = take_pair();
	unsigned kind = take(4);
	int fd[2], small = 1;
	ssize_t r, n;

	begin("write(%d), kind %u", pair_id(p), kind);
	make_sockets(fd);
	if (kind == 1)
		setsockopt(fd[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
	if (kind == 2)
		while (write(fd[0], bulk, MAX_LEN) > 0)
			;
	if (kind == 3)
		close(fd[1]);
	r = evbuffer_write(p->buf, fd[0]);
	n = errno;
	if (p->len == 0) {
		expect("the result", r, IS_14 && kind == 3 ? -1 : 0);
	} else if (kind >= 2) {
		expect("the result", r, -1);
		expect("errno", n, kind == 2 ? EAGAIN : EPIPE);
	} else {
		if (r < 1 || (kind == 0 && p->len <= AT_ONCE))
			expect("the result", r, p->len);
		for (n = 0; n < r; n += read(fd[1], bulk + n, MAX_LEN - n))
			;
		expect("the bytes that arrived", n, r);
		if (memcmp(bulk, p->data, r) != 0)
			fail("other bytes arrived");
		model_drain(p, r);
	}
	close(fd[0]);
	if (kind != 3)
		close(fd[1]);
}
