/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One program of the bench: it runs one case of its table and prints one line
 * of name=value pairs.  run.py calls it, for each library in turn.
 *
 *	prog CASE N TOKENS time MS        ns per event, over about MS ms
 *	prog CASE N TOKENS count EVENTS   at least EVENTS, after a warm-up; how
 *	                                  many events each had, and the calls of
 *	                                  malloc and free after the warm-up
 *	prog CASE N TOKENS once           N events, no warm-up; the bytes that
 *	                                  they add to the heap
 *	prog CASE N TOKENS batch          N events, no warm-up; the time they
 *	                                  took, and how many of them were lost
 *	prog version
 *
 * "count" and "once" are for counting: under strace or callgrind, or with
 * heap.so preloaded.
 *
 * What N and TOKENS mean depends on the case: how many events there are, and
 * how many of them are busy; with buffers, how many pieces or connections, and
 * how many bytes a piece or a message has; with the DNS, how many names are
 * looked up at once, and how many of a thousand exchanges fail.
 */
#include "bench.h"

#include "heap.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Room for the library's own descriptors, the standard three and the like. */
#define SPARE_DESCRIPTORS 32
#define CHUNKS 9 /* of a timed run, whose median counts */

static long long paused_ns;
static long lost;

static long long
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

void
bench_need(int ok, const char *what)
{
	if (!ok) {
		perror(what);
		exit(1);
	}
}

/* Writes zeros, so that the kernel maps the pages before anything is counted.
 */
void *
bench_alloc(size_t n, size_t size)
{
	void *p = malloc(n * size);

	bench_need(p != NULL, "malloc");
	explicit_bzero(p, n * size);
	return p;
}

int
bench_fit(int n, int each)
{
	struct rlimit lim;
	rlim_t most;

	bench_need(getrlimit(RLIMIT_NOFILE, &lim) == 0, "getrlimit");
	lim.rlim_cur = lim.rlim_max;
	bench_need(setrlimit(RLIMIT_NOFILE, &lim) == 0, "setrlimit");
	most = (lim.rlim_cur - SPARE_DESCRIPTORS) / (rlim_t)each;
	return most < (rlim_t)n ? (int)most : n;
}

int *
bench_sockets(int n)
{
	int *fds = bench_alloc((size_t)n + 1, sizeof(*fds));

	for (int i = 0; i < n; i += 2)
		bench_need(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
			       fds + i) == 0,
		    "socketpair");
	return fds;
}

void
ring_open(struct ring *ring, int n, int tokens)
{
	int *fds;

	n = bench_fit(n, 2);
	fds = bench_sockets(2 * n);
	ring->n = n;
	ring->in = bench_alloc((size_t)n, sizeof(int));
	ring->out = bench_alloc((size_t)n, sizeof(int));
	for (int i = 0; i < n; i++) {
		ring->in[i] = fds[2 * i];
		ring->out[i] = fds[2 * i + 1];
	}
	for (int i = 0; i < tokens; i++) {
		int at = (int)((long)i * n / tokens);

		bench_need(write(ring->out[at], "t", 1) == 1, "write");
	}
}

void
ring_pass(const struct ring *ring, int i)
{
	char token;

	bench_need(recv(ring->in[i], &token, 1, 0) == 1, "recv");
	i = i + 1 == ring->n ? 0 : i + 1;
	bench_need(send(ring->out[i], &token, 1, 0) == 1, "send");
}

void
bench_unmeasured(void (*work)(void))
{
	long long start = now_ns();

	work();
	paused_ns += now_ns() - start;
}

void
bench_lost(long n)
{
	lost += n;
}

int
bench_seconds(int i)
{
	return 60 + (int)(((unsigned)i * 2654435761u) >> 22);
}

/* Nanoseconds that at least `events` took; *done gets how many there were. */
static long long
timed_run(const struct bench_case *c, long events, long *done)
{
	long long start = now_ns();

	paused_ns = 0;
	*done = c->run(events);
	return now_ns() - start - paused_ns;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* CHUNKS, or as many as take twice the requested time. */
static int
chunks_for(double chunk_ns, double took)
{
	double most = 2 * CHUNKS * chunk_ns / took;

	return most < 1 ? 1 : most < CHUNKS ? (int)most : CHUNKS;
}

/* Prints the median of some chunks; a warm-up finds how many events each has.
 */
static void
run_time(const struct bench_case *c, int n, double ms)
{
	double chunk_ns = ms * 1e6 / CHUNKS, ns[CHUNKS];
	long events = n, done;
	long long took;
	int chunks;

	for (int runs = 1;; runs++) {
		took = timed_run(c, events, &done);
		/* The first run is cold: its time counts only if it is long. */
		if (took >= (runs == 1 ? ms * 1e6 : chunk_ns / 2))
			break;
		if (took < chunk_ns / 2)
			events *= 2;
	}
	events = (long)(done * chunk_ns / took) + 1;
	chunks = chunks_for(chunk_ns, took);
	for (int i = 0; i < chunks; i++) {
		took = timed_run(c, events, &done);
		ns[i] = (double)took / done;
	}
	qsort(ns, (size_t)chunks, sizeof(ns[0]), compare);
	printf("n=%d ns=%.2f\n", n, ns[chunks / 2]);
}

static void
read_heap(struct heap_use *use)
{
	void (*heap_read_fn)(struct heap_use *);

	memset(use, 0, sizeof(*use));
	*(void **)&heap_read_fn = dlsym(RTLD_DEFAULT, "heap_read");
	if (heap_read_fn != NULL)
		heap_read_fn(use);
}

static void
run_count(const struct bench_case *c, int n, long events)
{
	struct heap_use before, after;
	long warm, done;

	warm = c->run(2L * n);
	read_heap(&before);
	done = c->run(events);
	read_heap(&after);
	printf("n=%d warm=%ld events=%ld mallocs=%ld frees=%ld\n", n, warm,
	    done, after.mallocs - before.mallocs, after.frees - before.frees);
}

static long
resident_bytes(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f == NULL || fscanf(f, "%*d %ld", &pages) != 1)
		perror("/proc/self/statm");
	if (f != NULL)
		fclose(f);
	return pages * sysconf(_SC_PAGESIZE);
}

static void
run_once(const struct bench_case *c, int n)
{
	struct heap_use before, after;
	long rss;

	/* The first call allocates: that is not part of the case. */
	resident_bytes();
	rss = resident_bytes();
	read_heap(&before);
	c->run(n);
	read_heap(&after);
	rss = resident_bytes() - rss;
	printf("n=%d own=%zu bytes=%ld rss=%ld\n", n, bench_event_size,
	    after.bytes - before.bytes, rss);
}

static void
run_batch(const struct bench_case *c, int n)
{
	long done;
	long long took = timed_run(c, n, &done);

	printf("n=%ld ns=%lld lost=%ld\n", done, took, lost);
}

static const struct bench_case *
find_case(const char *name)
{
	const struct bench_case *tables[] = {
	    bench_cases,
	    bench_evbuffer_cases,
	    bench_bufferevent_cases,
	    bench_evdns_cases,
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		const struct bench_case *c = tables[i];

		for (; c != NULL && c->name != NULL; c++)
			if (strcmp(c->name, name) == 0)
				return c;
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	const struct bench_case *c = argc > 4 ? find_case(argv[1]) : NULL;
	int n, tokens;

	if (argc == 2 && strcmp(argv[1], "version") == 0) {
		bench_print_version();
		return 0;
	}
	if (c == NULL) {
		fprintf(stderr,
		    "usage: %s CASE N TOKENS time MS | count EVENTS | once | "
		    "batch\n"
		    "       %s version\n",
		    argv[0], argv[0]);
		return 2;
	}
	n = atoi(argv[2]);
	tokens = atoi(argv[3]);
	n = c->setup(n, tokens);
	if (strcmp(argv[4], "time") == 0 && argc > 5)
		run_time(c, n, atof(argv[5]));
	else if (strcmp(argv[4], "count") == 0 && argc > 5)
		run_count(c, n, atol(argv[5]));
	else if (strcmp(argv[4], "batch") == 0)
		run_batch(c, n);
	else
		run_once(c, n);
	return 0;
}
