/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fuzzes the reading of tagged data.
 *
 * 1. check_reader(): every reader gets the input, twice, with different bytes
 *    after its end, which it must not notice.
 * 2. run_reader(): input that the reader refuses must stay in the buffer; what
 *    it reads must be one record, number or tag (check_taken()), and written
 *    again must be the same (check_canonical(), check_record()).
 * 3. read_all(): the input is read record by record, payloads included, as a
 *    program would.
 */
#include "fuzz.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <event.h>

/* These functions are exported and declared nowhere, as in 1.4. */
int evtag_decode_int(ev_uint32_t *number, struct evbuffer *buf);
int evtag_decode_tag(ev_uint32_t *tag, struct evbuffer *buf);
int evtag_encode_tag(struct evbuffer *buf, ev_uint32_t tag);

#define AFTER 16 /* bytes after the end; a head has 10 at most */

/* The functions that read something; from CONSUME on, a whole record. */
enum reader {
	DECODE_INT,
	DECODE_TAG,
	PEEK,
	PEEK_LENGTH,
	PAYLOAD_LENGTH,
	CONSUME,
	UNMARSHAL,
	UNMARSHAL_INT,
	UNMARSHAL_FIXED,
	UNMARSHAL_STRING,
	UNMARSHAL_TIMEVAL,
	NREADERS
};

/* The result of a reader. */
struct outcome {
	int result;
	ev_uint32_t value; /* tag, number or length */
	struct timeval tv;
	struct evbuffer *bytes;
	size_t taken;
};

/* A buffer of these bytes, with others after its end. */
static struct evbuffer *
buffer_of(const uint8_t *data, size_t size, int after)
{
	struct evbuffer *buf = evbuffer_new();
	uint8_t rest[AFTER];

	CHECK(buf != NULL);
	memset(rest, after, sizeof rest);
	CHECK(evbuffer_add(buf, data, size) == 0);
	CHECK(evbuffer_add(buf, rest, sizeof rest) == 0);
	EVBUFFER_LENGTH(buf) = size;
	return buf;
}

static bool
holds(struct evbuffer *buf, const void *data, size_t size)
{
	return EVBUFFER_LENGTH(buf) == size &&
	       (size == 0 || memcmp(EVBUFFER_DATA(buf), data, size) == 0);
}

/* The tag in the head of the next record, as evtag_peek() returns it. */
static ev_uint32_t
peeked_tag(struct evbuffer *buf)
{
	ev_uint32_t tag = 0;

	evtag_peek(buf, &tag);
	return tag;
}

static void
read_fixed(struct evbuffer *buf, struct outcome *o)
{
	ev_uint32_t tag = peeked_tag(buf), len = 0;
	uint8_t *copy;

	if (evtag_payload_length(buf, &len) == -1 || len > EVBUFFER_LENGTH(buf))
		len = 0;
	copy = malloc(len + 1);
	CHECK(copy != NULL);
	/* A length other than the record's must be refused. */
	CHECK(evtag_unmarshal_fixed(buf, tag, copy, (size_t)len + 1) == -1);
	CHECK(evtag_unmarshal_fixed(buf, tag, copy, (size_t)len - 1) == -1);
	CHECK(evtag_unmarshal_fixed(buf, tag + 1, copy, len) == -1);
	o->result = evtag_unmarshal_fixed(buf, tag, copy, len);
	if (o->result == 0)
		evbuffer_add(o->bytes, copy, len);
	free(copy);
}

static void
read_string(struct evbuffer *buf, struct outcome *o)
{
	ev_uint32_t tag = peeked_tag(buf);
	char *string = NULL;

	CHECK(evtag_unmarshal_string(buf, tag + 1, &string) == -1);
	o->result = evtag_unmarshal_string(buf, tag, &string);
	CHECK((o->result == 0) == (string != NULL));
	if (string != NULL)
		evbuffer_add(o->bytes, string, strlen(string) + 1);
	free(string);
}

static void
read_as(enum reader reader, struct evbuffer *buf, struct outcome *o)
{
	ev_uint32_t tag = peeked_tag(buf);

	switch (reader) {
	case DECODE_INT:
		o->result = evtag_decode_int(&o->value, buf);
		break;
	case DECODE_TAG:
		o->result = evtag_decode_tag(&o->value, buf);
		break;
	case PEEK:
		o->result = evtag_peek(buf, &o->value);
		break;
	case PEEK_LENGTH:
		o->result = evtag_peek_length(buf, &o->value);
		break;
	case PAYLOAD_LENGTH:
		o->result = evtag_payload_length(buf, &o->value);
		break;
	case CONSUME:
		o->result = evtag_consume(buf);
		break;
	case UNMARSHAL:
		o->result = evtag_unmarshal(buf, &o->value, o->bytes);
		break;
	case UNMARSHAL_INT:
		CHECK(evtag_unmarshal_int(buf, tag + 1, &o->value) == -1);
		o->result = evtag_unmarshal_int(buf, tag, &o->value);
		break;
	case UNMARSHAL_FIXED:
		read_fixed(buf, o);
		break;
	case UNMARSHAL_STRING:
		read_string(buf, o);
		break;
	default:
		CHECK(evtag_unmarshal_timeval(buf, tag + 1, &o->tv) == -1);
		o->result = evtag_unmarshal_timeval(buf, tag, &o->tv);
	}
}

/* Writes a number or tag again: the bytes are the same, or fewer. */
static void
check_canonical(enum reader reader, const struct outcome *o)
{
	struct evbuffer *buf = evbuffer_new();
	ev_uint32_t back;
	size_t len;

	CHECK(buf != NULL);
	if (reader == DECODE_INT)
		encode_int(buf, o->value);
	else
		CHECK(evtag_encode_tag(buf, o->value) > 0);
	len = EVBUFFER_LENGTH(buf);
	CHECK(len >= 1 && len <= o->taken && o->taken <= 5);
	if (reader == DECODE_INT)
		CHECK(evtag_decode_int(&back, buf) == 0);
	else
		CHECK(evtag_decode_tag(&back, buf) == (int)len);
	CHECK(back == o->value);
	CHECK(EVBUFFER_LENGTH(buf) == 0);
	evbuffer_free(buf);
}

/*
 * Writes a record again: the bytes are the same, from another buffer and from
 * the same one.
 */
static void
check_record(const struct outcome *o)
{
	size_t len = EVBUFFER_LENGTH(o->bytes);
	struct evbuffer *buf = buffer_of(EVBUFFER_DATA(o->bytes), len, 0);
	ev_uint32_t tag;

	evtag_marshal(buf, o->value, EVBUFFER_DATA(buf), (ev_uint32_t)len);
	evbuffer_drain(buf, len);
	CHECK(EVBUFFER_LENGTH(buf) <= o->taken);
	CHECK(evtag_unmarshal(buf, &tag, buf) == (int)len);
	CHECK(tag == o->value);
	CHECK(holds(buf, EVBUFFER_DATA(o->bytes), len));
	evbuffer_free(buf);
}

/*
 * Checks how many bytes a reader removed; record is the length that
 * evtag_peek_length() returned, or 0.
 */
static void
check_taken(enum reader reader, const struct outcome *o, size_t size,
    ev_uint32_t record)
{
	switch (reader) {
	case DECODE_TAG:
		CHECK((size_t)o->result == o->taken);
		check_canonical(reader, o);
		break;
	case DECODE_INT:
		check_canonical(reader, o);
		break;
	case PEEK:
		CHECK(o->result >= 1 && o->result <= 5);
		CHECK((size_t)o->result <= size);
		CHECK(o->taken == 0);
		break;
	case PEEK_LENGTH:
		CHECK(o->value >= 2 && o->value <= (ev_uint32_t)INT_MAX + 10);
		CHECK(o->taken == 0);
		break;
	case PAYLOAD_LENGTH:
		CHECK(o->value <= INT_MAX);
		CHECK(o->taken == 0);
		break;
	case UNMARSHAL:
		CHECK((size_t)o->result == EVBUFFER_LENGTH(o->bytes));
		check_record(o);
		/* fall through */
	default:
		CHECK(o->taken == record);
		CHECK(o->taken >= 2 && o->taken <= size);
	}
}

/* Gives a reader the input, with other bytes after it. */
static struct outcome
run_reader(enum reader reader, const uint8_t *data, size_t size, int after)
{
	struct evbuffer *buf = buffer_of(data, size, after);
	struct outcome o = {.bytes = evbuffer_new()};
	ev_uint32_t record = 0;

	CHECK(o.bytes != NULL);
	evtag_peek_length(buf, &record);
	read_as(reader, buf, &o);
	CHECK(EVBUFFER_LENGTH(buf) <= size);
	o.taken = size - EVBUFFER_LENGTH(buf);
	CHECK(holds(buf, data + o.taken, size - o.taken));
	if (o.result == -1) {
		CHECK(o.taken == 0);
		CHECK(o.value == 0);
		CHECK(o.tv.tv_sec == 0 && o.tv.tv_usec == 0);
		CHECK(EVBUFFER_LENGTH(o.bytes) == 0);
	} else {
		check_taken(reader, &o, size, record);
	}
	evbuffer_free(buf);
	return o;
}

static void
check_reader(enum reader reader, const uint8_t *data, size_t size)
{
	struct outcome a = run_reader(reader, data, size, 0);
	struct outcome b = run_reader(reader, data, size, 0xff);

	CHECK(a.result == b.result);
	CHECK(a.value == b.value);
	CHECK(a.tv.tv_sec == b.tv.tv_sec && a.tv.tv_usec == b.tv.tv_usec);
	CHECK(a.taken == b.taken);
	CHECK(holds(a.bytes, EVBUFFER_DATA(b.bytes), EVBUFFER_LENGTH(b.bytes)));
	evbuffer_free(a.bytes);
	evbuffer_free(b.bytes);
}

/*
 * Reads record after record, and the records in their payloads, to some depth.
 */
static void
read_all(struct evbuffer *buf, int depth)
{
	struct evbuffer *payload = evbuffer_new();

	CHECK(payload != NULL);
	while (evtag_unmarshal(buf, NULL, payload) != -1) {
		if (depth > 0)
			read_all(payload, depth - 1);
		evbuffer_drain(payload, EVBUFFER_LENGTH(payload));
	}
	CHECK(EVBUFFER_LENGTH(payload) == 0);
	evbuffer_free(payload);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct evbuffer *buf;

	for (enum reader r = DECODE_INT; r < NREADERS; r++)
		check_reader(r, data, size);
	buf = buffer_of(data, size, 0);
	read_all(buf, 100);
	evbuffer_free(buf);
	return 0;
}
