/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What devices are tied to: the kernel says an ifindex (IFLA_LINK) and, where
 * it lies in another namespace, what this one calls that (IFLA_LINK_NETNSID).
 * Each namespace numbers the others by itself; whether it means a certain one by a
 * number can be asked (RTM_GETNSID by a descriptor), not which it means by it.
 *
 * So the likely ones are asked: those with a device of that ifindex, and of
 * these, for veth, those whose device names this one in turn. Where that leaves
 * more than a few (a chain of hosts, all with the same ifindexes), the kernel is
 * asked for the device by the number: its MAC and name leave one of them. What
 * none of them is, is a namespace that nobody else has told of: it is read
 * through its number.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "census.h"
#include "fd.h"
#include "text.h"

enum { FEW = 4 };

struct at_index {
	uint32_t ifindex;
	struct seen *ns;
	int32_t device;
};

struct tying {
	struct survey *s;
	VEC(struct at_index) index; /* all devices of all namespaces, by ifindex */
	struct seen *last;          /* the last one that a parent was found in */
	struct seen *inside;        /* s->sock is in it */
};

static int by_index(const void *a, const void *b)
{
	const struct at_index *x = a, *y = b;

	return x->ifindex < y->ifindex ? -1 : x->ifindex > y->ifindex;
}

static void make_index(struct tying *t)
{
	for (size_t i = 0; i < t->s->all.n; i++) {
		struct seen *ns = t->s->all.items[i];

		for (size_t k = 0; k < ns->devices.n; k++)
			*vec_push(t->s->a, &t->index) = (struct at_index){ns->devices.items[k].ifindex, ns, (int32_t)k};
	}
	if (t->index.n)
		qsort(t->index.items, t->index.n, sizeof(*t->index.items), by_index);
}

/* The first of those with this ifindex. */
static size_t first_at(const struct tying *t, uint32_t ifindex)
{
	size_t low = 0, high = t->index.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (t->index.items[middle].ifindex < ifindex)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---- which namespace a number means ---------------------------------------------------------------- */

static struct seen *known(const struct seen *from, int32_t nsid)
{
	for (size_t i = 0; i < from->nsids.n; i++)
		if (from->nsids.items[i].nsid == nsid)
			return from->nsids.items[i].ns;
	return NULL;
}

static void learn(struct tying *t, struct seen *from, int32_t nsid, struct seen *ns)
{
	*vec_push(t->s->a, &from->nsids) = (struct nsid_of){nsid, ns};
}

/* With t->s->sock in `from`. */
static bool means(struct tying *t, struct seen *from, int32_t nsid, struct seen *candidate)
{
	if (candidate == from || candidate->via)
		return false;
	return survey_open(t->s, candidate) == 0 && survey_nsid(t->s->sock, t->s->ns_fd) == nsid;
}

static int go(struct tying *t, struct seen *from)
{
	int r = t->inside == from ? 0 : survey_enter(t->s, from);

	t->inside = r == 0 ? from : NULL;
	return r;
}

struct face {
	struct survey *s;
	struct nsl_device dev;
	struct raw_link raw;
	bool seen;
};

static int take_face(const struct nlmsghdr *m, void *data)
{
	struct face *f = data;

	if (m->nlmsg_type == RTM_NEWLINK && m->nlmsg_len >= NLMSG_LENGTH(sizeof(struct ifinfomsg))) {
		link_read(f->s, m, &f->dev, &f->raw);
		f->seen = true;
	}
	return 0;
}

/* The device as the namespace that has it shows it, asked for by the number. */
static bool look(struct tying *t, uint32_t ifindex, int32_t nsid, struct face *f)
{
	char buf[128];
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(m, sizeof(*info));

	*f = (struct face){.s = t->s};
	m->nlmsg_type = RTM_GETLINK;
	m->nlmsg_flags = NLM_F_REQUEST;
	m->nlmsg_seq = 1;
	info->ifi_index = (int)ifindex;
	mnl_attr_put_u32(m, IFLA_TARGET_NETNSID, (uint32_t)nsid);
	mnl_attr_put_u32(m, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return nl_request(t->s->sock, m, take_face, f, NULL) == 0 && f->seen;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && streq(a, b));
}

static bool same_device(const struct nsl_device *a, const struct nsl_device *b)
{
	return a->ifindex == b->ifindex && streq(a->name, b->name) && streq(a->kind, b->kind) &&
	       same_text(a->mac, b->mac) && a->tie_ifindex == b->tie_ifindex;
}

static bool may_be(const struct at_index *c, const struct nsl_device *dev, const struct raw_link *raw,
                   const struct face *face)
{
	const struct nsl_device *other = &c->ns->devices.items[c->device];

	if (raw->symmetric && (other->tie_ifindex != dev->ifindex || !c->ns->links.items[c->device].has_nsid))
		return false;
	return !face || same_device(&face->dev, other);
}

static size_t count(struct tying *t, const struct nsl_device *dev, const struct raw_link *raw)
{
	size_t n = 0;

	for (size_t i = first_at(t, dev->tie_ifindex); i < t->index.n && t->index.items[i].ifindex == dev->tie_ifindex;
	     i++)
		n += may_be(&t->index.items[i], dev, raw, NULL);
	return n;
}

static struct seen *search(struct tying *t, struct seen *from, const struct nsl_device *dev, const struct raw_link *raw)
{
	struct face face;
	bool looked;

	if (t->last && seen_device(t->last, dev->tie_ifindex) >= 0 && !raw->symmetric &&
	    means(t, from, dev->tie_nsid, t->last))
		return t->last;
	looked = count(t, dev, raw) > FEW && look(t, dev->tie_ifindex, dev->tie_nsid, &face);
	for (size_t i = first_at(t, dev->tie_ifindex); i < t->index.n && t->index.items[i].ifindex == dev->tie_ifindex;
	     i++) {
		const struct at_index *c = &t->index.items[i];

		if (may_be(c, dev, raw, looked ? &face : NULL) && means(t, from, dev->tie_nsid, c->ns))
			return c->ns;
	}
	return NULL;
}

/* ---- namespaces that only a device tells of -------------------------------------------------------- */

static bool same_devices(const struct seen *a, const struct seen *b)
{
	if (a->devices.n != b->devices.n)
		return false;
	for (size_t i = 0; i < a->devices.n; i++)
		if (!same_device(&a->devices.items[i], &b->devices.items[i]))
			return false;
	return true;
}

/* The same namespace may have been found from another side. */
static struct seen *met_before(const struct tying *t, const struct seen *ns)
{
	for (size_t i = t->s->all.n; ns->devices.n > 1 && i > 0 && t->s->all.items[i - 1]->via; i--)
		if (same_devices(t->s->all.items[i - 1], ns))
			return t->s->all.items[i - 1];
	return NULL;
}

/* With t->s->sock in `from`. NULL: it cannot be read. */
static struct seen *discover(struct tying *t, struct seen *from, int32_t nsid)
{
	struct seen *ns = arena_new_of(t->s->a, struct seen), *before;

	ns->out = (struct nsl_netns){NETNS_UNKNOWN};
	ns->via = from;
	ns->via_nsid = nsid;
	if (from == t->s->own)
		ns->out.nsid = nsid;
	if (survey_devices(t->s, ns, nsid) < 0)
		return NULL;
	before = met_before(t, ns);
	if (before)
		return before;
	*vec_push(t->s->a, &ns->holds) = (struct nsl_hold){.by = NSL_KEPT_BY_DEVICE};
	*vec_push(t->s->a, &t->s->all) = ns;
	return ns;
}

/* ---- ties ------------------------------------------------------------------------------------------ */

static struct seen *resolve(struct tying *t, struct seen *from, const struct nsl_device *dev,
                            const struct raw_link *raw)
{
	struct seen *ns;

	if (dev->tie_nsid < 0)
		return raw->has_nsid ? NULL : from;
	ns = known(from, dev->tie_nsid);
	if (ns || from->via || go(t, from) < 0)
		return ns;
	ns = search(t, from, dev, raw);
	if (!ns)
		ns = discover(t, from, dev->tie_nsid);
	if (ns)
		learn(t, from, dev->tie_nsid, ns);
	return ns;
}

/* From the other side it was found already. */
static void tie_back(struct seen *from, size_t device)
{
	struct raw_link *raw = &from->links.items[device];
	struct raw_link *other = &raw->tied->links.items[raw->tied_device];

	if (!raw->symmetric || !other->symmetric || other->tied)
		return;
	other->tied = from;
	other->tied_device = (int32_t)device;
	raw->tied->devices.items[raw->tied_device].tie = NSL_TIE_PEER;
}

static void tie_device(struct tying *t, struct seen *from, size_t device)
{
	struct nsl_device *dev = &from->devices.items[device];
	struct raw_link *raw = &from->links.items[device];
	struct seen *ns;

	if (raw->tied || (!dev->tie_ifindex && !raw->has_nsid))
		return;
	ns = resolve(t, from, dev, raw);
	raw->tied_device = ns ? seen_device(ns, dev->tie_ifindex) : -1;
	if (!ns || (dev->tie_ifindex && raw->tied_device < 0)) {
		dev->tie = NSL_TIE_LOST;
		return;
	}
	raw->tied = ns;
	dev->tie = raw->symmetric ? NSL_TIE_PEER : NSL_TIE_PARENT;
	if (raw->tied_device >= 0)
		tie_back(from, device);
	if (!raw->symmetric && ns != from && !ns->via)
		t->last = ns;
}

void survey_tie(struct survey *s)
{
	struct tying t = {.s = s, .last = s->own};

	make_index(&t);
	for (size_t i = 0; i < s->all.n; i++) /* grows at its end by what is discovered */
		for (size_t k = 0; k < s->all.items[i]->devices.n; k++)
			tie_device(&t, s->all.items[i], k);
}

/* ---- tun and tap ----------------------------------------------------------------------------------- */

/* Which device a process has open is known by its name only: of several, that of the process's own namespace. */
static struct nsl_device *tun_device(struct survey *s, const struct tun_user *u)
{
	struct nsl_device *only = NULL;
	size_t n = 0;

	for (size_t i = 0; i < s->all.n; i++)
		for (size_t k = 0; k < s->all.items[i]->devices.n; k++) {
			struct nsl_device *dev = &s->all.items[i]->devices.items[k];

			if ((!streq(dev->kind, "tun") && !streq(dev->kind, "tap")) || !streq(dev->name, u->device))
				continue;
			if (s->all.items[i]->out.inode == u->ns)
				return dev;
			only = dev;
			n++;
		}
	return n == 1 ? only : NULL;
}

void survey_tuns(struct survey *s)
{
	for (size_t i = 0; i < s->tuns.n; i++) {
		struct nsl_device *dev = tun_device(s, &s->tuns.items[i]);

		if (!dev || dev->holder)
			continue;
		dev->holder = s->tuns.items[i].pid;
		dev->holder_command = s->tuns.items[i].command;
	}
}
