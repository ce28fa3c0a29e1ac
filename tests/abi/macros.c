/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The macros of the public headers, compiled as C and as C++ and run.  The
 * functions they expand to are defined here, and only record their arguments:
 * no library is needed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event.h>
#include <evhttp.h>
#include <evrpc.h>

static int failures;

#define CHECK(what)                                                            \
	do {                                                                   \
		if (!(what)) {                                                 \
			printf("macros.c:%d: not so: %s\n", __LINE__, #what);  \
			failures++;                                            \
		}                                                              \
	} while (0)

/* --- what the macros call --- */

static struct {
	struct event *ev;
	int fd;
	short events;
	void (*cb)(int, short, void *);
	void *arg;
	const struct timeval *tv;
} called;

void
event_set(struct event *ev, int fd, short events,
    void (*cb)(int, short, void *), void *arg)
{
	called.ev = ev;
	called.fd = fd;
	called.events = events;
	called.cb = cb;
	called.arg = arg;
}

int
event_add(struct event *ev, const struct timeval *tv)
{
	called.ev = ev;
	called.tv = tv;
	return 11;
}

int
event_del(struct event *ev)
{
	called.ev = ev;
	return 12;
}

int
event_pending(struct event *ev, short events, struct timeval *tv)
{
	called.ev = ev;
	called.events = events;
	called.tv = tv;
	return 13;
}

static struct evrpc *registered;
static void (*registered_cb)(struct evrpc_req_generic *, void *);
static struct evrpc_request_wrapper *sent;

int
evrpc_register_rpc(struct evrpc_base *base, struct evrpc *rpc,
    void (*cb)(struct evrpc_req_generic *, void *), void *cb_arg)
{
	(void)base;
	rpc->cb_arg = cb_arg;
	registered = rpc;
	registered_cb = cb;
	return 0;
}

int
evrpc_unregister_rpc(struct evrpc_base *base, const char *name)
{
	(void)base;
	return strcmp(name, "Greet") == 0 ? 0 : -1;
}

int
evrpc_make_request(struct evrpc_request_wrapper *ctx)
{
	sent = ctx;
	return 14;
}

/* --- one remote call, Greet, as programs declare and register it --- */

struct word {
	int letters;
};

static struct word *
word_new(void)
{
	return (struct word *)calloc(1, sizeof(struct word));
}

static void
word_free(struct word *word)
{
	free(word);
}

static void
word_clear(struct word *word)
{
	word->letters = 0;
}

static void
word_marshal(struct evbuffer *buf, struct word *word)
{
	buf->off += (size_t)word->letters;
}

static int
word_unmarshal(struct word *word, struct evbuffer *buf)
{
	word->letters = (int)buf->off;
	return 0;
}

static int
word_complete(struct word *word)
{
	return word->letters > 0 ? 0 : -1;
}

EVRPC_HEADER(Greet, word, word)
EVRPC_GENERATE(Greet, word, word)

static void
greet_cb(EVRPC_STRUCT(Greet) * call, void *arg)
{
	call->reply->letters = call->request->letters + *(int *)arg;
	EVRPC_REQUEST_DONE(call);
}

static void
greeted_cb(struct evrpc_status *status, struct word *request,
    struct word *reply, void *arg)
{
	*(int *)arg = status->error + request->letters + reply->letters;
}

static struct evrpc_req_generic *done;

static void
done_cb(struct evrpc_req_generic *call)
{
	done = call;
}

/* --- the checks --- */

static void
event_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

static void
event_macros(void)
{
	struct event ev;
	struct timeval tv;

	memset(&ev, 0, sizeof(ev));
	ev.ev_fd = 7;
	CHECK(EVENT_FD(&ev) == 7 && EVENT_SIGNAL(&ev) == 7);
	CHECK(EVENT_FD(&ev) + 1 == 8);

	CHECK(!event_initialized(&ev) && !evtimer_initialized(&ev));
	CHECK(!timeout_initialized(&ev) && !signal_initialized(&ev));
	ev.ev_flags = EVLIST_INIT | EVLIST_TIMEOUT;
	CHECK(event_initialized(&ev) && evtimer_initialized(&ev));
	CHECK(timeout_initialized(&ev) && signal_initialized(&ev));

	evtimer_set(&ev, event_cb, &tv);
	CHECK(called.ev == &ev && called.fd == -1 && called.events == 0);
	CHECK(called.cb == event_cb && called.arg == &tv);
	CHECK(evtimer_add(&ev, &tv) == 11 && called.tv == &tv);
	CHECK(evtimer_del(&ev) == 12);
	CHECK(evtimer_pending(&ev, NULL) == 13 && called.tv == NULL);
	CHECK(called.events == EV_TIMEOUT);

	timeout_set(&ev, event_cb, NULL);
	CHECK(called.fd == -1 && called.events == 0 && called.arg == NULL);
	CHECK(timeout_add(&ev, &tv) == 11 && timeout_del(&ev) == 12);
	CHECK(timeout_pending(&ev, &tv) == 13);
	CHECK(called.events == EV_TIMEOUT && called.tv == &tv);

	signal_set(&ev, 15, event_cb, &ev);
	CHECK(called.fd == 15 && called.events == (EV_SIGNAL | EV_PERSIST));
	CHECK(signal_add(&ev, NULL) == 11 && signal_del(&ev) == 12);
	CHECK(signal_pending(&ev, NULL) == 13 && called.events == EV_SIGNAL);
}

static void
buffer_macros(void)
{
	unsigned char bytes[] = "bytes";
	struct evbuffer buf;
	struct bufferevent bev;

	memset(&buf, 0, sizeof(buf));
	memset(&bev, 0, sizeof(bev));
	buf.buffer = bytes;
	EVBUFFER_LENGTH(&buf) = 5;
	CHECK(buf.off == 5 && EVBUFFER_LENGTH(&buf) * 2 == 10);
	CHECK(EVBUFFER_DATA(&buf) == bytes && EVBUFFER_DATA(&buf)[1] == 'y');
	EVBUFFER_INPUT(&bev) = &buf;
	EVBUFFER_OUTPUT(&bev) = &buf;
	CHECK(bev.input == &buf && bev.output == &buf);
	CHECK(EVBUFFER_LENGTH(EVBUFFER_INPUT(&bev)) == 5);
}

static struct timeval
span(long sec, long usec)
{
	struct timeval tv;

	tv.tv_sec = sec;
	tv.tv_usec = usec;
	return tv;
}

static int
is(const struct timeval *tv, long sec, long usec)
{
	return tv->tv_sec == sec && tv->tv_usec == usec;
}

static void
timeradd_timersub_and_timercmp_agree_with_arithmetic(void)
{
	struct timeval a = span(1, 600000), b = span(2, 500000), c;

	evutil_timeradd(&a, &b, &c);
	CHECK(is(&c, 4, 100000));
	evutil_timersub(&b, &a, &c);
	CHECK(is(&c, 0, 900000));
	evutil_timersub(&a, &b, &c);
	CHECK(is(&c, -1, 100000));
	b = span(1, 400000);
	evutil_timeradd(&a, &b, &c);
	CHECK(is(&c, 3, 0)); /* the carry at exactly one second */
	evutil_timeradd(&a, &b, &a);
	CHECK(is(&a, 3, 0)); /* the result replaces an operand */
	evutil_timersub(&a, &b, &b);
	CHECK(is(&b, 1, 600000));
	if (b.tv_sec == 1)
		evutil_timeradd(&b, &b, &b);
	else
		evutil_timersub(&b, &b, &b);
	CHECK(is(&b, 3, 200000)); /* each macro is one statement */
}

static void
time_comparison(void)
{
	struct timeval a = span(3, 0), b = span(3, 200000);

	CHECK(evutil_timercmp(&a, &b, <) && !evutil_timercmp(&a, &b, >));
	CHECK(evutil_timercmp(&a, &b, <=) && evutil_timercmp(&a, &b, !=));
	CHECK(!evutil_timercmp(&b, &a, <=) && evutil_timercmp(&b, &a, >=));
	a.tv_sec = 4;
	CHECK(evutil_timercmp(&a, &b, >) && !evutil_timercmp(&a, &b, <));
	b = a;
	CHECK(evutil_timercmp(&a, &b, ==) && evutil_timercmp(&a, &b, >=));

	CHECK(evutil_timerisset(&a));
	evutil_timerclear(&a);
	CHECK(is(&a, 0, 0) && !evutil_timerisset(&a));
	a.tv_usec = 1;
	CHECK(evutil_timerisset(&a) && evutil_timercmp(&a, &b, <));
	CHECK(evutil_gettimeofday(&a, NULL) == 0 && evutil_timerisset(&a));
}

static void
util_macros(void)
{
	int fds[2];

	CHECK(sizeof(ev_int64_t) == 8 && sizeof(ev_uint64_t) == 8);
	CHECK(sizeof(ev_uint32_t) == 4 && sizeof(ev_uint16_t) == 2);
	CHECK(sizeof(ev_uint8_t) == 1);
	CHECK((ev_int64_t)-1 < 0 && (ev_uint64_t)-1 > 0);
	CHECK(strcmp(_EVENT_VERSION, "1.4.15") == 0);

	EVUTIL_SET_SOCKET_ERROR(EAGAIN);
	CHECK(errno == EAGAIN && EVUTIL_SOCKET_ERROR() == EAGAIN);
	CHECK(pipe(fds) == 0 && EVUTIL_CLOSESOCKET(fds[0]) == 0);
	CHECK(EVUTIL_CLOSESOCKET(fds[1]) == 0);
}

static void
rpc_server_macros(void)
{
	struct evbuffer buf;
	struct word *word;
	int more = 2;
	EVRPC_STRUCT(Greet) call;
	struct evrpc_req_generic *generic = (struct evrpc_req_generic *)&call;

	memset(&buf, 0, sizeof(buf));
	memset(&call, 0, sizeof(call));
	EVRPC_REGISTER(NULL, Greet, word, word, greet_cb, &more);
	CHECK(strcmp(registered->uri, "Greet") == 0);
	CHECK(registered->cb_arg == &more && registered->base == NULL);
	CHECK(EVRPC_UNREGISTER(NULL, Greet) == 0);

	word = (struct word *)registered->request_new();
	CHECK(word != NULL && registered->reply_complete(word) == -1);
	buf.off = 3;
	CHECK(registered->request_unmarshal(word, &buf) == 0);
	CHECK(word->letters == 3 && registered->reply_complete(word) == 0);
	call.request = word;
	call.reply = (struct word *)registered->reply_new();
	generic->done = done_cb;
	registered_cb(generic, registered->cb_arg);
	CHECK(call.reply->letters == 5 && done == generic);
	CHECK(EVRPC_REQUEST_HTTP(&call) == NULL);
	registered->reply_marshal(&buf, call.reply);
	CHECK(buf.off == 8);

	registered->request_free(word);
	registered->reply_free(call.reply);
	free((char *)registered->uri);
	free(registered);
}

static void
rpc_client_macros(void)
{
	struct evrpc_status status;
	struct evbuffer buf;
	struct word request, reply;
	int sum = 0;

	memset(&status, 0, sizeof(status));
	memset(&buf, 0, sizeof(buf));
	request.letters = 4;
	reply.letters = 9;
	CHECK(EVRPC_MAKE_REQUEST(Greet, NULL, &request, &reply, greeted_cb,
		  &sum) == 14);
	CHECK(strcmp(sent->name, "Greet") == 0);
	CHECK(sent->pool == NULL && sent->evcon == NULL);
	CHECK(sent->request == &request && sent->reply == &reply);
	sent->request_marshal(&buf, sent->request);
	CHECK(buf.off == 4);
	sent->reply_clear(sent->reply);
	CHECK(reply.letters == 0);
	CHECK(sent->reply_unmarshal(sent->reply, &buf) == 0);
	status.error = EVRPC_STATUS_ERR_TIMEOUT;
	sent->cb(&status, sent->request, sent->reply, sent->cb_arg);
	CHECK(sum == 9);

	free(sent->name);
	free(sent);
}

int
main(void)
{
	event_macros();
	buffer_macros();
	timeradd_timersub_and_timercmp_agree_with_arithmetic();
	time_comparison();
	util_macros();
	rpc_server_macros();
	rpc_client_macros();
	return failures == 0 ? 0 : 1;
}
