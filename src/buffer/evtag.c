/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tagged data: numbers and records in an evbuffer, in the format of 1.4.
 *
 *  1. A record is a tag, the length of the payload as a number, and the
 *     payload.
 *  2. A tag is written in groups of seven bits, the lowest first, one to a
 *     byte.  The top bit of a byte is set if another byte follows.  1000 is e8
 *     07.
 *  3. A number is written in nibbles, two to a byte, the high half of a byte
 *     first.  The first nibble is the number of the number's nibbles minus one.
 *     Then there are these nibbles, from the lowest to the highest that is not
 *     0, and a 0 if that fills the last byte.  0 is 00, 1000 is 28 e3.
 *  4. Reading accepts more, as in 1.4: leading zeros, and any value in the
 *     nibble that fills the last byte.  It refuses what does not fit in 32
 *     bits.
 *  5. A parser, get_*(), reads bytes and changes nothing.  It returns how many
 *     bytes the item has, 0 if there are too few, or -1 if they are invalid.
 */
#include "evtag.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TAG_MAX 5    /* bytes */
#define NUMBER_MAX 5 /* bytes */

/* A record in a buffer. */
struct record {
	ev_uint32_t tag;
	ev_uint32_t len; /* of the payload, INT_MAX at the most */
	size_t start;	 /* where the payload begins */
};

static size_t
put_tag(unsigned char out[TAG_MAX], ev_uint32_t tag)
{
	size_t n = 0;

	for (; tag > 0x7f; tag >>= 7)
		out[n++] = (unsigned char)(0x80 | (tag & 0x7f));
	out[n++] = (unsigned char)tag;
	return n;
}

static int
get_tag(const unsigned char *data, size_t size, ev_uint32_t *tag)
{
	ev_uint32_t value = 0;

	for (size_t n = 0; n < size; n++) {
		/* The fifth byte is the last, and has the topmost four bits. */
		if (n == TAG_MAX - 1 && data[n] > 0x0f)
			return -1;
		value |= (ev_uint32_t)(data[n] & 0x7f) << 7 * n;
		if (data[n] <= 0x7f) {
			*tag = value;
			return (int)n + 1;
		}
	}
	return 0;
}

/* The bytes of a number: a nibble for the count, one, and `more` nibbles. */
static size_t
number_size(unsigned int more)
{
	return (more + 3) / 2;
}

static size_t
put_number(unsigned char out[NUMBER_MAX], ev_uint32_t number)
{
	unsigned int more = 0; /* nibbles after the number's first */
	unsigned char pair;
	uint64_t nibbles;
	size_t n, size;

	while (number >> 4 * more > 0x0f)
		more++;
	nibbles = (uint64_t)number << 4 | more;
	size = number_size(more);
	for (n = 0; n < size; n++, nibbles >>= 8) {
		pair = (unsigned char)nibbles;
		out[n] = (unsigned char)(pair << 4 | pair >> 4);
	}
	return size;
}

static int
get_number(const unsigned char *data, size_t size, ev_uint32_t *number)
{
	ev_uint32_t value = 0;
	unsigned int more, nibble;

	if (size == 0)
		return 0;
	more = data[0] >> 4;
	if (more > 7)
		return -1;
	if (size < number_size(more))
		return 0;
	for (unsigned int i = 0; i <= more; i++) {
		nibble = data[(i + 1) / 2] >> (i % 2 ? 4 : 0) & 0x0f;
		value |= nibble << 4 * i;
	}
	*number = value;
	return (int)number_size(more);
}

/* Parses the tag and the length.  The payload need not be complete. */
static int
get_head(const unsigned char *data, size_t size, struct record *r)
{
	int n, m;

	n = get_tag(data, size, &r->tag);
	if (n <= 0)
		return n;
	m = get_number(data + n, size - n, &r->len);
	if (m <= 0)
		return m;
	if (r->len > INT_MAX)
		return -1;
	r->start = n + m;
	return n + m;
}

/* Parses the first record's head.  0, or -1 if it is incomplete or invalid. */
static int
peek_head(struct evbuffer *buf, struct record *r)
{
	int n = get_head(EVBUFFER_DATA(buf), EVBUFFER_LENGTH(buf), r);

	return n > 0 ? 0 : -1;
}

/* Parses the first record.  0, or -1 if it is incomplete or invalid. */
static int
peek(struct evbuffer *buf, struct record *r)
{
	if (peek_head(buf, r) == -1 || EVBUFFER_LENGTH(buf) - r->start < r->len)
		return -1;
	return 0;
}

/* Parses the first record, which must have that tag.  0 or -1. */
static int
peek_tagged(struct evbuffer *buf, ev_uint32_t tag, struct record *r)
{
	return peek(buf, r) == 0 && r->tag == tag ? 0 : -1;
}

static const unsigned char *
payload(struct evbuffer *buf, const struct record *r)
{
	return EVBUFFER_DATA(buf) + r->start;
}

static void
drop(struct evbuffer *buf, const struct record *r)
{
	evbuffer_drain(buf, r->start + r->len);
}

void
evtag_init(void)
{
}

void
encode_int(struct evbuffer *buf, ev_uint32_t number)
{
	unsigned char out[NUMBER_MAX];

	evbuffer_add(buf, out, put_number(out, number));
}

int
evtag_decode_int(ev_uint32_t *number, struct evbuffer *buf)
{
	int n = get_number(EVBUFFER_DATA(buf), EVBUFFER_LENGTH(buf), number);

	if (n <= 0)
		return -1;
	evbuffer_drain(buf, n);
	return 0;
}

int
evtag_encode_tag(struct evbuffer *buf, ev_uint32_t tag)
{
	unsigned char out[TAG_MAX];
	size_t n = put_tag(out, tag);

	return evbuffer_add(buf, out, n) == 0 ? (int)n : -1;
}

int
evtag_decode_tag(ev_uint32_t *tag, struct evbuffer *buf)
{
	int n = evtag_peek(buf, tag);

	if (n > 0)
		evbuffer_drain(buf, n);
	return n;
}

/*
 * Appends the whole record, or nothing without memory; the function returns no
 * error.  data may be in the buffer's own block, which moves when it grows.
 */
void
evtag_marshal(struct evbuffer *buf, ev_uint32_t tag, const void *data,
    ev_uint32_t len)
{
	size_t offset = (uintptr_t)data - (uintptr_t)EVBUFFER_DATA(buf);
	bool inside = offset < EVBUFFER_LENGTH(buf);
	unsigned char head[TAG_MAX + NUMBER_MAX];
	size_t n = put_tag(head, tag);

	n += put_number(head + n, len);
	if (len > SIZE_MAX - n || evbuffer_expand(buf, n + len) == -1)
		return;
	if (inside)
		data = EVBUFFER_DATA(buf) + offset;
	evbuffer_add(buf, head, n);
	evbuffer_add(buf, data, len);
}

void
evtag_marshal_int(struct evbuffer *buf, ev_uint32_t tag, ev_uint32_t number)
{
	unsigned char out[NUMBER_MAX];

	evtag_marshal(buf, tag, out, (ev_uint32_t)put_number(out, number));
}

void
evtag_marshal_string(struct evbuffer *buf, ev_uint32_t tag, const char *string)
{
	evtag_marshal(buf, tag, string, (ev_uint32_t)strlen(string));
}

/* 1.4: writes two numbers, each cut to its lower 32 bits. */
void
evtag_marshal_timeval(struct evbuffer *buf, ev_uint32_t tag, struct timeval *tv)
{
	unsigned char out[2 * NUMBER_MAX];
	size_t n = put_number(out, (ev_uint32_t)tv->tv_sec);

	n += put_number(out + n, (ev_uint32_t)tv->tv_usec);
	evtag_marshal(buf, tag, out, (ev_uint32_t)n);
}

int
evtag_peek(struct evbuffer *buf, ev_uint32_t *tag)
{
	ev_uint32_t value;
	int n = get_tag(EVBUFFER_DATA(buf), EVBUFFER_LENGTH(buf), &value);

	if (n <= 0)
		return -1;
	if (tag != NULL)
		*tag = value;
	return n;
}

int
evtag_peek_length(struct evbuffer *buf, ev_uint32_t *len)
{
	struct record r;

	if (peek_head(buf, &r) == -1)
		return -1;
	*len = (ev_uint32_t)r.start + r.len;
	return 0;
}

int
evtag_payload_length(struct evbuffer *buf, ev_uint32_t *len)
{
	struct record r;

	if (peek_head(buf, &r) == -1)
		return -1;
	*len = r.len;
	return 0;
}

int
evtag_consume(struct evbuffer *buf)
{
	struct record r;

	if (peek(buf, &r) == -1)
		return -1;
	drop(buf, &r);
	return 0;
}

int
evtag_unmarshal(struct evbuffer *src, ev_uint32_t *tag, struct evbuffer *dst)
{
	struct record r;

	if (peek(src, &r) == -1 ||
	    evbuffer_add(dst, payload(src, &r), r.len) == -1)
		return -1;
	drop(src, &r);
	if (tag != NULL)
		*tag = r.tag;
	return (int)r.len;
}

/* 1.4: the payload may have more bytes after the number. */
int
evtag_unmarshal_int(struct evbuffer *buf, ev_uint32_t tag, ev_uint32_t *number)
{
	struct record r;

	if (peek_tagged(buf, tag, &r) == -1 ||
	    get_number(payload(buf, &r), r.len, number) <= 0)
		return -1;
	drop(buf, &r);
	return 0;
}

int
evtag_unmarshal_fixed(struct evbuffer *buf, ev_uint32_t tag, void *data,
    size_t len)
{
	struct record r;

	if (peek_tagged(buf, tag, &r) == -1 || r.len != len)
		return -1;
	if (len > 0)
		memcpy(data, payload(buf, &r), len);
	drop(buf, &r);
	return 0;
}

int
evtag_unmarshal_string(struct evbuffer *buf, ev_uint32_t tag, char **string)
{
	struct record r;
	char *copy;

	if (peek_tagged(buf, tag, &r) == -1)
		return -1;
	copy = malloc((size_t)r.len + 1);
	if (copy == NULL)
		return -1;
	memcpy(copy, payload(buf, &r), r.len);
	copy[r.len] = '\0';
	*string = copy;
	drop(buf, &r);
	return 0;
}

/* 1.4: both numbers are unsigned, so a negative time is not restored. */
int
evtag_unmarshal_timeval(struct evbuffer *buf, ev_uint32_t tag,
    struct timeval *tv)
{
	ev_uint32_t sec, usec;
	struct record r;
	int n;

	if (peek_tagged(buf, tag, &r) == -1)
		return -1;
	n = get_number(payload(buf, &r), r.len, &sec);
	if (n <= 0 || get_number(payload(buf, &r) + n, r.len - n, &usec) <= 0)
		return -1;
	tv->tv_sec = sec;
	tv->tv_usec = usec;
	drop(buf, &r);
	return 0;
}
