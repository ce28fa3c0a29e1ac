/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the bufferevent suites share: one end of a socket pair with a
 * bufferevent, the other end in the test's hands.
 */
#ifndef CONFORMANCE_BEV_H
#define CONFORMANCE_BEV_H

#include <sys/types.h>
#include <sys/time.h>
#include <event.h>
#include <stdbool.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define READ_WRITE (EV_READ | EV_WRITE)

/* fd[0] is the bufferevent's, fd[1] the peer's; -1 where the test closed it. */
struct conn {
	struct event_base *base;
	struct bufferevent *bev;
	int fd[2];
};

/*
 * Callbacks that note "NAME:read", "NAME:write", or what the error callback
 * got, as in "NAME:read+eof"; NAME is their argument.
 */

void note_bev_read_cb(struct bufferevent *bev, void *name);

void note_bev_write_cb(struct bufferevent *bev, void *name);

void note_bev_error_cb(struct bufferevent *bev, short what, void *name);

/* Callbacks that fail the test, for a bufferevent that is freed. */

void not_called_cb(struct bufferevent *bev, void *unused);

void not_called_error_cb(struct bufferevent *bev, short what, void *unused);

struct bufferevent *new_bev(int fd, char *name);

/* Makes a pair, and a bufferevent named A on a new current base. */
void bev_set_up(struct conn *c);

/* The same, with other callbacks, which get cbarg. */
void bev_set_up_with(struct conn *c, evbuffercb readcb, evbuffercb writecb,
    everrorcb errorcb, void *cbarg);

void close_peer(struct conn *c);

/* Frees all that is left. bev is NULL if it was freed before. */
void bev_tear_down(struct conn *c);

/* Frees the bufferevent before bev_tear_down(). */
void free_bev(struct conn *c);

/* Runs all that is ready, and all that this makes ready, without waiting.
 * Returns 1 if the base has no event left, else 0. */
int bev_run_passes(void);

/* Waits for events until something is noted. */
void wait_for_note(void);

bool reads(struct bufferevent *bev);

bool writes(struct bufferevent *bev);

size_t input_length(struct bufferevent *bev);

size_t output_length(struct bufferevent *bev);

void drain_input(struct bufferevent *bev, size_t len);

void write_text(struct bufferevent *bev, const char *text);

/* Sends text from the peer, whose descriptor is fd. */
void send_text(int fd, const char *text);

#define assert_buffer(buf, text)                                               \
	do {                                                                   \
		assert_int_equal(EVBUFFER_LENGTH(buf), strlen(text));          \
		if (*(text) != '\0')                                           \
			assert_memory_equal(EVBUFFER_DATA(buf), text,          \
			    strlen(text));                                     \
	} while (0)

#define assert_input(bev, text) assert_buffer(EVBUFFER_INPUT(bev), text)
#define assert_output(bev, text) assert_buffer(EVBUFFER_OUTPUT(bev), text)

/* The peer, whose descriptor is fd, has got exactly this text. */
#define assert_arrived(fd, text)                                               \
	do {                                                                   \
		char got_[1024] = "";                                          \
		ssize_t n_ = read(fd, got_, sizeof got_ - 1);                  \
                                                                               \
		got_[n_ > 0 ? n_ : 0] = '\0';                                  \
		assert_string_equal(got_, text);                               \
	} while (0)

/* Reads all there is at the peer, and returns how many bytes. */
size_t take_all(int fd);

#endif
