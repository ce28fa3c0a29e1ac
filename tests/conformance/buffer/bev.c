/* SPDX-License-Identifier: BSD-3-Clause */
/* A bufferevent and its peer; see the header. */
#include "bev.h"
#include "test.h"

/* Notes a call; fails the test where calls never end. */
static void
note_call(const char *name, const char *what)
{
	assert_true(strlen(noted()) < 2000);
	note("%s:%s", name, what);
}

void
note_bev_read_cb(struct bufferevent *bev, void *name)
{
	(void)bev;
	note_call(name, "read");
}

void
note_bev_write_cb(struct bufferevent *bev, void *name)
{
	(void)bev;
	note_call(name, "write");
}

void
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

void
not_called_cb(struct bufferevent *bev, void *unused)
{
	(void)bev;
	(void)unused;
	fail_msg("a callback after the end");
}

void
not_called_error_cb(struct bufferevent *bev, short what, void *unused)
{
	(void)what;
	not_called_cb(bev, unused);
}

struct bufferevent *
new_bev(int fd, char *name)
{
	struct bufferevent *bev = bufferevent_new(fd, note_bev_read_cb,
	    note_bev_write_cb, note_bev_error_cb, name);

	assert_non_null(bev);
	return bev;
}

void
bev_set_up(struct conn *c)
{
	c->base = event_init();
	make_pair(c->fd);
	c->bev = new_bev(c->fd[0], "A");
}

void
bev_set_up_with(struct conn *c, evbuffercb readcb, evbuffercb writecb,
    everrorcb errorcb, void *cbarg)
{
	bev_set_up(c);
	bufferevent_setcb(c->bev, readcb, writecb, errorcb, cbarg);
}

void
close_peer(struct conn *c)
{
	close(c->fd[1]);
	c->fd[1] = -1;
}

void
bev_tear_down(struct conn *c)
{
	if (c->bev != NULL)
		bufferevent_free(c->bev);
	for (int i = 0; i < 2; i++)
		if (c->fd[i] != -1)
			close(c->fd[i]);
	event_base_free(c->base);
}

void
free_bev(struct conn *c)
{
	bufferevent_free(c->bev);
	c->bev = NULL;
}

int
bev_run_passes(void)
{
	return event_loop(EVLOOP_NONBLOCK);
}

void
wait_for_note(void)
{
	while (noted()[0] == '\0')
		assert_int_equal(event_loop(EVLOOP_ONCE), 0);
}

bool
reads(struct bufferevent *bev)
{
	return event_pending(&bev->ev_read, EV_READ, NULL) == EV_READ;
}

bool
writes(struct bufferevent *bev)
{
	return event_pending(&bev->ev_write, EV_WRITE, NULL) == EV_WRITE;
}

size_t
input_length(struct bufferevent *bev)
{
	return EVBUFFER_LENGTH(EVBUFFER_INPUT(bev));
}

size_t
output_length(struct bufferevent *bev)
{
	return EVBUFFER_LENGTH(EVBUFFER_OUTPUT(bev));
}

void
drain_input(struct bufferevent *bev, size_t len)
{
	evbuffer_drain(EVBUFFER_INPUT(bev), len);
}

void
write_text(struct bufferevent *bev, const char *text)
{
	assert_int_equal(bufferevent_write(bev, text, strlen(text)), 0);
}

void
send_text(int fd, const char *text)
{
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

size_t
take_all(int fd)
{
	char block[16384];
	size_t sum = 0;
	ssize_t n;

	while ((n = read(fd, block, sizeof block)) > 0)
		sum += (size_t)n;
	return sum;
}
