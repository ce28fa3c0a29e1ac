/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The log.  Owns the program's log callback.  A message is cut at 1023 bytes,
 * as in 1.4, so that logging never allocates.
 */
#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "public.h"

#define LOG_MAX 1024

static event_log_cb log_cb;
static void (*listener)(void);

static void
emit(int severity, const char *msg)
{
	static const char *const names[] = {"debug", "msg", "warn", "err"};

	if (log_cb != NULL)
		log_cb(severity, msg);
	else
		fprintf(stderr, "[%s] %s\n", names[severity], msg);
}

/* Formats and logs; err is an errno to explain, or 0 for none. */
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
	log_cb = cb;
	if (cb != NULL && listener != NULL)
		listener();
}

void
evi_log_listen(void (*cb)(void))
{
	listener = cb;
}
