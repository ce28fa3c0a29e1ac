/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * dnspeer: the other end of the bench's DNS cases, with a process to itself.
 *
 *	dnspeer answer DROP        a server; prints the port that it has
 *	dnspeer ask PORT QUERIES   a client with that many queries in flight
 *
 * It implements only the part of the DNS that the cases need, and moves many
 * packets with one system call, so that the library never waits for it.  Its
 * sockets have buffers of the default size, and what does not fit is lost.  It
 * ends with the process that started it.
 */
#include "dns.h"

#include <sys/prctl.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT_ONCE 64	    /* packets in one system call */
#define ROOM 1024	    /* bytes for a packet */
#define HEADER 12	    /* bytes of a DNS header */
#define DIGITS (HEADER + 2) /* offset of the number in a name */
#define RECORD 16	    /* bytes of an A record whose name is a pointer */
#define SILENT_SECONDS 20   /* without a packet: ends */

/* The addresses of AT_ONCE packets, and their bytes. */
struct packets {
	struct mmsghdr heads[AT_ONCE];
	struct iovec parts[AT_ONCE];
	struct sockaddr_in peers[AT_ONCE];
	unsigned char bytes[AT_ONCE][ROOM];
};

/* The id and the digits, at DIGITS, are filled in. */
static const unsigned char query[] =
    "\0\0\1\0\0\1\0\0\0\0\0\0\6n00000\5bench\4test\0\0\1\0\1";

static struct packets packets;
static struct mmsghdr outgoing[AT_ONCE];

static void
need(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "dnspeer: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct sockaddr_in
loopback(int port)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sin.sin_port = htons((uint16_t)port);
	return sin;
}

static int
receive(int fd)
{
	int n;

	for (int i = 0; i < AT_ONCE; i++) {
		packets.parts[i].iov_base = packets.bytes[i];
		packets.parts[i].iov_len = ROOM - RECORD;
		packets.heads[i].msg_hdr = (struct msghdr){
		    .msg_name = &packets.peers[i],
		    .msg_namelen = sizeof(packets.peers[i]),
		    .msg_iov = &packets.parts[i],
		    .msg_iovlen = 1,
		};
	}
	n = recvmmsg(fd, packets.heads, AT_ONCE, MSG_WAITFORONE, NULL);
	need(n > 0, "recvmmsg");
	return n;
}

static void
transmit(int fd, int n)
{
	for (int sent = 0, more; sent < n; sent += more) {
		more = sendmmsg(fd, outgoing + sent, (unsigned)(n - sent), 0);
		need(more > 0, "sendmmsg");
	}
}

/* Answering */

static unsigned char tries[DNS_NAMES + 1]; /* how often each was asked for */

/* Returns where the packet's one question ends; 0 if it is malformed. */
static size_t
question_end(const unsigned char *p, size_t len)
{
	size_t at = HEADER;

	while (at < len && p[at] != 0)
		at += p[at] + 1u;
	at += 5;
	return at <= len ? at : 0;
}

/* Returns the number of the name; DNS_NAMES for one that is not the bench's. */
static long
name_of(const unsigned char *p)
{
	char digits[8];
	long i;

	if (p[HEADER] != query[HEADER])
		return DNS_NAMES;
	memcpy(digits, p + DIGITS, 5);
	digits[5] = '\0';
	i = atol(digits);
	return i >= 0 && i < DNS_NAMES ? i : DNS_NAMES;
}

/* A pseudo-random number, the same for the same name and try. */
static int
is_dropped(long index, int try, int direction, int drop)
{
	uint64_t x =
	    (uint64_t)index << 16 | (uint64_t)try << 1 | (uint64_t)direction;

	x = (x + 1) * 0x9e3779b97f4a7c15;
	x = (x ^ x >> 32) * 0xd6e8feb86659fd93;
	x ^= x >> 32;
	return x % 2000 < (unsigned)drop;
}

/* Makes the reply from the query; returns its length, or 0 for none. */
static size_t
answer(unsigned char *p, size_t len, int drop)
{
	static const unsigned char record[] = {0xc0, HEADER, 0, 1, 0, 1, 0, 0,
	    0, 0, 0, 4};
	uint32_t address;
	long index;
	int try;

	len = len > HEADER ? question_end(p, len) : 0;
	if (len == 0)
		return 0;
	index = name_of(p);
	try = tries[index]++;
	if (is_dropped(index, try, 0, drop))
		return 0;
	p[2] = 0x84 | (p[2] & 1);
	p[3] = 0x80;
	memcpy(p + 4, "\0\1\0\1\0\0\0\0", 8);
	memcpy(p + len, record, sizeof(record));
	address = dns_address(index);
	memcpy(p + len + sizeof(record), &address, sizeof(address));
	return is_dropped(index, try, 1, drop) ? 0 : len + RECORD;
}

static void
answer_all(int drop)
{
	struct sockaddr_in sin = loopback(0);
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	need(bind(fd, (struct sockaddr *)&sin, len) == 0, "bind");
	getsockname(fd, (struct sockaddr *)&sin, &len);
	printf("%d\n", ntohs(sin.sin_port));
	fclose(stdout);
	for (;;) {
		int got = receive(fd), n = 0;

		for (int i = 0; i < got; i++) {
			struct iovec *part = &packets.parts[i];

			part->iov_len = answer(packets.bytes[i],
			    packets.heads[i].msg_len, drop);
			if (part->iov_len > 0)
				outgoing[n++] = packets.heads[i];
		}
		transmit(fd, n);
	}
}

/* Asking */

static int *asked; /* by id: which name it is about */
static int next;

/* Makes the query for the next name; returns its length. */
static size_t
ask(unsigned char *p, int id)
{
	char digits[8];

	asked[id] = next++ % DNS_NAMES;
	snprintf(digits, sizeof(digits), "%05d", asked[id]);
	memcpy(p, query, sizeof(query) - 1);
	memcpy(p + DIGITS, digits, 5);
	p[0] = (unsigned char)(id >> 8);
	p[1] = (unsigned char)id;
	return sizeof(query) - 1;
}

/* Checks a reply, and returns its id. */
static int
check(const unsigned char *p, size_t len, int queries)
{
	uint32_t address;
	int id = p[0] << 8 | p[1];

	errno = EBADMSG;
	need(len > HEADER + RECORD && id < queries, "an answer's id");
	need((p[2] & 0x80) != 0 && (p[3] & 15) == 0 && p[7] == 1, "an answer");
	memcpy(&address, p + len - sizeof(address), sizeof(address));
	need(address == dns_address(asked[id]), "an answer's address");
	return id;
}

static void
ask_all(int port, int queries)
{
	const struct timeval silent = {SILENT_SECONDS, 0};
	struct sockaddr_in sin = loopback(port);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	asked = calloc((size_t)queries, sizeof(*asked));
	need(asked != NULL, "calloc");
	need(connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0, "connect");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &silent, sizeof(silent));
	for (int i = 0; i < queries; i++) {
		unsigned char p[ROOM];
		size_t len = ask(p, i);

		need(send(fd, p, len, 0) == (ssize_t)len, "send");
	}
	for (;;) {
		int n = receive(fd);

		for (int i = 0; i < n; i++) {
			unsigned char *p = packets.bytes[i];
			int id = check(p, packets.heads[i].msg_len, queries);

			packets.parts[i].iov_len = ask(p, id);
			outgoing[i] = packets.heads[i];
			outgoing[i].msg_hdr.msg_name = NULL;
			outgoing[i].msg_hdr.msg_namelen = 0;
		}
		transmit(fd, n);
	}
}

int
main(int argc, char **argv)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc == 3 && strcmp(argv[1], "answer") == 0)
		answer_all(atoi(argv[2]));
	if (argc == 4 && strcmp(argv[1], "ask") == 0)
		ask_all(atoi(argv[2]), atoi(argv[3]));
	fprintf(stderr, "usage: %s answer DROP | ask PORT QUERIES\n", argv[0]);
	return 2;
}
