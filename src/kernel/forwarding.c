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
#include "nft.h"
#include "rules.h"
#include "strbuf.h"
#include "sysctl.h"
#include "text.h"

#define HOST_TABLE "nsloom"
#define NOTE "was-"

enum { VALUE_SIZE = 16, NOTE_SIZE = 160 };

static const char *const paths[IP_FAMILIES] = {"net/ipv4/ip_forward", "net/ipv6/conf/all/forwarding"};

const char *forwarding_path(enum ip_family f)
{
	return paths[f];
}

bool forwarding_is_on(enum ip_family f)
{
	return sysctl_is_on(paths[f]);
}

/* ---- notes ----------------------------------------------------------------------------------------- */

/* A name that nft(8) can read back, so that a saved ruleset stays loadable. */
static bool nameable(const char *s)
{
	for (; *s; s++)
		if (!(*s >= 'a' && *s <= 'z') && !(*s >= 'A' && *s <= 'Z') && !(*s >= '0' && *s <= '9') &&
		    !strchr("/-_.", *s))
			return false;
	return true;
}

static void note_chain(char *buf, const char *path, const char *value)
{
	snprintf(buf, NOTE_SIZE, NOTE "%s-%s", value, path);
}

/* ---- borrowing ------------------------------------------------------------------------------------- */

struct accept_ra_note {
	char path[128];
};

struct accept_ra_notes {
	struct accept_ra_note *items;
	size_t n;
};

static int add_note(struct accept_ra_notes *notes, const char *path)
{
	struct accept_ra_note *items = realloc(notes->items, (notes->n + 1) * sizeof(*items));

	if (!items)
		return -ENOMEM;
	notes->items = items;
	snprintf(items[notes->n++].path, sizeof(items->path), "%s", path);
	return 0;
}

/* The devices that would stop listening to router advertisements. */
static int find_listeners(struct accept_ra_notes *notes, forwarding_device_fn *is_labs, const void *data)
{
	DIR *dir = opendir("/proc/sys/net/ipv6/conf");
	int r = 0;

	for (struct dirent *e; dir && r == 0 && (e = readdir(dir));) {
		char path[128], value[VALUE_SIZE];

		if (e->d_name[0] == '.' || streq(e->d_name, "all") || streq(e->d_name, "lo") || !nameable(e->d_name) ||
		    is_labs(data, e->d_name))
			continue;
		snprintf(path, sizeof(path), "net/ipv6/conf/%.60s/accept_ra", e->d_name);
		if (sysctl_read(path, value, sizeof(value)) == 0 && streq(value, "1"))
			r = add_note(notes, path);
	}
	if (dir)
		closedir(dir);
	return r;
}

/* A note that a crash left before the switch was turned stays as it is: adding it again is no error. */
static int write_notes(enum ip_family f, const char *old, const struct accept_ra_notes *notes,
                       struct nl_refusal *refusal)
{
	struct nft nft = {0};
	char chain[NOTE_SIZE];

	nft_begin(&nft);
	nft_add_table(&nft, HOST_TABLE, NULL);
	note_chain(chain, paths[f], old);
	nft_add_chain(&nft, HOST_TABLE, chain, NULL, -1, 0);
	for (size_t i = 0; i < notes->n; i++) {
		note_chain(chain, notes->items[i].path, "1");
		nft_add_chain(&nft, HOST_TABLE, chain, NULL, -1, 0);
	}
	return nft_commit(&nft, refusal);
}

int forwarding_borrow(enum ip_family f, forwarding_device_fn *is_labs, const void *data, struct nl_refusal *refusal)
{
	struct accept_ra_notes notes = {0};
	char old[VALUE_SIZE];
	int r = sysctl_read(paths[f], old, sizeof(old));

	if (r < 0 || !streq(old, "0")) /* on already: by its owner, or for another lab */
		return r;
	if (f == IP6)
		r = find_listeners(&notes, is_labs, data);
	if (r == 0)
		r = write_notes(f, old, &notes, refusal);
	for (size_t i = 0; r == 0 && i < notes.n; i++)
		sysctl_write(notes.items[i].path, "2");
	if (r == 0)
		r = sysctl_write(paths[f], "1");
	free(notes.items);
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

struct notes_found {
	enum ip_family family;
	struct strbuf *mine; /* "CHAIN\n" for each note of this family */
	size_t others;
};

static int find_note(const struct nftnl_chain *c, void *data)
{
	struct notes_found *n = data;
	const char *name = nftnl_chain_get_str(c, NFTNL_CHAIN_NAME);
	bool ipv6 = strstr(name, "-net/ipv6/") != NULL;

	if (!has_prefix(name, NOTE) || ipv6 != (n->family == IP6)) {
		n->others++;
		return 0;
	}
	strbuf_printf(n->mine, "%s\n", name);
	return 0;
}

/* "was-0-net/ipv4/ip_forward": writes the value back. A device that has gone meanwhile needs nothing. */
static int restore(char *note)
{
	char *value = note + strlen(NOTE), *path = strchr(value, '-');
	int r;

	if (!path)
		return 0;
	*path = '\0';
	r = sysctl_write(path + 1, value);
	*path = '-';
	return r == -ENOENT ? 0 : r;
}

static int restore_all(char *notes, struct nft *nft, bool last)
{
	int r = 0;

	nft_begin(nft);
	for (char *line = notes, *end; r == 0 && line && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		r = restore(line);
		if (!last)
			nft_del_chain(nft, HOST_TABLE, line);
	}
	if (last)
		nft_del_table(nft, HOST_TABLE);
	return r;
}

int forwarding_return(enum ip_family f, const char *lab, struct nl_refusal *refusal)
{
	struct claims c = {.lab = lab, .word = rules_claim(f)};
	_cleanup_strbuf_ struct strbuf mine = {0};
	struct notes_found n = {.family = f, .mine = &mine};
	struct nft nft = {0};
	int r = nft_tables(find_claim, &c);

	if (r < 0 || c.other)
		return r;
	r = nft_chains(NFPROTO_INET, HOST_TABLE, find_note, &n);
	if (r < 0 || (mine.len == 0 && !mine.failed))
		return r;
	r = mine.failed ? -ENOMEM : restore_all(mine.s, &nft, n.others == 0);
	if (r < 0) {
		nft_abandon(&nft);
		return r;
	}
	return nft_commit(&nft, refusal);
}
