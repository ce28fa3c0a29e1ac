/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * `shout` (see shout.h) for libuv.  The program does itself what a bufferevent
 * does: it keeps the bytes until they are written, has a timer for silence, and
 * frees a client when both of its handles are closed.
 *
 *	cc libuv.c shout.c $(pkg-config --cflags --libs libuv)
 */
#include "shout.h"

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <uv.h>

static uv_tcp_t acceptor;
static uv_signal_t term;
static int seconds;

struct client {
	uv_tcp_t tcp;
	uv_timer_t silence;
	unsigned int handles; /* that were not closed */
	unsigned int writing; /* uv_write() calls in flight */
	int has_ended;	      /* it has sent its last byte */
};

/* Ends the program if a call of libuv's failed. */
static void
need(int status, const char *what)
{
	if (status < 0)
		errx(1, "%s: %s", what, uv_strerror(status));
}

static void
closed_cb(uv_handle_t *handle)
{
	struct client *client = handle->data;

	if (--client->handles == 0)
		free(client);
}

/*
 * Closes both handles.  Writes in flight are cancelled; their callbacks run
 * before closed_cb().
 */
static void
disconnect(struct client *client)
{
	if (uv_is_closing((uv_handle_t *)&client->tcp))
		return;
	uv_close((uv_handle_t *)&client->tcp, closed_cb);
	uv_close((uv_handle_t *)&client->silence, closed_cb);
}

static void
silence_cb(uv_timer_t *timer)
{
	tally.silent++;
	disconnect(timer->data);
}

static void
written_cb(uv_write_t *req, int status)
{
	struct client *client = req->handle->data;

	free(req->data);
	free(req);
	client->writing--;
	if (status < 0 || (client->has_ended && client->writing == 0))
		disconnect(client);
	else
		uv_timer_again(&client->silence);
}

/* Writes bytes from malloc(3), and frees them afterwards. */
static void
answer(struct client *client, char *bytes, size_t len)
{
	uv_write_t *req = malloc(sizeof(*req));
	uv_buf_t buf = uv_buf_init(bytes, (unsigned int)len);

	if (req == NULL)
		err(1, "malloc");
	shout_raise((unsigned char *)bytes, len);
	req->data = bytes;
	need(uv_write(req, (uv_stream_t *)&client->tcp, &buf, 1, written_cb),
	    "uv_write");
	client->writing++;
}

static void
alloc_cb(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	(void)handle;
	*buf = uv_buf_init(malloc(suggested), (unsigned int)suggested);
}

static void
read_cb(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
	struct client *client = stream->data;

	if (n > 0) {
		uv_timer_again(&client->silence);
		answer(client, buf->base, (size_t)n);
		return;
	}
	free(buf->base);
	if (n == UV_EOF && client->writing > 0) {
		client->has_ended = 1;
		uv_read_stop(stream);
	} else if (n < 0) {
		disconnect(client);
	}
}

static void
accept_cb(uv_stream_t *listener, int status)
{
	struct client *client;

	if (status < 0)
		return;
	if ((client = calloc(1, sizeof(*client))) == NULL)
		err(1, "calloc");
	need(uv_tcp_init(listener->loop, &client->tcp), "uv_tcp_init");
	need(uv_timer_init(listener->loop, &client->silence), "uv_timer_init");
	client->tcp.data = client->silence.data = client;
	client->handles = 2;
	need(uv_accept(listener, (uv_stream_t *)&client->tcp), "uv_accept");
	need(uv_read_start((uv_stream_t *)&client->tcp, alloc_cb, read_cb),
	    "uv_read_start");
	need(uv_timer_start(&client->silence, silence_cb,
		 (uint64_t)seconds * 1000, (uint64_t)seconds * 1000),
	    "uv_timer_start");
	tally.clients++;
}

/* The loop ends with the last client. */
static void
term_cb(uv_signal_t *handle, int signo)
{
	(void)signo;
	uv_close((uv_handle_t *)handle, NULL);
	uv_close((uv_handle_t *)&acceptor, NULL);
}

int
main(int argc, char **argv)
{
	uv_loop_t *loop = uv_default_loop();

	seconds = shout_seconds(argc, argv);
	signal(SIGPIPE, SIG_IGN);
	need(uv_tcp_init(loop, &acceptor), "uv_tcp_init");
	need(uv_tcp_open(&acceptor, shout_listen()), "uv_tcp_open");
	need(uv_listen((uv_stream_t *)&acceptor, 128, accept_cb), "uv_listen");
	need(uv_signal_init(loop, &term), "uv_signal_init");
	need(uv_signal_start(&term, term_cb, SIGTERM), "uv_signal_start");
	need(uv_run(loop, UV_RUN_DEFAULT), "uv_run");
	need(uv_loop_close(loop), "uv_loop_close");
	shout_print_tally();
	return 0;
}
