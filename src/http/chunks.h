/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The chunks of a body (RFC 9112, section 7.1), from bytes.  Pure functions, as
 * in head.h.
 */
#ifndef EVI_HTTP_CHUNKS_H
#define EVI_HTTP_CHUNKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * All zeros is the state at the beginning.  Lines end in CR LF and nothing
 * else.  What is not data is bounded: blanks and extensions in all to 16 KB and
 * a sixteenth of the data, trailers to EVI_TRAILER_BYTES and EVI_TRAILERS;
 * trailers are checked for form, and dropped.
 */
#define EVI_TRAILER_BYTES 16384
#define EVI_TRAILERS 128

struct chunks {
	uint64_t size;		/* of the chunk that is read, or was last */
	uint64_t remaining;	/* of its data */
	uint64_t extra_bytes;	/* bytes of blanks and extensions so far */
	uint64_t extra_allowed; /* how many more of them the data allows */
	size_t scanned;		/* of a trailer line */
	uint16_t trailer_bytes;
	uint8_t trailers;
	uint8_t digits; /* of the size */
	uint8_t state;
};

enum chunk_result {
	EVI_CHUNK_MORE, /* more bytes are needed */
	EVI_CHUNK_DATA, /* some data */
	EVI_CHUNK_DONE, /* the body and its trailers are complete */
	EVI_CHUNK_BAD
};

void evi_chunks_begin(struct chunks *chunks);

/*
 * Looks at what comes next.  *used is how many bytes in front are framing, done
 * with.  After DATA, *n bytes, one at least, follow them, and count as
 * consumed: as many as there are of the chunk, the rest comes as DATA again.
 * What is neither, a trailer line that is not complete, has to be given again
 * with more after it.  DONE and BAD are final.
 */
enum chunk_result evi_chunks_next(struct chunks *chunks, const char *data,
    size_t len, size_t *used, size_t *n);

/* After DATA: whether these were the last bytes of their chunk. */
bool evi_chunks_is_at_chunk_end(const struct chunks *chunks);

#endif
