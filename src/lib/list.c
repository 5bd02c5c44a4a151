/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ls: what stands. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "fd.h"
#include "text.h"
#include "users.h"

struct list_box {
	struct nsloom_list list;
	struct arena *arena;
};

struct lister {
	struct arena *a;
	const struct rundir *rd; /* that is looked into */
	const char *user;        /* whose it is; NULL: the caller's own */
	bool isolated;
	DIR *dir;
	struct standin *standin;
	VEC(struct nsloom_lab_summary) labs;
	VEC(struct nsloom_named) others;
	VEC(const char *) warnings;
};

/* One's own come first. */
static int by_user(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

static int by_lab(const void *a, const void *b)
{
	const struct nsloom_lab_summary *x = a, *y = b;
	int order = by_user(x->user, y->user);

	return order ? order : strcmp(x->name, y->name);
}

static int by_named(const void *a, const void *b)
{
	const struct nsloom_named *x = a, *y = b;
	int order = by_user(x->user, y->user);

	return order ? order : strcmp(x->name, y->name);
}

static void add_lab(struct lister *l, const char *lab)
{
	struct nsloom_lab_summary *s = vec_push(l->a, &l->labs);
	struct record_head head;
	bool known = record_head(l->rd, lab, &head) == 0;

	*s = (struct nsloom_lab_summary){
		.name = arena_strdup(l->a, lab),
		.file = known && *head.file ? arena_strdup(l->a, head.file) : NULL,
		.status = rundir_is_locked(l->rd, lab) ? "busy"
	                  : known                      ? "up"
	                                               : "partial",
		.n_nodes = head.nodes,
		.n_networks = head.networks,
		.n_links = head.links,
		.since = head.since,
		.user = l->user,
		.isolated = l->isolated,
	};
}

static int list_labs(struct lister *l)
{
	l->dir = opendir(l->rd->root);
	if (!l->dir)
		return errno == ENOENT ? 0 : -errno;
	for (struct dirent *e; (e = readdir(l->dir));)
		if (name_valid(e->d_name))
			add_lab(l, e->d_name);
	closedir(TAKE_PTR(l->dir));
	return 0;
}

/* A name that leads below our own folder is a lab's. */
static bool of_a_lab(int dir, const char *name)
{
	char target[512];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	return has_prefix(target, RUN_LABS "/");
}

static int list_others(struct lister *l)
{
	l->dir = opendir(l->rd->names);
	if (!l->dir)
		return errno == ENOENT ? 0 : -errno;
	for (struct dirent *e; (e = readdir(l->dir));) {
		if (streq(e->d_name, ".") || streq(e->d_name, "..") || of_a_lab(dirfd(l->dir), e->d_name))
			continue;
		*vec_push(l->a, &l->others) = (struct nsloom_named){
			arena_strdup(l->a, e->d_name), arena_printf(l->a, RUN_NAMES "/%s", e->d_name), l->user};
	}
	closedir(TAKE_PTR(l->dir));
	return 0;
}

static int list_in(struct lister *l, const struct rundir *rd, const char *user)
{
	int r;

	l->rd = rd;
	l->user = user;
	r = list_labs(l);
	return r < 0 ? r : list_others(l);
}

/* What stands on one of the caller's own stand-in hosts. One that cannot be looked at is told of. */
static int list_standin(void *data, const char *name)
{
	struct nsl_error *why = NULL;
	struct lister *l = data;
	struct rundir rd;
	int r = 0;

	if (standin_open(name, STANDIN_PEEK, &l->standin, &why) < 0)
		*vec_push(l->a, &l->warnings) = arena_strdup(l->a, why ? why->message : name);
	nsl_error_free(why);
	if (!l->standin)
		return 0;
	for (int i = 0; i < STANDIN_NOTES; i++)
		if (*l->standin->note[i])
			*vec_push(l->a, &l->warnings) = arena_strdup(l->a, l->standin->note[i]);
	if (*l->standin->run) {
		rundir_below(&rd, l->standin->run);
		l->isolated = !streq(name, STANDIN_SHARED);
		r = list_in(l, &rd, NULL);
		l->isolated = false;
	}
	standin_close(TAKE_PTR(l->standin));
	return r;
}

static void add_of_user(void *data, const struct nsloom_lab_summary *lab)
{
	struct lister *l = data;
	struct nsloom_lab_summary *s = vec_push(l->a, &l->labs);

	*s = *lab;
	s->name = arena_strdup(l->a, lab->name);
	s->file = lab->file ? arena_strdup(l->a, lab->file) : NULL;
	s->user = arena_strdup(l->a, lab->user);
}

static int list(struct lister *l, struct nsloom_list **out)
{
	struct list_box *box = arena_new_of(l->a, struct list_box);
	bool root = geteuid() == 0;
	struct rundir rd;
	int r = root ? 0 : standin_each(list_standin, l);

	rundir_init(&rd);
	if (r == 0)
		r = list_in(l, &rd, root ? NULL : "root");
	if (r == 0 && root)
		users_each(add_of_user, l);
	if (l->labs.n)
		qsort(l->labs.items, l->labs.n, sizeof(*l->labs.items), by_lab);
	if (l->others.n)
		qsort(l->others.items, l->others.n, sizeof(*l->others.items), by_named);
	box->arena = l->a;
	box->list = (struct nsloom_list){l->labs.n,       l->others.n,   l->labs.items,
	                                 l->others.items, l->warnings.n, l->warnings.items};
	*out = &box->list;
	return r;
}

int nsloom_ls(struct nsloom *ns, struct nsloom_list **out, struct nsl_error **err)
{
	struct lister *l = calloc(1, sizeof(*l));
	struct arena *a = l ? arena_new() : NULL;
	int r = -ENOMEM;

	if (a) {
		*l = (struct lister){.a = a};
		r = arena_exhausted(a) ? -ENOMEM : list(l, out);
		arena_settle(a);
		if (l->dir)
			closedir(l->dir);
		standin_close(l->standin);
	}
	free(l);
	if (r == 0)
		return 0;
	arena_free(a);
	return error_errno(err, -r, "cannot list the labs");
}

void nsloom_list_free(struct nsloom_list *l)
{
	if (l)
		arena_free(((struct list_box *)l)->arena);
}
