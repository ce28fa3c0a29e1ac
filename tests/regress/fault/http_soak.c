/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A short soak of both sides; `make http-soak` is the long one.  The seeds are
 * fixed; how the kernel splits what is sent is not.
 */
#define EVCOMPAT_HTTP

#include "test.h"

#include "../../soak/clients.h"
#include "../../soak/pipelined.h"

#define REQUESTS 10000

static void
be_silent_cb(int severity, const char *text)
{
	(void)severity;
	(void)text;
}

TEST(http_pipelined_requests_get_their_own_answers)
{
	soak_pipelined(REQUESTS, 1);
}

TEST(http_requests_to_a_bad_server_get_one_callback_each)
{
	event_set_log_callback(be_silent_cb);
	soak_clients(REQUESTS, 2);
}
