/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One lookup: a request of a program, see lookup.c.  When it has a result, or
 * backs off, it is noted for the queue: evi_lookup_next_noted() returns it.
 */
#ifndef EVI_LOOKUP_H
#define EVI_LOOKUP_H

#include "public.h"
#include "question.h"
#include "conf/search.h"
#include "setup.h"

/* The part of a lookup that queue.c writes. */
struct queued {
	TAILQ_ENTRY(lookup) link;
	struct lookups *list; /* that the lookup is in, or NULL */
	bool is_counted;      /* as in flight */
	bool is_silent;	      /* its end is not reported to its callback */
	unsigned int pass;    /* of the queue, when the lookup got its result */
};

/* Times are in microseconds, as those of evi_dns_now(). */
struct lookup {
	struct questions questions; /* first: a waiter is cast to its lookup */
	struct queued queued;
	TAILQ_ENTRY(lookup) noted; /* among those that are noted */
	evdns_callback_type cb;
	void *arg;
	int type;	     /* of records: A, AAAA, PTR */
	uint8_t address[16]; /* PTR: whose name is asked for */
	int family;	     /* of address, or of the addresses asked for */

	struct search_list *search; /* NULL: only name itself is tried */
	int ndots;		    /* the option, when the lookup was made */
	int candidate;		    /* which name of the search list is tried */
	char *tried_name;	    /* from malloc, or name; NULL: none yet */

	struct server_list *servers; /* those that are asked */
	unsigned int first; /* index of the one that a round begins with */
	uint64_t turns;	    /* bit i: server i was asked in this round */
	int redials;	    /* connections that ended without a reply */
	bool had_timeout, was_unreachable; /* in this round */
	bool without_edns;		   /* was retried without EDNS */
	int error;	  /* the last DNS_ERR_* of a server, or 0 */
	int64_t began_at; /* when the first question was asked, or 0 */
	int64_t deadline; /* of the name that is tried */

	bool backs_off; /* until retry_at, and has no result */
	int64_t retry_at;
	int result; /* DNS_ERR_* */
	struct wire_answer answer;
	char name[];
};

/* Initializes the list of lookups that are noted. */
void evi_lookup_init(struct setup *setup);

/* Takes a lookup off that list: it has a result or backs off.  NULL: none. */
struct lookup *evi_lookup_next_noted(struct setup *setup);

/* Makes a lookup that is in no queue.  name is copied.  NULL without memory. */
struct lookup *
evi_lookup_new(const char *name, int type, evdns_callback_type cb, void *arg);

/* Stops and frees a lookup that is in no queue, and not noted. */
void evi_lookup_free(struct lookup *l);

/* Gives a PTR lookup the address whose name it is about, for the hosts file. */
void evi_lookup_set_address(struct lookup *l, int family, const void *address);

/* Gives a lookup the search list and the ndots that are set now. */
void evi_lookup_set_search(struct lookup *l, const struct setup *setup);

/*
 * Whether the hosts file is asked before the DNS, and knows the name.  Then the
 * lookup has its result, and is noted.
 */
bool evi_lookup_ask_hosts(struct setup *setup, struct lookup *l);

/* Asks the nameservers of the setup, which has some.  May note the lookup. */
void evi_lookup_start(struct setup *setup, struct lookup *l);

/* Continues a lookup after its backoff.  May note it. */
void evi_lookup_resume(struct setup *setup, struct lookup *l);

/*
 * Restarts the name that is tried, after all questions were dropped.  May note
 * the lookup.
 */
void evi_lookup_restart(struct setup *setup, struct lookup *l);

/*
 * Handles the note of a question.  Its lookup gets its result and is noted, or
 * asks another question, or continues to wait.
 */
void evi_lookup_handle_note(struct setup *setup, struct dns_question *q);

/*
 * A nameserver was marked down: has each lookup that waits for it alone ask the
 * next nameserver.  May note lookups.
 */
void evi_lookup_leave_server(struct setup *setup, struct nameserver *ns);

/* Ends a lookup's questions, and releases its nameservers. */
void evi_lookup_stop(struct lookup *l);

#endif
