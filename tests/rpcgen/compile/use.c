/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program that uses generated code, in the subset of C89, C11 and C++; the
 * generated header must include what it needs.  Exits with 0 if the message is
 * read as it was written.
 */
#include "store.gen.h"
#include "kinds.gen.h"

#include <string.h>

static int
fill(struct crate *crate)
{
	static const ev_uint8_t serial[6] = {1, 2, 3, 4, 5, 6};
	struct widget *item = EVTAG_ADD(crate, items);
	struct stamp *made;

	return item == NULL || EVTAG_GET(item, made, &made) == -1 ||
	       EVTAG_ASSIGN(made, sec, STORE_LIMIT) == -1 ||
	       EVTAG_ASSIGN(item, label, "bolt") == -1 ||
	       EVTAG_ASSIGN(item, weight, 7) == -1 ||
	       EVTAG_ASSIGN(item, serial, serial) == -1 ||
	       EVTAG_ASSIGN(crate, seal, serial, sizeof(serial)) == -1 ||
	       EVTAG_ASSIGN(crate, dest, "hall 3") == -1;
}

int
main(void)
{
	struct evbuffer *buf = evbuffer_new();
	struct crate *crate = crate_new(), *back = crate_new();
	struct widget *item;
	char *label;
	int bad;

	bad = fill(crate) || crate_complete(crate) == -1;
	crate_marshal(buf, crate);
	bad = bad || crate_unmarshal(back, buf) == -1 ||
	      !EVTAG_HAS(back, items) || EVTAG_LEN(back, items) != 1 ||
	      EVTAG_GET(back, items, 0, &item) == -1 ||
	      EVTAG_GET(item, label, &label) == -1 ||
	      strcmp(label, "bolt") != 0 || WIDGET_SOLD != 0x1000 ||
	      CRATE_MAX_TAGS != 201;
	crate_free(crate);
	crate_free(back);
	evbuffer_free(buf);
	return bad;
}
