/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain: a walk through the census (scope/explain.h), an echo request that tries it, and the verdict of both. */
#include <nsloom/explain.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "census.h"
#include "explain.h"
#include "fd.h"
#include "ping.h"
#include "text.h"

enum { PATIENCE = 1000, IMPATIENCE = 300 }; /* ms, for an answer that should come, and for one that should not */

struct explanation_box {
	struct nsl_explanation out;
	struct arena *arena;
	struct nsl_census *census;
};

struct question {
	struct nsloom *ns;
	struct arena *a;
	struct nsl_census *census;
	int32_t from, to; /* to -1: an address of nobody that we see */
	int32_t device;   /* of `to`, whose addresses are meant; -1: of all */
	ip_list targets;
	struct trip trip;
	struct ip address;
	struct ping_probe probe;
	bool tried;
};

/* ---- who is meant ---------------------------------------------------------------------------------- */

/* A node of the lab that is meant; -1: it is none, and *why is said where there is such a lab. */
static int32_t find_in_lab(struct nsloom *ns, const struct nsloom_target *target, const struct nsl_census *census,
                           const char *what, struct nsl_error **why)
{
	struct target t = target_of(target);
	char lab[NAME_MAX_LEN + 1], node[NAME_MAX_LEN + 1], full[2 * NAME_MAX_LEN + 2];
	struct nsl_error *none = NULL;
	bool known = find_lab(&ns->engine, &t, lab, &none) == 0;

	nsl_error_free(none);
	if (streq(what, "host") || find_node(&ns->engine, &t, what, lab, node, known ? why : NULL) < 0)
		return -1;
	snprintf(full, sizeof(full), "%s.%s", lab, node);
	return nsloom_census_find(census, full);
}

/* A node of the lab that is meant, else any namespace. Where it is neither, what has a hint is said. */
static int find_place(struct nsloom *ns, const struct nsloom_target *target, const struct nsl_census *census,
                      const char *what, int32_t *out, struct nsl_error **err)
{
	struct nsl_error *why = NULL;
	int r = 0;

	*out = find_in_lab(ns, target, census, what, &why);
	if (*out < 0)
		*out = nsloom_census_find(census, what);
	if (*out < 0 && why && why->hint) {
		error_append(err, TAKE_PTR(why));
		r = -ENOENT;
	} else if (*out < 0) {
		r = nsloom_census_need(census, what, out, err);
	}
	nsl_error_free(why);
	return r;
}

/* The namespace that has an address, the loopback's apart. */
static int32_t holder_of(const struct nsl_census *census, const struct ip *ip)
{
	for (size_t i = 0; i < census->n; i++) {
		int32_t at = device_with(&census->items[i], ip);

		if (at >= 0 && !ip_loopback(ip))
			return (int32_t)i;
	}
	return -1;
}

/* Which device of `to` is called so. */
static int find_device(struct question *q, const char *name, struct nsl_error **err)
{
	const struct nsl_netns *ns = &q->census->items[q->to];

	for (size_t i = 0; i < ns->n_devices; i++) {
		if (!streq(ns->devices[i].name, name))
			continue;
		q->device = (int32_t)i;
		return 0;
	}
	error_set(err, NSL_E_NOT_FOUND, ENOENT, "%s has no interface \"%s\"", ns->name, name);
	error_hint(err, "nsloom ns ls --devices shows all");
	return -ENOENT;
}

/* A place, or one of its devices: PLACE:DEVICE. Names of places may have a ':' themselves. */
static int find_target(struct question *q, const struct nsloom_target *target, const char *to, struct nsl_error **err)
{
	const char *colon = strrchr(to, ':');
	_cleanup_free_ char *place = colon ? strndup(to, (size_t)(colon - to)) : NULL;
	_cleanup_error_ struct nsl_error *why = NULL;
	int r = find_place(q->ns, target, q->census, to, &q->to, &why);

	if (r < 0 && place && find_place(q->ns, target, q->census, place, &q->to, NULL) == 0)
		r = find_device(q, colon + 1, err);
	else if (r < 0)
		error_append(err, TAKE_PTR(why));
	return r;
}

static int find_ends(struct question *q, const struct nsloom_target *target, const char *from, const char *to,
                     struct nsl_error **err)
{
	struct ip ip;
	bool bare = ip_parse(to, &ip);
	int r = find_place(q->ns, target, q->census, from, &q->from, err);

	q->to = q->device = -1;
	if (r == 0 && !bare)
		return find_target(q, target, to, err);
	if (r < 0)
		return r;
	if (ip_multicast(&ip) || ip_unspecified(&ip))
		return error_set(err, NSL_E_USAGE, EINVAL, "\"%s\" is the address of nobody in particular", to);
	if (ip.family == IP6 && ip_link_local(&ip))
		return error_set(err, NSL_E_USAGE, EINVAL, "\"%s\" means something on one link only: name the node",
		                 to);
	q->to = holder_of(q->census, &ip);
	if (arena_exhausted(q->a)) {
		arena_settle(q->a);
		return error_oom(err);
	}
	*vec_push(q->a, &q->targets) = ip;
	arena_settle(q->a);
	return 0;
}

/* ---- walking and trying ---------------------------------------------------------------------------- */

static int list_targets(struct question *q, struct nsl_error **err)
{
	struct trip t = {.a = q->a, .census = q->census};

	if (q->targets.n)
		return 0;
	if (arena_exhausted(q->a)) {
		arena_settle(q->a);
		return error_oom(err);
	}
	trip_targets(&t, q->from, q->to, q->device, &q->targets);
	arena_settle(q->a);
	return 0;
}

/* To the first address that a walk reaches; where none does, what is told is about the likeliest. */
static int walk(struct question *q, struct nsl_error **err)
{
	int r = list_targets(q, err);

	for (size_t i = 0; r == 0 && i < q->targets.n; i++) {
		struct trip t = {.a = q->a, .census = q->census};

		r = trip_walk(&t, q->from, &q->targets.items[i], err);
		if (r == 0 && (i == 0 || !t.failed)) {
			q->trip = t;
			q->address = q->targets.items[i];
		}
		if (!t.failed)
			break;
	}
	return r;
}

/* An echo request, which harms nobody. What cannot be tried is left at that. */
static void try(struct question *q)
{
	_cleanup_fd_ int fd = census_open(q->census, q->from);
	struct ping_options options = {.count = 1, .timeout_ms = q->trip.failed ? IMPATIENCE : PATIENCE};
	struct nsl_error *ignored = NULL;
	struct ping_place place;
	char path[48];

	if (fd < 0 || !q->address.set)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	place.netns = q->from == 0 ? NULL : path;
	q->probe = (struct ping_probe){.to = q->address};
	q->tried = ping_run(&place, 1, &q->probe, 1, &options, &ignored) == 0;
	nsl_error_free(ignored);
}

/* ---- the verdict ----------------------------------------------------------------------------------- */

static const char *ip_word(struct arena *a, const struct ip *ip)
{
	char buf[IP_TEXT_MAX];

	return ip->set ? arena_strdup(a, ip_text(ip, buf)) : NULL;
}

/* What was taken for a fault is none: it was answered. */
static void pardon(struct question *q)
{
	struct trip *t = &q->trip;

	for (size_t i = 0; i < t->steps.n; i++)
		if (t->steps.items[i].kind == NSL_STEP_FAULT) {
			t->steps.items[i].kind = NSL_STEP_NOTE;
			t->steps.items[i].text = arena_printf(q->a, "this should be its end, but it was answered: %s",
			                                      t->steps.items[i].text);
		}
	t->failed = false;
	t->mend = t->place = NULL;
}

static void judge_unanswered(struct question *q, struct nsl_explanation *out)
{
	struct trip *t = &q->trip;
	const char *why = q->tried ? ping_reason(&q->probe) : NULL;

	out->verdict = NSL_UNCERTAIN;
	if (t->perhaps)
		out->reason = arena_printf(
			q->a, "no answer came; it may have been dropped: %s asks what cannot be told from here",
			t->perhaps);
	else if (t->left)
		out->reason = why ? arena_printf(q->a, "it goes out of sight, and no answer came: %s", why)
		                  : "it goes out of sight, and no answer came";
	else
		out->reason = why ? arena_printf(q->a, "nothing is wrong that can be seen, but: %s", why)
		                  : "nothing is wrong that can be seen, but no answer came";
	if (!q->tried)
		out->reason = "nothing is wrong that can be seen; it could not be tried";
}

static void judge(struct question *q, struct nsl_explanation *out)
{
	struct trip *t = &q->trip;
	const char *to = q->to >= 0 ? q->census->items[q->to].name : out->address;

	out->tried = q->tried;
	out->answered = q->tried && q->probe.result == PING_REPLY;
	out->rtt_us = out->answered ? q->probe.rtt_avg_us : 0;
	if (!q->address.set) {
		out->verdict = NSL_FAILS;
		out->reason = q->device < 0 ? arena_printf(q->a, "%s has no address", to)
		                            : arena_printf(q->a, "%s of %s has no address",
		                                           q->census->items[q->to].devices[q->device].name, to);
		out->place = to;
		out->mend = "nsloom up puts back what is missing; or give it an address";
		return;
	}
	if (out->answered) {
		pardon(q);
		out->verdict = NSL_REACHES;
		out->reason = arena_printf(q->a, "%s reaches %s, and the answer comes back", out->from, to);
	} else if (t->failed) {
		out->verdict = NSL_FAILS;
		out->reason = t->reason;
		out->place = t->place;
		out->mend = t->mend;
	} else {
		judge_unanswered(q, out);
	}
}

static struct nsl_explanation *conclude(struct question *q)
{
	struct explanation_box *box = arena_new_of(q->a, struct explanation_box);
	struct nsl_explanation *out = &box->out;
	struct ip source = q->probe.source.set ? q->probe.source : (struct ip){0};

	box->arena = q->a;
	box->census = q->census;
	out->from = q->census->items[q->from].name;
	out->to = q->to >= 0 ? q->census->items[q->to].name : NULL;
	out->address = ip_word(q->a, &q->address);
	out->source = ip_word(q->a, &source);
	judge(q, out);
	out->steps = q->trip.steps.items;
	out->n_steps = q->trip.steps.n;
	return out;
}

static int finish(struct question *q, struct nsl_explanation **out, struct nsl_error **err)
{
	if (arena_exhausted(q->a)) {
		arena_settle(q->a);
		return error_oom(err);
	}
	*out = conclude(q);
	arena_settle(q->a);
	return 0;
}

int nsloom_explain(struct nsloom *ns, const struct nsloom_target *target, const char *from, const char *to,
                   struct nsl_explanation **out, struct nsl_error **err)
{
	struct nsl_census_options all = {0};
	struct question q = {.ns = ns, .a = arena_new()};
	int r = q.a ? nsloom_census(ns, &all, &q.census, err) : error_oom(err);

	if (r == 0)
		r = find_ends(&q, target, from, to, err);
	if (r == 0)
		r = walk(&q, err);
	if (r == 0) {
		try(&q);
		r = finish(&q, out, err);
	}
	if (r < 0) {
		nsloom_census_free(q.census);
		arena_free(q.a);
	}
	return r;
}

void nsloom_explanation_free(struct nsl_explanation *explanation)
{
	struct explanation_box *box = (struct explanation_box *)explanation;

	if (!box)
		return;
	nsloom_census_free(box->census);
	arena_free(box->arena);
}
