/* SPDX-License-Identifier: BSD-3-Clause */
/* The counters, and the failures that tests ask for; see the header. */
#include "wrap.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

_Thread_local struct counts counts;

static atomic_long bytes_of_all;
static _Thread_local long fail_at, fail_from, seen;
static _Thread_local unsigned int chance, fail_one_in;
static _Thread_local int failed, descriptors_to_fail, sets_to_fail,
    adds_to_fail, add_errno;

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void __real_free(void *);
int __real_epoll_ctl(int, int, int, struct epoll_event *);
int __real_epoll_wait(int, struct epoll_event *, int, int);
int __real_epoll_create1(int);
int __real_eventfd(unsigned int, int);
int __real_open(const char *, int, ...);
int __real_stat(const char *, struct stat *);
int __real_fstat(int, struct stat *);
int __real_poll(struct pollfd *, nfds_t, int);
int __real_fcntl(int, int, ...);
int __real_ioctl(int, unsigned long, ...);
ssize_t __real_read(int, void *, size_t);
ssize_t __real_readv(int, const struct iovec *, int);
ssize_t __real_recv(int, void *, size_t, int);
ssize_t __real_write(int, const void *, size_t);
ssize_t __real_writev(int, const struct iovec *, int);
ssize_t __real_send(int, const void *, size_t, int);
ssize_t __real_sendmsg(int, const struct msghdr *, int);
int __real_accept4(int, struct sockaddr *, socklen_t *, int);
void *__real_memchr(const void *, int, size_t);
void *__real_memmem(const void *, size_t, const void *, size_t);
int __real_memcmp(const void *, const void *, size_t);
void *__real_memcpy(void *, const void *, size_t);
void *__real_memmove(void *, const void *, size_t);

void *__real_evi_alloc_resize(void *, long);

void *__wrap_evi_alloc_resize(void *, long);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);
void __wrap_free(void *);
char *__wrap_strdup(const char *);
char *__wrap_strndup(const char *, size_t);
int __wrap_epoll_ctl(int, int, int, struct epoll_event *);
int __wrap_epoll_wait(int, struct epoll_event *, int, int);
int __wrap_epoll_create1(int);
int __wrap_eventfd(unsigned int, int);
int __wrap_open(const char *, int, ...);
int __wrap_stat(const char *, struct stat *);
int __wrap_fstat(int, struct stat *);
int __wrap_poll(struct pollfd *, nfds_t, int);
int __wrap_fcntl(int, int, ...);
int __wrap_ioctl(int, unsigned long, ...);
ssize_t __wrap_read(int, void *, size_t);
ssize_t __wrap_readv(int, const struct iovec *, int);
ssize_t __wrap_recv(int, void *, size_t, int);
ssize_t __wrap_write(int, const void *, size_t);
ssize_t __wrap_writev(int, const struct iovec *, int);
ssize_t __wrap_send(int, const void *, size_t, int);
ssize_t __wrap_sendmsg(int, const struct msghdr *, int);
int __wrap_accept4(int, struct sockaddr *, socklen_t *, int);
void *__wrap_memchr(const void *, int, size_t);
void *__wrap_memmem(const void *, size_t, const void *, size_t);
int __wrap_memcmp(const void *, const void *, size_t);
int __wrap_bcmp(const void *, const void *, size_t);
void *__wrap_memcpy(void *, const void *, size_t);
void *__wrap_memmove(void *, const void *, size_t);

struct counts
counts_since(const struct counts *before)
{
	long copied = counts.copied; /* the next line may call memcpy(), too */
	struct counts c = counts;

	c.allocs -= before->allocs;
	c.frees -= before->frees;
	c.bytes -= before->bytes;
	c.libev -= before->libev;
	c.epoll_ctl -= before->epoll_ctl;
	c.epoll_sets -= before->epoll_sets;
	c.epoll_wait -= before->epoll_wait;
	c.reads -= before->reads;
	c.writes -= before->writes;
	c.accepts -= before->accepts;
	c.others -= before->others;
	c.files -= before->files;
	c.searched -= before->searched;
	c.copied = copied - before->copied;
	return c;
}

void
counts_add(struct counts *sum, const struct counts *c)
{
	sum->allocs += c->allocs;
	sum->frees += c->frees;
	sum->bytes += c->bytes;
	sum->libev += c->libev;
	sum->epoll_ctl += c->epoll_ctl;
	sum->epoll_sets += c->epoll_sets;
	sum->epoll_wait += c->epoll_wait;
	sum->reads += c->reads;
	sum->writes += c->writes;
	sum->accepts += c->accepts;
	sum->others += c->others;
	sum->files += c->files;
	sum->searched += c->searched;
	sum->copied += c->copied;
}

long
bytes_of_all_threads(void)
{
	return atomic_load(&bytes_of_all);
}

/* --- memory --- */

static void
arm(long at, long from)
{
	fail_at = at;
	fail_from = from;
	fail_one_in = 0;
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

void
fail_allocs_often(unsigned int seed, unsigned int one_in)
{
	arm(0, 0);
	chance = seed;
	fail_one_in = one_in;
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
	chance = chance * 1103515245 + 12345;
	if (seen != fail_at && (fail_from == 0 || seen < fail_from) &&
	    (fail_one_in == 0 || (chance >> 16) % fail_one_in != 0))
		return 0;
	failed = 1;
	errno = ENOMEM;
	return 1;
}

static void
count_bytes(long n)
{
	counts.bytes += n;
	atomic_fetch_add(&bytes_of_all, n);
}

static void *
counted(void *p)
{
	if (p != NULL) {
		counts.allocs++;
		count_bytes((long)malloc_usable_size(p));
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

char *
__wrap_strndup(const char *text, size_t max)
{
	size_t len = strnlen(text, max);
	char *copy = __wrap_malloc(len + 1);

	if (copy != NULL) {
		__real_memcpy(copy, text, len);
		copy[len] = '\0';
	}
	return copy;
}

char *
__wrap_strdup(const char *text)
{
	return __wrap_strndup(text, SIZE_MAX);
}

void *
__wrap_realloc(void *p, size_t size)
{
	long before = p != NULL ? (long)malloc_usable_size(p) : 0;
	void *q;

	if (must_fail())
		return NULL;
	q = __real_realloc(p, size);
	if (q != NULL) {
		count_bytes(-before);
		if (q != p)
			counts.copied +=
			    before < (long)size ? before : (long)size;
	}
	return counted(q);
}

void
__wrap_free(void *p)
{
	if (p != NULL) {
		counts.frees++;
		count_bytes(-(long)malloc_usable_size(p));
	}
	__real_free(p);
}

/* --- system calls --- */

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

void
fail_epoll_sets(int n)
{
	sets_to_fail = n;
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
	counts.epoll_sets++;
	if (sets_to_fail > 0) {
		sets_to_fail--;
		errno = EMFILE;
		return -1;
	}
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

int
__wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	counts.others++;
	return __real_ioctl(fd, request, arg);
}

ssize_t
__wrap_read(int fd, void *to, size_t len)
{
	counts.reads++;
	return __real_read(fd, to, len);
}

ssize_t
__wrap_readv(int fd, const struct iovec *to, int n)
{
	counts.reads++;
	return __real_readv(fd, to, n);
}

ssize_t
__wrap_recv(int fd, void *to, size_t len, int flags)
{
	counts.reads++;
	return __real_recv(fd, to, len, flags);
}

ssize_t
__wrap_write(int fd, const void *from, size_t len)
{
	counts.writes++;
	return __real_write(fd, from, len);
}

ssize_t
__wrap_writev(int fd, const struct iovec *from, int n)
{
	counts.writes++;
	return __real_writev(fd, from, n);
}

ssize_t
__wrap_send(int fd, const void *from, size_t len, int flags)
{
	counts.writes++;
	return __real_send(fd, from, len, flags);
}

ssize_t
__wrap_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	counts.writes++;
	return __real_sendmsg(fd, msg, flags);
}

int
__wrap_accept4(int fd, struct sockaddr *from, socklen_t *len, int flags)
{
	counts.accepts++;
	return __real_accept4(fd, from, len, flags);
}

/* --- files --- */

int
__wrap_open(const char *path, int flags, ...)
{
	va_list ap;
	mode_t mode;

	va_start(ap, flags);
	mode = va_arg(ap, mode_t);
	va_end(ap);
	counts.files++;
	return __real_open(path, flags, mode);
}

int
__wrap_stat(const char *path, struct stat *st)
{
	counts.files++;
	return __real_stat(path, st);
}

int
__wrap_fstat(int fd, struct stat *st)
{
	counts.files++;
	return __real_fstat(fd, st);
}

/* --- bytes that are searched and copied --- */

static void
searched(const char *from, size_t len, const char *found, size_t what)
{
	counts.searched +=
	    found != NULL ? found - from + (long)what : (long)len;
}

void *
__wrap_memchr(const void *from, int c, size_t len)
{
	void *found = __real_memchr(from, c, len);

	searched(from, len, found, 1);
	return found;
}

void *
__wrap_memmem(const void *from, size_t len, const void *what, size_t n)
{
	void *found = __real_memmem(from, len, what, n);

	searched(from, len, found, n);
	return found;
}

int
__wrap_memcmp(const void *a, const void *b, size_t len)
{
	const char *p = a, *q = b;
	size_t n = 0;

	while (n < len && p[n] == q[n])
		n++;
	counts.searched += (long)(n < len ? n + 1 : n);
	return __real_memcmp(a, b, len);
}

/* clang calls bcmp() instead of memcmp() where only equality counts. */
int
__wrap_bcmp(const void *a, const void *b, size_t len)
{
	return __wrap_memcmp(a, b, len);
}

void *
__wrap_memcpy(void *to, const void *from, size_t len)
{
	counts.copied += (long)len;
	return __real_memcpy(to, from, len);
}

void *
__wrap_memmove(void *to, const void *from, size_t len)
{
	counts.copied += (long)len;
	return __real_memmove(to, from, len);
}

/* --- libev's memory --- */

/* libev's blocks, and the sizes that it asked for. */
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
