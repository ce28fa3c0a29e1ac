/* SPDX-License-Identifier: BSD-3-Clause */
/* A program that reads variables of 1.4's that no header declares. */
extern int event_gotsig;
extern void *evsignal_base;
extern void *event_init(void);

int
main(void)
{
	event_init();
	return event_gotsig + (evsignal_base != 0);
}
