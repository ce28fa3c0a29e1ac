/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of buffers share; see the header. */
#include "buffers.h"

#include <sys/mman.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"
#include "wrap.h"

unsigned char *evi_spare_take(void);

/*
 * Takes spare blocks and frees them until the thread has none left:
 * evi_spare_take() then allocates one.
 */
void
drop_spares(void)
{
	long allocs;

	do {
		allocs = counts.allocs;
		free(evi_spare_take());
	} while (counts.allocs == allocs);
}

unsigned long
digest(const void *data, size_t len)
{
	const unsigned char *at = data;
	unsigned long n = 5381;

	while (len-- > 0)
		n = n * 33 + *at++;
	return n;
}

void
fill_text(unsigned char *to, size_t len, size_t start)
{
	for (size_t i = 0; i < len; i++)
		to[i] = (unsigned char)('0' + (start + i) % 73);
}

bool
is_text(const unsigned char *text, size_t len, size_t start)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] != '0' + (start + i) % 73)
			return false;
	return true;
}

void
add_text(struct evbuffer *buf, size_t len)
{
	unsigned char *text = malloc(len + 1);

	assert_non_null(text);
	fill_text(text, len, EVBUFFER_LENGTH(buf));
	assert_int_equal(evbuffer_add(buf, text, len), 0);
	free(text);
}

struct evbuffer *
new_text(size_t len)
{
	struct evbuffer *buf = evbuffer_new();

	assert_non_null(buf);
	add_text(buf, len);
	return buf;
}

int
text_file(size_t start, size_t len)
{
	unsigned char *text = malloc(len);
	int fd = memfd_create("text", MFD_CLOEXEC);

	assert_non_null(text);
	assert_int_not_equal(fd, -1);
	fill_text(text, len, start);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	free(text);
	return fd;
}

/* --- echo --- */

static void
send_back_cb(struct bufferevent *bev, void *arg)
{
	struct echo *e = arg;

	if (bufferevent_write_buffer(bev, EVBUFFER_INPUT(bev)) == -1)
		e->faults++;
}

static void
send_message(struct echo *e)
{
	if (bufferevent_write(e->client, e->message, e->size) == -1)
		e->faults++;
}

static void
read_reply_cb(struct bufferevent *bev, void *arg)
{
	struct evbuffer *input = EVBUFFER_INPUT(bev);
	struct echo *e = arg;

	if (EVBUFFER_LENGTH(input) < e->size)
		return;
	if (EVBUFFER_LENGTH(input) > e->size ||
	    memcmp(EVBUFFER_DATA(input), e->message, e->size) != 0)
		e->faults++;
	evbuffer_drain(input, e->size);
	if (--e->left > 0)
		send_message(e);
}

static void
fault_cb(struct bufferevent *bev, short what, void *arg)
{
	struct echo *e = arg;

	(void)bev;
	(void)what;
	e->faults++;
	e->left = 0;
}

static struct bufferevent *
open_end(struct echo *e, int fd, evbuffercb readcb)
{
	struct bufferevent *bev =
	    bufferevent_new(fd, readcb, NULL, fault_cb, e);

	if (bev == NULL || bufferevent_base_set(e->base, bev) == -1 ||
	    bufferevent_enable(bev, EV_READ) == -1)
		abort();
	return bev;
}

void
echo_open(struct echo *e, struct event_base *base, size_t size)
{
	memset(e, 0, sizeof(*e));
	e->base = base;
	e->size = size;
	e->message = malloc(size);
	if (e->message == NULL)
		abort();
	fill_text(e->message, size, 0);
	make_pair(e->fd);
	e->client = open_end(e, e->fd[0], read_reply_cb);
	e->server = open_end(e, e->fd[1], send_back_cb);
}

void
echo_run(struct echo *e, int rounds)
{
	e->left = rounds;
	send_message(e);
	while (e->left > 0)
		if (event_base_loop(e->base, EVLOOP_ONCE) != 0)
			abort();
}

void
echo_close(struct echo *e)
{
	bufferevent_free(e->client);
	bufferevent_free(e->server);
	close_pair(e->fd);
	free(e->message);
}
