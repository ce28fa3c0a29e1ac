/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The log.  As in 1.4, a message is cut after 1023 bytes.  So logging never
 * allocates memory.
 */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "public.h"

/* The longest message in bytes, with its NUL. */
#define LOG_MAX 1024

static struct {
	event_log_cb cb;	 /* the program's; NULL: to standard error */
	void (*listen_cb)(void); /* NULL: none */
} state;

static void
emit(int severity, const char *msg)
{
	static const char *const names[] = {"debug", "msg", "warn", "err"};

	if (state.cb != NULL)
		state.cb(severity, msg);
	else
		fprintf(stderr, "[%s] %s\n", names[severity], msg);
}

/* Formats and logs a message; err is the errno to append, or 0. */
static void
report(int severity, int err, const char *fmt, va_list ap)
{
	char msg[LOG_MAX] = "";
	int saved = errno;
	size_t len;

	vsnprintf(msg, sizeof(msg), fmt, ap);
	len = strlen(msg);
	if (err != 0)
		snprintf(msg + len, sizeof(msg) - len, ": %s", strerror(err));
	emit(severity, msg);
	errno = saved;
}

#define REPORT(severity, err, fmt)                                             \
	do {                                                                   \
		va_list ap;                                                    \
                                                                               \
		va_start(ap, fmt);                                             \
		report(severity, err, fmt, ap);                                \
		va_end(ap);                                                    \
	} while (0)

void
event_err(int status, const char *fmt, ...)
{
	REPORT(_EVENT_LOG_ERR, errno, fmt);
	exit(status);
}

void
event_errx(int status, const char *fmt, ...)
{
	REPORT(_EVENT_LOG_ERR, 0, fmt);
	exit(status);
}

void
event_warn(const char *fmt, ...)
{
	REPORT(_EVENT_LOG_WARN, errno, fmt);
}

void
event_warnx(const char *fmt, ...)
{
	REPORT(_EVENT_LOG_WARN, 0, fmt);
}

void
event_msgx(const char *fmt, ...)
{
	REPORT(_EVENT_LOG_MSG, 0, fmt);
}

void
_event_debugx(const char *fmt, ...)
{
	REPORT(_EVENT_LOG_DEBUG, 0, fmt);
}

void
event_set_log_callback(event_log_cb cb)
{
	state.cb = cb;
	if (cb != NULL && state.listen_cb != NULL)
		state.listen_cb();
}

void
evi_log_listen(void (*cb)(void))
{
	state.listen_cb = cb;
}
