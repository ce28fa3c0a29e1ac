/* SPDX-License-Identifier: BSD-3-Clause */
/* The counters, and what goes wrong on request; see the header. */
#include "wrap.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>

_Thread_local struct counts counts;

static _Thread_local long fail_at, fail_from, seen;
static _Thread_local int failed, descriptors_to_fail, adds_to_fail, add_errno;

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void __real_free(void *);
int __real_epoll_ctl(int, int, int, struct epoll_event *);
int __real_epoll_wait(int, struct epoll_event *, int, int);
int __real_epoll_create1(int);
int __real_eventfd(unsigned int, int);
int __real_poll(struct pollfd *, nfds_t, int);
int __real_fcntl(int, int, ...);

void *__real_evi_alloc_resize(void *, long);

void *__wrap_evi_alloc_resize(void *, long);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);
void __wrap_free(void *);
int __wrap_epoll_ctl(int, int, int, struct epoll_event *);
int __wrap_epoll_wait(int, struct epoll_event *, int, int);
int __wrap_epoll_create1(int);
int __wrap_eventfd(unsigned int, int);
int __wrap_poll(struct pollfd *, nfds_t, int);
int __wrap_fcntl(int, int, ...);

static void
arm(long at, long from)
{
	fail_at = at;
	fail_from = from;
	seen = 0;
	failed = 0;
}

void
fail_alloc(long nth)
{
	arm(nth, 0);
}

void
fail_allocs_from(long nth)
{
	arm(0, nth);
}

int
alloc_failed(void)
{
	return failed;
}

void
fail_descriptors(int n)
{
	descriptors_to_fail = n;
}

static int
must_fail(void)
{
	seen++;
	if (seen != fail_at && (fail_from == 0 || seen < fail_from))
		return 0;
	failed = 1;
	errno = ENOMEM;
	return 1;
}

static void *
counted(void *p)
{
	if (p != NULL) {
		counts.allocs++;
		counts.bytes += (long)malloc_usable_size(p);
	}
	return p;
}

void *
__wrap_malloc(size_t size)
{
	return must_fail() ? NULL : counted(__real_malloc(size));
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return must_fail() ? NULL : counted(__real_calloc(n, size));
}

void *
__wrap_realloc(void *p, size_t size)
{
	long before = p != NULL ? (long)malloc_usable_size(p) : 0;
	void *q;

	if (must_fail())
		return NULL;
	q = __real_realloc(p, size);
	if (q != NULL)
		counts.bytes -= before;
	return counted(q);
}

void
__wrap_free(void *p)
{
	if (p != NULL) {
		counts.frees++;
		counts.bytes -= (long)malloc_usable_size(p);
	}
	__real_free(p);
}

int
__wrap_epoll_ctl(int epfd, int op, int fd, struct epoll_event *ev)
{
	counts.epoll_ctl++;
	if (op == EPOLL_CTL_ADD && adds_to_fail > 0) {
		adds_to_fail--;
		errno = add_errno;
		return -1;
	}
	return __real_epoll_ctl(epfd, op, fd, ev);
}

int
__wrap_epoll_wait(int epfd, struct epoll_event *ev, int max, int timeout)
{
	counts.epoll_wait++;
	return __real_epoll_wait(epfd, ev, max, timeout);
}

void
fail_epoll_adds(int n, int err)
{
	adds_to_fail = n;
	add_errno = err;
}

static int
lacks_descriptor(void)
{
	if (descriptors_to_fail == 0)
		return 0;
	descriptors_to_fail--;
	errno = EMFILE;
	return 1;
}

int
__wrap_epoll_create1(int flags)
{
	return lacks_descriptor() ? -1 : __real_epoll_create1(flags);
}

int
__wrap_eventfd(unsigned int value, int flags)
{
	return lacks_descriptor() ? -1 : __real_eventfd(value, flags);
}

int
__wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	counts.others++;
	return __real_poll(fds, n, timeout);
}

int
__wrap_fcntl(int fd, int cmd, ...)
{
	va_list ap;
	long arg;

	va_start(ap, cmd);
	arg = va_arg(ap, long);
	va_end(ap);
	counts.others++;
	return __real_fcntl(fd, cmd, arg);
}

/* libev's blocks, and what it asked for. */
static _Thread_local struct block {
	void *p;
	long size;
} blocks[256];

static struct block *
block_of(const void *p)
{
	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++)
		if (blocks[i].p == p)
			return &blocks[i];
	abort();
}

void *
__wrap_evi_alloc_resize(void *p, long size)
{
	struct block *b = block_of(p);
	void *q = __real_evi_alloc_resize(p, size);

	if (p == NULL && q == NULL)
		return NULL;
	counts.libev += size - b->size;
	b->p = q;
	b->size = size;
	return q;
}
