/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The server side when the kernel fails a call: answers that cannot be sent are
 * lost or wait, and are freed in either case.
 */
#include <errno.h>
#include <stdlib.h>

#include "dns_server.h"
#include "dns_server_calls.h"
#include "test.h"
#include "wrap.h"

static int responded;

static void
note_respond_cb(struct evdns_server_request *req, void *arg)
{
	(void)arg;
	add_any(req, "t");
	responded = evdns_server_request_respond(req, 0);
}

#define ANSWER_FOR_T                                                           \
	"1234 8100 0001 0001 0000 0000 0174 00 0001 0001"                      \
	"c00c 0001 0001 00000001 0004 01020304"

static void
keep_warning_cb(int is_warning, const char *msg)
{
	note("%d:%s", is_warning, msg);
}

/*
 * 1.4: evdns_server_request_respond() returns -1 and does not free the request;
 * a program that does not drop it, which is not documented, leaks memory with
 * each datagram from port 0.
 */
TEST(dns_answer_that_the_kernel_refuses_is_lost)
{
	static const int errors[] = {EINVAL, EPERM, ENETUNREACH, EHOSTUNREACH,
	    ECONNREFUSED, ENOBUFS, EMSGSIZE, EBADF};
	struct server s;
	long bytes;

	evdns_set_log_fn(keep_warning_cb);
	dns_server_open(&s, note_respond_cb);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, ANSWER_FOR_T);
	bytes = counts.bytes;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		fail_sendto(1, errors[i]);
		dns_server_ask(&s, ASK_T);
		assert_int_equal(responded, 0);
		assert_no_reply(s.client);
		assert_int_equal(counts.bytes, bytes);
		assert_non_null(strstr(noted(), strerror(errors[i])));
		assert_int_equal(noted()[0], '1');
		note_clear();
		dns_server_ask(&s, ASK_T);
		assert_reply(s.client, ANSWER_FOR_T);
	}
	dns_server_close(&s);
}

/* 1.4: crashes when it sends a single answer that had to wait. */
TEST(dns_answer_waits_for_the_kernel)
{
	struct server s;
	long bytes;

	dns_server_open(&s, note_respond_cb);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, ANSWER_FOR_T);
	/* The socket has been watched for writing once. */
	fail_sendto(1, EAGAIN);
	dns_server_ask(&s, ASK_T);
	assert_int_equal(responded, 1);
	assert_reply(s.client, ANSWER_FOR_T);
	bytes = counts.bytes;
	for (int n = 1; n < 10; n++) {
		fail_sendto(n, EAGAIN);
		dns_server_ask(&s, ASK_T);
		assert_int_equal(responded, 1);
		assert_reply(s.client, ANSWER_FOR_T);
		assert_no_reply(s.client);
		assert_int_equal(counts.bytes, bytes);
	}
	dns_server_close(&s);
}

/*
 * As many answers wait as may, in order; the next ones are lost.  The client's
 * socket has room for the first ones.
 */
TEST(dns_answers_that_wait_are_limited)
{
	static const int many = 1024;
	struct server s;
	long bytes;

	dns_server_open(&s, note_respond_cb);
	fail_sendto(1, EAGAIN);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, ANSWER_FOR_T);
	bytes = counts.bytes;
	fail_sendto(1 << 30, EAGAIN);
	for (int i = 0; i < many + 10; i++) {
		char request[] = ASK_T, id[16];

		/* The ids show below that the order is kept. */
		snprintf(id, sizeof(id), "%04x", i);
		memcpy(request, id, 4);
		send_hex(s.client, request);
		event_base_loop(s.base, EVLOOP_ONCE);
		assert_int_equal(responded, i < many);
	}
	fail_sendto(0, 0);
	dns_server_pass(&s);
	for (int i = 0; i < 100; i++) {
		char reply[] = ANSWER_FOR_T;

		snprintf(reply, 5, "%04x", i);
		reply[4] = ' ';
		assert_reply(s.client, reply);
	}
	assert_int_equal(counts.bytes, bytes);
	dns_server_close(&s);
}

static void
respond_without_memory_cb(struct evdns_server_request *req, void *arg)
{
	(void)arg;
	add_any(req, "t");
	fail_allocs_from(1);
	responded = evdns_server_request_respond(req, 0);
	fail_alloc(0);
}

TEST(dns_answer_that_cannot_wait_is_lost)
{
	struct server s;
	long bytes;

	dns_server_open(&s, respond_without_memory_cb);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, ANSWER_FOR_T);
	bytes = counts.bytes;
	fail_sendto(1, EAGAIN);
	dns_server_ask(&s, ASK_T);
	if (responded == 1)
		assert_reply(s.client, ANSWER_FOR_T);
	assert_no_reply(s.client);
	assert_true(responded == 1 || counts.bytes == bytes);
	dns_server_ask(&s, ASK_T);
	assert_reply(s.client, ANSWER_FOR_T);
	dns_server_close(&s);
}

/* No loop could report when the socket has room. */
TEST(dns_answer_without_a_base_does_not_wait)
{
	struct server s;
	long bytes;

	dns_server_open(&s, note_respond_cb);
	fail_sendto(1 << 30, EAGAIN);
	send_hex(s.client, ASK_T);
	event_base_loop(s.base, EVLOOP_ONCE);
	assert_int_equal(responded, 1);
	event_base_free(s.base);
	s.base = event_init();
	bytes = counts.bytes;
	evdns_close_server_port(s.port);
	s.port = NULL;
	assert_false(is_open(s.fd));
	assert_true(counts.bytes < bytes);
	dns_server_close(&s);
}

TEST(dns_request_that_cannot_be_read_is_read_later)
{
	static const int errors[] = {EAGAIN, EINTR, ENOMEM, ECONNREFUSED};
	struct server s;

	evdns_set_log_fn(keep_warning_cb);
	dns_server_open(&s, note_respond_cb);
	for (int i = 0; i < 4; i++) {
		fail_recvfrom(3, errors[i]);
		dns_server_ask(&s, ASK_T);
		assert_reply(s.client, ANSWER_FOR_T);
		assert_int_equal(noted()[0], i < 2 ? '\0' : '1');
		note_clear();
	}
	dns_server_close(&s);
}

/*
 * The callback closes the port and opens a socket, which gets the same
 * descriptor number.  1.4 then reads from the port that was freed.
 */
static void
close_and_open_cb(struct evdns_server_request *req, void *arg)
{
	struct server *s = arg;
	struct sockaddr_storage at;
	socklen_t len;

	note_respond_cb(req, arg);
	evdns_close_server_port(s->port);
	s->port = NULL;
	assert_int_equal(local_socket(AF_INET, &at, &len), s->fd);
	close(s->client);
	s->client = client_of(s->fd);
	send_hex(s->client, ASK_U);
}

TEST(dns_port_that_is_closed_in_its_callback_does_not_read_another_socket)
{
	struct server s;
	char byte;

	dns_server_open(&s, close_and_open_cb);
	dns_server_ask(&s, ASK_T);
	assert_int_equal(recv(s.fd, &byte, 1, MSG_DONTWAIT), 1);
	close(s.fd);
	dns_server_close(&s);
}
