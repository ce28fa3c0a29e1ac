/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the cases share: the tables that a program of the bench offers, and the
 * sockets the cases work on.  harness.c owns main(), the clock and the
 * counting; events.c (libevent's interface) and native.c (libev's) each offer
 * the same table, so that every program answers to the same command line.
 * Where a library has buffers, evbuffers.c and bufferevents.c add theirs, and
 * evdns.c where it has a resolver; cares.c (c-ares') offers only that.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>

struct bench_case {
	const char *name;

	/*
	 * Prepares n events or descriptors, `tokens` of them busy, and returns
	 * how many there are: the limit of descriptors may allow fewer.  Called
	 * once, outside every measurement.  With buffers, `tokens` is a number
	 * of bytes.
	 */
	int (*setup)(int n, int tokens);

	/*
	 * Does the work of at least `events` events and returns how many there
	 * were; it may continue where the last call stopped.
	 */
	long (*run)(long events);
};

/* Each ends with an entry whose name is NULL. */
extern const struct bench_case bench_cases[];
/* NULL where the program was linked without. */
extern const struct bench_case bench_evbuffer_cases[] __attribute__((weak));
extern const struct bench_case bench_bufferevent_cases[] __attribute__((weak));
extern const struct bench_case bench_evdns_cases[] __attribute__((weak));

/* Size of the program's own struct for one event, in bytes. */
extern const size_t bench_event_size;

/* Prints one line: the library's version, and the kernel interface it uses. */
void bench_print_version(void);

/* A ring of connected socket pairs; a token moves from pair i to pair i+1. */
struct ring {
	int n;
	int *in;
	int *out;
};

/* n, or how many fit below the limit if each takes `each` descriptors. */
int bench_fit(int n, int each);

/* n connected, silent descriptors: both ends of n/2 socket pairs. */
int *bench_sockets(int n);

/* As many pairs as fit, at most n, `tokens` of them holding a token. */
void ring_open(struct ring *ring, int n, int tokens);
/* Reads the token that is in pair i and sends it to the next pair. */
void ring_pass(const struct ring *ring, int i);

/* Calls work(), whose time does not count. */
void bench_unmeasured(void (*work)(void));

/* The i-th of a fixed sequence of timeouts, 60 to 1083 seconds. */
int bench_seconds(int i);

/* Reports that n events of this run were lost. */
void bench_lost(long n);

void *bench_alloc(size_t n, size_t size);
void bench_need(int ok, const char *what);

#endif
