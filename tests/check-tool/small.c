/* SPDX-License-Identifier: BSD-3-Clause */
/* A program for any libevent. */
#include <sys/time.h>
#include <sys/types.h>

#include <event.h>

int
main(void)
{
	return event_init() == NULL;
}
