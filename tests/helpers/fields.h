/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The members of struct event by their 1.4 names, where a libevent keeps them
 * in another place, as 2.1 does.
 */
#ifndef HELPERS_FIELDS_H
#define HELPERS_FIELDS_H

#ifdef EVLIST_ACTIVE_LATER
#define ev_callback ev_evcallback.evcb_cb_union.evcb_callback
#define ev_arg ev_evcallback.evcb_arg
#define ev_flags ev_evcallback.evcb_flags
#define ev_pri ev_evcallback.evcb_pri
#endif

#endif
