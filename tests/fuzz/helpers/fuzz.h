/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the fuzzers share: the input as a sequence of small numbers, and
 * messages that say why a run failed.
 *
 * FUZZ_TRACE in the environment has every step printed.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/*
 * Whether the fuzzer is built with a libevent 1.4, against which the rules of
 * the fuzzers were checked.
 */
#if __has_include(<evcompat.h>)
#define IS_14 0
#else
#define IS_14 1
#endif

#define CHECK(what)                                                            \
	do {                                                                   \
		if (!(what))                                                   \
			fail("line %d: not so: %s", __LINE__, #what);          \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input, what is left of it, and the step that is played. */
extern struct fuzz {
	const uint8_t *at, *end;
	unsigned step;
	char what[200]; /* description of the step */
} fuzz;

/* Begins a run with this input. */
void fuzz_start(const uint8_t *data, size_t size);

/* Whether to continue: there is more input, and max_steps are not reached. */
int fuzz_has_more(unsigned max_steps);

/* The next number, below bound; 0 when the input is used up. */
unsigned take(unsigned bound);

/* Two numbers as one below 65536, the high byte first. */
size_t take_16(void);

/* Begins a step; the text describes it, for messages. */
void begin(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * For event_set_log_callback(): drops messages, which would slow the fuzzer
 * down.
 */
void fuzz_log_cb(int severity, const char *text);

/* Ends the program with the step and this message. */
void
fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Ends the program if two numbers are not the same. */
void expect(const char *what, long long got, long long expected);

#endif
