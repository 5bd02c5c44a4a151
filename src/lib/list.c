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

struct list_box {
	struct nsloom_list list;
	struct arena *arena;
};

struct lister {
	struct nsloom *ns;
	struct arena *a;
	DIR *dir;
	VEC(struct nsloom_lab_summary) labs;
	VEC(struct nsloom_named) others;
};

static int by_lab(const void *a, const void *b)
{
	return strcmp(((const struct nsloom_lab_summary *)a)->name, ((const struct nsloom_lab_summary *)b)->name);
}

static int by_named(const void *a, const void *b)
{
	return strcmp(((const struct nsloom_named *)a)->name, ((const struct nsloom_named *)b)->name);
}

static void add_lab(struct lister *l, const char *lab)
{
	struct rundir *rd = &l->ns->engine.dirs;
	struct nsloom_lab_summary *s = vec_push(l->a, &l->labs);
	struct record_head head;
	bool known = record_head(rd, lab, &head) == 0;

	*s = (struct nsloom_lab_summary){
		.name = arena_strdup(l->a, lab),
		.file = known && *head.file ? arena_strdup(l->a, head.file) : NULL,
		.status = rundir_is_locked(rd, lab) ? "busy"
	                  : known                   ? "up"
	                                            : "partial",
		.n_nodes = head.nodes,
		.n_networks = head.networks,
		.n_links = head.links,
		.since = head.since,
	};
}

static int list_labs(struct lister *l)
{
	l->dir = opendir(l->ns->engine.dirs.root);
	if (!l->dir)
		return errno == ENOENT ? 0 : -errno;
	for (struct dirent *e; (e = readdir(l->dir));)
		if (name_valid(e->d_name))
			add_lab(l, e->d_name);
	closedir(TAKE_PTR(l->dir));
	return 0;
}

/* A name that leads below our own folder is a lab's. */
static bool of_a_lab(const struct lister *l, int dir, const char *name)
{
	char target[512];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	return has_prefix(target, l->ns->engine.dirs.root);
}

static int list_others(struct lister *l)
{
	const char *names = l->ns->engine.dirs.names;

	l->dir = opendir(names);
	if (!l->dir)
		return errno == ENOENT ? 0 : -errno;
	for (struct dirent *e; (e = readdir(l->dir));) {
		if (streq(e->d_name, ".") || streq(e->d_name, "..") || of_a_lab(l, dirfd(l->dir), e->d_name))
			continue;
		*vec_push(l->a, &l->others) = (struct nsloom_named){arena_strdup(l->a, e->d_name),
		                                                    arena_printf(l->a, "%s/%s", names, e->d_name)};
	}
	closedir(TAKE_PTR(l->dir));
	return 0;
}

static int list(struct lister *l, struct nsloom_list **out)
{
	struct list_box *box = arena_new_of(l->a, struct list_box);
	int r = list_labs(l);

	if (r == 0)
		r = list_others(l);
	if (l->labs.n)
		qsort(l->labs.items, l->labs.n, sizeof(*l->labs.items), by_lab);
	if (l->others.n)
		qsort(l->others.items, l->others.n, sizeof(*l->others.items), by_named);
	box->arena = l->a;
	box->list = (struct nsloom_list){l->labs.n, l->others.n, l->labs.items, l->others.items};
	*out = &box->list;
	return r;
}

int nsloom_ls(struct nsloom *ns, struct nsloom_list **out, struct nsl_error **err)
{
	struct lister *l = calloc(1, sizeof(*l));
	struct arena *a = l ? arena_new() : NULL;
	int r = -ENOMEM;

	if (a) {
		*l = (struct lister){.ns = ns, .a = a};
		r = arena_exhausted(a) ? -ENOMEM : list(l, out);
		arena_settle(a);
		if (l->dir)
			closedir(l->dir);
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
