/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taking a census: the order of things, and its end. See census.h. */
#include "census.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "fd.h"
#include "text.h"

enum { OTHER_MOUNTS_MAX = 20000 };

static uint64_t inode_at(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* Where the caller is, and whether its thread may leave and come back. */
static int begin(struct survey *s)
{
	struct stat st;

	s->own_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (s->own_fd < 0 || fstat(s->own_fd, &st) < 0)
		return -errno;
	s->device = st.st_dev;
	s->mount_ns = inode_at("/proc/thread-self/ns/mnt");
	s->own_userns = inode_at("/proc/thread-self/ns/user");
	s->own_sock = nl_open(NETLINK_ROUTE);
	if (s->own_sock < 0)
		return s->own_sock;
	s->confined = setns(s->own_fd, CLONE_NEWNET) < 0;
	s->by_inode = map_new(s->a);
	s->mount_spaces = map_new(s->a);
	s->mounts_left = OTHER_MOUNTS_MAX;
	s->own = survey_inode(s, st.st_ino);
	return 0;
}

/* ---- what is handed out ---------------------------------------------------------------------------- */

static void finish_device(const struct seen *ns, size_t k)
{
	struct nsl_device *dev = &ns->out.devices[k];
	const struct raw_link *raw = &ns->links.items[k];
	int32_t master = seen_device(ns, raw->master);

	if (master >= 0)
		dev->master = (struct nsl_place){ns->index, master};
	if (raw->tied && raw->tied->index >= 0)
		dev->tied = (struct nsl_place){raw->tied->index, raw->tied_device};
}

static struct nsl_census *finish(struct survey *s)
{
	struct census_box *box = arena_new_of(s->a, struct census_box);
	struct nsl_census *c = &box->census;

	box->arena = s->a;
	for (size_t i = 0; i < s->all.n; i++)
		s->all.items[i]->index = (int32_t)i;
	*c = (struct nsl_census){
		.n = s->all.n,
		.items = arena_array(s->a, s->all.n, struct nsl_netns),
		.n_hidden = s->n_hidden,
		.n_unsearched = s->n_unsearched,
	};
	for (size_t i = 0; i < s->all.n; i++) {
		struct seen *ns = s->all.items[i];

		ns->out.holds = ns->holds.items;
		ns->out.n_holds = ns->holds.n;
		ns->out.devices = ns->devices.items;
		ns->out.n_devices = ns->devices.n;
		for (size_t k = 0; k < ns->devices.n; k++)
			finish_device(ns, k);
		c->items[i] = ns->out;
	}
	return c;
}

/* ---- all of it ------------------------------------------------------------------------------------- */

static int take(struct survey *s, struct nsl_census **out)
{
	int r = begin(s);

	if (r < 0)
		return r;
	survey_mounts(s, NULL);
	r = survey_processes(s);
	if (r < 0)
		return r;
	survey_names(s);
	for (size_t i = 0; i < s->all.n; i++)
		survey_read(s, s->all.items[i]);
	if (!s->options->no_devices) {
		survey_tie(s);
		survey_tuns(s);
	}
	survey_leave(s);
	survey_name(s);
	*out = finish(s);
	return 0;
}

static int take_settled(struct survey *s, struct nsl_census **out)
{
	return arena_exhausted(s->a) ? -ENOMEM : take(s, out);
}

static void done(struct survey *s)
{
	survey_leave(s);
	for (size_t i = 0; i < ARRAY_SIZE(s->dirs); i++)
		if (s->dirs[i])
			closedir(s->dirs[i]);
	fd_closep(&s->own_fd);
	fd_closep(&s->own_sock);
	free(s->text);
	free(s);
}

int census_take(const struct census_paths *paths, const struct nsl_census_options *options, struct nsl_census **out,
                struct nsl_error **err)
{
	static const struct nsl_census_options all;
	struct survey *s = calloc(1, sizeof(*s));
	struct arena *a = s ? arena_new() : NULL;
	int r;

	if (!a) {
		free(s);
		return error_oom(err);
	}
	*s = (struct survey){
		.a = a,
		.paths = paths,
		.options = options ? options : &all,
		.own_fd = -1,
		.ns_fd = -1,
		.sock = -1,
		.own_sock = -1,
	};
	r = take_settled(s, out);
	arena_settle(a);
	done(s);
	if (r == 0)
		return 0;
	arena_free(a);
	return error_errno(err, -r, "cannot look for namespaces");
}
