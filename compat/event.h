/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The interface of libevent 1.4.
 *
 * A program describes what it waits for in a struct event of its own, adds it
 * to a base, and runs the base's loop, which calls its callback.  This file
 * has, in this order: bases, the loop, events, short names for them,
 * priorities, the log; then byte buffers, buffered connections and tagged data,
 * which use the former.
 *
 * The current base is the one that the last event_init() made.  A function
 * without a base for an argument uses the current one; if there is none, it
 * returns -1 or NULL.
 *
 * A base, its events and its buffers belong to one thread at a time.  Different
 * threads may each run a base of their own; the current base and the log
 * callback are shared by all threads.  No function may be called in a signal
 * handler; EV_SIGNAL events replace those.
 *
 * Callbacks run inside event_dispatch(), event_loop() and the like.  If another
 * function may call one, its comment says so.  If a comment does not say what
 * -1 or NULL means, the function has failed and errno is the reason.
 */
#ifndef _EVENT_H_
#define _EVENT_H_

#include <event-config.h>
#include <sys/types.h>
#include <sys/time.h>
#include <stdint.h>
#include <stdarg.h>
#include <evutil.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What an event waits for, and in the callback what happened. */
#define EV_TIMEOUT 0x01 /* the timeout has expired */
#define EV_READ 0x02	/* the descriptor can be read without waiting */
#define EV_WRITE 0x04	/* the descriptor can be written without waiting */
#define EV_SIGNAL 0x08	/* the signal was delivered */
#define EV_PERSIST 0x10 /* keep waiting after the callback */

/* ev_flags: where an event is linked at the moment. */
#define EVLIST_TIMEOUT 0x01
#define EVLIST_INSERTED 0x02
#define EVLIST_SIGNAL 0x04
#define EVLIST_ACTIVE 0x08
#define EVLIST_INTERNAL 0x10
#define EVLIST_INIT 0x80

/*
 * Every bit that may be set in ev_flags; with any other bit, ev is not an
 * event.
 */
#define EVLIST_ALL (0xf000 | 0x9f)

/*
 * The links of a tail queue, as <sys/queue.h> has them in TAILQ_ENTRY: spelled
 * out here, so that the macros of any <sys/queue.h> work on them, and programs
 * need not include that.
 */
#define _EVENT_TQENTRY(type)                                                   \
	struct {                                                               \
		struct type *tqe_next;                                         \
		struct type **tqe_prev;                                        \
	}

struct event_base;

/*
 * One thing to wait for.  The program provides the memory, has it initialized
 * by event_set(), and may free it while the event is neither added nor active.
 * An event without EV_PERSIST is neither while its callback runs, so the
 * callback may free it.
 *
 * Programs read and write some members directly.  ev_fd, ev_events, ev_callback
 * and ev_arg may be changed while the event is not added; ev_base should be
 * changed by event_base_set().  The others are the library's; programs may read
 * them.  Define EVENT_NO_STRUCT to hide the members of this struct and of
 * struct bufferevent.
 */
#ifdef EVENT_NO_STRUCT
struct event;
#else
struct event {
	_EVENT_TQENTRY(event) ev_next;
	_EVENT_TQENTRY(event) ev_active_next;
	_EVENT_TQENTRY(event) ev_signal_next;
	unsigned int min_heap_idx;

	struct event_base *ev_base;

	int ev_fd; /* or the number of the signal */
	short ev_events;
	short ev_ncalls;
	short *ev_pncalls;

	struct timeval ev_timeout;

	int ev_pri; /* 0 is the most urgent */

	void (*ev_callback)(int fd, short what, void *arg);
	void *ev_arg;

	int ev_res; /* what happened, EV_* */
	int ev_flags;
};
#endif

/* A key and its value in a list; <evhttp.h> has HTTP headers in these. */
struct evkeyval {
	_EVENT_TQENTRY(evkeyval) next;

	char *key;
	char *value;
};

/*
 * The heads of the tail queues.  They are complete only if <sys/queue.h> was
 * included before this file.
 */
#ifdef TAILQ_ENTRY
struct event_list {
	struct event *tqh_first;
	struct event **tqh_last;
};

struct evkeyvalq {
	struct evkeyval *tqh_first;
	struct evkeyval **tqh_last;
};
#else
struct event_list;
struct evkeyvalq;
#endif

/* The descriptor, or the signal, that an event was set for. */
#define EVENT_FD(ev) ((int)(ev)->ev_fd)
#define EVENT_SIGNAL(ev) ((int)(ev)->ev_fd)

/*
 * Bases
 */

/*
 * Makes a base, with one priority.  event_init() also makes it the current one;
 * the previous one is not freed.  The caller frees it with event_base_free().
 *
 * Never returns NULL: without memory or a usable back-end the function logs a
 * message and ends the program.  The environment variables EVENT_NOEPOLL,
 * EVENT_NOPOLL and EVENT_NOSELECT exclude back-ends, and EVENT_SHOW_METHOD logs
 * the choice, unless the program runs set-user-ID.
 */
struct event_base *event_base_new(void);
struct event_base *event_init(void);

/*
 * Frees a base; NULL is the current base.  If it was the current one, there is
 * none afterwards.  Events that are still added or active are deleted first;
 * their memory stays the caller's.  It may be called inside one of the base's
 * callbacks: the loop returns after that callback.
 */
void event_base_free(struct event_base *base);

/*
 * Gives base descriptors of its own, such as that of epoll(7), in a child
 * process after fork(2), instead of those that it shares with its parent.  All
 * events stay added.  A child need not call it: its first use of the base does
 * the same.  It also repairs a base if the program has closed all descriptors,
 * those of the base included.  May be called inside a callback.  Returns 0 or
 * -1.
 */
int event_reinit(struct event_base *base);

/*
 * The kernel's mechanism in use: "epoll", "poll" or "select".  A static string;
 * NULL without a base.
 */
const char *event_base_get_method(struct event_base *base);
const char *event_get_method(void);

/*
 * The version of libevent whose interface this is, _EVENT_VERSION as it was
 * when the library was compiled.  A static string; needs no base.
 */
const char *event_get_version(void);

/*
 * The loop
 */

/* Flags for event_loop(). */
#define EVLOOP_ONCE 0x01     /* wait, run what is ready, return */
#define EVLOOP_NONBLOCK 0x02 /* do not wait; return when nothing is ready */

/*
 * Runs the loop of a base: waits until an event is ready, calls the callbacks
 * of all events that are, by priority, and starts again.
 *
 * Events that the program has activated are called first; then signals in
 * ascending order, descriptors in the order in which the kernel reported them,
 * and timers in the order of expiry.  Only the events of the most urgent
 * priority that has any are called before the loop asks the kernel again.
 *
 * With flags 0, as in event_dispatch(), it continues while any event is added
 * or active.  EVLOOP_ONCE returns as soon as an event was called and none is
 * active.  EVLOOP_NONBLOCK calls events that are ready without waiting, until
 * none is.  With both it asks the kernel once.
 *
 * Returns 1 if there is no event, 0 if loopexit, loopbreak or a flag has ended
 * it, -1 with errno if waiting failed.  May be called inside a callback; the
 * inner call returns first.
 */
int event_dispatch(void);
int event_base_dispatch(struct event_base *base);
int event_loop(int flags);
int event_base_loop(struct event_base *base, int flags);

/*
 * Ends the loop after the given time or, with NULL, as soon as possible: events
 * that are active, and those that the next pass finds ready, are still called.
 * The loop then returns 0.  Outside the loop, it ends the next one.  Returns 0
 * or -1.
 */
int event_loopexit(const struct timeval *after);
int event_base_loopexit(struct event_base *base, const struct timeval *after);

/*
 * Ends the loop right after the callback that is running; the loop returns 0.
 * Other active events stay active, and are called by the next loop.  Outside
 * the loop, the next one returns at once.  Returns 0; -1 without a base.
 */
int event_loopbreak(void);
int event_base_loopbreak(struct event_base *base);

/*
 * Events
 */

/*
 * Prepares an event.  ev need not be cleared before, and must be neither added
 * nor active.
 *
 * fd is a descriptor, for EV_READ, EV_WRITE or both in events; a signal's
 * number for EV_SIGNAL; or -1, with events 0, for an event that only has a
 * timeout or is only activated by the program.  EV_SIGNAL cannot be combined
 * with the other two.  event_add() sets the timeout.
 *
 * cb will be called with fd, a combination of EV_* that says what happened, and
 * arg.  Without EV_PERSIST the event is no longer added by then, its timeout
 * included: cb may add it again or free it.  With EV_PERSIST it stays added
 * until event_del(), or until its timeout expires, which deletes it.
 *
 * The event gets the current base and its middle priority, n / 2 of n.  If
 * there is no current base, event_base_set() has to be called before
 * event_add().
 */
void event_set(struct event *ev, int fd, short events,
    void (*cb)(int, short, void *), void *arg);

/*
 * Moves an event to another base, with the middle priority there.  Returns 0;
 * -1 if the event is added or active or base is NULL, and nothing changes.
 */
int event_base_set(struct event_base *base, struct event *ev);

/*
 * Adds an event: from now on the loop waits for it.
 *
 * timeout is relative to the current time, inside a callback to the time at
 * which the loop last polled; it is copied.  A negative one expires at once,
 * one that is out of range never.  With NULL the event gets no timeout, or
 * keeps the one that it has.  For an event that is added already, only the
 * timeout changes; if the old one has expired and the callback was not called
 * yet, that call is cancelled.
 *
 * A descriptor may have any number of events.  A regular file is always ready.
 * The first event of a signal replaces the process's handler for it;
 * event_del() of the last one restores that.  The callback is called once for
 * each delivery.
 *
 * Returns 0; -1 and nothing has changed: EBADF if the descriptor is not open;
 * EINVAL if the signal does not exist or cannot be caught, or if the event has
 * no base or was never set; ENOMEM.
 */
int event_add(struct event *ev, const struct timeval *timeout);

/*
 * Deletes an event: it is neither added nor active afterwards.  If its callback
 * is being called several times in a row, the remaining calls are not made.
 * Deleting an event that is not added does nothing.  Close the descriptor
 * after it, not before.  Returns 0; -1 if the event has no base or was never
 * set.
 */
int event_del(struct event *ev);

/*
 * Activates an event, added or not: the loop will call its callback ncalls
 * times, with res for what happened.  If it is active already, res is or'ed to
 * the result of that call, and ncalls has no effect.  event_del() cancels the
 * call, and the remaining calls of several in a row.  So a callback that frees
 * an event which is called several times, by this function or because its
 * signal was delivered several times, has to call event_del() first, with
 * EV_PERSIST or without.  Does nothing if the event has no base.
 */
void event_active(struct event *ev, int res, short ncalls);

/*
 * Which of the EV_* bits in events an event is added or active for; 0 if none.
 * If that includes EV_TIMEOUT and tv is not NULL, *tv is set to the wall-clock
 * time at which the timeout expires; otherwise it is not changed.
 */
int event_pending(struct event *ev, short events, struct timeval *tv);

/*
 * Calls cb once, without a struct event.  events is EV_READ, EV_WRITE or both
 * for the descriptor fd, with a timeout or, if that is NULL, without; or it is
 * EV_TIMEOUT alone with fd -1, and then timeout NULL means as soon as possible.
 * EV_PERSIST is ignored together with EV_READ or EV_WRITE.  Only
 * event_base_free() cancels the call.  Returns 0; -1 for any other value of
 * events, and as event_add() does.
 */
int event_once(int fd, short events, void (*cb)(int, short, void *), void *arg,
    const struct timeval *timeout);
int event_base_once(struct event_base *base, int fd, short events,
    void (*cb)(int, short, void *), void *arg, const struct timeval *timeout);

/*
 * Whether event_set() was called for an event.  The memory must have been
 * cleared before.
 */
#define event_initialized(ev) ((ev)->ev_flags & EVLIST_INIT)

/* An event that has only a timeout: two sets of names. */
#define evtimer_set(ev, cb, arg) event_set(ev, -1, 0, cb, arg)
#define evtimer_add(ev, tv) event_add(ev, tv)
#define evtimer_del(ev) event_del(ev)
#define evtimer_pending(ev, tv) event_pending(ev, EV_TIMEOUT, tv)
#define evtimer_initialized(ev) event_initialized(ev)

#define timeout_set(ev, cb, arg) event_set(ev, -1, 0, cb, arg)
#define timeout_add(ev, tv) event_add(ev, tv)
#define timeout_del(ev) event_del(ev)
#define timeout_pending(ev, tv) event_pending(ev, EV_TIMEOUT, tv)
#define timeout_initialized(ev) event_initialized(ev)

/* An event for a signal, with EV_PERSIST. */
#define signal_set(ev, signo, cb, arg)                                         \
	event_set(ev, signo, EV_SIGNAL | EV_PERSIST, cb, arg)
#define signal_add(ev, tv) event_add(ev, tv)
#define signal_del(ev) event_del(ev)
#define signal_pending(ev, tv) event_pending(ev, EV_SIGNAL, tv)
#define signal_initialized(ev) event_initialized(ev)

/*
 * Priorities
 */

/*
 * Gives a base npriorities priorities, at least 1; 0 is the most urgent.  Call
 * it before event_set(), which gives each event the middle one.  Returns 0; -1
 * if npriorities is less than 1, if events are active, or without memory.
 */
int event_priority_init(int npriorities);
int event_base_priority_init(struct event_base *base, int npriorities);

/*
 * Sets an event's priority, from 0 to the number of its base's priorities minus
 * 1.  Returns 0; -1 if it is out of this range, or if the event is active.
 */
int event_priority_set(struct event *ev, int priority);

/*
 * The log
 */

/* Severities. */
#define _EVENT_LOG_DEBUG 0
#define _EVENT_LOG_MSG 1
#define _EVENT_LOG_WARN 2
#define _EVENT_LOG_ERR 3 /* the program ends after this one */

/*
 * Has cb called with each message of the library.  Any function of the library
 * may call cb, which must not call the library.  msg is one line without a line
 * end, valid until cb returns.  With NULL, the default, messages are written to
 * standard error.
 */
typedef void (*event_log_cb)(int severity, const char *msg);
void event_set_log_callback(event_log_cb cb);

/*
 * Byte buffers
 *
 * Bytes are appended at the end and removed from the start.  The content is
 * always in one block of memory; its address is valid until the next call that
 * changes the buffer.  A program may assign a smaller number to
 * EVBUFFER_LENGTH, which removes bytes from the end.  A struct of zeros is an
 * empty buffer, too; to free its memory, drain it and free(3) orig_buffer.
 */

struct evbuffer {
	unsigned char *buffer;	    /* the content */
	unsigned char *orig_buffer; /* the block it lies in */
	size_t misalign;	    /* the library's own */
	size_t totallen;	    /* the length of the block */
	size_t off;		    /* the length of the content */

	void (*cb)(struct evbuffer *, size_t, size_t, void *);
	void *cbarg;
};

#define EVBUFFER_LENGTH(buf) ((buf)->off)
#define EVBUFFER_DATA(buf) ((buf)->buffer)

/*
 * evbuffer_new() returns an empty buffer; NULL without memory.  The caller
 * frees it with evbuffer_free(), which does nothing if buf is NULL.
 */
struct evbuffer *evbuffer_new(void);
void evbuffer_free(struct evbuffer *buf);

/*
 * Makes room for `room` more bytes.  Appending them cannot fail and does not
 * move the content.  A program may write bytes after the content directly and
 * add their number to EVBUFFER_LENGTH.  Returns 0; -1 and the buffer is not
 * changed.
 */
int evbuffer_expand(struct evbuffer *buf, size_t room);

/*
 * Appends a copy of len bytes, which may be in the buffer itself.  Returns 0;
 * -1 and the buffer is not changed.
 */
int evbuffer_add(struct evbuffer *buf, const void *data, size_t len);

/*
 * Moves the content of src to the end of dst; if dst is empty, without copying.
 * If both are the same buffer, nothing changes.  The callback of src is called
 * before that of a dst that was empty, otherwise after it.  Returns 0; -1 and
 * neither is changed.
 */
int evbuffer_add_buffer(struct evbuffer *dst, struct evbuffer *src);

/*
 * Appends text as printf(3) makes it, and writes a NUL after it, which is not
 * part of the content.  Returns the number of bytes; -1 and the content is not
 * changed.
 */
int evbuffer_add_printf(struct evbuffer *buf, const char *format, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 2, 3)))
#endif
    ;
int evbuffer_add_vprintf(struct evbuffer *buf, const char *format, va_list ap);

/*
 * Moves up to len bytes, INT_MAX at most, from the start of the content to
 * data.  Returns how many.
 */
int evbuffer_remove(struct evbuffer *buf, void *data, size_t len);

/*
 * Removes len bytes, or all if there are fewer, from the start of the content.
 * A large buffer that becomes empty frees its memory.
 */
void evbuffer_drain(struct evbuffer *buf, size_t len);

/*
 * Removes the first line.  Its end is CR, LF, CR LF or LF CR.  A CR that is the
 * last byte of the content ends the line, and an LF that is received later ends
 * an empty line.  Returns the line without its end, as a string that the caller
 * frees with free(3); NULL if there is no complete line, or no memory.
 *
 * Bytes that were searched without a match are not searched again when more
 * arrive.  A program that overwrites such bytes with a line end has to call
 * evbuffer_expand() afterwards.
 */
char *evbuffer_readline(struct evbuffer *buf);

/* What ends a line for evbuffer_readln(). */
enum evbuffer_eol_style {
	EVBUFFER_EOL_ANY,	  /* one or more of CR and LF */
	EVBUFFER_EOL_CRLF,	  /* LF, with a CR before it or not */
	EVBUFFER_EOL_CRLF_STRICT, /* CR LF */
	EVBUFFER_EOL_LF		  /* LF */
};

/*
 * evbuffer_readline() with a choice of line ends.  If len is not NULL, *len is
 * set to the line's length, which counts NUL bytes in the line; or to 0 if the
 * result is NULL.
 */
char *evbuffer_readln(struct evbuffer *buf, size_t *len,
    enum evbuffer_eol_style style);

/*
 * Finds the first occurrence of the len bytes at what in the content.  NULL if
 * there is none, or if len is 0.
 */
unsigned char *
evbuffer_find(struct evbuffer *buf, const unsigned char *what, size_t len);

/*
 * Appends bytes that it reads from fd with one read(2): up to howmuch, or, if
 * that is negative, up to a limit that the library chooses.  Returns how many;
 * 0 at the end of the file and for an empty datagram; -1 with read(2)'s errno
 * or ENOMEM.
 */
int evbuffer_read(struct evbuffer *buf, int fd, int howmuch);

/*
 * Writes the content to fd with one write(2) and removes the bytes that were
 * written.  Returns how many; 0 for an empty buffer, which is not written; -1
 * with write(2)'s errno.
 */
int evbuffer_write(struct evbuffer *buf, int fd);

/*
 * Has cb called with the buffer, the old length, the new length and cbarg, at
 * the end of every evbuffer function that changes the length, or appends an
 * empty text.  cb may change the buffer.  It may free the buffer except inside
 * functions for bufferevents and tagged data.  A buffer has one cb; NULL
 * removes it.
 */
void evbuffer_setcb(struct evbuffer *buf,
    void (*cb)(struct evbuffer *, size_t, size_t, void *), void *cbarg);

/*
 * Buffered connections
 *
 * A bufferevent moves bytes between a descriptor and two buffers: bytes that it
 * reads are appended to the input, the output is sent, and callbacks report
 * both.  The loop calls the callbacks; each of them may free the bufferevent.
 */

/* For the error callback: the direction, or'ed with what happened. */
#define EVBUFFER_READ 0x01
#define EVBUFFER_WRITE 0x02
#define EVBUFFER_EOF 0x10
#define EVBUFFER_ERROR 0x20 /* errno is the reason */
#define EVBUFFER_TIMEOUT 0x40

struct bufferevent;
typedef void (*evbuffercb)(struct bufferevent *bev, void *cbarg);
typedef void (*everrorcb)(struct bufferevent *bev, short what, void *cbarg);

/* In bytes; 0: no mark. */
struct event_watermark {
	size_t low;
	size_t high;
};

#ifndef EVENT_NO_STRUCT
struct bufferevent {
	struct event_base *ev_base; /* NULL: the current base */

	struct event ev_read;
	struct event ev_write;

	struct evbuffer *input;
	struct evbuffer *output;

	struct event_watermark wm_read;
	struct event_watermark wm_write;

	evbuffercb readcb;
	evbuffercb writecb;
	everrorcb errorcb;
	void *cbarg;

	int timeout_read; /* seconds; 0: none */
	int timeout_write;

	short enabled; /* EV_READ, EV_WRITE */

	/* The library's own.  1.4 has padding here. */
	signed char credit;
	unsigned char error;
};
#endif

#define EVBUFFER_INPUT(bev) ((bev)->input)
#define EVBUFFER_OUTPUT(bev) ((bev)->output)

/*
 * Returns a bufferevent for fd, a nonblocking descriptor, on the current base;
 * NULL without memory.  Writing is enabled, reading is not.  fd stays the
 * caller's, who closes it after bufferevent_free().  It may be -1 until
 * bufferevent_setfd().
 *
 * readcb is called when bytes were read and the input has at least its low
 * mark; writecb, each time that bytes were sent and the output has at most its
 * low mark; errorcb, with EVBUFFER_*, when the connection ends, fails or times
 * out.  After errorcb nothing is read or written in that direction until the
 * program enables it again, or calls bufferevent_write() or
 * bufferevent_setwatermark(); `enabled` does not change.  All get cbarg; each
 * may be NULL.
 */
struct bufferevent *bufferevent_new(int fd, evbuffercb readcb,
    evbuffercb writecb, everrorcb errorcb, void *cbarg);

/*
 * Frees a bufferevent and both buffers without sending the output.  Does not
 * close the descriptor.  Does nothing if bev is NULL.
 */
void bufferevent_free(struct bufferevent *bev);

/*
 * Moves a bufferevent to another base, as event_base_set() does.  Returns 0; -1
 * if one of its events is added or active, and then the other one may have
 * moved.
 */
int bufferevent_base_set(struct event_base *base, struct bufferevent *bev);

/*
 * Sets the priority of both events, as event_priority_set() does.  Returns 0;
 * -1 and that of the write event is not changed.
 */
int bufferevent_priority_set(struct bufferevent *bev, int priority);

/* Replaces the callbacks and their argument. */
void bufferevent_setcb(struct bufferevent *bev, evbuffercb readcb,
    evbuffercb writecb, everrorcb errorcb, void *cbarg);

/*
 * Replaces the descriptor.  The base and the buffers stay; the events get the
 * default priority.  Reading has to be enabled again.  Writing starts with the
 * next bufferevent_write() or bufferevent_enable().
 */
void bufferevent_setfd(struct bufferevent *bev, int fd);

/*
 * Append a copy of the bytes, or the content of buf, which is moved, to the
 * output.  If writing is enabled the loop sends it.  Return 0, also if the
 * descriptor cannot be polled, and then the bytes stay in the output; -1
 * without memory, and no buffer is changed.
 */
int bufferevent_write(struct bufferevent *bev, const void *data, size_t len);
int bufferevent_write_buffer(struct bufferevent *bev, struct evbuffer *buf);

/* Moves up to len bytes from the input to data.  Returns how many. */
size_t bufferevent_read(struct bufferevent *bev, void *data, size_t len);

/*
 * Start and stop reading and writing: events is EV_READ, EV_WRITE or both.  If
 * writing is enabled while there is no output, the loop calls the write
 * callback once when the descriptor is writable: after connect(2), when that
 * has succeeded or failed.  Return 0; -1 and `enabled` is not changed.
 */
int bufferevent_enable(struct bufferevent *bev, short events);
int bufferevent_disable(struct bufferevent *bev, short events);

/*
 * Sets the timeouts of reading and writing in whole seconds; 0: none.  A
 * timeout that is running starts again with the new value at once; but 0 takes
 * effect the next time that the event is added.  Each read restarts the timeout
 * for reading; each bufferevent_write() and each send, that for writing.
 */
void
bufferevent_settimeout(struct bufferevent *bev, int read_secs, int write_secs);

/*
 * Sets the marks of EV_READ, EV_WRITE or both, in bytes.  Reading: the callback
 * is called when the input has at least low bytes, and nothing is read while it
 * has high bytes or more; 0 is no limit.  Writing: the callback is called when
 * the output has at most low bytes; high has no meaning.  It calls no callback,
 * and resumes reading if that is enabled.  While reading is paused because of
 * high, the bufferevent uses the input's evbuffer_setcb().
 */
void bufferevent_setwatermark(struct bufferevent *bev, short events, size_t low,
    size_t high);

/*
 * Tagged data
 *
 * A record is a tag, the length of the payload in bytes and the payload; tag
 * and length take one to five bytes each.  Functions that read a record return
 * -1 and do not change the buffer if the record is malformed or incomplete, or
 * has another tag: the program may try again when more bytes were received, or
 * remove the record with evtag_consume().  A length above INT_MAX is malformed.
 * Functions that write a record append all of it or, without memory, nothing.
 */

/* 1.4: call it before the others.  Here it does nothing. */
void evtag_init(void);

/*
 * Append a record: bytes, a number, a string without its NUL, a time.  A time
 * is written as the lower 32 bits of its seconds and microseconds, without a
 * sign.
 */
void evtag_marshal(struct evbuffer *buf, ev_uint32_t tag, const void *data,
    ev_uint32_t len);
void
evtag_marshal_int(struct evbuffer *buf, ev_uint32_t tag, ev_uint32_t number);
void
evtag_marshal_string(struct evbuffer *buf, ev_uint32_t tag, const char *string);
void evtag_marshal_timeval(struct evbuffer *buf, ev_uint32_t tag,
    struct timeval *tv);

/* Appends a number, without a tag and length around it. */
void encode_int(struct evbuffer *buf, ev_uint32_t number);

/*
 * Stores the tag of the first record, which stays in the buffer; tag may be
 * NULL.  Returns the length of the tag in bytes, or -1.
 */
int evtag_peek(struct evbuffer *buf, ev_uint32_t *tag);

/*
 * Store the length of the first record, and of its payload; its tag and length
 * must be complete.  Return 0 or -1.
 */
int evtag_peek_length(struct evbuffer *buf, ev_uint32_t *len);
int evtag_payload_length(struct evbuffer *buf, ev_uint32_t *len);

/* Removes the first record.  Returns 0 or -1. */
int evtag_consume(struct evbuffer *buf);

/*
 * Removes the first record of src and appends its payload to dst, which may be
 * src.  tag may be NULL.  Returns the length of the payload, or -1.
 */
int
evtag_unmarshal(struct evbuffer *src, ev_uint32_t *tag, struct evbuffer *dst);

/*
 * Remove the first record, which must have the given tag, and store its
 * payload.  The payload must begin with a number, or a time; for fixed it must
 * have exactly len bytes.  The caller frees the string with free(3).  Return 0
 * or -1.
 */
int
evtag_unmarshal_int(struct evbuffer *buf, ev_uint32_t tag, ev_uint32_t *number);
int evtag_unmarshal_fixed(struct evbuffer *buf, ev_uint32_t tag, void *data,
    size_t len);
int
evtag_unmarshal_string(struct evbuffer *buf, ev_uint32_t tag, char **string);
int evtag_unmarshal_timeval(struct evbuffer *buf, ev_uint32_t tag,
    struct timeval *tv);

#ifdef __cplusplus
}
#endif

#endif /* _EVENT_H_ */
