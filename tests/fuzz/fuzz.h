/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the fuzzers share: the input as a sequence of small numbers, and
 * messages that say why a run failed.
 *
 * FUZZ_TRACE in the environment has every step printed.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * Whether the fuzzer is built with a libevent 1.4, against which the rules of
 * the fuzzers were checked.
 */
#if __has_include(<evcompat.h>)
#define IS_14 0
#else
#define IS_14 1
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	const uint8_t *at, *end;
	unsigned step;
	char what[200]; /* description of the step */
} fuzz;

static inline void
fuzz_start(const uint8_t *data, size_t size)
{
	fuzz.at = data;
	fuzz.end = data + size;
	fuzz.step = 0;
}

/* Whether to continue: there is more input, and max_steps are not reached. */
static inline int
fuzz_has_more(unsigned max_steps)
{
	return fuzz.at < fuzz.end && fuzz.step < max_steps;
}

/* The next number, below bound; 0 when the input is used up. */
static inline unsigned
take(unsigned bound)
{
	return fuzz.at < fuzz.end ? *fuzz.at++ % bound : 0;
}

static inline size_t
take_16(void)
{
	size_t high = take(256);

	return high << 8 | take(256);
}

/* Begins a step; the text describes it, for messages. */
static inline void __attribute__((format(printf, 1, 2)))
begin(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(fuzz.what, sizeof fuzz.what, format, ap);
	va_end(ap);
	fuzz.step++;
	if (getenv("FUZZ_TRACE") != NULL)
		fprintf(stderr, "%u: %s\n", fuzz.step, fuzz.what);
}

/*
 * For event_set_log_callback(): drops messages, which would slow the fuzzer
 * down.
 */
static inline void
fuzz_log_cb(int severity, const char *text)
{
	if (getenv("FUZZ_TRACE") != NULL)
		fprintf(stderr, "log %d: %s\n", severity, text);
}

static inline void __attribute__((format(printf, 1, 2), noreturn))
fail(const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "%s: step %u, %s: ", program_invocation_short_name,
	    fuzz.step, fuzz.what);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
	abort();
}

static inline void
expect(const char *what, long long got, long long expected)
{
	if (got != expected)
		fail("%s is %lld, not %lld", what, got, expected);
}

#endif
