/* SPDX-License-Identifier: BSD-3-Clause */
/* A program that uses a function of a newer libevent where there is one. */
__attribute__((weak)) extern void *event_new(void);
extern void *event_init(void);

int
main(void)
{
	event_init();
	return event_new != 0;
}
