/* SPDX-License-Identifier: BSD-3-Clause */
/* A plain reader of DNS replies; see the header. */
#include "dns_reader.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <event.h>
#include <evdns.h>

#include "../../../src/dns/wire.h"
#include "fuzz.h"

#define REFERENCES_MAX 128 /* in a name */

unsigned int
get16(const uint8_t *p)
{
	return (unsigned int)(p[0] << 8 | p[1]);
}

/*
 * Reads the name at an offset; if text is not NULL, follows pointers and writes
 * the name there.  Returns the offset after the name, or 0 if it is malformed.
 */
static size_t
read_name(const uint8_t *msg, size_t len, size_t at, char *text)
{
	int references = 0;
	size_t end = 0, size = 0;

	while (at < len && msg[at] != 0) {
		size_t n = msg[at++];

		if (n >= 0xc0) {
			if (at == len)
				return 0;
			end = end == 0 ? at + 1 : end;
			if (text == NULL)
				return end;
			if (++references > REFERENCES_MAX)
				return 0;
			at = (n << 8 | msg[at]) & 0x3fff;
			continue;
		}
		if (n > 63 || at + n > len)
			return 0;
		if (text != NULL) {
			if (size + (size > 0) + n > 253 ||
			    memchr(msg + at, 0, n) != NULL)
				return 0;
			if (size > 0)
				text[size++] = '.';
			memcpy(text + size, msg + at, n);
			size += n;
		}
		at += n;
	}
	if (at >= len)
		return 0;
	if (text != NULL)
		text[size] = '\0';
	return end == 0 ? at + 1 : end;
}

/* Notes a record's data; false if they are malformed. */
static bool
read_data(const uint8_t *msg, size_t len, size_t at, size_t n, int type,
    struct found *f)
{
	size_t size = type == A ? 4 : 16;

	if (type == PTR) {
		size_t end = read_name(msg, len, at, (char *)f->bytes);

		f->count = 1;
		return end != 0 && end <= at + n;
	}
	if (n % size != 0)
		return false;
	memcpy(f->bytes + (size_t)f->count * size, msg + at, n);
	f->count += (int)(n / size);
	return true;
}

/*
 * Reads a name without its pointers, in lower case.  Returns its length in
 * bytes, or -1.
 */
static int
read_owner(const uint8_t *msg, size_t len, size_t at, uint8_t out[255])
{
	int size = 0, references = 0;

	while (at < len && msg[at] != 0) {
		size_t n = msg[at];

		if (n >= 0xc0) {
			if (at + 1 >= len || ++references > REFERENCES_MAX)
				return -1;
			at = (n << 8 | msg[at + 1]) & 0x3fff;
			continue;
		}
		if (n > 63 || at + 1 + n > len || size + (int)n + 2 > 255)
			return -1;
		for (size_t i = 0; i <= n; i++, at++)
			out[size++] = msg[at] >= 'A' && msg[at] <= 'Z' && i > 0
					  ? msg[at] | 32
					  : msg[at];
	}
	if (at >= len)
		return -1;
	out[size++] = 0;
	return size;
}

/* The name whose records are the answer, and how many aliases led to it. */
struct owner {
	uint8_t name[255];
	int len, aliases;
};

/* Reads the records once; -1 if they are malformed. */
static int
read_records_once(const uint8_t *msg, size_t len, size_t at, int type,
    struct owner *w, struct found *f)
{
	for (unsigned int left = get16(msg + 6); left > 0; left--) {
		uint8_t owner[255];
		int owner_len = read_owner(msg, len, at, owner);
		bool is_question = get16(msg + 4) > 0 && w->aliases == 0 &&
				   at + 1 < len && msg[at] == 0xc0 &&
				   msg[at + 1] == HEADER;
		bool counts = is_question ||
			      (owner_len != -1 && owner_len == w->len &&
				  memcmp(owner, w->name, (size_t)w->len) == 0);
		unsigned int is, class;
		size_t n;

		at = read_name(msg, len, at, NULL);
		if (at == 0 || at + 10 > len)
			return -1;
		is = get16(msg + at);
		class = get16(msg + at + 2);
		n = get16(msg + at + 8);
		at += 10;
		if (at + n > len)
			return -1;
		counts = counts && class == 1;
		if (counts && ((int)is == type || is == CNAME)) {
			unsigned long ttl = (unsigned long)get16(msg + at - 6)
						<< 16 |
					    get16(msg + at - 4);

			if (ttl > INT_MAX)
				ttl = 0;
			if ((int)ttl < f->ttl)
				f->ttl = (int)ttl;
		}
		if (counts && (int)is == type) {
			if (!read_data(msg, len, at, n, type, f))
				return -1;
			if (type == PTR)
				return DNS_ERR_NONE;
		} else if (counts && is == CNAME) {
			size_t end = read_name(msg, len, at, NULL);

			w->len = read_owner(msg, len, at, w->name);
			w->aliases++;
			if (w->len == -1 || end > at + n)
				return -1;
		}
		at += n;
	}
	return DNS_ERR_NONE;
}

static bool
has_control_bytes(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 32 || *text == 127)
			return true;
	return false;
}

/* Reads the records again as long as there is a further alias. */
static int
read_records(const uint8_t *msg, size_t len, size_t at, int type,
    struct found *f)
{
	struct owner w = {.aliases = 0};

	w.len = get16(msg + 4) > 0 ? read_owner(msg, len, HEADER, w.name) : -1;
	for (int i = 0; i < 8; i++) {
		int before = w.aliases;

		if (read_records_once(msg, len, at, type, &w, f) == -1)
			return -1;
		if (f->count > 0)
			return type == PTR &&
				       has_control_bytes((char *)f->bytes)
				   ? DNS_ERR_UNKNOWN
				   : DNS_ERR_NONE;
		if (w.aliases == before)
			break;
	}
	if (get16(msg + 6) == 0 && !(msg[2] & 4) && !(msg[3] & 0x80))
		return EVI_WIRE_LAME;
	return DNS_ERR_UNKNOWN;
}

void
read_reply(const uint8_t *msg, size_t len, int type, struct found *f)
{
	size_t at = HEADER;

	f->count = 0;
	f->ttl = INT_MAX;
	f->result = -1;
	if (len < HEADER || !(msg[2] & 0x80))
		return;
	f->result = DNS_ERR_TRUNCATED;
	if (msg[2] & 2)
		return;
	f->result = (msg[3] & 15) > 5 ? DNS_ERR_UNKNOWN : msg[3] & 15;
	if (f->result != DNS_ERR_NONE)
		return;
	f->result = -1;
	for (unsigned int left = get16(msg + 4); left > 0; left--) {
		at = read_name(msg, len, at, NULL);
		if (at == 0 || at + 4 > len)
			return;
		at += 4;
	}
	f->result = read_records(msg, len, at, type, f);
}

void
check_found(const struct found *f, int type, int count, int ttl,
    const void *addresses)
{
	size_t size = type == A ? 4 : 16;

	expect("the count", count, f->count);
	expect("the ttl", ttl, f->ttl);
	if (type == PTR)
		CHECK(strcmp(*(char *const *)addresses,
			  (const char *)f->bytes) == 0);
	else
		CHECK(memcmp(addresses, f->bytes, size * (size_t)count) == 0);
}
