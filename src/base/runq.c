/* SPDX-License-Identifier: BSD-3-Clause */
/* The run queue: what is too long or too rare for its header. */
#include "runq.h"

#include <stdlib.h>

int
evi_runq_init(struct runq *rq, int n)
{
	struct lane *lanes = calloc((size_t)n, sizeof(*lanes));

	if (lanes == NULL)
		return -1;
	for (int i = 0; i < n; i++)
		TAILQ_INIT(&lanes[i].events);
	free(rq->lanes);
	rq->lanes = lanes;
	rq->nlanes = n;
	rq->nactive = 0;
	evi_runq_mark(rq);
	return 0;
}

void
evi_runq_free(struct runq *rq)
{
	free(rq->lanes);
	rq->lanes = NULL;
}

int
evi_runq_urgent(const struct runq *rq)
{
	for (int i = 0; i < rq->nlanes; i++)
		if (!TAILQ_EMPTY(&rq->lanes[i].events))
			return i;
	return 0;
}

void
evi_runq_mark(struct runq *rq)
{
	for (int i = 0; i < rq->nlanes; i++)
		rq->lanes[i].mark = rq->lanes[i].events.tqh_last;
}
