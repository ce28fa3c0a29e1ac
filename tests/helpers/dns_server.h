/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the tests of the server side share: a port, and a client that sends
 * bytes and looks at the bytes that come back.  Bytes are written in
 * hexadecimal, with blanks wherever they help.
 */
#ifndef HELPERS_DNS_SERVER_H
#define HELPERS_DNS_SERVER_H

#include <sys/types.h>
#include <sys/time.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <event.h>
#include <evdns.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

/* Some requests, with the id 1234 and RD. */
#define HEADER "1234 0100 0001 0000 0000 0000"
#define ASK_WWW HEADER "03777777 076578616d706c65 03636f6d 00 0001 0001"
#define ASK_T HEADER "0174 00 0001 0001"
#define ASK_U HEADER "0175 00 0001 0001"

/* T and U answered without records. */
#define NOTHING_FOR_T "1234 8100 0001 0000 0000 0000 0174 00 0001 0001"
#define NOTHING_FOR_U "1234 8100 0001 0000 0000 0000 0175 00 0001 0001"

#define PACKET 65536

struct server {
	struct event_base *base;
	struct evdns_server_port *port;
	int fd;	    /* the port's, which closes it */
	int client; /* is connected to it */
};

/* Bytes from hexadecimal text.  How many. */
static inline size_t
unhex(const char *text, unsigned char *out)
{
	size_t n = 0;

	while (*(text += strspn(text, " ")) != '\0') {
		unsigned int byte = 0;

		assert_true(n < PACKET);
		assert_int_equal(sscanf(text, "%2x", &byte), 1);
		out[n++] = (unsigned char)byte;
		text += 2;
	}
	return n;
}

static inline void
assert_same_bytes(const unsigned char *bytes, size_t len, const char *expected)
{
	static unsigned char other[PACKET];
	size_t other_len = unhex(expected, other);

	if (len == other_len && memcmp(bytes, other, len) == 0)
		return;
	printf("got      ");
	for (size_t i = 0; i < len; i++)
		printf("%02x", bytes[i]);
	printf("\nnot      ");
	for (size_t i = 0; i < other_len; i++)
		printf("%02x", other[i]);
	printf("\n");
	fail_msg("other bytes than expected");
}

/* A socket at a port of the kernel's choice, and where it is. */
static inline int
local_socket(int family, struct sockaddr_storage *at, socklen_t *len)
{
	int fd = socket(family, SOCK_DGRAM, 0);
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)at;
	struct sockaddr_in *in = (struct sockaddr_in *)at;

	memset(at, 0, sizeof(*at));
	at->ss_family = (sa_family_t)family;
	if (family == AF_INET)
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		in6->sin6_addr = in6addr_loopback;
	*len = family == AF_INET ? sizeof(*in) : sizeof(*in6);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)at, *len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)at, len), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

/* A socket that is connected to another. */
static inline int
client_of(int fd)
{
	struct sockaddr_storage at, own;
	socklen_t len = sizeof(at);
	int client;

	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	client = local_socket(at.ss_family, &own, &len);
	assert_int_equal(connect(client, (struct sockaddr *)&at, len), 0);
	return client;
}

/* On a base of its own; the callback's argument is the server. */
static inline void
server_open_at(struct server *s, int family, evdns_request_callback_fn_type cb)
{
	struct sockaddr_storage at;
	socklen_t len;

	s->base = event_init();
	s->fd = local_socket(family, &at, &len);
	s->client = client_of(s->fd);
	s->port = evdns_add_server_port(s->fd, 0, cb, s);
	assert_non_null(s->port);
}

static inline void
server_open(struct server *s, evdns_request_callback_fn_type cb)
{
	server_open_at(s, AF_INET, cb);
}

/* port is NULL where it was closed. */
static inline void
server_close(struct server *s)
{
	if (s->port != NULL)
		evdns_close_server_port(s->port);
	close(s->client);
	event_base_free(s->base);
}

/* As one_pass(), without an opinion on whether there is an event left. */
static inline void
pass(struct server *s)
{
	assert_int_not_equal(event_base_loop(s->base, EVLOOP_NONBLOCK), -1);
}

static inline void
send_bytes(int client, const void *bytes, size_t len)
{
	assert_int_equal(send(client, bytes, len, 0), len);
}

static inline void
send_hex(int client, const char *text)
{
	static unsigned char bytes[PACKET];
	size_t len = unhex(text, bytes);

	send_bytes(client, bytes, len);
}

/* The next reply; its length, or -1 where there is none. */
static inline ssize_t
take_reply(int client, unsigned char bytes[PACKET])
{
	return recv(client, bytes, PACKET, MSG_DONTWAIT);
}

static inline void
assert_reply(int client, const char *expected)
{
	static unsigned char bytes[PACKET];
	ssize_t len = take_reply(client, bytes);

	if (len == -1)
		fail_msg("no reply");
	assert_same_bytes(bytes, (size_t)len, expected);
}

static inline void
assert_no_reply(int client)
{
	static unsigned char bytes[PACKET];

	assert_int_equal(take_reply(client, bytes), -1);
}

/* Sends a request and lets the server work. */
static inline void
ask(struct server *s, const char *request)
{
	send_hex(s->client, request);
	pass(s);
}

/* The same with other ids. */
static inline void
ask_as(struct server *s, int id, const char *request)
{
	char text[200];

	snprintf(text, sizeof(text), "%04x%s", id & 0xffff, request + 4);
	ask(s, text);
}

static inline void
assert_reply_as(int client, int id, const char *expected)
{
	char text[200];

	snprintf(text, sizeof(text), "%04x%s", id & 0xffff, expected + 4);
	assert_reply(client, text);
}

/* A record of the answer section that does not matter. */
static inline int
add_any(struct evdns_server_request *req, const char *name)
{
	return evdns_server_request_add_reply(req, EVDNS_ANSWER_SECTION, name,
	    EVDNS_TYPE_A, EVDNS_CLASS_INET, 1, 4, 0, "\1\2\3\4");
}

/* A callback that answers without records. */
static inline void
answer_cb(struct evdns_server_request *req, void *arg)
{
	(void)arg;
	assert_int_equal(evdns_server_request_respond(req, 0), 0);
}

static inline int
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

#endif
