/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages to the program's log function, which may do what any callback may.
 * So they are kept until evi_log_flush().
 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "public.h"
#include "support/queue.h"

struct message {
	TAILQ_ENTRY(message) link;
	int is_warning;
	char text[256];
};

static struct {
	TAILQ_HEAD(, message) messages;
	evdns_debug_log_fn_type log_cb; /* NULL: none */
} dns_log = {TAILQ_HEAD_INITIALIZER(dns_log.messages), NULL};

void
evdns_set_log_fn(evdns_debug_log_fn_type fn)
{
	dns_log.log_cb = fn;
}

void
evi_log_message(int is_warning, const char *fmt, ...)
{
	struct message *m;
	va_list ap;

	if (dns_log.log_cb == NULL || (m = malloc(sizeof(*m))) == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(m->text, sizeof(m->text), fmt, ap);
	va_end(ap);
	m->is_warning = is_warning;
	TAILQ_INSERT_TAIL(&dns_log.messages, m, link);
}

void
evi_log_flush(void)
{
	struct message *m;

	while ((m = TAILQ_FIRST(&dns_log.messages)) != NULL) {
		TAILQ_REMOVE(&dns_log.messages, m, link);
		if (dns_log.log_cb != NULL)
			dns_log.log_cb(m->is_warning, m->text);
		free(m);
	}
}
