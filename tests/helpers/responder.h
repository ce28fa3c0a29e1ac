/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A DNS server for tests.  It listens on UDP and TCP, on one port of the
 * kernel's choice, and answers as the test's rule says: a function that gets
 * the question and puts the reply together.  The rule can write every byte
 * itself, so that replies can be wrong in any way.
 *
 *	static void
 *	rule(const struct question *q, struct reply *reply, void *arg)
 *	{
 *		if (q->type == TYPE_A)
 *			reply_a(reply, "192.0.2.1", 60);
 *		else
 *			reply_rcode(reply, 3);
 *	}
 *
 *	struct responder *server = responder_new("127.0.0.1", 0, rule, NULL);
 *
 *	evdns_nameserver_ip_add(responder_address(server));
 *	...
 *	assert_asked(server, "A www.example.com, AAAA www.example.com");
 *	responder_free(server);
 *
 * It runs as events on the current base, whose loop does not end while they are
 * added, or in a process of its own.
 */
#ifndef HELPERS_RESPONDER_H
#define HELPERS_RESPONDER_H

#include <sys/types.h>
#include <sys/socket.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TYPE_A = 1,
	TYPE_NS = 2,
	TYPE_CNAME = 5,
	TYPE_SOA = 6,
	TYPE_PTR = 12,
	TYPE_TXT = 16,
	TYPE_AAAA = 28,
	TYPE_OPT = 41
};

struct question {
	const char *name; /* as sent, its case too; \DDD where not printable */
	int type;
	int id;
	int serial; /* of all that the server was asked, from 0 */
	bool edns;  /* it came with an OPT record */
	bool tcp;
	struct sockaddr_storage client;
	int client_port;
	const uint8_t *msg; /* all of it */
	size_t len;
};

/*
 * The reply.  Before the rule is called it is one of no error, without records.
 * A rule may set the fields named here, and add records.
 */
struct reply {
	int id;		 /* the question's */
	int flags;	 /* of the header, rcode included */
	int section;	 /* of the next record: 1 answer, 2 and 3 */
	int delay;	 /* milliseconds */
	bool drop;	 /* no reply at all */
	bool other_port; /* UDP: sent from another port */
	bool hang_up;	 /* TCP: closed, after the reply if there is one */

	/* Not for rules. */
	uint8_t msg[65536];
	size_t len;
	int count[4];
	size_t owner; /* offset of the name that records are about */
	bool raw;
	const struct question *question;
	struct responder *server;
	int via; /* the socket that the question came through */
};

enum {
	FLAG_RESPONSE = 0x8000,
	FLAG_AUTHORITY = 0x0400,
	FLAG_TRUNCATED = 0x0200
};

/* Runs in the server's process.  A failing assertion there fails the test. */
typedef void (
    *responder_rule)(const struct question *q, struct reply *reply, void *arg);

/*
 * Records about the name asked for, or, after a CNAME, about its target.
 * Addresses are text.
 */
void reply_a(struct reply *reply, const char *address, uint32_t ttl);
void reply_aaaa(struct reply *reply, const char *address, uint32_t ttl);
void reply_ptr(struct reply *reply, const char *name, uint32_t ttl);
void reply_cname(struct reply *reply, const char *target, uint32_t ttl);

/* Any record; owner NULL is the name as above. */
void reply_record(struct reply *reply, const char *owner, int type,
    uint32_t ttl, const void *data, size_t len);

void reply_rcode(struct reply *reply, int rcode);

/* Another question than the one that was asked.  The first call on a reply. */
void reply_question(struct reply *reply, const char *name, int type);

/* These bytes instead.  The id is put in place of the first two, if there are
 * that many. */
void reply_raw(struct reply *reply, const void *data, size_t len);

/* Sends what there is, and starts another reply to the same question. */
void reply_again(struct reply *reply);

enum {
	RESPONDER_CHILD = 1, /* in a process of its own */
	RESPONDER_NO_TCP = 2 /* TCP connections are refused */
};

/*
 * A server at ip, a local address.  rule NULL answers nothing.  Fails the test
 * where it cannot be had.  The base must live as long.
 */
struct responder *
responder_new(const char *ip, int flags, responder_rule rule, void *arg);
void responder_free(struct responder *server);

/* "127.0.0.1:5353", "[::1]:5353"; valid as long as the server. */
const char *responder_address(const struct responder *server);
int responder_port(const struct responder *server);

/* How many questions have come; also counts those that the log has no room
 * for. */
int responder_count(const struct responder *server);

/*
 * The same without those that were sent again, which have the ID and the name
 * of one before; at most 1,024.  A slow machine makes a resolver send again.
 */
int responder_different(const struct responder *server);

/*
 * The questions: "A www.example.com, tcp AAAA www.example.com".  A type without
 * a name is its number, a message without a question is "?".  At most 64 kB.
 */
const char *responder_log(const struct responder *server);
void responder_log_clear(struct responder *server);
#define assert_asked(server, expected)                                         \
	do {                                                                   \
		assert_string_equal(responder_log(server), expected);          \
		responder_log_clear(server);                                   \
	} while (0)

/*
 * Makes the kernel refuse what comes over UDP, as if there were no server, or
 * puts an end to that.
 */
void responder_refuse(struct responder *server, bool refuse);

/*
 * What reply.c does for responder.c.  A question is read from its msg and len,
 * and false is one that cannot be; name has to last as long as it.  A reply is
 * started when its question is known, and finished when it is to be sent.
 */
#define QUESTION_NAME 1300 /* 255 bytes, each \DDD at the worst */
bool question_read(struct question *q, char name[QUESTION_NAME]);
void reply_start(struct reply *reply);
void reply_finish(struct reply *reply);

#endif
