/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of back-ends, and the epoll set of a loop; see the header. */
#include "backend.h"

#include "libev.h"
#include "support/util.h"

/* The last row stands for every flag that no other row has. */
static const struct backend_kind kinds[] = {
    {EVBACKEND_EPOLL, "epoll", "EVENT_NOEPOLL", .has_set = true},
    {EVBACKEND_POLL, "poll", "EVENT_NOPOLL", .needs_open_fds = true,
	.is_ordered = true},
    {EVBACKEND_SELECT, "select", "EVENT_NOSELECT", .is_ordered = true},
    {EVBACKEND_LINUXAIO, "linuxaio", NULL, .needs_open_fds = true,
	.is_ordered = true},
    {EVBACKEND_IOURING, "io_uring", NULL, .needs_open_fds = true,
	.is_ordered = true},
    {0, "none", NULL, .needs_open_fds = true, .is_ordered = true},
};

static const struct backend_kind *
find_kind(struct ev_loop *loop)
{
	const struct backend_kind *kind = kinds;

	while (
	    kind->flag != 0 && (loop == NULL || kind->flag != ev_backend(loop)))
		kind++;
	return kind;
}

unsigned int
evi_backend_choose(void)
{
	unsigned int flags = 0;

	for (const struct backend_kind *kind = kinds; kind->flag != 0; kind++)
		if (kind->exclude != NULL &&
		    evutil_getenv(kind->exclude) == NULL)
			flags |= kind->flag;
	return flags & ev_supported_backends();
}

void
evi_backend_init(struct backend *backend, struct ev_loop *loop)
{
	backend->kind = find_kind(loop);
	backend->fd = evi_backend_epoll_fd(loop);
	backend->old_fd = -1;
	evi_kernel_token_init(&backend->token);
}

/*
 * libev has no function that returns the descriptor.  But a watcher that embeds
 * the loop in another one (ev_embed) has it as a member.  So such a watcher is
 * started and stopped.
 */
int
evi_backend_epoll_fd(struct ev_loop *loop)
{
	ev_embed embed;

	if (!find_kind(loop)->has_set)
		return -1;
	ev_embed_init(&embed, NULL, loop);
	ev_embed_start(loop, &embed);
	ev_embed_stop(loop, &embed);
	return embed.io.fd;
}

void
evi_backend_set_token(struct backend *backend, int fd)
{
	evi_kernel_token_set(&backend->token, backend->fd, fd);
}

bool
evi_backend_is_intact(const struct backend *backend)
{
	return evi_kernel_token_is_valid(&backend->token, backend->fd);
}

void
evi_backend_start_over(struct backend *backend)
{
	if (backend->fd != -1)
		backend->old_fd = backend->fd;
	backend->fd = -1;
}

void
evi_backend_forget(struct backend *backend)
{
	backend->fd = -1;
}

void
evi_backend_find_again(struct backend *backend, struct ev_loop *loop)
{
	backend->old_fd = -1;
	backend->fd = evi_backend_epoll_fd(loop);
	evi_backend_set_token(backend, backend->token.fd);
}
