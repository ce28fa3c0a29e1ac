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

/*
 * Bytes of the text of a name, NUL included.  Dots separate its labels; the
 * text of the root is empty.
 */
#define EVI_NAME_SIZE 254

/*
 * Whether name is a domain name other than the root: labels of 1 to 63 bytes,
 * 255 in all, with or without one dot at its end.
 */
bool evi_wire_name_ok(const char *name);

/* Whether name is a domain name, or the root as "" or ".". */
bool evi_wire_owner_ok(const char *name);

/*
 * Writes a query with the id 0 for a name that evi_wire_name_ok(), or for the
 * root as "".  Returns its length, at most EVI_WIRE_QUERY() of the name's: the
 * header, the first label's length, the root, type and class.  A backslash is a
 * byte like others.
 */
#define EVI_WIRE_QUERY(name_len) ((name_len) + 12 + 1 + 1 + 4)
size_t evi_wire_query(uint8_t *out, const char *name, int type);

/* Writes the name whose PTR records are about an IPv4 address. */
#define EVI_WIRE_REVERSE sizeof("255.255.255.255.in-addr.arpa")
void evi_wire_reverse(char out[EVI_WIRE_REVERSE], const struct in_addr *in);

/* The addresses, or the name, of an answer. */
struct wire_answer {
	int count;	 /* of addresses; 1 if it is a name */
	int ttl;	 /* seconds, the least of the records that were used */
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
 * Reads the answer section of a reply: the addresses (type A or AAAA) or the
 * first name (type PTR) of the name in the question, or of the name that its
 * aliases (CNAME) lead to.  Records of other names are ignored.  The caller
 * knows that it asked that question.  Returns a DNS_ERR_* code, or one of those
 * above:
 *
 * - DNS_ERR_NONE: out->addresses is to be freed
 * - DNS_ERR_TRUNCATED: the reply says that it is truncated
 * - DNS_ERR_FORMAT to DNS_ERR_REFUSED: the response code
 * - DNS_ERR_UNKNOWN: another response code; or there is no record of the type;
 *   or the name has control bytes
 */
int evi_wire_answer(const uint8_t *msg, size_t len, int type,
    struct wire_answer *out);

/* A request that is being read. */
struct wire_request {
	uint16_t id;
	int flags;	/* those that go back to the client: RD, CD */
	int nquestions; /* in the header */
	const uint8_t *msg;
	size_t len;
	size_t at; /* offset of the next question */
};

struct wire_question {
	int type;
	int class;
	char name[EVI_NAME_SIZE];
};

/* Reads the header.  0, or -1 if the message is too short, or a reply. */
int evi_wire_request(struct wire_request *out, const uint8_t *msg, size_t len);

/*
 * Reads the next question; at most nquestions times.  Returns the length of its
 * name; -1 if it is malformed, or a label has a dot or a NUL.
 */
int evi_wire_question(struct wire_request *request, struct wire_question *out);

/* A record of a reply.  Its names are domain names. */
struct wire_record {
	STAILQ_ENTRY(wire_record) link;
	uint16_t type;
	uint16_t class;
	uint32_t ttl;
	const char *name;
	const void *data; /* len bytes */
	uint16_t len;
	bool is_name; /* data is the text of a name, to be written as a name */
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
	struct wire_section sections[3]; /* by EVDNS_*_SECTION */
};

/*
 * Writes a reply and returns its length, at most EVI_REPLY_MAX bytes.  A longer
 * one is truncated, and has TC set.  out is larger, as a record is written
 * before its end is known; bytes beyond out are dropped.
 */
#define EVI_REPLY_MAX 512
#define EVI_REPLY_ROOM 1024
size_t
evi_wire_reply(uint8_t out[EVI_REPLY_ROOM], const struct wire_reply *reply);

#endif
