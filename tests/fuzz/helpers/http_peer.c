/* SPDX-License-Identifier: BSD-3-Clause */
/* The server that http_client.c's client connects to; see the header. */
#include "http_peer.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <errno.h>
#include <event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

#define MAX_PASSES 20000

static struct event_base *peer_base;
static const unsigned *pieces;
static char folder[] = "/tmp/fuzz-http-client.XXXXXX";
static struct sockaddr_un at = {.sun_family = AF_UNIX};
static int listener = -1, peer;
static char asked[65536];
static size_t asked_len;
static unsigned pass, n_pieces, n_accepted;

static void
remove_folder(void)
{
	unlink(at.sun_path);
	rmdir(folder);
}

const char *
peer_listen(void)
{
	if (listener != -1)
		return at.sun_path;
	if (mkdtemp(folder) == NULL)
		fail("no folder: %s", strerror(errno));
	snprintf(at.sun_path, sizeof at.sun_path, "%s/s", folder);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (bind(listener, (struct sockaddr *)&at, sizeof at) != 0 ||
	    listen(listener, 64) != 0)
		fail("not listening: %s", strerror(errno));
	atexit(remove_folder);
	return at.sun_path;
}

void
peer_begin(struct event_base *base, const unsigned lengths[2])
{
	peer_base = base;
	pieces = lengths;
	pass = n_pieces = n_accepted = 0;
	peer = -1;
}

void
peer_close(bool resets)
{
	static char block[65536];

	if (peer == -1)
		return;
	/* Closing a Unix socket with unread bytes resets the connection. */
	while (!resets && recv(peer, block, sizeof block, 0) > 0)
		;
	close(peer);
	peer = -1;
	asked_len = 0;
}

bool
peer_accept(void)
{
	if (peer != -1)
		return true;
	asked_len = 0;
	peer = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
	if (peer == -1)
		return false;
	if (++n_accepted > PEER_MAX_CONNECTIONS)
		fail("%u connections", n_accepted);
	return true;
}

void
peer_work(unsigned n)
{
	while (n-- > 0) {
		if (pass++ > MAX_PASSES)
			fail("no end");
		if (event_base_loop(peer_base, EVLOOP_NONBLOCK) == -1)
			fail("the loop failed");
	}
}

/* Reads what has arrived; returns whether a request is complete. */
static bool
has_asked(void)
{
	char *end;
	ssize_t n;

	if (peer == -1)
		return false;
	while ((n = recv(peer, asked + asked_len, sizeof asked - 1 - asked_len,
		    0)) > 0) {
		asked_len += (size_t)n;
		if (asked_len > sizeof asked / 2) {
			/* Only heads matter. */
			memmove(asked, asked + asked_len - 16384, 16384);
			asked_len = 16384;
		}
	}
	asked[asked_len] = '\0';
	end = memmem(asked, asked_len, "\r\n\r\n", 4);
	if (end == NULL)
		return asked_len >= 16384;
	asked_len = 0;
	return true;
}

static void
wait_for_request(void)
{
	for (int i = 0; i < IDLE_PASSES; i++) {
		peer_work(1);
		if (peer_accept() && has_asked())
			return;
	}
}

static void
say(const char *text, size_t len)
{
	while (len > 0) {
		size_t n = pieces[n_pieces++ % 2];
		ssize_t sent;

		if (n == 0 || n > len || len > 4096)
			n = len;
		if (!peer_accept())
			return;
		sent = send(peer, text, n, MSG_NOSIGNAL);
		if (sent == -1 && errno != EAGAIN)
			peer_close(false);
		if (sent > 0) {
			text += sent;
			len -= (size_t)sent;
		}
		peer_work(1);
	}
}

static void
say_many(void)
{
	static char many[128 * 256];
	size_t n = 128 * (1 + (size_t)take(256));

	memset(many, (int)take(256), n);
	say(many, n);
}

/* Returns the length of bytes that are not a step. */
static size_t
plain_length(void)
{
	size_t n = 0;

	while (fuzz.at + n < fuzz.end && (fuzz.at[n] == 0 || fuzz.at[n] > 6))
		n++;
	return n;
}

void
peer_step(void)
{
	size_t n = plain_length();

	if (n > 0) {
		begin("say %zu bytes", n);
		say((const char *)fuzz.at, n);
		fuzz.at += n;
		return;
	}
	begin("step %d", *fuzz.at);
	switch (*fuzz.at++) {
	case 1:
		say_many();
		break;
	case 2:
		wait_for_request();
		break;
	case 3:
		peer_close(false);
		break;
	case 4:
		peer_close(true);
		break;
	case 5:
		if (peer != -1)
			shutdown(peer, SHUT_WR);
		break;
	default:
		peer_work(1);
	}
}
