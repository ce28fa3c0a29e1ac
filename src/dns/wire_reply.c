/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The replies of the server side, to bytes: the same ones as 1.4's.
 *
 * Instead of a name, or of its suffix from a label on, that was written before,
 * a compression pointer is written.  1.4 compares the text: other capitals are
 * another name, and so is a dot at the end.
 *
 * A reply that is too long is truncated, also in the middle of a record, and
 * its header counts all records.  The last record is written to its end, so
 * that its length is right; bytes beyond the room are dropped.
 */
#include <evdns.h>
#include <string.h>

#include "wire.h"

/* The top bits of a compression pointer; the others are the offset. */
#define POINTER 0xc000
#define OFFSET_MAX 0x3fff
#define SUFFIXES_MAX 128 /* 1.4: no more of them are remembered */

#define FLAG_TC 0x0200

/* The suffix of a name, and where in the message it is. */
struct suffix {
	const char *text;
	uint16_t len;
	uint16_t offset;
};

struct writer {
	uint8_t *out;
	size_t at; /* may be beyond the room */
	struct suffix suffixes[SUFFIXES_MAX];
	int n_suffixes;
};

static void
put(struct writer *w, const void *data, size_t len)
{
	size_t room = w->at < EVI_REPLY_ROOM ? EVI_REPLY_ROOM - w->at : 0;

	if (room > len)
		room = len;
	if (room > 0)
		memcpy(w->out + w->at, data, room);
	w->at += len;
}

static void
put8(struct writer *w, size_t n)
{
	uint8_t byte = (uint8_t)n;

	put(w, &byte, 1);
}

static void
put16(struct writer *w, size_t n)
{
	uint8_t bytes[2] = {(uint8_t)(n >> 8), (uint8_t)n};

	put(w, bytes, 2);
}

static void
put32(struct writer *w, uint32_t n)
{
	put16(w, n >> 16);
	put16(w, n);
}

/* Whether further bytes would not be sent. */
static bool
is_full(const struct writer *w)
{
	return w->at > EVI_REPLY_MAX;
}

/* Where a suffix was written, or 0, which is in the header. */
static size_t
offset_of(const struct writer *w, const char *text, size_t len)
{
	for (int i = 0; i < w->n_suffixes; i++)
		if (w->suffixes[i].len == len &&
		    memcmp(w->suffixes[i].text, text, len) == 0)
			return w->suffixes[i].offset;
	return 0;
}

/* Remembers that a suffix is written here. */
static void
remember(struct writer *w, const char *text, size_t len)
{
	if (w->n_suffixes < SUFFIXES_MAX && w->at <= OFFSET_MAX &&
	    len <= UINT16_MAX)
		w->suffixes[w->n_suffixes++] =
		    (struct suffix){text, (uint16_t)len, (uint16_t)w->at};
}

/* 1.4: the root, as a name or after a dot at the end, may be a pointer. */
static void
put_name(struct writer *w, const char *name)
{
	size_t len = strlen(name), label, offset;

	for (;;) {
		offset = offset_of(w, name, len);
		if (offset != 0) {
			put16(w, POINTER | offset);
			return;
		}
		remember(w, name, len);
		label = strcspn(name, ".");
		put8(w, label);
		if (label == 0)
			return;
		put(w, name, label);
		if (label == len) {
			put8(w, 0);
			return;
		}
		name += label + 1;
		len -= label + 1;
	}
}

/* Writes the length of a record's data, and the data, which are a name. */
static void
put_name_data(struct writer *w, const char *name)
{
	size_t start = w->at, end;

	put16(w, 0);
	put_name(w, name);
	end = w->at;
	w->at = start;
	put16(w, end - start - 2);
	w->at = end;
}

static void
put_record(struct writer *w, const struct wire_record *record)
{
	put_name(w, record->name);
	put16(w, record->type);
	put16(w, record->class);
	put32(w, record->ttl);
	if (record->is_name) {
		put_name_data(w, record->data);
	} else {
		put16(w, record->len);
		put(w, record->data, record->len);
	}
}

static void
put_header(struct writer *w, const struct wire_reply *reply)
{
	put16(w, reply->id);
	put16(w, reply->flags);
	put16(w, (size_t)reply->nquestions);
	for (int i = 0; i < 3; i++)
		put16(w, reply->sections[i].count);
}

static void
put_question(struct writer *w, const struct evdns_server_question *question)
{
	put_name(w, question->name);
	put16(w, (size_t)question->type);
	put16(w, (size_t)question->class);
}

size_t
evi_wire_reply(uint8_t out[EVI_REPLY_ROOM], const struct wire_reply *reply)
{
	const struct wire_record *record;
	struct writer w;

	w.out = out;
	w.at = 0;
	w.n_suffixes = 0;
	put_header(&w, reply);
	for (int i = 0; i < reply->nquestions && !is_full(&w); i++)
		put_question(&w, reply->questions[i]);
	for (int i = 0; i < 3; i++)
		STAILQ_FOREACH (record, &reply->sections[i].records, link)
			if (!is_full(&w))
				put_record(&w, record);
	if (!is_full(&w))
		return w.at;
	w.at = 2;
	put16(&w, reply->flags | FLAG_TC);
	return EVI_REPLY_MAX;
}
