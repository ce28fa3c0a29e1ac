/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Questions to the kernel.  The cheapest ones are system calls that must fail:
 * their errno is the answer.
 */
#include "kernel.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool
evi_kernel_is_open(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags != -1 && !(flags & O_PATH))
		return true;
	errno = EBADF;
	return false;
}

/*
 * EPOLL_CTL_DEL on fd fails with EINVAL if fd is not an epoll descriptor, and
 * with EBADF if fd or epfd is not open.  An epoll descriptor is added and
 * removed: that fails with ELOOP if it has the epoll set in it.
 */
bool
evi_kernel_can_add(int epfd, int fd)
{
	struct epoll_event none = {.events = 0};

	if (epfd == -1)
		return evi_kernel_is_open(fd);
	if (epoll_ctl(fd, EPOLL_CTL_DEL, epfd, &none) == -1) {
		if (errno == EINVAL)
			return fd != epfd;
		if (errno == EBADF)
			return evi_kernel_is_open(fd);
	}
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &none) == -1)
		return errno == EEXIST;
	epoll_ctl(epfd, EPOLL_CTL_DEL, fd, &none);
	return true;
}

void
evi_kernel_find_closed(struct pollfd *fds, int n)
{
	int r;

	do
		r = poll(fds, (nfds_t)n, 0);
	while (r == -1 && errno == EINTR);
	if (r != -1)
		return;
	/* n is above the limit of open files: ask one by one. */
	for (int i = 0; i < n; i++)
		fds[i].revents = evi_kernel_is_open(fds[i].fd) ? 0 : POLLNVAL;
}

/*
 * The state of a descriptor after epoll_ctl() has failed with an errno that the
 * caller did not expect.
 */
static enum fd_state
state_after_failure(int fd)
{
	if (errno == EPERM)
		return FD_NOT_POLLABLE;
	if (errno != EBADF && errno != EINVAL)
		return FD_NOT_IN_SET;
	return evi_kernel_is_open(fd) ? FD_SET_LOST : FD_CLOSED;
}

/* Adding a descriptor that is in the epoll set fails with EEXIST. */
enum fd_state
evi_kernel_probe_armed(int epfd, int fd)
{
	struct epoll_event none = {.events = 0};

	if (epfd == -1)
		return evi_kernel_is_open(fd) ? FD_NOT_POLLABLE : FD_CLOSED;
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &none) == 0) {
		epoll_ctl(epfd, EPOLL_CTL_DEL, fd, &none);
		return FD_NOT_IN_SET;
	}
	return errno == EEXIST ? FD_IN_SET : state_after_failure(fd);
}

/* Removing a descriptor that is not in the epoll set fails with ENOENT. */
enum fd_state
evi_kernel_probe_unarmed(int epfd, int fd)
{
	struct epoll_event none = {.events = 0};

	if (epfd == -1)
		return evi_kernel_is_open(fd) ? FD_NOT_POLLABLE : FD_CLOSED;
	if (epoll_ctl(epfd, EPOLL_CTL_DEL, fd, &none) == 0)
		return FD_NOT_IN_SET;
	return state_after_failure(fd);
}

void
evi_kernel_remove(int epfd, int fd)
{
	struct epoll_event none = {.events = 0};
	int saved = errno;

	epoll_ctl(epfd, EPOLL_CTL_DEL, fd, &none);
	errno = saved;
}

/* Probes with a new eventfd, which is in no set. */
bool
evi_kernel_is_another_file(int epfd)
{
	bool r;
	int fd;

	if (epfd == -1 || !evi_kernel_is_open(epfd))
		return false;
	fd = eventfd(0, EFD_CLOEXEC);
	if (fd == -1)
		return false;
	r = evi_kernel_probe_unarmed(epfd, fd) == FD_SET_LOST;
	close(fd);
	return r;
}

void
evi_kernel_token_init(struct token *token)
{
	token->fd = -1;
}

void
evi_kernel_token_set(struct token *token, int epfd, int fd)
{
	struct epoll_event none = {.events = 0};
	struct stat st = {.st_ino = 0};

	if (epfd != -1)
		epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &none);
	fstat(fd, &st);
	token->fd = fd;
	token->dev = st.st_dev;
	token->ino = st.st_ino;
}

bool
evi_kernel_token_is_valid(const struct token *token, int epfd)
{
	struct stat st;

	if (epfd != -1 && evi_kernel_is_open(epfd))
		return evi_kernel_probe_armed(epfd, token->fd) == FD_IN_SET;
	return fstat(token->fd, &st) == 0 && st.st_dev == token->dev &&
	       st.st_ino == token->ino;
}

/* A number above the limit of open files cannot be opened again. */
bool
evi_kernel_can_open_instead(int fd)
{
	struct rlimit limit;
	int other = eventfd(0, EFD_CLOEXEC);

	if (other != -1) {
		close(other);
		return true;
	}
	return getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	       (rlim_t)fd < limit.rlim_cur;
}
