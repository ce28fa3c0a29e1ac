/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The buffers of evbuffer.c, each with a plain model of it, which is an array
 * of bytes that is moved and searched by the simplest loops; the choices that
 * the input makes; and the comparison of buffer and model.
 */
#ifndef FUZZ_EVBUFFER_MODEL_H
#define FUZZ_EVBUFFER_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <event.h>

#define NBUFS 3
#define MAX_LEN ((size_t)320 * 1024) /* no content gets longer */
#define MAX_TEXT 64

/* What a buffer's callback does. */
enum action {
	SILENT, /* there is none */
	NOTES,	/* notes its arguments, as the others do, too */
	DRAINS, /* drains DRAINED bytes whenever the buffer has grown */
	ONCE	/* removes itself */
};
#define NACTIONS 4
#define DRAINED 3

/* Where the struct is allocated. */
enum origin {
	NEW,	 /* evbuffer_new()'s */
	CLEARED, /* calloc()'s, which evbuffer_free() takes as well */
	EMBEDDED /* part of something else */
};
#define NORIGINS 3

/* A buffer, and what it has to look like. */
struct pair {
	struct evbuffer *buf;
	struct evbuffer embedded;
	enum origin origin;

	unsigned char *data;
	size_t len;
	enum action action;
};

extern struct pair pairs[NBUFS];

/* Bytes for the steps that write many. */
extern unsigned char bulk[MAX_LEN];

int pair_id(const struct pair *p);

/* A length for bytes of which there are len: mostly near 0 or near len. */
size_t take_len(size_t len);

struct pair *take_pair(void);

/*
 * Fills text with bytes among which line ends and repetitions are frequent.
 * Returns how many.
 */
size_t take_text(unsigned char *text, size_t max);

/*
 * Fills bulk with many bytes, with line ends here and there.  Returns how many.
 */
size_t take_bulk(size_t max);

/* How many bytes the buffer may still get. */
size_t pair_room(const struct pair *p);

/* Has the model call back, after its length has changed from `before`. */
void model_changed(struct pair *p, size_t before);

void model_add(struct pair *p, const void *data, size_t len);

void model_drain(struct pair *p, size_t len);

/* Whether there is a line, its length, and the length of its end. */
bool model_line(const struct pair *p, int style, size_t *len, size_t *eol);

/* Where these bytes are first, or -1. */
long model_find(const struct pair *p, const unsigned char *what, size_t len);

/* The callback of each buffer that has one; the argument is its pair. */
void
model_changed_cb(struct evbuffer *buf, size_t before, size_t now, void *arg);

/* Compares the callbacks, and each buffer with its model. */
void model_check(void);

#endif
