/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A libevent 1.4 that is linked statically, as far as symbols and strings tell.
 */
#include <stdlib.h>

int event_add(void);
int event_del(void);
int event_pending(void);
int event_base_loop(void);

int
event_add(void)
{
	return getenv("EVENT_NOEPOLL") != NULL;
}

int
event_del(void)
{
	return getenv("EVENT_NOPOLL") != NULL;
}

int
event_pending(void)
{
	return getenv("EVENT_SHOW_METHOD") != NULL;
}

int
event_base_loop(void)
{
	return event_add() + event_del() + event_pending();
}

#ifndef LIBRARY
int
main(void)
{
	return event_base_loop();
}
#endif
