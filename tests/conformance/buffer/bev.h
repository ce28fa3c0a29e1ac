/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the bufferevent suites share: one end of a socket pair with a
 * bufferevent, the other end in the test's hands.
 */
#ifndef CONFORMANCE_BEV_H
#define CONFORMANCE_BEV_H

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define BOTH (EV_READ | EV_WRITE)

/* fd[0] is the bufferevent's, fd[1] the peer's; -1 where the test closed it. */
struct conn {
	struct event_base *base;
	struct bufferevent *bev;
	int fd[2];
};

/*
 * Callbacks that note "NAME:read", "NAME:write", or what the error callback
 * was told, as in "NAME:read+eof"; NAME is their argument.
 */

/* Not more calls than a test could want: fails it, should they never end. */
static inline void
note_call(const char *name, const char *what)
{
	assert_true(strlen(noted()) < 2000);
	note("%s:%s", name, what);
}

static inline void
note_bev_read_cb(struct bufferevent *bev, void *name)
{
	(void)bev;
	note_call(name, "read");
}

static inline void
note_bev_write_cb(struct bufferevent *bev, void *name)
{
	(void)bev;
	note_call(name, "write");
}

static inline void
note_bev_error_cb(struct bufferevent *bev, short what, void *name)
{
	static const struct {
		short bit;
		const char *name;
	} bits[] = {
	    {EVBUFFER_READ, "+read"},
	    {EVBUFFER_WRITE, "+write"},
	    {EVBUFFER_EOF, "+eof"},
	    {EVBUFFER_ERROR, "+error"},
	    {EVBUFFER_TIMEOUT, "+timeout"},
	};
	char text[64] = "";

	(void)bev;
	for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
		if (what & bits[i].bit) {
			strcpy(text + strlen(text), bits[i].name);
			what &= ~bits[i].bit;
		}
	}
	assert_int_equal(what, 0);
	note_call(name, text[0] != '\0' ? text + 1 : "0");
}

/* Callbacks of one that is freed. */

static inline void
not_called_cb(struct bufferevent *bev, void *unused)
{
	(void)bev;
	(void)unused;
	fail_msg("a callback after the end");
}

static inline void
not_called_error_cb(struct bufferevent *bev, short what, void *unused)
{
	(void)what;
	not_called_cb(bev, unused);
}

static inline struct bufferevent *
new_bev(int fd, char *name)
{
	struct bufferevent *bev = bufferevent_new(fd, note_bev_read_cb,
	    note_bev_write_cb, note_bev_error_cb, name);

	assert_non_null(bev);
	return bev;
}

/* On a current base of its own; its name is A. */
static inline void
set_up(struct conn *c)
{
	c->base = event_init();
	make_pair(c->fd);
	c->bev = new_bev(c->fd[0], "A");
}

/* The same, with other callbacks, which get cbarg. */
static inline void
set_up_with(struct conn *c, evbuffercb readcb, evbuffercb writecb,
    everrorcb errorcb, void *cbarg)
{
	set_up(c);
	bufferevent_setcb(c->bev, readcb, writecb, errorcb, cbarg);
}

static inline void
close_peer(struct conn *c)
{
	close(c->fd[1]);
	c->fd[1] = -1;
}

/* bev is NULL if it was freed before. */
static inline void
tear_down(struct conn *c)
{
	if (c->bev != NULL)
		bufferevent_free(c->bev);
	for (int i = 0; i < 2; i++)
		if (c->fd[i] != -1)
			close(c->fd[i]);
	event_base_free(c->base);
}

/* Before the end of the test. */
static inline void
free_bev(struct conn *c)
{
	bufferevent_free(c->bev);
	c->bev = NULL;
}

/* Runs all that is ready, and all that this makes ready, without waiting.
 * 1 where nothing is waited for any more, else 0. */
static inline int
settle(void)
{
	return event_loop(EVLOOP_NONBLOCK);
}

/* Waits for events until something is noted. */
static inline void
wait_for_note(void)
{
	while (noted()[0] == '\0')
		assert_int_equal(event_loop(EVLOOP_ONCE), 0);
}

static inline bool
reads(struct bufferevent *bev)
{
	return event_pending(&bev->ev_read, EV_READ, NULL) == EV_READ;
}

static inline bool
writes(struct bufferevent *bev)
{
	return event_pending(&bev->ev_write, EV_WRITE, NULL) == EV_WRITE;
}

static inline size_t
input_length(struct bufferevent *bev)
{
	return EVBUFFER_LENGTH(EVBUFFER_INPUT(bev));
}

static inline size_t
output_length(struct bufferevent *bev)
{
	return EVBUFFER_LENGTH(EVBUFFER_OUTPUT(bev));
}

static inline void
drain_input(struct bufferevent *bev, size_t len)
{
	evbuffer_drain(EVBUFFER_INPUT(bev), len);
}

static inline void
write_text(struct bufferevent *bev, const char *text)
{
	assert_int_equal(bufferevent_write(bev, text, strlen(text)), 0);
}

/* The peer sends. */
static inline void
send_text(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

#define assert_buffer(buf, text)                                               \
	do {                                                                   \
		assert_int_equal(EVBUFFER_LENGTH(buf), strlen(text));          \
		if (*(text) != '\0')                                           \
			assert_memory_equal(EVBUFFER_DATA(buf), text,          \
			    strlen(text));                                     \
	} while (0)

#define assert_input(bev, text) assert_buffer(EVBUFFER_INPUT(bev), text)
#define assert_output(bev, text) assert_buffer(EVBUFFER_OUTPUT(bev), text)

/* The peer has got exactly that. */
#define assert_arrived(fd, text)                                               \
	do {                                                                   \
		char got_[1024] = "";                                          \
		ssize_t n_ = read(fd, got_, sizeof got_ - 1);                  \
                                                                               \
		got_[n_ > 0 ? n_ : 0] = '\0';                                  \
		assert_string_equal(got_, text);                               \
	} while (0)

/* The peer takes all there is; returns how much. */
static inline size_t
take_all(int fd)
{
	char block[16384];
	size_t sum = 0;
	ssize_t n;

	while ((n = read(fd, block, sizeof block)) > 0)
		sum += (size_t)n;
	return sum;
}

#endif
