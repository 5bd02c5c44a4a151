/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Networks of more than one bridge. See segments.h. */
#include "segments.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cascade.h"

enum { WORD = 64, NAME = 2 * WORD, DEVICES_MAX = 512 };

/* A device on the host or in the fabric: "host lan", "lab/@fabric+1 lan+1". */
struct seen_device {
	char name[NAME];
	char master[NAME]; /* of a port: the bridge, in the same place */
	char peer[NAME];   /* of a cable: the other end, with its place */
	bool bridge;
	int segment; /* bridges: by the least index of those that hang together */
	int ports, trunks;
};

struct view {
	struct seen_device devices[DEVICES_MAX];
	int n;
	FILE *out;
	bool sound;
};

static void complain(struct view *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void complain(struct view *v, const char *fmt, ...)
{
	va_list ap;

	v->sound = false;
	fprintf(v->out, "# ");
	va_start(ap, fmt);
	vfprintf(v->out, fmt, ap);
	va_end(ap);
	fputc('\n', v->out);
}

static struct seen_device *find(struct view *v, const char *name)
{
	for (int i = 0; i < v->n; i++)
		if (strcmp(v->devices[i].name, name) == 0)
			return &v->devices[i];
	return NULL;
}

/* ---- reading --------------------------------------------------------------------------------------- */

/* "PLACE link NAME …" */
static void read_link(struct view *v, const char *line)
{
	char place[WORD], name[WORD];
	const char *master = strstr(line, " master=");
	struct seen_device *d = &v->devices[v->n];

	if (v->n == DEVICES_MAX || sscanf(line, "%60s link %60s ", place, name) != 2)
		return;
	*d = (struct seen_device){.bridge = strstr(line, " kind=bridge") != NULL, .segment = v->n};
	snprintf(d->name, NAME, "%s %s", place, name);
	if (master && sscanf(master, " master=%60s", name) == 1)
		snprintf(d->master, NAME, "%s %s", place, name);
	v->n++;
}

/* "PLACE cable NAME to PLACE NAME" */
static void read_cable(struct view *v, const char *line)
{
	char place[2][WORD], name[2][WORD], full[NAME];
	struct seen_device *d;

	if (sscanf(line, "%60s cable %60s to %60s %60s", place[0], name[0], place[1], name[1]) != 4)
		return;
	snprintf(full, NAME, "%s %s", place[0], name[0]);
	d = find(v, full);
	if (d)
		snprintf(d->peer, NAME, "%s %s", place[1], name[1]);
}

static void merge(struct view *v, int a, int b)
{
	for (int i = 0; i < v->n; i++)
		if (v->devices[i].segment == b)
			v->devices[i].segment = a;
}

/* Counts ports, and joins bridges that a cable lies between. */
static void join(struct view *v)
{
	for (int i = 0; i < v->n; i++) {
		struct seen_device *d = &v->devices[i], *peer = find(v, d->peer), *bridge = find(v, d->master), *other;

		if (!bridge)
			continue;
		other = peer ? find(v, peer->master) : NULL;
		bridge->trunks += other != NULL;
		bridge->ports += other == NULL;
		if (!other || peer > d)
			continue;
		if (other->segment == bridge->segment)
			complain(v, "the cable from %s to %s closes a loop", d->name, peer->name);
		merge(v, other->segment, bridge->segment);
	}
}

/* ---- checking -------------------------------------------------------------------------------------- */

static bool in_fabric(const struct seen_device *d)
{
	return strstr(d->name, "/@fabric") != NULL;
}

static const char *device_of(const struct seen_device *d)
{
	return strchr(d->name, ' ') + 1;
}

/* The network's own bridge: on the host, or in one part of the fabric. */
static struct seen_device *find_bridge(struct view *v, const struct network *net)
{
	struct seen_device *found = NULL;

	for (int i = 0; i < v->n; i++) {
		struct seen_device *d = &v->devices[i];

		if (!d->bridge || in_fabric(d) == net->on_host || strcmp(device_of(d), net->device) != 0)
			continue;
		if (found)
			complain(v, "there are %s and %s", found->name, d->name);
		found = d;
	}
	return found;
}

/* A namespace of the fabric's is there for bridges. */
static void check_part(struct view *v, const struct seen_device *lo)
{
	size_t place = (size_t)(strchr(lo->name, ' ') - lo->name) + 1;

	for (int i = 0; i < v->n; i++)
		if (v->devices[i].bridge && strncmp(v->devices[i].name, lo->name, place) == 0)
			return;
	complain(v, "there is no bridge beside %s", lo->name);
}

static void check_port(struct view *v, const struct model *m, const struct network *net, const struct port *p,
                       int *segment)
{
	const struct node *node = &m->nodes.items[p->node];
	char name[NAME];
	struct seen_device *end, *port, *bridge;

	snprintf(name, NAME, "%s/%s %s", m->name, node->name, node->ifaces.items[p->iface].name);
	end = find(v, name);
	port = end ? find(v, end->peer) : NULL;
	bridge = port ? find(v, port->master) : NULL;
	if (!bridge)
		complain(v, "%s hangs on no bridge", name);
	else if (bridge->segment != *segment)
		complain(v, "%s hangs on %s, which does not lead to the bridge of %s", name, bridge->name, net->name);
}

static void check_network(struct view *v, const struct model *m, size_t at, int *segments)
{
	const struct network *net = &m->networks.items[at];
	struct seen_device *own = find_bridge(v, net);

	segments[at] = own ? own->segment : -1;
	if (!own)
		complain(v, "there is no bridge %s of %s", net->device, net->name);
	for (size_t i = 0; i < at; i++)
		if (own && segments[i] == segments[at])
			complain(v, "%s and %s are one", net->name, m->networks.items[i].name);
	for (size_t i = 0; own && i < net->ports.n; i++)
		check_port(v, m, net, &net->ports.items[i], &segments[at]);
}

static int limit_or(uint32_t limit, int otherwise)
{
	return limit ? (int)limit : otherwise;
}

static void check_bridges(struct view *v, const struct thresholds *thresholds)
{
	for (int i = 0; i < v->n; i++) {
		const struct seen_device *d = &v->devices[i];
		bool fabric = in_fabric(d);
		int most = fabric ? limit_or(thresholds->bridge, CASCADE_BRIDGE)
		                  : limit_or(thresholds->host, CASCADE_HOST);

		if (fabric && strcmp(device_of(d), "lo") == 0)
			check_part(v, d);
		if (!d->bridge)
			continue;
		if (d->ports > most)
			complain(v, "%s has %d ports, and %d at most", d->name, d->ports, most);
		if (fabric && strchr(device_of(d), '+') && d->ports == 0 && d->trunks < 2)
			complain(v, "%s is there for nothing", d->name);
	}
}

bool segments_sound(const struct snapshot *s, const struct model *m, const struct thresholds *thresholds, FILE *out)
{
	static struct view v;
	int *segments = calloc(m->networks.n + 1, sizeof(*segments));

	v.n = 0;
	v.out = out;
	v.sound = segments != NULL;
	for (size_t i = 0; i < s->n; i++)
		read_link(&v, s->lines[i]);
	for (size_t i = 0; i < s->n; i++)
		read_cable(&v, s->lines[i]);
	join(&v);
	for (size_t i = 0; segments && i < m->networks.n; i++)
		check_network(&v, m, i, segments);
	check_bridges(&v, thresholds);
	free(segments);
	return v.sound;
}

bool segments_change_place(const struct model *from, const struct model *to)
{
	for (size_t i = 0; i < from->networks.n; i++)
		for (size_t k = 0; k < to->networks.n; k++) {
			const struct network *a = &from->networks.items[i], *b = &to->networks.items[k];

			if (strcmp(a->name, b->name) == 0 && a->on_host != b->on_host)
				return true;
		}
	return false;
}

/* ---- forgetting ------------------------------------------------------------------------------------ */

static bool is_port(const struct model *m, const char *device)
{
	for (size_t i = 0; i < m->networks.n; i++) {
		const struct network *net = &m->networks.items[i];

		if (net->on_host && strcmp(net->trunk, device) == 0)
			return true;
		for (size_t k = 0; net->on_host && k < net->ports.n; k++) {
			const struct port *p = &net->ports.items[k];

			if (strcmp(m->nodes.items[p->node].ifaces.items[p->iface].port, device) == 0)
				return true;
		}
	}
	return false;
}

static bool depends(const char *line, const struct model *m)
{
	char place[WORD], device[WORD];

	if (strstr(line, "/@fabric"))
		return true;
	if (sscanf(line, "%60s cable %60s ", place, device) == 2)
		return true;
	return sscanf(line, "host link %60s ", device) == 1 && is_port(m, device);
}

void segments_forget(struct snapshot *s, const struct model *m)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (!depends(s->lines[i], m))
			s->lines[n++] = s->lines[i];
	s->n = n;
}
