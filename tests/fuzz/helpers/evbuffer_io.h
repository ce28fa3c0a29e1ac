/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The steps of evbuffer.c that read from a descriptor and write to one, and the
 * model of the bytes that wait in the descriptor.
 */
#ifndef FUZZ_EVBUFFER_IO_H
#define FUZZ_EVBUFFER_IO_H

/* Closes the descriptor that the buffers read from, if it is open. */
void source_close(void);

/* Writes bytes to the source, or ends it. */
void step_fill(void);

/*
 * One call reads all bytes that wait, if they are at most AT_ONCE; otherwise
 * any part of them.
 */
void step_read(void);

/* Writes to a peer that reads everything, or a part, or that has closed. */
void step_write(void);

#endif
