/* SPDX-License-Identifier: BSD-3-Clause */
/* A server port, and a client that sends bytes; see the header. */
#include "dns_server.h"

size_t
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

static void
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

int
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

int
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

void
dns_server_open_at(struct server *s, int family,
    evdns_request_callback_fn_type cb)
{
	struct sockaddr_storage at;
	socklen_t len;

	s->base = event_init();
	s->fd = local_socket(family, &at, &len);
	s->client = client_of(s->fd);
	s->port = evdns_add_server_port(s->fd, 0, cb, s);
	assert_non_null(s->port);
}

void
dns_server_open(struct server *s, evdns_request_callback_fn_type cb)
{
	dns_server_open_at(s, AF_INET, cb);
}

void
dns_server_close(struct server *s)
{
	if (s->port != NULL)
		evdns_close_server_port(s->port);
	close(s->client);
	event_base_free(s->base);
}

void
dns_server_pass(struct server *s)
{
	assert_int_not_equal(event_base_loop(s->base, EVLOOP_NONBLOCK), -1);
}

void
send_bytes(int client, const void *bytes, size_t len)
{
	assert_int_equal(send(client, bytes, len, 0), len);
}

void
send_hex(int client, const char *text)
{
	static unsigned char bytes[PACKET];
	size_t len = unhex(text, bytes);

	send_bytes(client, bytes, len);
}

ssize_t
take_reply(int client, unsigned char bytes[PACKET])
{
	return recv(client, bytes, PACKET, MSG_DONTWAIT);
}

void
assert_reply(int client, const char *expected)
{
	static unsigned char bytes[PACKET];
	ssize_t len = take_reply(client, bytes);

	if (len == -1)
		fail_msg("no reply");
	assert_same_bytes(bytes, (size_t)len, expected);
}

void
assert_no_reply(int client)
{
	static unsigned char bytes[PACKET];

	assert_int_equal(take_reply(client, bytes), -1);
}

void
dns_server_ask(struct server *s, const char *request)
{
	send_hex(s->client, request);
	dns_server_pass(s);
}

void
dns_server_ask_as(struct server *s, int id, const char *request)
{
	char text[200];

	snprintf(text, sizeof(text), "%04x%s", id & 0xffff, request + 4);
	dns_server_ask(s, text);
}

void
assert_reply_as(int client, int id, const char *expected)
{
	char text[200];

	snprintf(text, sizeof(text), "%04x%s", id & 0xffff, expected + 4);
	assert_reply(client, text);
}

int
add_any(struct evdns_server_request *req, const char *name)
{
	return evdns_server_request_add_reply(req, EVDNS_ANSWER_SECTION, name,
	    EVDNS_TYPE_A, EVDNS_CLASS_INET, 1, 4, 0, "\1\2\3\4");
}

void
answer_empty_cb(struct evdns_server_request *req, void *arg)
{
	(void)arg;
	assert_int_equal(evdns_server_request_respond(req, 0), 0);
}

int
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}
