/* SPDX-License-Identifier: BSD-3-Clause */
/* Callbacks that leave the stack the loop runs on; see coroutine.h. */
#include <unistd.h>

#include "test.h"

/* musl declares the functions to change stacks, but does not have them. */
#ifdef __GLIBC__

#include "coroutine.h"
#include "dns_server.h"

static void
dispatch(void)
{
	event_dispatch();
}

static void
leave_cb(int fd, short what, void *arg)
{
	(void)what;
	(void)arg;
	if (fd != -1 && what == EV_READ)
		read_byte(fd);
	leave_stack();
}

/* --- events --- */

TEST(descriptor_callback_leaves_the_stack)
{
	struct event_base *base = event_init();
	struct event ev;
	int fd[2];

	make_readable_pair(fd);
	event_set(&ev, fd[0], EV_READ, leave_cb, NULL);
	event_add(&ev, NULL);
	run_on_stack(dispatch, 1);
	close_pair(fd);
	event_base_free(base);
}

TEST(timer_callback_leaves_the_stack)
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, leave_cb, NULL);
	evtimer_add(&ev, MSEC(0));
	run_on_stack(dispatch, 1);
	event_base_free(base);
}

TEST(once_callback_leaves_the_stack)
{
	struct event_base *base = event_init();

	assert_int_equal(event_once(-1, EV_TIMEOUT, leave_cb, NULL, NULL), 0);
	run_on_stack(dispatch, 1);
	event_base_free(base);
}

TEST(event_that_is_called_three_times_leaves_the_stack_each_time,
    DIFFERS(V21, "ncalls counts for signal events only"))
{
	struct event_base *base = event_init();
	struct event ev;

	evtimer_set(&ev, leave_cb, NULL);
	event_active(&ev, EV_TIMEOUT, 3);
	run_on_stack(dispatch, 3);
	event_base_free(base);
}

TEST(signal_that_came_three_times_leaves_the_stack_each_time)
{
	struct event_base *base = event_init();
	struct event ev;

	signal_set(&ev, SIGUSR1, leave_cb, NULL);
	ev.ev_events &= ~EV_PERSIST;
	signal_add(&ev, NULL);
	for (int i = 0; i < 3; i++)
		raise(SIGUSR1);
	run_on_stack(dispatch, 3);
	event_base_free(base);
}

static struct event deleted;

/* 1.4 writes to the place where the loop counts the calls: on its stack. */
TEST(event_deleted_by_others_between_its_calls_is_not_called_again,
    DIFFERS(V14, "event_del() writes to the stack of the loop"))
{
	struct event_base *base = event_init();

	evtimer_set(&deleted, leave_cb, NULL);
	event_active(&deleted, EV_TIMEOUT, 3);
	hub_open(dispatch);
	assert_true(resume_stack());
	event_del(&deleted);
	assert_false(resume_stack());
	hub_close();
	event_base_free(base);
}

/* --- buffers --- */

static void
leave_bev_cb(struct bufferevent *bev, void *arg)
{
	(void)arg;
	evbuffer_drain(bev->input, EVBUFFER_LENGTH(bev->input));
	leave_stack();
}

static void
leave_error_cb(struct bufferevent *bev, short what, void *arg)
{
	(void)bev;
	(void)what;
	(void)arg;
	leave_stack();
}

/* One call for what was written, one for a byte, one for the end. */
TEST(bufferevent_callbacks_leave_the_stack)
{
	struct event_base *base = event_init();
	struct bufferevent *bev;
	int fd[2];

	make_pair(fd);
	bev = bufferevent_new(fd[0], leave_bev_cb, leave_bev_cb, leave_error_cb,
	    NULL);
	bufferevent_enable(bev, EV_READ);
	bufferevent_write(bev, "x", 1);
	write_byte(fd[1]);
	shutdown(fd[1], SHUT_WR);
	run_on_stack(dispatch, 3);
	bufferevent_free(bev);
	close_pair(fd);
	event_base_free(base);
}

static struct evbuffer *watched;

static void
leave_buffer_cb(struct evbuffer *buffer, size_t before, size_t now, void *arg)
{
	(void)buffer;
	(void)before;
	(void)now;
	(void)arg;
	leave_stack();
}

static void
change_buffer(void)
{
	evbuffer_add(watched, "some", 4);
	evbuffer_add_printf(watched, "%s", "text");
	evbuffer_drain(watched, 3);
}

TEST(evbuffer_callback_leaves_the_stack)
{
	struct event_base *base = event_init();

	watched = evbuffer_new();
	evbuffer_setcb(watched, leave_buffer_cb, NULL);
	run_on_stack(change_buffer, 3);
	evbuffer_free(watched);
	event_base_free(base);
}

/* --- the log --- */

static bool logged;

static void
leave_log_cb(int severity, const char *msg)
{
	(void)severity;
	(void)msg;
	if (!logged) {
		logged = true;
		leave_stack();
	}
}

static void
complain(void)
{
	evutil_make_socket_nonblocking(-1);
}

TEST(log_callback_leaves_the_stack)
{
	struct event_base *base = event_init();

	event_set_log_callback(leave_log_cb);
	run_on_stack(complain, 1);
	event_set_log_callback(NULL);
	event_base_free(base);
}

/* --- the nameserver --- */

static void
leave_request_cb(struct evdns_server_request *request, void *arg)
{
	(void)arg;
	leave_stack();
	evdns_server_request_respond(request, 0);
}

static void
serve_one(void)
{
	while (n_leaves == 0)
		event_loop(EVLOOP_ONCE);
}

TEST(nameserver_callback_leaves_the_stack)
{
	struct server s;

	dns_server_open(&s, leave_request_cb);
	send_hex(s.client, ASK_T);
	run_on_stack(serve_one, 1);
	dns_server_close(&s);
}

#endif
