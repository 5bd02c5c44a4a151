/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading what the yardstick is to make. See floor_list.h. */
#include "floor_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void die(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	exit(1);
}

void *list_push(void **at, size_t *n, size_t size)
{
	/* Room doubles: it is full when n is a power of two. */
	if ((*n & (*n - 1)) == 0) {
		*at = realloc(*at, (*n ? 2 * *n : 1) * size);
		if (!*at)
			die("realloc");
	}
	return memset((char *)*at + (*n)++ * size, 0, size);
}

/* ---- fields ---------------------------------------------------------------------------------------- */

static const char *word(char **rest)
{
	char *w = strsep(rest, "\t");

	if (!w) {
		errno = EINVAL;
		die("the list has a line with too few fields");
	}
	return w;
}

static const char *text(char **rest)
{
	const char *w = word(rest);

	return strcmp(w, "-") == 0 ? NULL : w;
}

static uint32_t number(char **rest)
{
	return (uint32_t)strtoul(word(rest), NULL, 0);
}

static size_t hex(char **rest, uint8_t *out, size_t size)
{
	const char *w = word(rest);
	size_t n = 0;

	for (; w[0] && w[1] && n < size; w += 2)
		if (sscanf(w, "%2hhx", &out[n++]) != 1)
			die("hex");
	return n;
}

static struct space *space(struct floor_list *l, uint32_t i)
{
	if (i >= l->spaces.n) {
		errno = EINVAL;
		die("the list names a space that it does not have");
	}
	return &l->spaces.at[i];
}

static struct end end(char **rest)
{
	struct end e = {.space = number(rest)};

	e.ifindex = number(rest);
	e.name = word(rest);
	hex(rest, e.mac, sizeof(e.mac));
	e.mtu = number(rest);
	e.group = number(rest);
	e.up = number(rest);
	e.none = number(rest);
	e.alias = text(rest);
	e.altname = text(rest);
	return e;
}

/* ---- lines ----------------------------------------------------------------------------------------- */

static void read_lab(struct floor_list *l, char **rest)
{
	l->lab = word(rest);
}

static void read_space(struct floor_list *l, char **rest)
{
	struct space *s = &LIST_PUSH(&l->spaces);

	s->name = word(rest);
	s->ns = s->sock = -1;
}

static void read_lo(struct floor_list *l, char **rest)
{
	struct space *s = space(l, number(rest));

	s->lo_up = number(rest);
	s->lo_alias = text(rest);
}

static void read_bridge(struct floor_list *l, char **rest)
{
	struct end e = end(rest);

	LIST_PUSH(&space(l, e.space)->bridges) = e;
}

static void read_veth(struct floor_list *l, char **rest)
{
	struct veth v;

	for (int i = 0; i < 2; i++) {
		v.end[i] = end(rest);
		v.end[i].master = number(rest);
	}
	if (v.end[0].space < v.end[1].space)
		v = (struct veth){{v.end[1], v.end[0]}};
	LIST_PUSH(&space(l, v.end[0].space)->veths) = v;
}

static void read_address(struct floor_list *l, char **rest)
{
	struct address *a = &LIST_PUSH(&space(l, number(rest))->addresses);

	a->ifindex = number(rest);
	a->family = (uint8_t)number(rest);
	hex(rest, a->ip, sizeof(a->ip));
	a->len = (uint8_t)number(rest);
}

static void read_route(struct floor_list *l, char **rest)
{
	struct route *r = &LIST_PUSH(&space(l, number(rest))->routes);

	r->family = (uint8_t)number(rest);
	hex(rest, r->to, sizeof(r->to));
	r->len = (uint8_t)number(rest);
	r->n = number(rest);
	r->hops = calloc(r->n, sizeof(*r->hops));
	if (!r->hops)
		die("calloc");
	for (size_t i = 0; i < r->n; i++) {
		hex(rest, r->hops[i].ip, sizeof(r->hops[i].ip));
		r->hops[i].ifindex = number(rest);
	}
}

static void read_sysctl(struct floor_list *l, char **rest)
{
	struct sysctl *s = &LIST_PUSH(&space(l, number(rest))->sysctls);

	s->device = number(rest);
	s->path = word(rest);
	s->value = word(rest);
	s->before = word(rest);
}

static struct nft message(char **rest)
{
	struct nft m = {.type = (uint16_t)number(rest)};
	size_t size;

	m.flags = (uint16_t)number(rest);
	size = *rest ? strlen(*rest) / 2 + 1 : 1;
	m.data = malloc(size);
	if (!m.data)
		die("malloc");
	m.len = hex(rest, m.data, size);
	return m;
}

static void read_nft(struct floor_list *l, char **rest)
{
	LIST_PUSH(&l->nft) = message(rest);
}

static void read_unnft(struct floor_list *l, char **rest)
{
	LIST_PUSH(&l->unnft) = message(rest);
}

static const struct {
	const char *word;
	void (*read)(struct floor_list *, char **rest);
} lines[] = {
	{"lab", read_lab},   {"space", read_space},     {"lo", read_lo},       {"bridge", read_bridge},
	{"veth", read_veth}, {"address", read_address}, {"route", read_route}, {"sysctl", read_sysctl},
	{"nft", read_nft},   {"unnft", read_unnft},
};

static void read_line(struct floor_list *l, char *line)
{
	const char *w = word(&line);

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		if (strcmp(w, lines[i].word) == 0) {
			lines[i].read(l, &line);
			return;
		}
	errno = EINVAL;
	die(w);
}

/* ---- the whole ------------------------------------------------------------------------------------- */

static void add_device(struct floor_list *l, struct end *e, size_t with)
{
	struct space *s = space(l, e->space);

	LIST_PUSH(&s->devices) = e;
	if (with > s->last)
		s->last = with;
}

void floor_list_read(struct floor_list *l, const char *file)
{
	FILE *f = fopen(file, "re");
	size_t size = 0;
	char *rest, *line;

	if (!f)
		die(file);
	if (getdelim(&l->text, &size, '\0', f) < 0)
		l->text = NULL;
	for (rest = l->text; (line = strsep(&rest, "\n"));)
		if (*line)
			read_line(l, line);
	fclose(f);
	if (!l->lab || !l->spaces.n) {
		errno = EINVAL;
		die(file);
	}
	for (size_t i = 0; i < l->spaces.n; i++) {
		struct space *s = &l->spaces.at[i];

		s->last = i > s->last ? i : s->last;
		for (size_t k = 0; k < s->veths.n; k++)
			for (int e = 0; e < 2; e++)
				add_device(l, &s->veths.at[k].end[e], i);
	}
}
