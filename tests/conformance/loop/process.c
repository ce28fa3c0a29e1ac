/* SPDX-License-Identifier: BSD-3-Clause */
/* A base in use; see the header. */
#include "process.h"
#include "test.h"

void
process_set_up(struct process *p, bool reinit)
{
	p->base = event_init();
	p->reinit = reinit;
	make_pair(p->fd);
	event_set(&p->reader, p->fd[0], EV_READ | EV_PERSIST, note_read_cb,
	    "A");
	assert_int_equal(event_add(&p->reader, NULL), 0);
	signal_set(&p->sig, SIGUSR1, note_cb, "sig");
	assert_int_equal(event_add(&p->sig, NULL), 0);
	one_pass();
	assert_log("");
}

void
process_tear_down(struct process *p)
{
	event_base_free(p->base);
	close_pair(p->fd);
}

void
process_check_works(struct process *p)
{
	write_byte(p->fd[1]);
	one_pass();
	assert_log("A:read");
	raise(SIGUSR1);
	one_pass();
	assert_log("sig:signal");
}
