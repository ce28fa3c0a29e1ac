/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Parses the chunks of a body (RFC 9112, section 7.1).  Pure functions of
 * bytes, as in head.h.
 */
#ifndef EVI_HTTP_CHUNKS_H
#define EVI_HTTP_CHUNKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The limits of all trailers of a body: bytes, and fields. */
#define EVI_TRAILER_BYTES 16384
#define EVI_TRAILERS 128

/* The state of the parser; all zeros before the first byte. */
struct chunks {
	uint64_t size;		/* of this chunk, or the last one */
	uint64_t remaining;	/* bytes of its data that were not parsed yet */
	uint64_t extra_bytes;	/* bytes of blanks and extensions so far */
	uint64_t extra_allowed; /* in addition to EXTRA_BYTES of chunks.c */
	size_t scanned;		/* see evi_head_next_line() */
	uint16_t trailer_bytes; /* of all trailers so far */
	uint8_t trailers;	/* how many so far */
	uint8_t digits;		/* of this chunk's size */
	uint8_t state;		/* an enum state of chunks.c */
};

enum chunk_result {
	EVI_CHUNK_MORE, /* more bytes are needed */
	EVI_CHUNK_DATA, /* some data */
	EVI_CHUNK_DONE, /* the body and its trailers are complete */
	EVI_CHUNK_BAD	/* malformed, or over a limit */
};

/* Begins a body. */
void evi_chunks_begin(struct chunks *chunks);

/*
 * Parses up to the next data.  *used is how many bytes were framing.  With
 * EVI_CHUNK_DATA, *n bytes of data follow them, at least one; they count as
 * parsed.  If the chunk has more data, the next call returns EVI_CHUNK_DATA
 * again.  Other bytes, those of an incomplete trailer line, have to be passed
 * again with more after them.  EVI_CHUNK_DONE and EVI_CHUNK_BAD are final.
 *
 * Lines must end in CR LF.  Blanks and extensions have a limit of 16 KB plus a
 * sixteenth of the data.  Trailers are checked for their form, and dropped.
 */
enum chunk_result evi_chunks_next(struct chunks *chunks, const char *data,
    size_t len, size_t *used, size_t *n);

/* After EVI_CHUNK_DATA: whether these were the last bytes of their chunk. */
bool evi_chunks_is_at_chunk_end(const struct chunks *chunks);

#endif
