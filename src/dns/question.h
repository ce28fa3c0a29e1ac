/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Questions: each is for one name, to one nameserver, with one id for all its
 * life; see question.c.
 */
#ifndef EVI_QUESTION_H
#define EVI_QUESTION_H

#include "nameserver.h"
#include "wire.h"

/* Times are in microseconds, as those of evi_dns_now(). */
struct dns_question {
	struct query query; /* first: a query is cast to its question */
	TAILQ_ENTRY(dns_question) link;
	struct questions *list; /* unsent, sent, late of ns; or NULL */
	TAILQ_ENTRY(dns_question) of_waiter;
	TAILQ_ENTRY(dns_question) noted;
	bool is_noted;
	bool is_dropped; /* to be freed when c-ares has ended the query */
	struct nameserver *ns;
	struct questions *waiter; /* the lookup's; NULL: it is a probe */
	int type;
	bool tcp;
	bool edns;		/* it was sent with an OPT record */
	int repeats;		/* since sent_at */
	uint64_t socket_number; /* or connection's, through which it went */
	uint64_t serial;	/* of the datagram, among all to the server */
	int64_t first_sent_at;
	int64_t sent_at;	/* last, repeats not included */
	int64_t transmitted_at; /* last, repeats included */
	int64_t timeout_at;	/* 0: not sent yet */
	int64_t deadline;	/* timeout_at is not later than this */

	/* What is noted: a time-out, or how it ended. */
	bool has_ended;
	enum outcome outcome;
	int result;	   /* of evi_wire_answer(), where there was a reply */
	bool is_truncated; /* the reply over UDP was: TCP brings all of it */
	struct wire_answer answer;
};

/*
 * Sends a question, or keeps it until the server has room for it.  waiter is
 * the list of the lookup's questions, which this one is added to.  Its time-out
 * is not later than deadline, in time of evi_dns_now().  When it is late, and
 * when it has ended, it is noted: evi_question_next_noted() returns it. Returns
 * 0; or -1 without memory, and there is no question.
 */
int evi_question_ask(struct nameserver *ns, struct questions *waiter,
    const char *name, int type, bool tcp, int64_t deadline);

/* The waiter's late question to this nameserver over UDP, or NULL. */
struct dns_question *
evi_question_find_late(struct questions *waiter, const struct nameserver *ns);

/* Sends a late question again, through another socket. */
void evi_question_resend(struct dns_question *q, int64_t deadline);

/* Sends a question whose reply no lookup waits for: is the nameserver up? */
void evi_question_probe(struct nameserver *ns, const char *name, int type);

/* Initializes question.c's part of a net. */
void evi_question_init(struct net *net);

/*
 * Handles failures of sockets and connections: ends the questions that were
 * sent through them, or sends those again through another socket.
 */
void evi_question_handle_failures(struct net *net);

/*
 * Sends unsent questions; and, if timer_fired and net->questions.due has
 * passed, handles time-outs and repeats lost questions.
 */
void evi_question_work(struct net *net, bool timer_fired);

/*
 * Takes a question of a lookup off the list of those that are noted.  NULL if
 * there is none.  It lives until evi_question_drop(), which the caller may
 * call.
 */
struct dns_question *evi_question_next_noted(struct net *net);

/* Whether there are failures, or questions that are noted. */
static inline bool
evi_question_has_notes(const struct net *net)
{
	return net->has_failures || !TAILQ_EMPTY(&net->questions.noted);
}

/* Whether it waits for its time-out, or to be sent. */
static inline bool
evi_question_is_active(const struct dns_question *q)
{
	return q->list != NULL && q->list != &q->ns->pace.late;
}

/* Whether it is over TCP only because the reply over UDP was truncated. */
static inline bool
evi_question_is_fallback(const struct dns_question *q)
{
	return q->tcp && !q->ns->net->options->use_vc;
}

/* Frees a question, whether it has ended or not. */
void evi_question_drop(struct dns_question *q);

/* Frees all questions of a list: a lookup's, a nameserver's, or those noted. */
void evi_question_drop_list(struct questions *list);

/* Frees all questions. */
void evi_question_drop_all(struct net *net);

#endif
