/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One lookup: what a program has asked for once; see lookup.c.  When it has a
 * result, or backs off, it is in the setup's list of those.
 */
#ifndef EVI_LOOKUP_H
#define EVI_LOOKUP_H

#include "public.h"
#include "question.h"
#include "search.h"
#include "setup.h"

/* The part of a lookup that queue.c writes. */
struct queued {
	TAILQ_ENTRY(lookup) link;
	struct lookups *list; /* that the lookup is in, or NULL */
	bool is_counted;      /* as in flight */
	bool is_silent;	      /* its end is not reported to its callback */
	unsigned int pass;    /* of the queue, when the lookup got its result */
};

struct lookup {
	struct questions questions; /* has to be first */
	struct queued queued;
	TAILQ_ENTRY(lookup) noted; /* in the setup's list */
	evdns_callback_type cb;
	void *arg;
	int type;	     /* of records: A, AAAA, PTR */
	uint8_t address[16]; /* PTR: whose name is asked for */
	int family;

	struct search_list *search; /* NULL: the name as it is */
	int ndots;		    /* of the options when it began */
	int candidate;		    /* number of the name that is asked for */
	const char *asked;	    /* that name, or NULL */
	char *joined; /* its memory, if it is not the name itself */

	struct server_list *servers; /* those that are asked */
	unsigned int first; /* the number of the one a round starts with */
	uint64_t turns;	    /* bit i: number i was asked in this round */
	int redials;
	bool had_timeout, had_refusal; /* in this round */
	bool without_edns;	       /* was retried without EDNS */
	int error;	  /* the last DNS_ERR_* of a server, or 0 */
	int64_t began;	  /* when it was asked first */
	int64_t deadline; /* of the name that is asked */

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
void evi_lookup_free(struct lookup *l);

/* Gives a PTR lookup the address whose name it is about, for the hosts file. */
void evi_lookup_set_address(struct lookup *l, int family, const void *address);

/* Gives it the search list and the ndots that are set now. */
void evi_lookup_set_search(struct lookup *l, const struct setup *setup);

/*
 * Whether the hosts file is asked before the DNS, and knows the name.  Then the
 * lookup has its result, and is noted.
 */
bool evi_lookup_ask_hosts(struct setup *setup, struct lookup *l);

/* Asks the nameservers that there are now. */
void evi_lookup_start(struct setup *setup, struct lookup *l);

/* Continues after its backoff; starts again after all sockets were closed. */
void evi_lookup_resume(struct setup *setup, struct lookup *l);
void evi_lookup_restart(struct setup *setup, struct lookup *l);

/* Handles the note of a question: ends it, keeps it, or asks further. */
void evi_lookup_handle_note(struct setup *setup, struct dns_question *q);

/* Asks the next nameserver what is in flight to one that is down. */
void evi_lookup_leave_server(struct setup *setup, struct nameserver *ns);

/* Ends its questions, and releases its nameservers. */
void evi_lookup_stop(struct lookup *l);

#endif
