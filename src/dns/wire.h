/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The DNS's messages (RFC 1035, section 4), to and from bytes.  Pure functions:
 * nothing here asks, waits or remembers.
 */
#ifndef EVI_WIRE_H
#define EVI_WIRE_H

#include <netinet/in.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../support/queue.h"

/* A name as text, dots between its labels, with the NUL; the root is empty. */
#define EVI_NAME_SIZE 254

/* Whether name can be a question: not empty, labels of 1 to 63 bytes, 255 in
 * all, with or without one dot at its end. */
bool evi_wire_name_ok(const char *name);

/* Whether name can be a record's: these, and the root as "" or ".". */
bool evi_wire_owner_ok(const char *name);

/*
 * Writes a question for a name that is ok, or the root as "", with room for
 * EVI_WIRE_QUERY() of its length; its id is 0.  Returns its length.  A
 * backslash is a byte like others.
 */
#define EVI_WIRE_QUERY(name_len) ((name_len) + 18)
size_t evi_wire_query(uint8_t *out, const char *name, int type);

/* The name whose PTR records are about an IPv4 address. */
#define EVI_WIRE_REVERSE sizeof("255.255.255.255.in-addr.arpa")
void evi_wire_reverse(char out[EVI_WIRE_REVERSE], const struct in_addr *in);

/* An answer's addresses, or its name. */
struct wire_answer {
	int count;	 /* of addresses; 1 where it is a name */
	int ttl;	 /* the least of the records that led there */
	void *addresses; /* from malloc: 4 or 16 bytes each, or one char * */
};

/* Makes a copy of name the answer.  0, or -1 without memory. */
int evi_wire_set_name(struct wire_answer *out, const char *name);

/* Moves an answer, which *from does not have any more. */
void evi_wire_move_answer(struct wire_answer *to, struct wire_answer *from);

/* What evi_wire_answer() returns besides DNS_ERR_* codes. */
enum {
	EVI_WIRE_MALFORMED = -1,
	EVI_WIRE_NO_MEMORY = -2,
	/* no answer, neither AA nor RA: the server does not serve the name */
	EVI_WIRE_LAME = -3
};

/*
 * Reads from a reply the addresses (type 1 or 28) or the first name (type 12)
 * of its answer section, of the name that was asked for, or that aliases say it
 * stands for; those count for the ttl.  What is about other names is passed
 * over.  That the reply is for the question asked has been found out before.
 * Returns a DNS_ERR_* code: DNS_ERR_NONE and *out is to be freed,
 * DNS_ERR_TRUNCATED where the reply says that it is cut, one of DNS_ERR_FORMAT
 * to DNS_ERR_REFUSED where that is its response code, DNS_ERR_UNKNOWN for any
 * other code, where there is nothing of the type, and where the name has
 * control bytes; or one of those above.
 */
int evi_wire_answer(const uint8_t *msg, size_t len, int type,
    struct wire_answer *out);

/*
 * A request, as far as it was read.
 */
struct wire_request {
	uint16_t id;
	int flags; /* of the header, those that go back to the client: RD, CD */
	int nquestions; /* as many as it says */
	const uint8_t *msg;
	size_t len;
	size_t at; /* what comes next */
};

struct wire_question {
	int type;
	int class;
	char name[EVI_NAME_SIZE];
};

/* Begins to read.  0, or -1 where it is too short or a reply. */
int evi_wire_request(struct wire_request *out, const uint8_t *msg, size_t len);

/*
 * Reads the next question, nquestions times at the most.  Returns the length of
 * its name, or -1 where it is malformed or the text would mean another name.
 * What follows the questions is ignored.
 */
int evi_wire_question(struct wire_request *request, struct wire_question *out);

/*
 * A reply. All names are valid ones. As in 1.4, a name with a dot at its end
 * shares no bytes with one without.
 */
struct wire_record {
	STAILQ_ENTRY(wire_record) link;
	uint16_t type;
	uint16_t class;
	uint32_t ttl;
	const char *name;
	const void *data; /* len bytes, or the text of a name, which goes out */
	uint16_t len;	  /* as one */
	bool is_name;
};
STAILQ_HEAD(wire_records, wire_record);

struct wire_section {
	uint16_t count;
	struct wire_records records;
};

struct evdns_server_question;

struct wire_reply {
	uint16_t id;
	uint16_t flags; /* of the header, its response code included */
	int nquestions;
	struct evdns_server_question **questions;
	struct wire_section sections[3];
};

/*
 * Writes a reply and returns its length: at most EVI_REPLY_MAX, where it is cut
 * if need be, and TC is set.
 */
#define EVI_REPLY_MAX 512
#define EVI_REPLY_ROOM 1024
size_t
evi_wire_reply(uint8_t out[EVI_REPLY_ROOM], const struct wire_reply *reply);

#endif
