/* SPDX-License-Identifier: BSD-3-Clause */
/* One request; see request.c. */
#ifndef EVI_REQUEST_H
#define EVI_REQUEST_H

#include "ask.h"
#include "public.h"
#include "search.h"

TAILQ_HEAD(evi_requests, evi_request);

struct evi_request {
	struct evi_waiter waiter; /* has to be first */
	TAILQ_ENTRY(evi_request) link;
	struct evi_requests *queue; /* that it is in */
	evdns_callback_type callback;
	void *arg;
	int type;	     /* of the records it wants: A, AAAA, PTR */
	uint8_t address[16]; /* whose name it wants */
	int family;

	struct evi_search *search; /* NULL: the name as it is */
	int candidate;		   /* which name of the search list is asked */
	const char *asked;	   /* that name, or NULL */
	char *joined; /* its memory, if it is not the name itself */

	struct evi_servers *servers; /* those it is asked of */
	unsigned int first;	     /* where a round of them starts */
	uint64_t turns;		     /* which have had theirs in this round */
	int rounds, tries, redials;
	bool silence, refusal; /* what there was in this round */
	bool plain;	       /* was asked again without EDNS */
	int error;	       /* the last that a server said, or 0 */
	int64_t began;	       /* when it was asked first */
	int64_t rested;	       /* when it will have rested */

	int result;
	bool silent; /* evdns_shutdown() ends it without the callback */
	struct evi_answer answer;
	unsigned int pass; /* in which that came */
	char name[];
};

/* Without a queue; name is copied.  NULL without memory. */
struct evi_request *evi_request_new(const char *name, int type,
    evdns_callback_type callback, void *arg);
void evi_request_free(struct evi_request *r);

/* Answers it from the hosts file, if that comes first and knows. */
bool evi_request_is_known(struct evi_request *r);

/* Asks the nameservers that there are now. */
void evi_request_start(struct evi_request *r);

/* Asks its nameservers again, from the first one on. */
void evi_request_start_round(struct evi_request *r);

/* A question of one has ended: what follows from it.  Frees the question. */
void evi_request_go_on(struct evi_ask *ask);

/* What is under way to a nameserver that fails is asked of the next one, too.
 */
void evi_requests_give_up(struct evi_nameserver *ns);

/* It has no questions any more, and no nameservers. */
void evi_request_leave(struct evi_request *r);

/* In resolve.c: it has a result, or is to be started again after a time. */
void evi_request_is_answered(struct evi_request *r, int result);
void evi_request_rests(struct evi_request *r);

#endif
