/* SPDX-License-Identifier: BSD-3-Clause */
/* What the fuzzers share; see the header. */
#include "fuzz.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct fuzz fuzz;

void
fuzz_start(const uint8_t *data, size_t size)
{
	fuzz.at = data;
	fuzz.end = data + size;
	fuzz.step = 0;
}

int
fuzz_has_more(unsigned max_steps)
{
	return fuzz.at < fuzz.end && fuzz.step < max_steps;
}

unsigned
take(unsigned bound)
{
	return fuzz.at < fuzz.end ? *fuzz.at++ % bound : 0;
}

size_t
take_16(void)
{
	size_t high = take(256);

	return high << 8 | take(256);
}

void
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

void
fuzz_log_cb(int severity, const char *text)
{
	if (getenv("FUZZ_TRACE") != NULL)
		fprintf(stderr, "log %d: %s\n", severity, text);
}

void
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

void
expect(const char *what, long long got, long long expected)
{
	if (got != expected)
		fail("%s is %lld, not %lld", what, got, expected);
}
