/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * files: reads a file in blocks, in random order, while a timer expires each
 * millisecond.  A file is always "ready", so even with an event for it read(2)
 * would wait for the disk, and the whole loop with it.  Here threads wait, and
 * pass the bytes to the loop with evcompat_base_wakeup().
 *
 *	files [-b] [-c] [-n READS] [-s KB] [-t THREADS] FILE
 *
 * -b reads in the loop itself, to compare.  -c first has the kernel drop the
 * file from its cache.  The program prints how long it took, a sum of the
 * bytes, and how late the timer was.
 *
 *	cc -pthread files.c $(pkg-config --cflags --libs libevent-compat)
 */
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <err.h>
#include <errno.h>
#include <event.h>
#include <evcompat.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* How many reads are in flight at most: fewer than the calls that can wait. */
#define DEPTH 64
#define MAX_THREADS 16

/* A read.  The loop has it, then a thread, then the loop again. */
struct job {
	struct job *next;
	off_t offset;
	ssize_t got;
	int error;
	unsigned char *block;
	struct event read_timer; /* with -b: has the loop read it */
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t some;
	struct job *first, **last;
	pthread_t threads[MAX_THREADS];
	int nthreads;
	int ends;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER,
    .some = PTHREAD_COND_INITIALIZER,
    .last = &pool.first};

static struct {
	int fd;
	size_t size;		  /* bytes in a block */
	long blocks;		  /* blocks in the file */
	long to_start, to_finish; /* reads that are to be started, to end */
	int threads;		  /* number of threads; 0: the loop reads */
	unsigned long seed;
} file = {.size = 65536, .to_start = 2000, .threads = 4, .seed = 1};

static struct event_base *base;
static struct event tick;
static unsigned long sum;

static struct {
	double due, latest, total;
	long n;
} late;

/* --- reading --- */

static void
read_block(struct job *job)
{
	job->got = pread(file.fd, job->block, file.size, job->offset);
	job->error = errno;
}

static void done_cb(void *);

/* Waits for a job, and takes it off the queue.  Returns NULL at the end. */
static struct job *
take_job(void)
{
	struct job *job;

	pthread_mutex_lock(&pool.lock);
	while (pool.first == NULL && !pool.ends)
		pthread_cond_wait(&pool.some, &pool.lock);
	job = pool.first;
	if (job != NULL && (pool.first = job->next) == NULL)
		pool.last = &pool.first;
	pthread_mutex_unlock(&pool.lock);
	return job;
}

static void *
work(void *unused)
{
	struct job *job;

	(void)unused;
	while ((job = take_job()) != NULL) {
		read_block(job);
		if (evcompat_base_wakeup(base, done_cb, job) == -1)
			err(1, "evcompat_base_wakeup");
	}
	return NULL;
}

static void
add_job(struct job *job)
{
	job->next = NULL;
	pthread_mutex_lock(&pool.lock);
	*pool.last = job;
	pool.last = &job->next;
	pthread_cond_signal(&pool.some);
	pthread_mutex_unlock(&pool.lock);
}

static void
start_pool(int n)
{
	for (; pool.nthreads < n; pool.nthreads++)
		if (pthread_create(&pool.threads[pool.nthreads], NULL, work,
			NULL) != 0)
			errx(1, "pthread_create");
}

static void
stop_pool(void)
{
	pthread_mutex_lock(&pool.lock);
	pool.ends = 1;
	pthread_cond_broadcast(&pool.some);
	pthread_mutex_unlock(&pool.lock);
	while (pool.nthreads > 0)
		pthread_join(pool.threads[--pool.nthreads], NULL);
}

/* --- the loop --- */

/* A random block; the same blocks in each run. */
static long
random_block(long n)
{
	file.seed = (file.seed * 1103515245 + 12345) & 0x7fffffff;
	return (long)(file.seed >> 8) % n;
}

static void
start_read(struct job *job)
{
	static const struct timeval now = {0, 0};

	file.to_start--;
	job->offset = (off_t)random_block(file.blocks) * (off_t)file.size;
	if (file.threads > 0)
		add_job(job);
	else
		evtimer_add(&job->read_timer, &now);
}

/* In the loop: the job is done. */
static void
done_cb(void *arg)
{
	struct job *job = arg;

	if (job->got == -1) {
		errno = job->error;
		err(1, "pread");
	}
	for (ssize_t i = 0; i < job->got; i += 512)
		sum += job->block[i];
	if (file.to_start > 0)
		start_read(job);
	if (--file.to_finish == 0)
		event_base_loopexit(base, NULL);
}

static void
read_timer_cb(int fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	read_block(arg);
	done_cb(arg);
}

static double
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void
set_tick(void)
{
	static const struct timeval ms = {0, 1000};

	late.due = now_ms() + 1;
	if (evtimer_add(&tick, &ms) == -1)
		err(1, "evtimer_add");
}

static void
tick_cb(int fd, short what, void *arg)
{
	double ms = now_ms() - late.due;

	(void)fd;
	(void)what;
	(void)arg;
	if (ms > late.latest)
		late.latest = ms;
	late.total += ms;
	late.n++;
	set_tick();
}

static void
start_reads(void)
{
	static struct job jobs[DEPTH];

	for (int i = 0; i < DEPTH && file.to_start > 0; i++) {
		struct job *job = &jobs[i];

		if ((job->block = malloc(file.size)) == NULL)
			err(1, "malloc");
		evtimer_set(&job->read_timer, read_timer_cb, job);
		start_read(job);
	}
}

static void
report(double ms, long n)
{
	double mb = (double)n * (double)file.size / 1e6;

	printf("files: %ld reads of %zu KB by %s%d thread%s\n", n,
	    file.size / 1024, file.threads ? "" : "the loop's ",
	    file.threads ? file.threads : 1, file.threads > 1 ? "s" : "");
	printf("files: %.1f ms, %.0f MB/s, sum %lu\n", ms, mb * 1e3 / ms, sum);
	printf("files: the timer was late by %.2f ms at most, "
	       "%.3f on average\n",
	    late.latest, late.n > 0 ? late.total / (double)late.n : 0.);
}

static void
open_file(const char *name, int drops_cache)
{
	struct stat st;

	file.fd = open(name, O_RDONLY | O_CLOEXEC);
	if (file.fd == -1 || fstat(file.fd, &st) == -1)
		err(1, "%s", name);
	file.blocks = (long)(st.st_size / (off_t)file.size);
	if (file.blocks == 0)
		errx(1, "%s has not one block", name);
	posix_fadvise(file.fd, 0, 0, POSIX_FADV_RANDOM);
	if (drops_cache)
		posix_fadvise(file.fd, 0, 0, POSIX_FADV_DONTNEED);
}

static int
number(const char *text, int most)
{
	int n = atoi(text);

	if (n < 1 || n > most)
		errx(2, "%s is not from 1 to %d", text, most);
	return n;
}

/*
 * Reads the command line.  Returns whether the kernel has to drop the file from
 * its cache (-c).
 */
static int
read_options(int argc, char **argv)
{
	int c, drops_cache = 0;

	while ((c = getopt(argc, argv, "bcn:s:t:")) != -1) {
		if (c == 'b')
			file.threads = 0;
		else if (c == 'c')
			drops_cache = 1;
		else if (c == 'n')
			file.to_start = number(optarg, 1000000);
		else if (c == 's')
			file.size = (size_t)number(optarg, 65536) * 1024;
		else if (c == 't')
			file.threads = number(optarg, MAX_THREADS);
		else
			exit(2);
	}
	return drops_cache;
}

int
main(int argc, char **argv)
{
	int drops_cache = read_options(argc, argv);
	double start;
	long n = file.to_start;

	if (optind + 1 != argc)
		errx(2, "files [-b] [-c] [-n READS] [-s KB] [-t THREADS] FILE");
	open_file(argv[optind], drops_cache);
	if ((base = event_init()) == NULL)
		errx(1, "event_init");
	file.to_finish = n;
	evtimer_set(&tick, tick_cb, NULL);
	start_pool(file.threads);
	start = now_ms();
	set_tick();
	start_reads();
	event_dispatch();
	report(now_ms() - start, n);
	stop_pool();
	event_del(&tick);
	event_base_free(base);
	return 0;
}
