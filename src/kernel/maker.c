/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A thread that makes namespaces. See maker.h. */
#include "maker.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>

#include "fd.h"
#include "netns.h"

enum {
	WORTH = 4,      /* namespaces: fewer are made sooner than a thread is */
	SPARE_FDS = 32, /* beside a socket for each space */
};

struct maker {
	struct kernel *k;
	const struct plan *p;
	size_t first, n;
	struct kspace **spaces; /* of each operation */
	struct sysctl_view sysctls;
	pthread_t thread;
	sem_t steps;     /* one for each space that stands, and one at the end */
	size_t standing; /* spaces; atomic */
	size_t done;     /* operations; atomic */
	int r;           /* once the thread has ended */
	size_t seen;     /* steps that the caller has taken */
};

/* ---- the row --------------------------------------------------------------------------------------- */

/* Namespaces, and what is written in each before the next one. */
static size_t length_of_row(const struct plan *p, size_t first, size_t *spaces)
{
	size_t i = first;

	for (*spaces = 0; i < p->ops.n; i++) {
		const struct op *op = &p->ops.items[i];

		if (op->done || (op->kind != OP_SPACE_ADD &&
		                 (op->kind != OP_SETTING || i == first || op->space != p->ops.items[i - 1].space)))
			break;
		*spaces += op->kind == OP_SPACE_ADD;
	}
	return i - first;
}

static bool has_second_core(void)
{
	cpu_set_t set;

	/* Where there are more cores than a cpu_set_t has bits, it fails. */
	return sched_getaffinity(0, sizeof(set), &set) < 0 || CPU_COUNT(&set) > 1;
}

/* ---- the thread ------------------------------------------------------------------------------------ */

static bool cancelled(const struct kernel *k)
{
	return k->hooks.cancel && __atomic_load_n(k->hooks.cancel, __ATOMIC_RELAXED);
}

static int make(struct maker *m, size_t i)
{
	const struct op *op = &m->p->ops.items[m->first + i];
	struct kspace *s = m->spaces[i];
	int r;

	if (cancelled(m->k))
		return -ECANCELED;
	if (op->kind == OP_SETTING)
		return sysctl_view_write(&m->sysctls, op->setting->path, op->setting->value);
	r = netns_create_prepared(m->k, s);
	if (r == 0) {
		s->sock = nl_open(NETLINK_ROUTE);
		r = s->sock < 0 ? s->sock : 0;
	}
	return r;
}

/* Whether it is the last of its space: the next one makes another. */
static bool completes(const struct maker *m, size_t i)
{
	return i + 1 == m->n || m->p->ops.items[m->first + i + 1].kind == OP_SPACE_ADD;
}

static void *run(void *data)
{
	struct maker *m = data;

	for (size_t i = 0; i < m->n; i++) {
		m->r = make(m, i);
		if (m->r < 0)
			break;
		__atomic_store_n(&m->done, i + 1, __ATOMIC_RELEASE);
		if (!completes(m, i))
			continue;
		__atomic_add_fetch(&m->standing, 1, __ATOMIC_RELEASE);
		sem_post(&m->steps);
	}
	sysctl_view_done(&m->sysctls);
	sem_post(&m->steps);
	return NULL;
}

/* ---- the caller ------------------------------------------------------------------------------------ */

static void maker_free(struct maker *m)
{
	sem_destroy(&m->steps);
	free(m->spaces);
	free(m);
}

static struct maker *maker_new(struct kernel *k, const struct plan *p, size_t first, size_t n)
{
	struct maker *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	*m = (struct maker){.k = k, .p = p, .first = first, .n = n, .sysctls = SYSCTL_VIEW_NONE};
	sem_init(&m->steps, 0, 0);
	m->spaces = calloc(n, sizeof(*m->spaces));
	if (m->spaces)
		return m;
	maker_free(m);
	return NULL;
}

/* All spaces are known before the thread starts: none is added to the map while two look into it. */
static int give_spaces(struct maker *m)
{
	size_t due = 0;

	for (size_t i = 0; i < m->p->spaces.n; i++)
		if (!kspace_get(m->k, m->p->spaces.items[i].kind, m->p->spaces.items[i].name))
			return -ENOMEM;
	for (size_t i = 0; i < m->n; i++) {
		const struct op *op = &m->p->ops.items[m->first + i];
		const struct plan_space *ps = &m->p->spaces.items[op->space];

		due += op->kind == OP_SPACE_ADD;
		m->spaces[i] = kspace_get(m->k, ps->kind, ps->name);
		m->spaces[i]->due = due;
	}
	return 0;
}

/* A processor that is not the caller's: left to themselves, the two may share one for tens of milliseconds. */
static void stay_away(pthread_attr_t *attr)
{
	int here = sched_getcpu();
	cpu_set_t set;

	if (here < 0 || here >= CPU_SETSIZE || sched_getaffinity(0, sizeof(set), &set) < 0)
		return;
	CPU_CLR((size_t)here, &set);
	if (CPU_COUNT(&set))
		pthread_attr_setaffinity_np(attr, sizeof(set), &set);
}

static bool start_thread(struct maker *m)
{
	pthread_attr_t attr;
	sigset_t all, old;
	int r;

	if (pthread_attr_init(&attr))
		return false;
	stay_away(&attr);
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	r = pthread_create(&m->thread, &attr, run, m);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return r == 0;
}

int maker_start(struct kernel *k, const struct plan *p, size_t first, size_t *n, struct maker **out)
{
	struct maker *m;
	size_t spaces;
	int r;

	*out = NULL;
	*n = length_of_row(p, first, &spaces);
	if (spaces < WORTH || k->hooks.before || k->hooks.split || !has_second_core())
		return 0;
	m = maker_new(k, p, first, *n);
	if (!m)
		return -ENOMEM;
	r = give_spaces(m);
	if (r == 0)
		r = netns_prepare(k);
	if (r == 0)
		fd_reserve(k->names_dir, p->spaces.n + SPARE_FDS);
	if (r == 0 && start_thread(m)) {
		*out = m;
		return 0;
	}
	for (size_t i = 0; i < m->n; i++)
		if (m->spaces[i])
			m->spaces[i]->due = 0;
	maker_free(m);
	return r;
}

bool maker_await(struct maker *m, const struct kspace *s)
{
	while (m->seen < s->due) {
		while (sem_wait(&m->steps) < 0)
			; /* a signal */
		if (m->seen == __atomic_load_n(&m->standing, __ATOMIC_ACQUIRE)) {
			sem_post(&m->steps); /* the end's, for whoever asks again */
			return false;
		}
		m->seen++;
	}
	return true;
}

size_t maker_done(struct maker *m)
{
	return __atomic_load_n(&m->done, __ATOMIC_ACQUIRE);
}

int maker_end(struct maker *m, size_t *at)
{
	int r;

	pthread_join(m->thread, NULL);
	r = m->r;
	*at = m->first + m->done;
	maker_free(m);
	return r;
}
