/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each namespace is called, in which order they come, and which are left out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "census.h"
#include "state.h"
#include "text.h"

/* ---- natural order --------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Two runs of digits as numbers; moves both behind theirs. */
static int digits_cmp(const char **a, const char **b)
{
	size_t n = 0, m = 0;
	int r;

	while (**a == '0')
		++*a;
	while (**b == '0')
		++*b;
	while (is_digit((*a)[n]))
		n++;
	while (is_digit((*b)[m]))
		m++;
	r = n != m ? (n < m ? -1 : 1) : strncmp(*a, *b, n);
	*a += n;
	*b += m;
	return r;
}

int natural_cmp(const char *a, const char *b)
{
	const char *x = a, *y = b;

	while (*x && *y) {
		int r = is_digit(*x) && is_digit(*y) ? digits_cmp(&x, &y) : (unsigned char)*x++ - (unsigned char)*y++;

		if (r)
			return r;
	}
	if (*x || *y)
		return *x ? 1 : -1;
	return strcmp(a, b); /* "01" and "1" */
}

/* ---- labs ------------------------------------------------------------------------------------------ */

static void set_lab(struct survey *s, struct seen *ns, const char *text)
{
	const char *slash = strchr(text, '/');

	if (!slash || slash == text || !slash[1])
		return;
	ns->out.lab = arena_strndup(s->a, text, (size_t)(slash - text));
	ns->out.node = arena_strdup(s->a, slash + 1);
}

/* The mark of a lab's namespace is the alias of its lo. Where it cannot be read: where the lab has it mounted. */
static void find_lab(struct survey *s, struct seen *ns)
{
	size_t root = strlen(s->paths->labs);

	for (size_t i = 0; i < ns->devices.n; i++) {
		const struct nsl_device *dev = &ns->devices.items[i];

		if (streq(dev->kind, "loopback") && dev->alias && has_prefix(dev->alias, MARK_ALIAS))
			set_lab(s, ns, dev->alias + strlen(MARK_ALIAS));
	}
	for (size_t i = 0; i < ns->holds.n && !ns->out.lab && !ns->devices.n; i++) {
		char lab[256], node[256];

		if (ns->holds.items[i].by == NSL_KEPT_BY_MOUNT && has_prefix(ns->holds.items[i].path, s->paths->labs) &&
		    sscanf(ns->holds.items[i].path + root, "/%255[^/]/ns/%255[^/]", lab, node) == 2)
			set_lab(s, ns, arena_printf(s->a, "%s/%s", lab, node));
	}
}

/* What a lab has made outside its namespaces, on the host, says so by its alias. */
static void find_labs_devices(struct survey *s, struct seen *ns)
{
	for (size_t i = 0; i < ns->devices.n; i++) {
		struct nsl_device *dev = &ns->devices.items[i];
		const char *lab =
			dev->alias && has_prefix(dev->alias, MARK_ALIAS) ? dev->alias + strlen(MARK_ALIAS) : "";
		const char *slash = strchr(lab, '/');

		if (slash && !ns->out.lab)
			dev->lab = arena_strndup(s->a, lab, (size_t)(slash - lab));
	}
}

/* ---- names ----------------------------------------------------------------------------------------- */

enum { NAMINGS = 7, SHORT_ID = 12 /* as engines show it */ };

static const struct nsl_hold *held_by(const struct seen *ns, enum nsl_keeper by)
{
	for (size_t i = 0; i < ns->holds.n; i++)
		if (ns->holds.items[i].by == by)
			return &ns->holds.items[i];
	return NULL;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* True where the container has no name but its id. */
static bool is_id(const struct nsl_netns *o)
{
	return o->container && o->container_id && streq(o->container, o->container_id) &&
	       strlen(o->container) > SHORT_ID;
}

/* The name that comes k-th in rank; NULL: it has none of this kind. */
static const char *naming(struct survey *s, const struct seen *ns, int k)
{
	const struct nsl_hold *name = held_by(ns, NSL_KEPT_BY_NAME), *mount = held_by(ns, NSL_KEPT_BY_MOUNT),
			      *process = held_by(ns, NSL_KEPT_BY_PROCESS), *fd = held_by(ns, NSL_KEPT_BY_DESCRIPTOR);
	const struct nsl_netns *o = &ns->out;

	switch (k) {
	case 0:
		return name ? last_part(name->path) : NULL;
	case 1:
		return o->lab ? arena_printf(s->a, "%s.%s", o->lab, o->node) : NULL;
	case 2:
		return is_id(o) ? arena_strndup(s->a, o->container, SHORT_ID) : o->container;
	case 3:
		return o->container ? arena_printf(s->a, "%s:%s", o->engine, o->container) : NULL;
	case 4:
		return mount && !process ? mount->path : NULL;
	case 5:
		return process ? arena_printf(s->a, "pid:%d", process->pid) : NULL;
	case 6:
		return fd ? arena_printf(s->a, "fd:%d/%s", fd->pid, last_part(fd->path)) : NULL;
	default:
		return o->inode ? arena_printf(s->a, "inode:%llu", (unsigned long long)o->inode)
		                : arena_printf(s->a, "nsid:%d@%s", ns->via_nsid, ns->via->out.name);
	}
}

static void give_name(struct survey *s, struct map *taken, struct seen *ns)
{
	for (int k = 0; k <= NAMINGS; k++) {
		const char *name = naming(s, ns, k);

		if (!name || !*name || (k < NAMINGS && map_gets(taken, name)))
			continue;
		ns->out.name = name;
		map_puts(taken, name, ns);
		return;
	}
}

/* ---- order ----------------------------------------------------------------------------------------- */

static int by_keeper(const void *a, const void *b)
{
	const struct nsl_hold *x = a, *y = b;
	int r = (int)x->by - (int)y->by;

	if (!r && x->by < NSL_KEPT_BY_PROCESS)
		return natural_cmp(x->path, y->path);
	return r ? r : x->pid != y->pid ? x->pid - y->pid : x->path ? natural_cmp(x->path, y->path) : 0;
}

static int by_name(const void *a, const void *b)
{
	const struct seen *x = *(struct seen *const *)a, *y = *(struct seen *const *)b;

	return natural_cmp(x->out.name, y->out.name);
}

/* The caller's own comes first. */
static void sort(struct survey *s)
{
	size_t own = 0;

	while (s->all.items[own] != s->own)
		own++;
	s->all.items[own] = s->all.items[0];
	s->all.items[0] = s->own;
	qsort(s->all.items + 1, s->all.n - 1, sizeof(*s->all.items), by_name);
}

/* ---- a lab alone ----------------------------------------------------------------------------------- */

static bool of_lab(const struct seen *ns, const char *lab)
{
	return ns->out.lab && streq(ns->out.lab, lab);
}

/* A port of a bridge that the lab has outside its namespaces. */
static bool is_port_of_lab(const struct seen *ns, size_t device, const char *lab)
{
	int32_t master = seen_device(ns, ns->links.items[device].master);
	const char *whose = master < 0 ? NULL : ns->devices.items[master].lab;

	return whose && streq(whose, lab);
}

/* Those of the lab, what they are tied to, what is plugged into its bridges, and the caller's own. */
static void keep_lab(struct survey *s, const char *lab)
{
	size_t n = 0;

	for (size_t i = 0; i < s->all.n; i++)
		s->all.items[i]->index = of_lab(s->all.items[i], lab) || s->all.items[i] == s->own;
	for (size_t i = 0; i < s->all.n; i++) {
		const struct seen *ns = s->all.items[i];

		for (size_t k = 0; k < ns->links.n; k++) {
			struct seen *tied = ns->links.items[k].tied;

			if (tied && (of_lab(ns, lab) || is_port_of_lab(ns, k, lab)))
				tied->index = 1;
			else if (tied && of_lab(tied, lab))
				s->all.items[i]->index = 1;
		}
	}
	for (size_t i = 0; i < s->all.n; i++)
		if (s->all.items[i]->index)
			s->all.items[n++] = s->all.items[i];
		else
			s->all.items[i]->index = -1;
	s->all.n = n;
}

void survey_name(struct survey *s)
{
	struct map *taken = map_new(s->a);

	for (size_t i = 0; i < s->all.n; i++) {
		struct seen *ns = s->all.items[i];

		if (ns->holds.n)
			qsort(ns->holds.items, ns->holds.n, sizeof(*ns->holds.items), by_keeper);
		if (ns != s->own)
			find_lab(s, ns);
		find_labs_devices(s, ns);
	}
	survey_containers(s);
	s->own->out.name = "host";
	map_puts(taken, "host", s->own);
	for (size_t i = 0; i < s->all.n; i++) /* those that are named by others come after these */
		if (s->all.items[i] != s->own)
			give_name(s, taken, s->all.items[i]);
	sort(s);
	if (s->options->lab)
		keep_lab(s, s->options->lab);
}
