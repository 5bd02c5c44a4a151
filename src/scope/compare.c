/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of two namespaces, merged by their keys. See compare.h. */
#include "compare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "census.h"
#include "fd.h"
#include "inside.h"
#include "text.h"

struct fact {
	enum nsl_aspect aspect;
	const char *key, *value;
};

struct side {
	VEC(struct fact) facts;
};

static int compare(const struct fact *x, const struct fact *y)
{
	return x->aspect != y->aspect ? (int)x->aspect - (int)y->aspect : natural_cmp(x->key, y->key);
}

static int by_key(const void *a, const void *b)
{
	const struct fact *x = a, *y = b;
	int r = compare(x, y);

	return r ? r : strcmp(x->value, y->value);
}

/* ---- what the census knows ------------------------------------------------------------------------- */

static const char *device_text(struct comparing *d, const struct nsl_netns *ns, const struct nsl_device *dev)
{
	const struct nsl_netns *other = dev->tied.ns < 0 ? NULL : &d->census->items[dev->tied.ns];
	const char *text = arena_printf(d->a, "%s%s%s%s mtu %u%s", *dev->kind ? dev->kind : "physical",
	                                dev->mac ? " " : "", dev->mac ? dev->mac : "", dev->up ? " up" : " down",
	                                dev->mtu, dev->carrier || !dev->up ? "" : " no-carrier");

	if (dev->master.device >= 0)
		text = arena_printf(d->a, "%s master %s", text, ns->devices[dev->master.device].name);
	if (other && dev->tied.device >= 0)
		text = arena_printf(d->a, "%s %s %s:%s", text, dev->tie == NSL_TIE_PEER ? "peer" : "on", other->name,
		                    other->devices[dev->tied.device].name);
	if (dev->vlan)
		text = arena_printf(d->a, "%s id %u", text, dev->vlan);
	return dev->mode ? arena_printf(d->a, "%s mode %s", text, dev->mode) : text;
}

static void add_devices(struct comparing *d, struct side *s, const struct nsl_netns *ns)
{
	for (size_t i = 0; i < ns->n_devices; i++) {
		const struct nsl_device *dev = &ns->devices[i];

		*vec_push(d->a, &s->facts) = (struct fact){NSL_ASPECT_DEVICES, dev->name, device_text(d, ns, dev)};
		for (size_t k = 0; k < dev->n_addresses; k++)
			*vec_push(d->a, &s->facts) = (struct fact){NSL_ASPECT_ADDRESSES, dev->addresses[k],
			                                           arena_printf(d->a, "dev %s", dev->name)};
	}
}

/* ---- what a child tells ---------------------------------------------------------------------------- */

static void read_facts(struct comparing *d, struct side *s, const char *text, size_t len)
{
	const char *at = text + sizeof(int), *end = text + len; /* before them is the errno */

	while (at < end) {
		struct fact f = {.aspect = (enum nsl_aspect) * at, .key = at + 1};
		size_t n = strnlen(f.key, (size_t)(end - f.key));

		f.value = f.key + n + 1;
		if (f.value >= end)
			return;
		n = strnlen(f.value, (size_t)(end - f.value));
		at = f.value + n + 1;
		if (at > end)
			return;
		f.key = arena_strdup(d->a, f.key);
		f.value = arena_strdup(d->a, f.value);
		*vec_push(d->a, &s->facts) = f;
	}
}

/* ---- merging --------------------------------------------------------------------------------------- */

/* A folder of a device: net/ipv4/conf/eth0/forwarding. */
static bool of_device(const char *path)
{
	static const char *const above[] = {"/conf/", "/neigh/"};

	for (size_t i = 0; i < ARRAY_SIZE(above); i++)
		if (strstr(path, above[i]))
			return true;
	return false;
}

/* What only one side has of sysctls says nothing by itself: it goes with a device, or holds for the whole machine and is
 * seen in its first namespace alone. */
static bool differs(const struct nsl_row *row)
{
	if (row->aspect == NSL_ASPECT_SYSCTLS && (!row->value[0] || !row->value[1]))
		return false;
	return !row->value[0] || !row->value[1] || !streq(row->value[0], row->value[1]);
}

/* Words, unless they are the same where there is a difference: then exactly what it is. */
static void put_in_words(struct comparing *d, struct nsl_row *row)
{
	const char *words[2] = {NULL, NULL};
	bool same;

	for (int n = 0; n < 2; n++) {
		const char *end = row->value[n] ? strstr(row->value[n], FACT_EXACTLY) : NULL;

		if (end)
			words[n] = arena_strndup(d->a, row->value[n], (size_t)(end - row->value[n]));
	}
	same = row->differs && words[0] && words[1] && streq(words[0], words[1]);
	for (int n = 0; n < 2; n++)
		if (words[n])
			row->value[n] = same ? strstr(row->value[n], FACT_EXACTLY) + strlen(FACT_EXACTLY) : words[n];
}

static void add_row(struct comparing *d, const struct fact *x, const struct fact *y)
{
	struct nsl_row row = {
		.aspect = x ? x->aspect : y->aspect,
		.what = x ? x->key : y->key,
		.value = {x ? x->value : NULL, y ? y->value : NULL},
	};

	if (row.aspect == NSL_ASPECT_SYSCTLS && (!x || !y) && of_device(row.what))
		return;
	row.differs = differs(&row);
	if (row.aspect == NSL_ASPECT_NFTABLES)
		put_in_words(d, &row);
	*vec_push(d->a, &d->rows) = row;
}

static void merge(struct comparing *d, struct side s[2])
{
	size_t i = 0, k = 0;

	for (int n = 0; n < 2; n++)
		if (s[n].facts.n)
			qsort(s[n].facts.items, s[n].facts.n, sizeof(*s[n].facts.items), by_key);
	while (i < s[0].facts.n || k < s[1].facts.n) {
		const struct fact *x = i < s[0].facts.n ? &s[0].facts.items[i] : NULL;
		const struct fact *y = k < s[1].facts.n ? &s[1].facts.items[k] : NULL;
		int r = !x ? 1 : !y ? -1 : compare(x, y);

		add_row(d, r <= 0 ? x : NULL, r >= 0 ? y : NULL);
		i += r <= 0;
		k += r >= 0;
	}
}

/* ---- all of it ------------------------------------------------------------------------------------- */

struct told {
	char *text[2];
	size_t len[2];
};

static struct nsl_diff *fill(struct comparing *d, const struct told *told)
{
	struct diff_box *box = arena_new_of(d->a, struct diff_box);
	struct side sides[2] = {0};

	box->arena = d->a;
	for (int n = 0; n < 2; n++) {
		const struct nsl_netns *ns = &d->census->items[d->at[n]];

		box->diff.name[n] = arena_strdup(d->a, ns->name);
		add_devices(d, &sides[n], ns);
		if (told->text[n])
			read_facts(d, &sides[n], told->text[n], told->len[n]);
	}
	box->diff.one = d->at[0] == d->at[1];
	if (!box->diff.one) {
		compare_isolation(d);
		compare_processes(d);
		merge(d, sides);
	}
	box->diff.n = d->rows.n;
	box->diff.rows = d->rows.items;
	for (size_t i = 0; i < d->rows.n; i++) {
		struct nsl_row *row = &d->rows.items[i];

		row->what = arena_strdup(d->a, row->what); /* the census is freed before */
		for (int n = 0; n < 2; n++)
			row->value[n] = row->value[n] ? arena_strdup(d->a, row->value[n]) : NULL;
		box->diff.n_differ += row->differs;
	}
	return &box->diff;
}

static struct nsl_diff *fill_settled(struct comparing *d, const struct told *told)
{
	return arena_exhausted(d->a) ? NULL : fill(d, told);
}

static int go_in(const struct nsl_census *c, int32_t at, struct told *told, int n, struct nsl_error **err)
{
	_cleanup_fd_ int fd = at == 0 ? open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC) : census_open(c, at);
	int r = fd < 0 ? (at == 0 ? -errno : fd) : inside_collect(fd, &told->text[n], &told->len[n]);

	if (r == 0)
		return 0;
	error_errno(err, -r, "cannot look into namespace \"%s\"", c->items[at].name);
	if (r == -EPERM || r == -EACCES)
		error_hint(err, "this needs root: run the same command with sudo");
	return r;
}

int compare_take(const struct nsl_census *census, int32_t a, int32_t b, struct nsl_diff **out, struct nsl_error **err)
{
	struct comparing d = {.a = arena_new(), .census = census, .at = {a, b}};
	struct told told = {0};
	int r = d.a ? 0 : error_oom(err);

	for (int n = 0; r == 0 && a != b && n < 2; n++)
		r = go_in(census, d.at[n], &told, n, err);
	if (r == 0) {
		*out = fill_settled(&d, &told);
		arena_settle(d.a);
		r = *out ? 0 : error_oom(err);
	}
	free(told.text[0]);
	free(told.text[1]);
	if (r < 0)
		arena_free(d.a);
	return r;
}
