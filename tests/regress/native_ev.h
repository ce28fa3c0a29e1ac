/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Native watchers for unit/native.c, which cannot include <ev.h> beside
 * <event.h>.  Each watcher calls native_hook(NAME) when it is invoked, NAME
 * being "timer", "io" and so on.
 */
#ifndef REGRESS_NATIVE_EV_H
#define REGRESS_NATIVE_EV_H

struct ev_loop;

extern void (*native_hook)(const char *name);

void native_timer(struct ev_loop *loop, double after);
void native_io(struct ev_loop *loop, int fd);
void native_io_first(struct ev_loop *loop, int fd); /* before all others */
void native_io_stop(struct ev_loop *loop);
void native_idle(struct ev_loop *loop);
void native_idle_stop(struct ev_loop *loop);
void native_prepare(struct ev_loop *loop);
void native_prepare_stop(struct ev_loop *loop);
void native_check(struct ev_loop *loop);
void native_check_stop(struct ev_loop *loop);
void native_async(struct ev_loop *loop);
void native_async_send(struct ev_loop *loop);
void native_async_stop(struct ev_loop *loop);
void native_child(struct ev_loop *loop, int pid);

/* Ends libev's default loop, which is the process's, not a base's. */
void native_end_default_loop(void);

/* The exit status that the child watcher got. */
extern int native_status;

#endif
