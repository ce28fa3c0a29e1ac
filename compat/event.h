/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The interface of libevent 1.4.
 *
 * A program describes what it waits for in a struct event of its own, adds it
 * to a base, and runs the base's loop, which calls back.  Below, in this order:
 * bases, the loop, events, their short names, priorities, the log; then byte
 * buffers, buffered connections and tagged data, which stand on the former.
 *
 * The current base is the one that the last event_init() made.  A call without
 * a base is about the current one; while there is none, such a call returns -1
 * or NULL.
 *
 * A base, its events and its buffers belong to one thread at a time.  Different
 * threads may each run a base of their own; the current base and the log
 * callback are shared by all.  None of this may be called inside a signal
 * handler: for that there is EV_SIGNAL.
 *
 * Callbacks run inside event_dispatch(), event_loop() and the like.  Where any
 * other function may call one, its comment says so.  Where none says what -1
 * or NULL means, it is failure, with the reason in errno.
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
#define EV_TIMEOUT 0x01 /* the time is up */
#define EV_READ 0x02	/* the descriptor can be read without waiting */
#define EV_WRITE 0x04	/* the descriptor can be written without waiting */
#define EV_SIGNAL 0x08	/* the signal was delivered */
#define EV_PERSIST 0x10 /* keep waiting after the callback */

/* ev_flags: what an event is in at the moment. */
#define EVLIST_TIMEOUT 0x01
#define EVLIST_INSERTED 0x02
#define EVLIST_SIGNAL 0x04
#define EVLIST_ACTIVE 0x08
#define EVLIST_INTERNAL 0x10
#define EVLIST_INIT 0x80

/* Every bit that may be set in ev_flags; any other one means garbage. */
#define EVLIST_ALL (0xf000 | 0x9f)

/*
 * The links of a tail queue, as <sys/queue.h> has them in TAILQ_ENTRY: spelled
 * out here, so that the macros of any <sys/queue.h> work on them wherever a
 * program includes it, and so that programs may do without.
 */
#define _EVENT_TQENTRY(type)                                                   \
	struct {                                                               \
		struct type *tqe_next;                                         \
		struct type **tqe_prev;                                        \
	}

struct event_base;

/*
 * One thing to wait for.  The program provides the memory, has it initialized
 * by event_set(), and may free it whenever the event is neither added nor
 * active; also inside its own callback, if it is not EV_PERSIST.
 *
 * Programs read and write some members directly.  ev_fd, ev_events,
 * ev_callback and ev_arg may be changed while the event is not added; ev_base
 * is better changed by event_base_set().  The others are the library's, to be
 * looked at and no more.  Define EVENT_NO_STRUCT to keep the members of this
 * and of struct bufferevent out of sight.
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

	int ev_fd; /* or the signal */
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

/* The heads of such queues are complete only where <sys/queue.h> came first. */
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
 * Makes a base, with one priority.  event_init() makes it the current one as
 * well, and forgets, without freeing it, the one before.  The caller frees it
 * with event_base_free().
 *
 * Never NULL: without memory or a usable back-end the program is ended, with a
 * message in the log.  The variables EVENT_NOEPOLL, EVENT_NOPOLL and
 * EVENT_NOSELECT in the environment rule back-ends out, and EVENT_SHOW_METHOD
 * has the choice logged, unless the program runs set-user-ID.
 */
struct event_base *event_base_new(void);
struct event_base *event_init(void);

/*
 * Frees a base; NULL is the current base, which there is none of afterwards.
 * Events that are still added or active are deleted first, and are the
 * caller's as before.  Inside one of the base's callbacks its events end at
 * once, and its loop returns after that callback.
 */
void event_base_free(struct event_base *base);

/*
 * Gives base a kernel state of its own, for a child after fork(), with all
 * events still added.  A child may leave the call out: its first use of the
 * base does the same.  It also revives a base all of whose descriptors, its
 * own included, were closed.  May be called inside a callback.  Returns 0 or
 * -1.
 */
int event_reinit(struct event_base *base);

/*
 * The kernel's mechanism in use: "epoll", "poll" or "select".  A static string.
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
 * Runs the loop of a base: waits until an event is due, runs the callbacks of
 * all that are, by priority, and starts over.
 *
 * What the program activated runs first, then signals in ascending order,
 * descriptors in the order in which the kernel named them, and timers by
 * expiry.  Only the events of the most urgent priority that has any are run
 * before the loop looks for more.
 *
 * flags 0, as event_dispatch() has it, continues while any event is added or
 * active.  EVLOOP_ONCE returns as soon as something was run and nothing is
 * left active.  EVLOOP_NONBLOCK runs what is ready without ever waiting, until
 * nothing is.  Both together look once.
 *
 * Returns 1 where no event was left, 0 where it was ended by loopexit,
 * loopbreak or a flag, -1 where waiting failed, with the reason in errno.  May
 * be called inside a callback; the inner call returns first.
 */
int event_dispatch(void);
int event_base_dispatch(struct event_base *base);
int event_loop(int flags);
int event_base_loop(struct event_base *base, int flags);

/*
 * Ends the loop after the given time, or, with NULL, as soon as it can: what is
 * active and what the next look finds ready is still run.  The loop then
 * returns 0.  Called outside the loop, it holds for the next one.  Returns 0 or
 * -1.
 */
int event_loopexit(const struct timeval *after);
int event_base_loopexit(struct event_base *base, const struct timeval *after);

/*
 * Ends the loop, with 0, right after the callback that runs now.  Events that
 * are still active stay so, and run in the next loop.  Outside a loop the next
 * one returns at once.  Returns 0; -1 without a base.
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
 * timeout or is only activated by the program.  EV_SIGNAL does not go with the
 * other two.  Whether there is a timeout is for event_add() to say.
 *
 * cb will be called with fd, a combination of EV_* that says what happened, and
 * arg.  Without EV_PERSIST the event is no longer added by then, its timeout
 * included: cb may add it again or free it.  With EV_PERSIST it stays added
 * until event_del() or until its timeout, after which it is gone, too.
 *
 * The event goes to the current base, with the middle priority, n / 2 of n.
 * Also legal while there is no base: then event_base_set() has to follow.
 */
void event_set(struct event *ev, int fd, short events,
    void (*cb)(int, short, void *), void *arg);

/*
 * Moves an event to another base, and to the middle priority there.  Only
 * between event_set() and the first event_add(), or when the event is neither
 * added nor active; otherwise -1 and nothing changes.  Returns 0 where it did.
 */
int event_base_set(struct event_base *base, struct event *ev);

/*
 * Adds an event: from now on the loop waits for it.
 *
 * timeout counts from now, inside a callback from the time at which the loop
 * last looked; it is copied.  A negative one is due at once, one beyond all
 * bounds never.  NULL means no timeout, or leaves the one that an event already
 * has.  For an event that is added already, only its timeout changes; a
 * call that the old one has caused and that did not run yet is withdrawn.
 *
 * A descriptor may have any number of events, and a regular file is always
 * ready.  With the first event of a signal the process's handler for it is
 * replaced; event_del() of the last one restores it.  Deliveries are counted,
 * and the callback is called once for each.
 *
 * Returns 0; or -1 and nothing has changed: EBADF for a descriptor that is not
 * open, EINVAL for a signal that does not exist or cannot be caught, for an
 * event without a base or one that was never set, ENOMEM.
 */
int event_add(struct event *ev, const struct timeval *timeout);

/*
 * Deletes an event: it is not added and not active afterwards, and what
 * remains of several calls in a row is not made, if it is called inside the
 * first.  Deleting what is not added does nothing.  Close the descriptor
 * afterwards, not before.  Returns 0; -1 for an event without a base or one
 * that was never set.
 */
int event_del(struct event *ev);

/*
 * Activates an event, added or not: the loop will call its callback
 * ncalls times, with res for what happened.  Where it is active already, res is
 * or'ed to the "what" of that call, and ncalls changes nothing.  event_del()
 * withdraws it, and ends the calls that are left; so a callback that frees an
 * event which is called several times, by this or by several deliveries of its
 * signal, calls event_del() first, whether it is EV_PERSIST or not.
 */
void event_active(struct event *ev, int res, short ncalls);

/*
 * Which of the EV_* bits in events an event is added or active for; 0 if none.
 * Where that includes EV_TIMEOUT and tv is not NULL, *tv becomes the wall-clock
 * time at which the timeout is due; otherwise it is left alone.
 */
int event_pending(struct event *ev, short events, struct timeval *tv);

/*
 * Calls cb once, without a struct event.  events is EV_READ, EV_WRITE or both
 * for the descriptor fd, with a timeout or, if that is NULL, without; or it is
 * EV_TIMEOUT alone, fd -1, where timeout NULL means as soon as possible.
 * EV_PERSIST is ignored next to the former.  Only event_base_free()
 * cancels the call.  Returns 0; or -1 for anything else, and as
 * event_add() does.
 */
int event_once(int fd, short events, void (*cb)(int, short, void *), void *arg,
    const struct timeval *timeout);
int event_base_once(struct event_base *base, int fd, short events,
    void (*cb)(int, short, void *), void *arg, const struct timeval *timeout);

/*
 * Whether an event has been through event_set().  To be asked only of memory
 * that was cleared at first.
 */
#define event_initialized(ev) ((ev)->ev_flags & EVLIST_INIT)

/* An event that is only a timer; two sets of names. */
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

/* An event for a signal, that stays added. */
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
 * Gives a base that many priorities, 1 or more; 0 is the most urgent.  Before
 * the events that are to have one are set.  Returns 0; -1 where the number is
 * too small, memory is short, or events are active.
 */
int event_priority_init(int npriorities);
int event_base_priority_init(struct event_base *base, int npriorities);

/*
 * Sets an event's priority, from 0 to one less than its base has.  Returns 0;
 * -1 out of this range, or while the event is active.
 */
int event_priority_set(struct event *ev, int priority);

/*
 * The log
 */

/* How bad it is. */
#define _EVENT_LOG_DEBUG 0
#define _EVENT_LOG_MSG 1
#define _EVENT_LOG_WARN 2
#define _EVENT_LOG_ERR 3 /* the program ends after this one */

/*
 * Has all messages of the library given to cb, which may be called inside any
 * function of it and must not call any in turn.  msg is one line without its
 * end, gone after the return.  NULL sends them to standard error, as at the
 * start.
 */
typedef void (*event_log_cb)(int severity, const char *msg);
void event_set_log_callback(event_log_cb cb);

/*
 * Byte buffers
 *
 * What is put in at the end is taken out at the front.  The content is always
 * one block of memory; its address holds until the next call that changes the
 * buffer.  EVBUFFER_LENGTH may be assigned to, to cut bytes off the end.  A
 * struct that is all zero is an empty buffer as well; what it has in the end is
 * freed by draining it and free(3) of orig_buffer.
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

/* An empty buffer, or NULL.  The caller frees it. */
struct evbuffer *evbuffer_new(void);
void evbuffer_free(struct evbuffer *buf);

/*
 * Makes room for that many more bytes: the next additions up to there cannot
 * fail, and leave the content where it is.  A program may put bytes there
 * itself and count them in EVBUFFER_LENGTH.  Returns 0; -1 and the buffer is as
 * before.
 */
int evbuffer_expand(struct evbuffer *buf, size_t room);

/*
 * Appends len bytes, copied.  They may be some of the buffer's own.  Returns 0;
 * -1 and the buffer is as before.
 */
int evbuffer_add(struct evbuffer *buf, const void *data, size_t len);

/*
 * Moves the content of src to the end of dst; into an empty dst without
 * copying.  Both may be the same, which changes nothing.  Of the callbacks,
 * that of an empty dst comes last, otherwise that of src.  Returns 0; -1 and
 * both are as before.
 */
int evbuffer_add_buffer(struct evbuffer *dst, struct evbuffer *src);

/*
 * Appends text as printf(3) makes it, and puts a NUL after it that does not
 * count.  Returns the number of bytes; -1 and the content is as before.
 */
int evbuffer_add_printf(struct evbuffer *buf, const char *format, ...)
#ifdef __GNUC__
    __attribute__((format(printf, 2, 3)))
#endif
    ;
int evbuffer_add_vprintf(struct evbuffer *buf, const char *format, va_list ap);

/*
 * Moves up to len bytes from the front to data.  Returns how many.
 */
int evbuffer_remove(struct evbuffer *buf, void *data, size_t len);

/*
 * Drops len bytes from the front; all, if there are no more than that.  A
 * buffer that was large and is empty gives its memory back.
 */
void evbuffer_drain(struct evbuffer *buf, size_t len);

/*
 * Takes a line off the front, without its end, which is one of CR, LF, CR LF
 * and LF CR.  A CR that is the last byte ends it at once, so that an LF that
 * comes later ends an empty line.  Returns it as a string that the caller frees
 * with free(3); NULL while there is no whole line, or no memory.
 *
 * Bytes that were searched without a match are not searched again when more
 * arrive.  A program that writes a line end there itself calls
 * evbuffer_expand() afterwards.
 */
char *evbuffer_readline(struct evbuffer *buf);

/* What ends a line for evbuffer_readln(). */
enum evbuffer_eol_style {
	EVBUFFER_EOL_ANY,	  /* any run of CR and LF that is there */
	EVBUFFER_EOL_CRLF,	  /* LF, with a CR before it or not */
	EVBUFFER_EOL_CRLF_STRICT, /* CR LF */
	EVBUFFER_EOL_LF		  /* LF */
};

/*
 * The same with a choice of line ends.  *len, unless len is NULL, becomes the
 * line's length, which shows where NUL bytes are part of it; 0 with NULL.
 */
char *evbuffer_readln(struct evbuffer *buf, size_t *len,
    enum evbuffer_eol_style style);

/*
 * Where in the content the len bytes at what occur first; NULL where they do
 * not, and if len is 0.
 */
unsigned char *
evbuffer_find(struct evbuffer *buf, const unsigned char *what, size_t len);

/*
 * Reads once from fd to the end of the buffer: up to howmuch bytes, or, where
 * that is negative, what is there, within reason.  Returns how many, 0 at the
 * end of the file and for an empty datagram, -1 with read(2)'s errno or ENOMEM.
 */
int evbuffer_read(struct evbuffer *buf, int fd, int howmuch);

/*
 * Writes the content to fd, once, and drops what was taken.  Returns how many
 * bytes; 0 for an empty buffer, which is not written; -1 with write(2)'s errno.
 */
int evbuffer_write(struct evbuffer *buf, int fd);

/*
 * Has cb called with the buffer, the length before, the length now and cbarg,
 * at the end of every evbuffer function that changes the length, or adds a text
 * without any.  It may change the buffer, and, except inside the functions for
 * bufferevents and tagged data, free it.  One for a buffer; NULL ends it.
 */
void evbuffer_setcb(struct evbuffer *buf,
    void (*cb)(struct evbuffer *, size_t, size_t, void *), void *cbarg);

/*
 * Buffered connections
 *
 * A bufferevent moves bytes between a descriptor and two buffers: what arrives
 * goes to the input, what is in the output is sent, and callbacks tell of both.
 * They run from the loop, and any of them may free the bufferevent.
 */

/* What went wrong, for the error callback: where, or'ed with what. */
#define EVBUFFER_READ 0x01
#define EVBUFFER_WRITE 0x02
#define EVBUFFER_EOF 0x10
#define EVBUFFER_ERROR 0x20 /* errno says more */
#define EVBUFFER_TIMEOUT 0x40

struct bufferevent;
typedef void (*evbuffercb)(struct bufferevent *bev, void *cbarg);
typedef void (*everrorcb)(struct bufferevent *bev, short what, void *cbarg);

/* Bytes.  0 is no mark. */
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

	int timeout_read; /* seconds; 0 is none */
	int timeout_write;

	short enabled; /* EV_READ, EV_WRITE */

	signed char credit;  /* the library's own, */
	unsigned char error; /* where 1.4 has nothing */
};
#endif

#define EVBUFFER_INPUT(bev) ((bev)->input)
#define EVBUFFER_OUTPUT(bev) ((bev)->output)

/*
 * A bufferevent for fd, a nonblocking descriptor, on the current base; NULL
 * without memory.  Writing is enabled, reading is not.  fd stays the caller's,
 * to be closed after bufferevent_free(); -1 stands for one that
 * bufferevent_setfd() will bring.
 *
 * readcb is called when bytes have arrived and the input holds at least its low
 * mark; writecb each time that bytes were sent and the output holds no more
 * than its low mark; errorcb with EVBUFFER_* when the connection ends, fails or
 * is too slow, after which nothing is read or written in that direction until
 * it is enabled again, or bufferevent_write() or bufferevent_setwatermark() try
 * again; `enabled` says what it said before.  All get cbarg; each may be NULL.
 */
struct bufferevent *bufferevent_new(int fd, evbuffercb readcb,
    evbuffercb writecb, everrorcb errorcb, void *cbarg);

/* Frees it and both buffers, their content unsent.  Not the descriptor. */
void bufferevent_free(struct bufferevent *bev);

/*
 * Moves it to another base, as event_base_set() does, while it waits for
 * nothing.  Returns 0; -1 if it does, and it has moved in part then.
 */
int bufferevent_base_set(struct event_base *base, struct bufferevent *bev);

/*
 * The priority of both its events, as event_priority_set().  0; -1, and that of
 * writing is as before.
 */
int bufferevent_priority_set(struct bufferevent *bev, int priority);

/* Replaces the callbacks and their argument. */
void bufferevent_setcb(struct bufferevent *bev, evbuffercb readcb,
    evbuffercb writecb, everrorcb errorcb, void *cbarg);

/*
 * Replaces the descriptor.  The base and the buffers stay, the priority is that
 * of a new event.  Reading has to be enabled again, writing starts with the
 * next bufferevent_write() or bufferevent_enable().
 */
void bufferevent_setfd(struct bufferevent *bev, int fd);

/*
 * Puts bytes in the output, copied, or moves the content of buf there, and has
 * them sent from the loop if writing is enabled.  Return 0, also where the
 * descriptor is none that could be waited for, and the bytes stay in the
 * output; -1 without memory, and nothing has moved.
 */
int bufferevent_write(struct bufferevent *bev, const void *data, size_t len);
int bufferevent_write_buffer(struct bufferevent *bev, struct evbuffer *buf);

/* Moves up to len bytes from the input to data.  Returns how many. */
size_t bufferevent_read(struct bufferevent *bev, void *data, size_t len);

/*
 * Starts and stops reading and writing: events is EV_READ, EV_WRITE or both.
 * Enabling to write with nothing to send calls the write callback once, from
 * the loop, as soon as it could be sent: after a connect(2), that is when it
 * ended, well or not.  Return 0; -1 and `enabled` is as before.
 */
int bufferevent_enable(struct bufferevent *bev, short events);
int bufferevent_disable(struct bufferevent *bev, short events);

/*
 * How long reading and writing may stand still, in whole seconds, 0 for ever.
 * What is waiting starts over with the new time at once; but 0 counts from the
 * next time that it waits.  Any bytes that arrive start the time for reading
 * over, bufferevent_write() that for writing.
 */
void
bufferevent_settimeout(struct bufferevent *bev, int read_secs, int write_secs);

/*
 * Sets the marks of EV_READ, EV_WRITE or both, in bytes.  Reading: the callback
 * waits until the input holds low, and no more is read while it holds high;
 * 0 is without a bound.  Writing: the callback waits until the output has
 * shrunk to low; high means nothing.  Does not call back, and has reading tried
 * again if it is enabled.  While reading stands still at high, the input's
 * evbuffer_setcb() is the bufferevent's.
 */
void bufferevent_setwatermark(struct bufferevent *bev, short events, size_t low,
    size_t high);

/*
 * Tagged data
 *
 * A record is a tag, the length of the payload in bytes and the payload; tag
 * and length take one to five bytes each.  Reading a record that is malformed,
 * not complete or not the one asked for gives -1 and leaves the buffer as it
 * was: it may be tried again when more has arrived, and evtag_consume() goes
 * past it.  A length above INT_MAX is malformed.  Writing one puts all of it
 * into the buffer or, without memory, nothing.
 */

/* Needed before the others in 1.4; here it does nothing. */
void evtag_init(void);

/*
 * Append a record: bytes, a number, a string without its NUL, a time.  Of a
 * time the lower 32 bits of seconds and microseconds are kept, without a sign.
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
 * The tag of the first record, which stays there; tag may be NULL.  Returns
 * the number of bytes that the tag takes, or -1.
 */
int evtag_peek(struct evbuffer *buf, ev_uint32_t *tag);

/*
 * The length of the whole first record, and of its payload, as soon as its
 * tag and length are there.  0 or -1.
 */
int evtag_peek_length(struct evbuffer *buf, ev_uint32_t *len);
int evtag_payload_length(struct evbuffer *buf, ev_uint32_t *len);

/* Drops the first record.  0 or -1. */
int evtag_consume(struct evbuffer *buf);

/*
 * Takes a record off the front of src and appends its payload to dst, which may
 * be src.  tag may be NULL.  Returns the length of the payload, or -1.
 */
int
evtag_unmarshal(struct evbuffer *src, ev_uint32_t *tag, struct evbuffer *dst);

/*
 * Take off a record whose tag has to be the one given, and whose payload has to
 * start with what the function's name says; for fixed, to be exactly len bytes.
 * The string is the caller's to free(3).  0 or -1.
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
