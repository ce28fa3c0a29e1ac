/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What only libevcompat has: its own version; the libev loop of an event base,
 * so that a program can replace its events by libev's watchers one by one; a
 * base on a libev loop of the program's; calls from other threads; and some
 * functions for HTTP.
 *
 * A source file may include this header and <ev.h>.  It must not include
 * <event.h> and <ev.h>: the two give EV_READ, EV_WRITE and others different
 * values.
 */
#ifndef EVCOMPAT_H
#define EVCOMPAT_H

#include <evutil.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The version of libevcompat that this header belongs to: as a string, and for
 * #if as a number with a byte each for major, minor and patch, and a last one
 * that is 0 in a release.  0x00020000 is 0.2.0.  The version of the libevent
 * that the library is compatible with is _EVENT_VERSION, 1.4.15.
 */
#define EVCOMPAT_VERSION "0.2.0"
#define EVCOMPAT_VERSION_NUMBER 0x00020000

struct event_base;
struct ev_loop;

/*
 * The version of the library that the program runs with, which may be newer
 * than the header's; a static string.  event_get_version() returns that of the
 * libevent.
 */
const char *evcompat_version(void);

/*
 * Returns the libev loop of base; base NULL is the current base, that of the
 * last event_init().  Returns NULL with errno if there is no base or no memory.
 * The program may start its own watchers on the loop, of every kind but
 * ev_child.  event_base_loop() on that base invokes these native watchers.
 *
 * Order: a pass of the loop first invokes the native watchers, by libev's rules
 * (the highest priority first, the newest first among equals), and then calls
 * the events, by libevent's.  Both may start, stop, add and delete any watcher
 * and event; an event that a native watcher deletes is not called.
 *
 * Staying alive: event_base_loop() returns 1 when there are neither events nor
 * active native watchers.  ev_unref() exempts a watcher, as in libev.
 *
 * Ending: event_base_loopbreak() and event_base_loopexit() end the loop after
 * all native watchers of the current pass were invoked.  A native watcher that
 * calls event_base_loopbreak() keeps the events of its pass from being called:
 * they stay active for the next call.  ev_break() does not end
 * event_base_loop().
 *
 * EVLOOP_ONCE waits for an event of the base; native watchers alone do not end
 * it.  event_reinit() runs the native watchers that are ready.
 *
 * The loop belongs to the base: it lives until event_base_free() and must not
 * be destroyed, nor run except by event_base_loop().  It is never libev's
 * default loop.  The base calls ev_loop_fork() after a fork().  The first base
 * of a process calls ev_set_allocator() and ev_set_syserr_cb(), whose effect is
 * on the whole process; a program must not call them while there is a base.
 *
 * If the base is one of evcompat_base_on(), below, its loop is the program's.
 */
struct ev_loop *evcompat_base_loop(struct event_base *base);

/*
 * Makes a base on a libev loop that the program has made and runs itself, with
 * ev_run() or inside another program.  So code that uses libevent, with events,
 * bufferevents, evdns and evhttp, can run in a program that uses libev.
 * Returns NULL with errno: EINVAL if loop is NULL, ENOMEM, EMFILE or ENFILE.
 * The base becomes the current one if there is none; otherwise the program
 * passes it to event_base_set() and the like.
 *
 * Order: each pass of the loop is a pass for the base, as in event_base_loop().
 * The program's watchers are invoked first, by libev's rules, and then the
 * events of the most urgent priority that has any are called, by libevent's.
 * Less urgent ones are called in the next pass, which does not wait.  So
 * neither side can starve the other.  Only watchers of priority EV_MINPRI may
 * be invoked after the events.
 *
 * Staying alive: events of the base keep ev_run() from returning, as active
 * watchers do.  A base without events does not.
 *
 * event_base_loop() on the base runs the loop with the program's watchers, and
 * may be called inside one of them.  It returns 1 without events and active
 * watchers, and 0 because of event_base_loopexit(), event_base_loopbreak(), its
 * flags, or ev_break(); EVBREAK_ALL also ends the runs that it is nested in.
 *
 * event_base_loopexit() and event_base_loopbreak() end the innermost
 * event_base_loop() on the base; they never end a run of the program's own.  If
 * no event_base_loop() is running, loopexit does nothing, and after loopbreak
 * the events that are still active are called in the next pass.
 *
 * The end: event_base_free() stops the base's watchers on the loop, and may be
 * called in any callback.  If the program destroys the loop before, the events
 * are deleted, event_add() returns -1 from then on, and event_base_free() still
 * has to be called.
 *
 * Signals: the base does not use ev_signal, so one signal must not have both
 * kinds of handlers.  On libev's default loop libev handles SIGCHLD and waits
 * for all children.  There signal_add() for SIGCHLD returns -1 with EBUSY, and
 * evcompat_child_loop() returns the loop itself, for ev_child watchers.  For a
 * base on another loop of the program's it returns NULL with ENOSYS.
 *
 * fork(): a child may call ev_loop_fork() or event_reinit(), or neither: then
 * the first pass calls ev_loop_fork().  event_reinit() takes effect in the next
 * pass, and invokes no watcher.
 *
 * The loop may have any back-end of libev.  The program may call
 * ev_set_allocator() and ev_set_syserr_cb() if none of its bases was made by
 * event_init() or event_base_new(); without memory libev does what it does by
 * default.  If the kernel refuses a descriptor, the library logs that once and
 * tries again in each pass; event_base_loop() returns -1.
 */
struct event_base *evcompat_base_on(struct ev_loop *loop);

/*
 * Returns the loop for ev_child watchers.  libev allows those only on its
 * default loop, and then waits for every child of the process, so a base does
 * not use that loop by itself.  This call makes the default loop, with SIGCHLD
 * blocked and read from a descriptor.  From then on each pass of base (NULL:
 * the current base) runs it, and its active watchers keep event_base_loop()
 * from returning.  Other watchers than ev_child belong on evcompat_base_loop().
 *
 * From then on waitpid() elsewhere in the program finds no children, and a
 * signal event for SIGCHLD does not fire.  The default loop stays with base
 * until that is freed.  Returns NULL with errno: EINVAL without a base, EBUSY
 * if another base runs it, ENOSYS if the program has made the default loop with
 * another back-end than epoll, ENOMEM, EMFILE or ENFILE.
 */
struct ev_loop *evcompat_child_loop(struct event_base *base);

/*
 * Has the loop of base (NULL: the current one) call cb with arg in the loop's
 * thread, and wakes the loop for that.  It is the only function on a base that
 * any thread, and a signal handler, may call at any time; it takes no lock,
 * allocates no memory and does not block.
 *
 * Calls are made in the order in which they were queued, when an event of
 * priority 0 would be called.  The queue is a ring of 1,024 calls, which the
 * base has from the start; its pages take memory when they are used, 25 KB at
 * most.  Returns 0 and keeps errno; -1 with EAGAIN if the ring is full, EINVAL
 * without a base or with cb NULL.
 *
 * cb may do what an event's callback may.  If it frees the base, the queued
 * calls are not made.  Calls that it queues are made in the next pass.  If it
 * calls event_base_loopbreak(), the others are made in the next
 * event_base_loop().
 *
 * event_base_loop() makes queued calls before it returns because there are no
 * events.  It does not wait for calls that may be queued later: a program that
 * waits for its threads needs an event, for example a timer.  EVLOOP_ONCE ends
 * after the calls of a pass, as after events.
 *
 * fork(): queued calls are made in the parent only.  base must not be freed
 * while other threads call this function.
 */
int
evcompat_base_wakeup(struct event_base *base, void (*cb)(void *), void *arg);

struct evbuffer;
struct evhttp;
struct evhttp_connection;
struct evhttp_request;

/*
 * Removes the callback that evhttp_set_cb() added to http for path, with this
 * cb and cbarg.  Where a path has several callbacks, evhttp_del_cb() removes
 * the oldest, whoever added it; this function removes the caller's own.
 * Returns 0; -1, without errno, if http has no such callback.  Of several that
 * are the same the oldest is removed.  A virtual host has callbacks of its own.
 * Any callback may call this function.
 */
int evcompat_http_del_cb(struct evhttp *http, const char *path,
    void (*cb)(struct evhttp_request *, void *), void *cbarg);

/*
 * Takes over a server's connection for another protocol.  Call it after the
 * program has answered req with a 101, or a CONNECT with a 2xx, in the same
 * callback or in that of evhttp_request_set_on_complete_cb().  Returns the
 * descriptor, which is nonblocking and the caller's from then on.  Bytes that
 * were read and belong to no request are moved to rest, which may be NULL.  The
 * connection and req are freed, and no close callback is called.
 *
 * Returns -1 with errno, and nothing changes: EINVAL if req is not a server's
 * or was not answered, ENOTCONN if the connection is closed, EAGAIN if the
 * answer cannot be written at once, ENOMEM.
 */
int evcompat_http_take(struct evhttp_request *req, struct evbuffer *rest);

/*
 * evhttp_connection_new() for a server that listens on a Unix socket, whose
 * name is path.  base NULL is the current base.  Returns NULL without memory.
 * If path is too long for struct sockaddr_un, requests fail as if nothing
 * listened there.
 */
struct evhttp_connection *
evcompat_http_unix_connection_new(struct event_base *base, const char *path);

/*
 * A client's request whose body the program gives in pieces, because it is too
 * long for memory or its length is not known.  Calls in order:
 *
 *	evcompat_http_stream(req, -1, cb, arg);
 *	evhttp_make_request(evcon, req, EVHTTP_REQ_POST, "/upload");
 *	in cb:	evcompat_http_stream_piece(req, piece);
 *	in cb:	evcompat_http_stream_end(req);
 *
 * evcompat_http_stream() is called before evhttp_make_request(), for each
 * request: a program that owns req and sends it a second time calls it a second
 * time.  length is how many bytes the body has, for Content-Length; with -1
 * each piece is sent as a chunk.  A Content-Length or Transfer-Encoding that
 * the program has set is not sent.  The content of req->output_buffer is the
 * first piece.  Returns 0; -1 with errno: EINVAL if length is less than -1, or
 * req is a server's or in flight; ENOMEM.
 *
 * cb, which may be NULL, is called from the loop with req and arg when the
 * head, and all pieces given so far, were written to the socket.  So a program
 * that gives one piece in each call has one piece in memory.  cb may call any
 * function, and free req or its connection.
 *
 * evcompat_http_stream_piece() moves the content of piece to the request.  It
 * may be called in the first cb or at any time later; an empty piece has no
 * effect.  evcompat_http_stream_end() ends the body.  Both return 0; -1 with
 * errno, and the piece is not changed: EINVAL if the body has ended or is not
 * streamed, if it becomes longer than length or is shorter at the end; ENOTCONN
 * if req is not in flight.
 *
 * Without memory the request fails, and its callback reports that.  If the
 * server answers before it has the whole body, the request is complete, and the
 * connection is closed.  The timeout of the connection does not run while the
 * library waits for the next piece.  Such a request is never sent twice.
 * evhttp_make_request() returns -1 if length is -1 and the version HTTP/1.0,
 * and if output_buffer has more than length bytes.
 */
int evcompat_http_stream(struct evhttp_request *req, ev_int64_t length,
    void (*cb)(struct evhttp_request *, void *), void *arg);
int
evcompat_http_stream_piece(struct evhttp_request *req, struct evbuffer *piece);
int evcompat_http_stream_end(struct evhttp_request *req);

#ifdef __cplusplus
}
#endif

#endif /* EVCOMPAT_H */
