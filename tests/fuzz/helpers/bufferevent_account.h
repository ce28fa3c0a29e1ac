/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The two ends of bufferevent.c's connection, and the account that is kept of
 * them: where each byte is, and which callbacks may be called.  The functions
 * by which steps and callbacks change an end are here as well, as they also
 * change the account; so are the callbacks.
 */
#ifndef FUZZ_BUFFEREVENT_ACCOUNT_H
#define FUZZ_BUFFEREVENT_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <event.h>

#define NPRIORITIES 3

/* What a callback does. */
enum act {
	NOTHING,
	TAKE_SOME,
	TAKE_ALL,
	REPLY,
	REPLY_MUCH,
	STOP, /* disables its direction */
	STOP_BOTH,
	STOP_OTHER,
	GO, /* enables both */
	MARK,
	UNMARK,
	RENEW, /* sets the same descriptor */
	CUT,   /* removes what is not sent */
	SHUT,
	FREE,
	FREE_OTHER,
	WRITE_OTHER,
	LOOP, /* runs the loop inside itself */
	NACTS
};

#define NACTS_EACH 2 /* in each callback, one after the other */

/* One end of the connection. */
struct end {
	int fd;			 /* -1: closed */
	bool is_shut;		 /* has called shutdown(SHUT_WR) */
	struct bufferevent *bev; /* or NULL */
	enum act on_read[NACTS_EACH];
	enum act on_write[NACTS_EACH];
	enum act on_error[NACTS_EACH];

	/* Sets of EV_READ and EV_WRITE: the directions that */
	short failed;	/* have reported an error, and were not enabled since */
	short waits;	/* may stand still until they are enabled again */
	short notified; /* have called back in the final phase */

	bool owes;	/* a write callback is due */
	size_t bound;	/* of the input's length, in bytes; 0: none */
	size_t heard;	/* bytes that had arrived at the last read callback */
	size_t read_to; /* bytes that had arrived when reading was disabled */
	size_t sent_to; /* bytes that were sent when writing was disabled */

	/* Bytes that this end has written, as far as they were */
	size_t written; /* into its output, less those cut from there */
	size_t taken;	/* read by the program from the other end's input */
};

extern struct end ends[2];
extern struct event_base *account_base;
extern bool account_is_pipe; /* not a socket pair: from end 0 to end 1 only */

int end_id(const struct end *e);

struct end *end_other(const struct end *e);

/* Has the bytes of each direction made, in the first run. */
void account_make_bytes(void);

/* How many of len bytes e may still write. */
size_t end_room(const struct end *e, size_t len);

/* The bytes that e writes next. */
const unsigned char *end_next_bytes(const struct end *e);

/* How many bytes are in its buffers. */
size_t end_in_output(const struct end *e);

size_t end_in_input(const struct end *e);

/* Whether what e writes can reach the other end. */
bool end_is_connected(const struct end *e);

/* How far this end has read, in the bytes of the other end. */
size_t end_read_to(const struct end *e);

/* How many of its bytes are on their way. */
size_t end_in_kernel(const struct end *e);

/* Checks where each byte is, and that no limit is exceeded. */
void account_check(void);

/*
 * Accounts for len bytes that were written, which are sent if writing is
 * enabled.
 */
void end_wrote(struct end *e, size_t len);

/* Writes bytes, as far as there is room for them; reads at most len bytes. */
void end_put(struct end *e, size_t len);

void end_get(struct end *e, size_t len);

/* Frees the bufferevent, if there is one; or makes one, if there is none. */
void end_forget(struct end *e);

/* 1.4: without an error callback, an error is a crash. */
void end_set_callbacks(struct end *e, unsigned which);

void end_make(struct end *e, unsigned how);

void end_enable(struct end *e, short events);

void end_mark(struct end *e, short events, size_t low, size_t high);

void end_renew(struct end *e);

/* Removes bytes from the output that were not sent yet. */
void end_cut(struct end *e, size_t len);

void end_shut(struct end *e);

void end_disable(struct end *e, short events);

/* One pass of the loop. */
void account_pass(void);

#endif
