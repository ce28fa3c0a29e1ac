/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The DNS's messages, to and from bytes: queries and their replies for the
 * resolver, requests for the name server.
 *
 * 1. Messages come from anybody.  They are read once, from start to end, and
 *    never after the end.  A name may have compression pointers (RFC 1035,
 *    section 4.1.4), at most POINTERS.
 * 2. The bytes of a label are taken as they are, without escapes, as in 1.4.  A
 *    NUL is an error, and so is a dot in a question, where the text would mean
 *    another name.
 * 3. The answer is in the records of the name in the question, and of the names
 *    that its aliases (CNAME) lead to.  The records are read again as long as
 *    an alias leads to records before it, at most PASSES times.
 */
#include "wire.h"

#include <ctype.h>
#include <evdns.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER 12    /* bytes */
#define QUESTION 4   /* bytes after the name */
#define RECORD 10    /* bytes between the name and the data */
#define LABEL_MAX 63 /* bytes after that of the length */
#define TEXT_MAX (EVI_NAME_SIZE - 1)
#define NAME_MAX_BYTES 255 /* RFC 1035, section 3.1 */
#define PASSES 8	   /* over the records of a reply */

#define POINTER 0xc0  /* the top bits of a compression pointer */
#define OFFSET 0x3fff /* the other bits, where the name continues */
#define POINTERS 128  /* in one name, at most */

#define FLAG_QR 0x8000
#define FLAG_AA 0x0400
#define FLAG_TC 0x0200
#define FLAG_RD 0x0100
#define FLAG_RA 0x0080
#define FLAG_CD 0x0010
#define RCODE 0x000f

/* A message, and how much of it was read. */
struct reader {
	const uint8_t *msg;
	size_t len;
	size_t at;
};

struct header {
	unsigned int id;
	unsigned int flags;
	unsigned int questions;
	unsigned int answers;
};

/* The fields before a record's data.  The data are complete. */
struct record {
	unsigned int type;
	unsigned int class;
	uint32_t ttl;
	size_t len; /* of the data */
};

static size_t
remaining(const struct reader *r)
{
	return r->len - r->at;
}

/* The next two bytes, which are there. */
static unsigned int
get16(struct reader *r)
{
	unsigned int n = (unsigned int)r->msg[r->at] << 8 | r->msg[r->at + 1];

	r->at += 2;
	return n;
}

static uint32_t
get32(struct reader *r)
{
	uint32_t high = get16(r);

	return high << 16 | get16(r);
}

/* 0, or -1 if there is no header. */
static int
get_header(struct header *header, const uint8_t *msg, size_t len)
{
	struct reader r = {msg, len, 0};

	if (len < HEADER)
		return -1;
	header->id = get16(&r);
	header->flags = get16(&r);
	header->questions = get16(&r);
	header->answers = get16(&r);
	return 0;
}

/*
 * Reads the byte before a label.  Returns the length of the label, which is
 * complete; 0 at the end of the name; the first byte of a pointer, whose second
 * one is there; or -1.
 */
static int
get_length(struct reader *r)
{
	uint8_t n;

	if (remaining(r) == 0)
		return -1;
	n = r->msg[r->at++];
	if (n >= POINTER)
		return remaining(r) > 0 ? n : -1;
	return n <= LABEL_MAX && n <= remaining(r) ? n : -1;
}

/* Skips a name, without following pointers.  0 or -1. */
static int
skip_name(struct reader *r)
{
	int n;

	while ((n = get_length(r)) > 0) {
		if (n >= POINTER) {
			r->at++;
			return 0;
		}
		r->at += (size_t)n;
	}
	return n;
}

/* Whether a label can be part of the text of a name. */
static bool
is_text(const uint8_t *label, size_t n, bool may_have_dots)
{
	return memchr(label, '\0', n) == NULL &&
	       (may_have_dots || memchr(label, '.', n) == NULL);
}

/* Adds a label to size bytes of text.  The new size, or 0 without room. */
static size_t
add_label(char text[EVI_NAME_SIZE], size_t size, const uint8_t *label, size_t n)
{
	size_t dot = size > 0;

	if (dot + n > TEXT_MAX - size)
		return 0;
	if (dot)
		text[size++] = '.';
	memcpy(text + size, label, n);
	return size + n;
}

/* Follows pointers to the next label.  Returns its length, 0 or -1. */
static int
get_label(struct reader *here, int *pointers)
{
	int n;

	while ((n = get_length(here)) >= POINTER) {
		here->at--;
		here->at = get16(here) & OFFSET;
		if (++*pointers > POINTERS || here->at >= here->len)
			return -1;
	}
	return n;
}

/*
 * Reads a name as text, and skips it.  Labels with dots are taken as they are,
 * or are an error.  Returns the length of the text, or -1.
 */
static int
get_name(struct reader *r, char text[EVI_NAME_SIZE], bool may_have_dots)
{
	struct reader here = *r;
	int n, pointers = 0;
	size_t size = 0;

	if (skip_name(r) == -1)
		return -1;
	while ((n = get_label(&here, &pointers)) > 0) {
		if (!is_text(here.msg + here.at, (size_t)n, may_have_dots))
			return -1;
		size = add_label(text, size, here.msg + here.at, (size_t)n);
		if (size == 0)
			return -1;
		here.at += (size_t)n;
	}
	text[size] = '\0';
	return n == 0 ? (int)size : -1;
}

/*
 * Reads a name, and skips it.  Writes it in lower case, each label after its
 * length, without pointers.  Returns the number of bytes, or -1.
 */
static int
get_wire_name(struct reader *r, uint8_t out[NAME_MAX_BYTES])
{
	struct reader here = *r;
	int n, pointers = 0;
	size_t size = 0;

	if (skip_name(r) == -1)
		return -1;
	while ((n = get_label(&here, &pointers)) > 0) {
		if (size + (size_t)n + 2 > NAME_MAX_BYTES)
			return -1;
		out[size++] = (uint8_t)n;
		for (; n > 0; n--)
			out[size++] = (uint8_t)tolower(here.msg[here.at++]);
	}
	out[size++] = 0;
	return n == 0 ? (int)size : -1;
}

/* Skips n questions.  0 or -1. */
static int
skip_questions(struct reader *r, unsigned int n)
{
	for (; n > 0; n--) {
		if (skip_name(r) == -1 || remaining(r) < QUESTION)
			return -1;
		r->at += QUESTION;
	}
	return 0;
}

/* Reads a record up to its data.  0 or -1. */
static int
get_record(struct reader *r, struct record *record)
{
	if (skip_name(r) == -1 || remaining(r) < RECORD)
		return -1;
	record->type = get16(r);
	record->class = get16(r);
	record->ttl = get32(r);
	record->len = get16(r);
	return record->len <= remaining(r) ? 0 : -1;
}

/* RFC 2181, section 8: a TTL with the topmost bit set is 0. */
static int
lesser_ttl(int ttl, uint32_t other)
{
	if (other > INT32_MAX)
		return 0;
	return (int)other < ttl ? (int)other : ttl;
}

/* Whether there are no control bytes, which a terminal would interpret. */
static bool
is_printable(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

/* A pointer to the name, and the name after it, in one block. */
int
evi_wire_set_name(struct wire_answer *out, const char *name)
{
	size_t size = strlen(name) + 1;
	char **copy = malloc(sizeof(*copy) + size);

	if (copy == NULL)
		return -1;
	*copy = memcpy(copy + 1, name, size);
	out->addresses = copy;
	out->count = 1;
	return 0;
}

void
evi_wire_move_answer(struct wire_answer *to, struct wire_answer *from)
{
	*to = *from;
	*from = (struct wire_answer){0};
}

/* The name that is a record's data.  Returns as evi_wire_answer(). */
static int
take_name(struct reader *r, size_t end, struct wire_answer *out)
{
	char text[EVI_NAME_SIZE];

	if (get_name(r, text, true) == -1 || r->at > end)
		return EVI_WIRE_MALFORMED;
	if (!is_printable(text))
		return DNS_ERR_UNKNOWN;
	return evi_wire_set_name(out, text) == 0 ? DNS_ERR_NONE
						 : EVI_WIRE_NO_MEMORY;
}

/*
 * The addresses of a record, one or, as 1.4 writes and reads them, any number.
 * Returns as evi_wire_answer().
 */
static int
take_addresses(struct reader *r, size_t len, size_t size,
    struct wire_answer *out)
{
	uint8_t *all = out->addresses;

	if (len % size != 0)
		return EVI_WIRE_MALFORMED;
	if (len == 0)
		return DNS_ERR_NONE;
	if (all == NULL) {
		/* Enough for all addresses in the rest of the message. */
		all = out->addresses = malloc(remaining(r));
		if (all == NULL)
			return EVI_WIRE_NO_MEMORY;
	}
	memcpy(all + (size_t)out->count * size, r->msg + r->at, len);
	out->count += (int)(len / size);
	return DNS_ERR_NONE;
}

/*
 * The name whose records are read: the question's, or one that aliases of it
 * lead to.  The question's is read when it is first compared; a pointer to the
 * question is recognised without that.
 */
struct owner {
	uint8_t name[NAME_MAX_BYTES];
	int len;     /* 0: it has not been read; -1: it cannot be */
	int aliases; /* that led there */
};

/* Whether the next record is one of the owner.  Reads nothing of it. */
static bool
is_about(const struct reader *r, struct owner *owner)
{
	static const uint8_t question[] = {POINTER, HEADER};
	struct reader here = {r->msg, r->len, HEADER};
	uint8_t name[NAME_MAX_BYTES];

	if (owner->aliases == 0 && owner->len != -1 &&
	    remaining(r) >= sizeof(question) &&
	    memcmp(r->msg + r->at, question, sizeof(question)) == 0)
		return true;
	if (owner->len == 0)
		owner->len = get_wire_name(&here, owner->name);
	here = *r;
	return owner->len != -1 && get_wire_name(&here, name) == owner->len &&
	       memcmp(name, owner->name, (size_t)owner->len) == 0;
}

/* Makes the target of an alias, which is read next, the owner. */
static int
follow_alias(struct reader *r, size_t end, struct owner *owner)
{
	owner->len = get_wire_name(r, owner->name);
	owner->aliases++;
	return owner->len == -1 || r->at > end ? EVI_WIRE_MALFORMED
					       : DNS_ERR_NONE;
}

/*
 * Takes the records of the owner and the type, among n records.  Aliases change
 * the owner.  Returns as evi_wire_answer().
 */
static int
take_records(struct reader *r, unsigned int n, unsigned int type,
    struct owner *owner, struct wire_answer *out)
{
	size_t size = type == EVDNS_TYPE_AAAA ? 16 : 4;
	struct record record;
	int err = DNS_ERR_NONE;
	size_t end;
	bool is_relevant;

	for (; n > 0 && err == DNS_ERR_NONE; n--, r->at = end) {
		is_relevant = is_about(r, owner);
		if (get_record(r, &record) == -1)
			return EVI_WIRE_MALFORMED;
		end = r->at + record.len;
		if (!is_relevant || record.class != EVDNS_CLASS_INET ||
		    (record.type != type && record.type != EVDNS_TYPE_CNAME))
			continue;
		out->ttl = lesser_ttl(out->ttl, record.ttl);
		if (record.type == EVDNS_TYPE_CNAME)
			err = follow_alias(r, end, owner);
		else if (type == EVDNS_TYPE_PTR)
			return take_name(r, end, out);
		else
			err = take_addresses(r, record.len, size, out);
	}
	return err;
}

/* Reads the records again if aliases were found, but no record after them. */
static int
take_answer(const struct reader *answers, unsigned int n, unsigned int type,
    struct owner *owner, struct wire_answer *out)
{
	for (int i = 0; i < PASSES; i++) {
		struct reader r = *answers;
		int before = owner->aliases;
		int err = take_records(&r, n, type, owner, out);

		if (err != DNS_ERR_NONE || out->count > 0)
			return err;
		if (owner->aliases == before)
			break;
	}
	return DNS_ERR_UNKNOWN;
}

static int
error_of(unsigned int rcode)
{
	return rcode <= DNS_ERR_REFUSED ? (int)rcode : DNS_ERR_UNKNOWN;
}

bool
evi_wire_name_ok(const char *name)
{
	size_t size = 0, n;

	do {
		n = (size_t)(strchrnul(name, '.') - name);
		if (n == 0 || n > LABEL_MAX)
			return false;
		size += n + 1;
		name += n;
	} while (*name == '.' && *++name != '\0');
	return size - 1 <= TEXT_MAX;
}

void
evi_wire_reverse(char out[EVI_WIRE_REVERSE], const struct in_addr *in)
{
	const uint8_t *byte = (const uint8_t *)in;

	snprintf(out, EVI_WIRE_REVERSE, "%d.%d.%d.%d.in-addr.arpa", byte[3],
	    byte[2], byte[1], byte[0]);
}

size_t
evi_wire_query(uint8_t *out, const char *name, int type)
{
	static const uint8_t header[HEADER] = {0, 0, FLAG_RD >> 8, 0, 0, 1};
	uint8_t *at = out + HEADER;
	size_t n;

	memcpy(out, header, HEADER);
	for (; *name != '\0'; name += n + (name[n] == '.')) {
		n = (size_t)(strchrnul(name, '.') - name);
		*at++ = (uint8_t)n;
		at = (uint8_t *)memcpy(at, name, n) + n;
	}
	memcpy(at, (uint8_t[]){0, 0, (uint8_t)type, 0, EVDNS_CLASS_INET}, 5);
	return (size_t)(at - out) + 5;
}

int
evi_wire_answer(const uint8_t *msg, size_t len, int type,
    struct wire_answer *out)
{
	struct header header;
	struct reader r = {msg, len, HEADER};
	struct owner owner;
	int err;

	if (get_header(&header, msg, len) == -1 || !(header.flags & FLAG_QR))
		return EVI_WIRE_MALFORMED;
	if (header.flags & FLAG_TC)
		return DNS_ERR_TRUNCATED;
	if (header.flags & RCODE)
		return error_of(header.flags & RCODE);
	if (skip_questions(&r, header.questions) == -1)
		return EVI_WIRE_MALFORMED;
	owner.len = header.questions > 0 ? 0 : -1;
	owner.aliases = 0;
	*out = (struct wire_answer){.ttl = INT_MAX};
	err = take_answer(&r, header.answers, (unsigned int)type, &owner, out);
	if (err != DNS_ERR_NONE) {
		free(out->addresses);
		out->addresses = NULL;
	}
	if (err == DNS_ERR_UNKNOWN && header.answers == 0 &&
	    !(header.flags & (FLAG_AA | FLAG_RA)))
		return EVI_WIRE_LAME;
	return err;
}

bool
evi_wire_owner_ok(const char *name)
{
	return *name == '\0' || strcmp(name, ".") == 0 ||
	       evi_wire_name_ok(name);
}

int
evi_wire_question(struct wire_request *request, struct wire_question *out)
{
	struct reader r = {request->msg, request->len, request->at};
	int len = get_name(&r, out->name, false);

	if (len == -1 || remaining(&r) < QUESTION)
		return -1;
	out->type = (int)get16(&r);
	out->class = (int)get16(&r);
	request->at = r.at;
	return len;
}

/* 1.4: the kind of request (OPCODE) is ignored. */
int
evi_wire_request(struct wire_request *out, const uint8_t *msg, size_t len)
{
	struct header header;

	if (get_header(&header, msg, len) == -1 || (header.flags & FLAG_QR))
		return -1;
	*out = (struct wire_request){
	    .id = (uint16_t)header.id,
	    .flags = (int)(header.flags & (FLAG_RD | FLAG_CD)),
	    .nquestions = (int)header.questions,
	    .msg = msg,
	    .len = len,
	    .at = HEADER,
	};
	return 0;
}
