/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The replies of the server side, to bytes: the same ones as 1.4's.
 *
 * A name, or the end of one from any label on, that was written before is not
 * written again but referred to.  1.4 goes by the text: other capitals are
 * another name, and so is a dot at the end.
 *
 * What does not fit is cut, in the middle of a record if it comes to that, and
 * the header counts all of them.  So that a record's length is right although
 * its data are cut, writing continues to the end of that record, and drops the
 * bytes beyond the room.
 */
#include <evdns.h>
#include <string.h>

#include "wire.h"

#define REFERENCE 0xc000 /* to the place that the other bits say */
#define PLACE_MAX 0x3fff
#define ENDS_MAX 128 /* 1.4: no more ends of names are remembered */

#define FLAG_TC 0x0200

/* The end of a name, and where in the message it stands. */
struct end {
	const char *text;
	uint16_t len;
	uint16_t place;
};

struct writer {
	uint8_t *out;
	size_t at; /* may be beyond the room */
	struct end ends[ENDS_MAX];
	int nends;
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

/* Where an end of a name was written, or 0, which is in the header. */
static size_t
place_of(const struct writer *w, const char *text, size_t len)
{
	for (int i = 0; i < w->nends; i++)
		if (w->ends[i].len == len &&
		    memcmp(w->ends[i].text, text, len) == 0)
			return w->ends[i].place;
	return 0;
}

/* Remembers that an end of a name is here. */
static void
remember(struct writer *w, const char *text, size_t len)
{
	if (w->nends < ENDS_MAX && w->at <= PLACE_MAX && len <= UINT16_MAX)
		w->ends[w->nends++] =
		    (struct end){text, (uint16_t)len, (uint16_t)w->at};
}

/* 1.4: the root, as a name or after a dot at the end, may be referred to. */
static void
put_name(struct writer *w, const char *name)
{
	size_t len = strlen(name), label, place;

	for (;;) {
		place = place_of(w, name, len);
		if (place != 0) {
			put16(w, REFERENCE | place);
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

/* The name that is a record's data; its length is known when it is written. */
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
	w.nends = 0;
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
