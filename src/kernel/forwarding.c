/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Borrowing the host's forwarding switches. See forwarding.h. */
#include "forwarding.h"

#include <dirent.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fd.h"
#include "lent.h"
#include "nft.h"
#include "nft_terms.h"
#include "rules.h"
#include "strbuf.h"
#include "sysctl.h"
#include "text.h"

enum { VALUE_SIZE = 16 };

static const char *const paths[IP_FAMILIES] = {"net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"};

const char *forwarding_path(enum ip_family f)
{
	return paths[f];
}

bool forwarding_is_on(enum ip_family f)
{
	return sysctl_is_on(paths[f]);
}

static enum lent kind_of(enum ip_family f)
{
	return f == IP6 ? LENT_FORWARD6 : LENT_FORWARD4;
}

/* ---- borrowing ------------------------------------------------------------------------------------- */

/* A setting that turning the switch on and off again would leave at another value than its own. */
struct follower {
	char path[128];
	char value[VALUE_SIZE];
	const char *meanwhile; /* what it is set to while the switch is on; NULL: what the kernel makes of it */
};

struct followers {
	struct follower *items;
	size_t n;
};

static int add_follower(struct followers *all, const char *path, const char *value, const char *meanwhile)
{
	struct follower *items = realloc(all->items, (all->n + 1) * sizeof(*items));
	struct follower *f;

	if (!items)
		return -ENOMEM;
	all->items = items;
	f = &items[all->n++];
	*f = (struct follower){.meanwhile = meanwhile};
	snprintf(f->path, sizeof(f->path), "%s", path);
	snprintf(f->value, sizeof(f->value), "%s", value);
	return 0;
}

/* A device that forwards by itself would no more, afterwards. One that does not, but listens to router advertisements, would stop
 * to as long as the switch is on. */
static int visit_device(enum ip_family f, const char *device, struct followers *all)
{
	const char *ip = f == IP6 ? "ipv6" : "ipv4";
	char path[128], value[VALUE_SIZE];

	snprintf(path, sizeof(path), "net/%s/conf/%.60s/forwarding", ip, device);
	if (sysctl_read(path, value, sizeof(value)) == 0 && !streq(value, "0"))
		return add_follower(all, path, value, NULL);
	snprintf(path, sizeof(path), "net/ipv6/conf/%.60s/accept_ra", device);
	if (f == IP6 && !streq(device, "lo") && sysctl_read(path, value, sizeof(value)) == 0 && streq(value, "1"))
		return add_follower(all, path, value, "2");
	return 0;
}

static int find_followers(enum ip_family f, const struct plan *p, struct followers *all)
{
	static const char redirects[] =
		"net/ipv4/conf/all/accept_redirects"; /* the kernel keeps it opposite to the switch */
	char value[VALUE_SIZE];
	DIR *dir = opendir(f == IP6 ? "/proc/sys/net/ipv6/conf" : "/proc/sys/net/ipv4/conf");
	int r = 0;

	if (f == IP4 && sysctl_read(redirects, value, sizeof(value)) == 0 && streq(value, "0"))
		r = add_follower(all, redirects, value, NULL);
	for (struct dirent *e; dir && r == 0 && (e = readdir(dir));)
		if (e->d_name[0] != '.' && !streq(e->d_name, "all") && lent_nameable(e->d_name) &&
		    !plan_is_labs(p, e->d_name))
			r = visit_device(f, e->d_name, all);
	if (dir)
		closedir(dir);
	return r;
}

/* The notes of all that is about to change, a line each. The switch comes first: giving back goes in this order, and its value overwrites its followers'. */
static void list_notes(enum ip_family f, const char *old, const struct followers *all, struct strbuf *out)
{
	strbuf_printf(out, LENT_WAS "%s-%s\n", old, paths[f]);
	for (size_t i = 0; i < all->n; i++)
		strbuf_printf(out, LENT_WAS "%s-%s\n", all->items[i].value, all->items[i].path);
}

int forwarding_borrow(enum ip_family f, int dir, const struct plan *p, int *sock, struct nl_refusal *refusal)
{
	_cleanup_strbuf_ struct strbuf notes = {0};
	struct followers all = {0};
	char old[VALUE_SIZE];
	int r = sysctl_read(paths[f], old, sizeof(old));

	if (r < 0 || !streq(old, "0")) /* on already: by its owner, or for another lab */
		return r;
	r = find_followers(f, p, &all);
	if (r == 0)
		list_notes(f, old, &all, &notes);
	if (r == 0)
		r = lent_add(dir, kind_of(f), &notes, sock, refusal);
	for (size_t i = 0; r == 0 && i < all.n; i++)
		if (all.items[i].meanwhile)
			sysctl_write(all.items[i].path, all.items[i].meanwhile);
	if (r == 0)
		r = sysctl_write(paths[f], "1");
	free(all.items);
	return r;
}

/* ---- giving back ----------------------------------------------------------------------------------- */

struct claims {
	const char *lab, *word;
	bool other;
};

static int find_claim(const char *name, const char *comment, void *data)
{
	struct claims *c = data;

	if (has_prefix(name, MARK_TABLE) && !streq(name + strlen(MARK_TABLE), c->lab) && strstr(comment, c->word))
		c->other = true;
	return 0;
}

static int restore_all(struct lent_notes *notes)
{
	int r = 0;

	for (char *line = notes->text.s, *end; r == 0 && line && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		r = lent_restore(line);
		*end = '\n';
	}
	return r;
}

int forwarding_return(enum ip_family f, int dir, const char *lab, int *sock, struct nl_refusal *refusal)
{
	struct claims c = {.lab = lab, .word = rules_claim(f)};
	_cleanup_notes_ struct lent_notes notes = {0};
	int r = nft_tables(find_claim, &c);

	if (r < 0 || c.other)
		return r;
	r = lent_read(dir, kind_of(f), &notes);
	if (r == 0)
		r = restore_all(&notes);
	return r < 0 ? r : lent_remove(dir, kind_of(f), &notes, &notes.text, sock, refusal);
}

bool forwarding_is_orphaned(enum ip_family f, int dir)
{
	struct claims c = {.lab = "", .word = rules_claim(f)};
	_cleanup_strbuf_ struct strbuf notes = {0};

	return lent_read_file(dir, kind_of(f), &notes) == 0 && notes.len && nft_tables(find_claim, &c) == 0 && !c.other;
}

/* ---- for those who do it by hand ------------------------------------------------------------------- */

static void add_note(struct arena *a, struct script_switch *out, const char *path, const char *was,
                     const char *meanwhile)
{
	*vec_push(a, &out->notes) = (struct script_note){arena_strdup(a, path), arena_strdup(a, was), meanwhile};
}

static int notes_ahead(struct arena *a, enum ip_family f, const struct plan *p, struct script_switch *out)
{
	struct followers all = {0};
	char old[VALUE_SIZE];
	int r = sysctl_read(paths[f], old, sizeof(old));

	if (r < 0 || !streq(old, "0"))
		return 0; /* on already; or no such family here, which says more when it is done */
	r = find_followers(f, p, &all);
	add_note(a, out, paths[f], old, "1");
	for (size_t i = 0; i < all.n; i++)
		add_note(a, out, all.items[i].path, all.items[i].value, all.items[i].meanwhile);
	free(all.items);
	return r;
}

static int notes_back(struct arena *a, enum ip_family f, int dir, const char *lab, struct script_switch *out)
{
	struct claims c = {.lab = lab, .word = rules_claim(f)};
	_cleanup_notes_ struct lent_notes notes = {0};
	int r = nft_tables(find_claim, &c);

	out->claimed = c.other;
	if (r == 0)
		r = lent_read(dir, kind_of(f), &notes);
	for (char *line = notes.text.s, *end; r == 0 && line && (end = strchr(line, '\n')); line = end + 1) {
		const char *value, *path;
		size_t len;

		*end = '\0';
		if (lent_parse_was(line, &value, &len, &path))
			add_note(a, out, path, arena_strndup(a, value, len), NULL);
	}
	return r;
}

int forwarding_notes(struct arena *a, enum ip_family f, int dir, const struct plan *p, bool back,
                     struct script_switch *out)
{
	int r = back ? notes_back(a, f, dir, p->lab, out) : 0;

	return r < 0 || out->notes.n || out->claimed ? r : notes_ahead(a, f, p, out);
}
