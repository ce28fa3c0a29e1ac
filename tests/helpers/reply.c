/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The messages of the DNS server for tests: questions are read, replies put
 * together, byte by byte.
 */
#include "test.h"
#include "responder.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The text of the name at msg[*at]; moves *at after it. */
static bool
read_name(const uint8_t *msg, size_t len, size_t *at, char *text)
{
	char *out = text;

	while (*at < len && msg[*at] != 0) {
		size_t label = msg[(*at)++];

		if (label > 63 || *at + label > len || out - text > 1000)
			return false;
		if (out != text)
			*out++ = '.';
		for (; label > 0; label--) {
			uint8_t c = msg[(*at)++];

			if (isgraph(c) && c != '.' && c != '\\')
				*out++ = c;
			else
				out += sprintf(out, "\\%03d", c);
		}
	}
	*out = '\0';
	if (out == text)
		strcpy(text, ".");
	return (*at)++ < len;
}

static int
get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

bool
question_read(struct question *q, char name[QUESTION_NAME])
{
	const uint8_t *msg = q->msg;
	size_t at = 12;

	if (q->len < 12 || get16(msg + 4) != 1 ||
	    !read_name(msg, q->len, &at, name) || at + 4 > q->len)
		return false;
	q->id = get16(msg);
	q->name = name;
	q->type = get16(msg + at);
	at += 4;
	q->edns = get16(msg + 10) > 0 && at + 3 <= q->len && msg[at] == 0 &&
		  get16(msg + at + 1) == TYPE_OPT;
	return true;
}

/*
 * The reply.
 */

static void
put(struct reply *reply, const void *data, size_t len)
{
	assert_true(reply->len + len <= sizeof reply->msg);
	if (len > 0)
		memcpy(reply->msg + reply->len, data, len);
	reply->len += len;
}

static void
put16(struct reply *reply, unsigned n)
{
	uint8_t b[2] = {n >> 8, n};

	put(reply, b, 2);
}

static void
put_name(struct reply *reply, const char *name)
{
	while (*name != '\0' && strcmp(name, ".") != 0) {
		uint8_t label = strcspn(name, ".");

		put(reply, &label, 1);
		put(reply, name, label);
		name += label;
		name += *name == '.';
	}
	put(reply, "", 1);
}

void
reply_start(struct reply *reply)
{
	const struct question *q = reply->question;
	size_t qlen = 12;

	while (q->msg[qlen] != 0)
		qlen += 1 + q->msg[qlen];
	reply->id = q->id;
	reply->flags = FLAG_RESPONSE | 0x80 | (get16(q->msg + 2) & 0x0100);
	reply->section = 1;
	reply->delay = 0;
	reply->drop = reply->other_port = reply->hang_up = reply->raw = false;
	reply->len = 12;
	reply->owner = 12;
	memset(reply->count, 0, sizeof reply->count);
	reply->count[0] = 1;
	put(reply, q->msg + 12, qlen + 5 - 12);
}

void
reply_question(struct reply *reply, const char *name, int type)
{
	reply->len = 12;
	put_name(reply, name);
	put16(reply, type);
	put16(reply, 1);
}

void
reply_rcode(struct reply *reply, int rcode)
{
	reply->flags = (reply->flags & ~15) | rcode;
}

/* All of a record but its data. */
static void
put_record(struct reply *reply, const char *owner, int type, uint32_t ttl)
{
	if (owner != NULL)
		put_name(reply, owner);
	else
		put16(reply, 0xc000 | reply->owner);
	put16(reply, type);
	put16(reply, 1);
	put16(reply, ttl >> 16);
	put16(reply, ttl & 0xffff);
	reply->count[reply->section]++;
}

void
reply_record(struct reply *reply, const char *owner, int type, uint32_t ttl,
    const void *data, size_t len)
{
	put_record(reply, owner, type, ttl);
	put16(reply, len);
	put(reply, data, len);
}

static void
name_record(struct reply *reply, int type, const char *name, uint32_t ttl)
{
	size_t start;

	put_record(reply, NULL, type, ttl);
	start = reply->len;
	put16(reply, 0);
	put_name(reply, name);
	reply->msg[start] = (reply->len - start - 2) >> 8;
	reply->msg[start + 1] = reply->len - start - 2;
	if (type == TYPE_CNAME)
		reply->owner = start + 2;
}

static void
address_record(struct reply *reply, int family, const char *text, uint32_t ttl)
{
	uint8_t bytes[16];
	bool is_v4 = family == AF_INET;

	assert_int_equal(inet_pton(family, text, bytes), 1);
	reply_record(reply, NULL, is_v4 ? TYPE_A : TYPE_AAAA, ttl, bytes,
	    is_v4 ? 4 : 16);
}

void
reply_a(struct reply *reply, const char *address, uint32_t ttl)
{
	address_record(reply, AF_INET, address, ttl);
}

void
reply_aaaa(struct reply *reply, const char *address, uint32_t ttl)
{
	address_record(reply, AF_INET6, address, ttl);
}

void
reply_ptr(struct reply *reply, const char *name, uint32_t ttl)
{
	name_record(reply, TYPE_PTR, name, ttl);
}

void
reply_cname(struct reply *reply, const char *target, uint32_t ttl)
{
	name_record(reply, TYPE_CNAME, target, ttl);
}

void
reply_raw(struct reply *reply, const void *data, size_t len)
{
	reply->len = 0;
	reply->raw = true;
	put(reply, data, len);
}

void
reply_finish(struct reply *reply)
{
	size_t len = reply->len;

	reply->len = 0;
	if (len >= 2)
		put16(reply, reply->id);
	if (!reply->raw) {
		put16(reply, reply->flags);
		for (int i = 0; i < 4; i++)
			put16(reply, reply->count[i]);
	}
	reply->len = len;
}
