/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fuzzes the resolver with arbitrary replies.
 *
 * 1. check_reader(): the library reads the input as a reply, and the result is
 *    compared with that of the plain reader of dns_reader.h.
 * 2. check_resolver(): a question is asked of two servers of this process.  The
 *    first one sends the input, as it is or changed into a reply to the
 *    question by make_bad(), and then a good reply of make_good(); the second
 *    one sends only good replies.
 * 3. udp_cb() receives a question in a datagram, conn_cb() one in a stream.
 * 4. outcome_cb() and check_outcome(): the request has to end once, with the
 *    input's answer, the good answer, or a matching error, and without waiting
 *    for a time-out.
 *
 * The first byte says how the reply is sent, the second one how it is made.
 */
#include "fuzz.h"

#include <sys/types.h>
#include <sys/time.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <event.h>
#include <evdns.h>

#include "../../src/dns/wire.h"
#include "dns_reader.h"

#define MESSAGE_MAX 4096
#define CONNS_MAX 16
#define PASSES_MAX 1000

/* How the reply is sent, in the first byte. */
enum {
	TYPE = 3, /* of the request */
	OVER_TCP =
	    4, /* the reply over UDP is truncated; the input is sent over TCP */
	USE_VC = 8,	/* option use-vc: all is sent over TCP */
	AS_STREAM = 16, /* TCP: the input has the lengths itself; then the
			   stream ends */
	EDNS = 32,	/* option edns0 */
	IN_PIECES = 64, /* the input is several replies */
	SHUTDOWN = 128	/* evdns_shutdown() before the good reply */
};

/* How it is made, in the second byte. */
enum {
	OUR_ID = 1,	  /* its id is the question's */
	OUR_QUESTION = 2, /* it starts as a reply to the question */
	IS_REPLY = 4,	  /* the header says that it is one */
	SEARCH = 8	  /* there is a search list */
};

/* --- the reader --- */

static void
check_reader(const uint8_t *data, size_t size, int type)
{
	static struct found f;
	struct wire_answer answer;
	int result;

	begin("a reply of %zu bytes of type %d", size, type);
	read_reply(data, size, type, &f);
	result = evi_wire_answer(data, size, type, &answer);
	expect("the result", result, f.result);
	if (result != DNS_ERR_NONE)
		return;
	check_found(&f, type, answer.count, answer.ttl, answer.addresses);
	free(answer.addresses);
}

/* --- the servers --- */

struct side {
	bool is_good;
	int udp, tcp;
	struct event udp_ev, tcp_ev;
	char text[32];
};

struct conn {
	int fd; /* 0 if there is none */
	struct side *side;
	struct event ev;
	uint8_t in[1024];
	size_t have;
};

static struct event_base *base;
static struct side sides[2];
static struct conn conns[CONNS_MAX];

/* The state of this run. */
static struct {
	unsigned int how, made;
	int type;
	const uint8_t *bytes;
	size_t size;
	int sent; /* replies of the first server */

	int pending, calls;
	int result;
	bool is_good;	    /* it is the good answer */
	struct found found; /* the content of the last bad reply */
} run;

/* Where the question of a message ends. */
static size_t
question_end(const uint8_t *msg)
{
	size_t at = HEADER;

	while (msg[at] != 0)
		at += 1 + (size_t)msg[at];
	return at + 5;
}

/* The length of the message, which is in out. */
static size_t
make_bad(uint8_t *out, const uint8_t *question, const uint8_t *bytes, size_t n)
{
	size_t end = question_end(question), len = n;

	if ((run.made & OUR_QUESTION) && n >= HEADER) {
		memcpy(out, bytes, HEADER);
		memcpy(out + HEADER, question + HEADER, end - HEADER);
		memcpy(out + end, bytes + HEADER, n - HEADER);
		len = end + n - HEADER;
		out[4] = 0;
		out[5] = 1;
	} else if (n > 0) {
		memcpy(out, bytes, n);
	}
	if ((run.made & OUR_ID) && len >= 2)
		memcpy(out, question, 2);
	if ((run.made & IS_REPLY) && len >= 3)
		out[2] |= 0x80;
	return len;
}

static size_t
make_good(uint8_t *out, const uint8_t *question)
{
	static const uint8_t address[] = {192, 0, 2, 1}, name[] = "\4good";
	size_t end = question_end(question);
	unsigned int type = get16(question + end - 4);
	const uint8_t *data = type == PTR ? name : address;
	size_t len = type == PTR ? sizeof name : type == A ? 4 : 16;
	const uint8_t record[] = {0xc0, HEADER, 0, (uint8_t)type, 0, 1, 0, 0, 0,
	    60, 0, (uint8_t)len};

	memcpy(out, question, end);
	memcpy(out + 2, "\x81\x80\0\1\0\1\0\0\0\0", 10);
	memcpy(out + end, record, sizeof record);
	memset(out + end + sizeof record, 1, len);
	memcpy(out + end + sizeof record, data, type == PTR ? len : 4);
	return end + sizeof record + len;
}

static size_t
make_cut(uint8_t *out, const uint8_t *question)
{
	size_t end = question_end(question);

	memcpy(out, question, end);
	memcpy(out + 2, "\x83\x80\0\1\0\0\0\0\0\0", 10);
	return end;
}

/* Sends one reply; `to` is a datagram's sender or a connection. */
typedef void send_cb(void *to, const uint8_t *msg, size_t len);

static void
send_bad(const uint8_t *question, send_cb *send, void *to)
{
	size_t n = run.how & IN_PIECES ? run.size / 3 + 1 : run.size;
	uint8_t msg[MESSAGE_MAX];
	size_t at = 0;

	do {
		size_t len = run.size - at < n ? run.size - at : n;
		size_t made = make_bad(msg, question, run.bytes + at, len);

		read_reply(msg, made, run.type, &run.found);
		run.sent++;
		send(to, msg, made);
		at += len;
	} while (at < run.size);
}

struct datagram_to {
	int fd;
	struct sockaddr_in sa;
};

static void
send_datagram(void *arg, const uint8_t *msg, size_t len)
{
	struct datagram_to *to = arg;

	/*
	 * If the client has closed its socket, the kernel reports that with the
	 * next call.
	 */
	sendto(to->fd, msg, len, 0, (struct sockaddr *)&to->sa, sizeof to->sa);
}

static void
udp_cb(int fd, short what, void *arg)
{
	struct datagram_to to = {.fd = fd};
	socklen_t salen = sizeof to.sa;
	uint8_t question[1024], msg[MESSAGE_MAX];
	struct side *side = arg;
	ssize_t n = recvfrom(fd, question, sizeof question, 0,
	    (struct sockaddr *)&to.sa, &salen);

	(void)what;
	if (n < HEADER)
		return;
	if (side->is_good) {
		send_datagram(&to, msg, make_good(msg, question));
	} else if (run.how & OVER_TCP) {
		send_datagram(&to, msg, make_cut(msg, question));
	} else {
		send_bad(question, send_datagram, &to);
		if (!(run.how & SHUTDOWN))
			send_datagram(&to, msg, make_good(msg, question));
	}
}

static void
hang_up(struct conn *conn)
{
	event_del(&conn->ev);
	close(conn->fd);
	conn->fd = 0;
}

static void
send_bytes(void *arg, const uint8_t *msg, size_t len)
{
	struct conn *conn = arg;

	if (len > 0)
		send(conn->fd, msg, len, MSG_NOSIGNAL);
}

static void
send_message(void *arg, const uint8_t *msg, size_t len)
{
	uint8_t framed[2 + MESSAGE_MAX];

	framed[0] = (uint8_t)(len >> 8);
	framed[1] = (uint8_t)len;
	memcpy(framed + 2, msg, len);
	send_bytes(arg, framed, len + 2);
}

static void
answer_stream(struct conn *conn, const uint8_t *question)
{
	uint8_t msg[MESSAGE_MAX];

	if (conn->side->is_good) {
		send_message(conn, msg, make_good(msg, question));
	} else if (run.how & AS_STREAM) {
		send_bad(question, send_bytes, conn);
		hang_up(conn);
	} else {
		send_bad(question, send_message, conn);
		if (!(run.how & SHUTDOWN))
			send_message(conn, msg, make_good(msg, question));
	}
}

static void
conn_cb(int fd, short what, void *arg)
{
	struct conn *conn = arg;
	ssize_t n = recv(fd, conn->in + conn->have,
	    sizeof conn->in - conn->have, MSG_DONTWAIT);

	(void)what;
	if (n <= 0) {
		hang_up(conn);
		return;
	}
	conn->have += (size_t)n;
	while (conn->fd != 0 && conn->have >= 2) {
		size_t len = get16(conn->in);
		uint8_t question[1024];

		if (conn->have < 2 + len)
			break;
		memcpy(question, conn->in + 2, len);
		conn->have -= 2 + len;
		memmove(conn->in, conn->in + 2 + len, conn->have);
		answer_stream(conn, question);
	}
}

static void
accept_cb(int listener, short what, void *arg)
{
	int fd = accept(listener, NULL, NULL), i = 0;
	struct conn *conn;

	(void)what;
	if (fd == -1)
		return;
	while (i < CONNS_MAX && conns[i].fd != 0)
		i++;
	CHECK(i < CONNS_MAX);
	conn = &conns[i];
	conn->fd = fd;
	conn->side = arg;
	conn->have = 0;
	event_set(&conn->ev, fd, EV_READ | EV_PERSIST, conn_cb, conn);
	event_add(&conn->ev, NULL);
}

static int
open_socket(const char *ip, int type, in_port_t *port)
{
	int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_port = *port};
	socklen_t len = sizeof sa;

	CHECK(fd != -1);
	CHECK(inet_pton(AF_INET, ip, &sa.sin_addr) == 1);
	if (bind(fd, (struct sockaddr *)&sa, sizeof sa) == -1) {
		close(fd);
		return -1;
	}
	CHECK(getsockname(fd, (struct sockaddr *)&sa, &len) == 0);
	*port = sa.sin_port;
	return fd;
}

static void
open_side(struct side *side, const char *ip, bool is_good)
{
	in_port_t port;

	side->is_good = is_good;
	do {
		port = 0;
		side->udp = open_socket(ip, SOCK_DGRAM, &port);
		side->tcp = open_socket(ip, SOCK_STREAM, &port);
		if (side->tcp == -1)
			close(side->udp);
	} while (side->tcp == -1);
	CHECK(listen(side->tcp, CONNS_MAX) == 0);
	snprintf(side->text, sizeof side->text, "%s:%d", ip, ntohs(port));
	event_set(&side->udp_ev, side->udp, EV_READ | EV_PERSIST, udp_cb, side);
	event_add(&side->udp_ev, NULL);
	event_set(&side->tcp_ev, side->tcp, EV_READ | EV_PERSIST, accept_cb,
	    side);
	event_add(&side->tcp_ev, NULL);
}

/* --- the request --- */

static bool
is_good_answer(int count, int ttl, const void *addresses)
{
	static const uint8_t good[16] = {192, 0, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	    1, 1, 1, 1};

	if (count != 1 || ttl != 60)
		return false;
	if (run.type == PTR)
		return strcmp(*(char *const *)addresses, "good") == 0;
	return memcmp(addresses, good, run.type == A ? 4 : 16) == 0;
}

static void
outcome_cb(int result, char type, int count, int ttl, void *addresses,
    void *arg)
{
	CHECK(arg == &run);
	expect("the callback's calls", ++run.calls, 1);
	run.pending = 0;
	run.result = result;
	if (result != DNS_ERR_NONE) {
		CHECK(type == 0 && count == 0 && ttl == 0);
		CHECK(addresses == NULL);
		return;
	}
	expect("the type", type,
	    run.type == A     ? DNS_IPv4_A
	    : run.type == PTR ? DNS_PTR
			      : DNS_IPv6_AAAA);
	run.is_good = is_good_answer(count, ttl, addresses);
	if (!run.is_good && !(run.how & (IN_PIECES | AS_STREAM)))
		check_found(&run.found, run.type, count, ttl, addresses);
}

static void
ask(void)
{
	static const struct in6_addr in6 = {{{0x20, 1, 0xd, 0xb8}}};
	static const struct in_addr in = {0x070200c0};
	int result;

	switch (run.how & TYPE) {
	case 0:
		run.type = A;
		result = evdns_resolve_ipv4("www.test", 0, outcome_cb, &run);
		break;
	case 1:
		run.type = AAAA;
		result = evdns_resolve_ipv6("www.test", 0, outcome_cb, &run);
		break;
	case 2:
		run.type = PTR;
		result = evdns_resolve_reverse(&in, 0, outcome_cb, &run);
		break;
	default:
		run.type = PTR;
		result = evdns_resolve_reverse_ipv6(&in6, 0, outcome_cb, &run);
	}
	CHECK(result == 0);
	CHECK(run.calls == 0);
	run.pending = 1;
}

static void
set_option(const char *name, bool value)
{
	CHECK(evdns_set_option(name, value ? "1" : "0", DNS_OPTIONS_ALL) == 0);
}

static void
set_up(void)
{
	evdns_set_option("attempts:", "1", DNS_OPTIONS_ALL);
	set_option("use-vc", run.how & USE_VC);
	set_option("edns0", run.how & EDNS);
	for (int i = 0; i < 2; i++)
		CHECK(evdns_nameserver_ip_add(sides[i].text) == 0);
	if (run.made & SEARCH)
		evdns_search_add("other");
}

static void
turn(int flags)
{
	expect("the loop", event_base_loop(base, flags), 0);
}

/* Checks that the outcome matches what was sent. */
static void
check_outcome(void)
{
	bool is_ours = (run.made & OUR_ID) && (run.made & OUR_QUESTION) &&
		       (run.made & IS_REPLY) && run.size >= HEADER &&
		       !(run.how & (IN_PIECES | AS_STREAM));
	int said = run.found.result;

	if (run.sent == 0 || !is_ours || run.result == DNS_ERR_SHUTDOWN)
		return;
	if (said == DNS_ERR_NONE || said == DNS_ERR_NOTEXIST ||
	    said == DNS_ERR_UNKNOWN)
		expect("the outcome", run.result, said);
	else
		expect("the outcome", run.result, DNS_ERR_NONE);
}

static void
check_resolver(void)
{
	int passes = 0;

	begin("a reply of %zu bytes, sent %#x, made %#x", run.size, run.how,
	    run.made);
	set_up();
	ask();
	if (run.how & SHUTDOWN) {
		while (run.pending && passes++ < 20)
			turn(EVLOOP_NONBLOCK);
		evdns_shutdown(1);
	} else {
		while (run.pending && passes++ < PASSES_MAX)
			turn(EVLOOP_ONCE);
		evdns_shutdown(0);
	}
	expect("the callback's calls", run.calls, 1);
	CHECK(run.result != DNS_ERR_TIMEOUT);
	CHECK(run.result != DNS_ERR_SHUTDOWN || (run.how & SHUTDOWN));
	check_outcome();
	turn(EVLOOP_NONBLOCK);
}

static void
start(void)
{
	base = event_init();
	CHECK(base != NULL);
	open_side(&sides[0], "127.0.0.1", false);
	open_side(&sides[1], "127.0.0.2", true);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int types[] = {A, AAAA, PTR};

	if (base == NULL)
		start();
	if (size < 2 || size > MESSAGE_MAX / 2)
		return 0;
	memset(&run, 0, sizeof run);
	fuzz_start(data, size);
	run.how = take(256);
	run.made = take(256);
	run.bytes = data + 2;
	run.size = size - 2;
	for (int i = 0; i < 3; i++)
		check_reader(run.bytes, run.size, types[i]);
	check_resolver();
	return 0;
}
