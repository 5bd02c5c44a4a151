/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Following a packet through the namespaces of a census.
 *
 * explain.c walks: route, firewall, link, and again in the next namespace, until
 * the packet has arrived, is lost, or is out of sight; then the same for the answer.
 * explain_route.c asks a namespace's kernel for routes and neighbours,
 * explain_link.c follows devices and bridges through the census,
 * explain_rules.c plays nf_tables. Nothing is changed; the thread goes from
 * namespace to namespace and is back in its own at the end.
 */
#ifndef SCOPE_EXPLAIN_H
#define SCOPE_EXPLAIN_H

#include <nsloom/explain.h>
#include <nsloom/scope.h>
#include <stdarg.h>

#include "arena.h"
#include "error.h"
#include "ip.h"

struct packet {
	enum ip_family family;
	struct ip src, dst;
	bool answer;
	uint32_t mark;
};

/* Somebody's source was translated: the answer is translated back there. */
struct translation {
	int32_t ns;
	struct ip before, after;
};

struct ruleset; /* of one namespace, in explain_rules.c */

struct trip {
	struct arena *a; /* has a landing */
	const struct nsl_census *census;
	VEC(struct nsl_step) steps;
	VEC(struct translation) translations;
	struct ruleset **rulesets; /* [namespace], read when they are needed */
	struct packet packet;
	bool failed;        /* the fault is the last step */
	bool left;          /* went out of sight */
	const char *reason; /* of the fault */
	const char *mend, *place;
	const char *perhaps; /* a rule that may have dropped it: what it asks could not be told */
	int own_fd, ns_fd;   /* -1: none */
};

/* ---- telling ---------------------------------------------------------------------------------- */

void trip_step(struct trip *t, enum nsl_step_kind kind, int32_t ns, const char *device, const char *fmt, ...)
	PRINTF(5, 6);
/* The last step, and the reason of it all. `mend` may be NULL. */
void trip_fault(struct trip *t, int32_t ns, const char *device, const char *mend, const char *fmt, ...) PRINTF(5, 6);
/* "ip -n tutorial.one", "ip": how ip(8) is told of a namespace. */
const char *trip_ip(struct trip *t, int32_t ns);
/* "", "ip netns exec tutorial.one ". */
const char *trip_exec(struct trip *t, int32_t ns);
const char *trip_word(struct trip *t, const struct ip *ip);
/* "nsloom up puts back what is missing; or", where that may be so: on the host and in nodes; else "". */
const char *trip_up(const struct trip *t, int32_t at);
static inline const struct nsl_netns *trip_ns(const struct trip *t, int32_t ns)
{
	return &t->census->items[ns];
}
static inline const struct nsl_device *trip_device(const struct trip *t, struct nsl_place p)
{
	return &t->census->items[p.ns].devices[p.device];
}

/* ---- asking: explain_route.c ------------------------------------------------------------------- */

/* Moves the thread there. 0, or -errno after a fault. */
int trip_enter(struct trip *t, int32_t ns);

struct route_answer {
	int errnum;             /* why there is none; else 0 */
	uint8_t type;           /* RTN_* */
	uint8_t protocol;       /* RTPROT_* */
	uint32_t oif;           /* ifindex */
	struct ip via, src;     /* next hop, the source that would be chosen; may be unset */
	struct ip_prefix match; /* what matched */
	bool known_match;
	uint32_t table, metric;
};
/* The route of the namespace that the thread is in; iif 0: of a packet made here. */
void route_ask(struct trip *t, const struct ip *dst, const struct ip *src, uint32_t iif, struct route_answer *out);

struct neighbour_answer {
	bool found;
	uint16_t state; /* NUD_* */
	struct mac mac;
};
void neighbour_ask(const struct ip *ip, uint32_t ifindex, struct neighbour_answer *out);
/* A sysctl of the namespace that the thread is in, as a number; `otherwise` where there is none. */
int trip_sysctl(int otherwise, const char *fmt, ...) PRINTF(2, 3);

/* ---- links: explain_link.c --------------------------------------------------------------------- */

/* Index of a device by ifindex, or by name; -1: none. */
int32_t device_by_index(const struct nsl_netns *ns, uint32_t ifindex);
/* The device of a namespace that has an address; -1: none. */
int32_t device_with(const struct nsl_netns *ns, const struct ip *ip);
/* Whether one of a device's addresses has this one in its subnet. */
bool device_covers(const struct nsl_device *d, const struct ip *ip);
/*
 * Out by a device, to the next hop: through cables and bridges to the device that has this address. Tells all of
 * it. False after a fault, or where it leaves what can be seen (t->left).
 */
bool link_follow(struct trip *t, struct nsl_place from, const struct ip *hop, struct nsl_place *to);

/* ---- the firewall: explain_rules.c -------------------------------------------------------------- */

/* Runs the chains of a hook (NF_INET_*) in the namespace that the thread is in. Devices -1: none. Tells what is done;
 * translates t->packet. False after a fault: it was dropped. */
bool rules_pass(struct trip *t, int32_t ns, uint32_t hook, int32_t in, int32_t out);

/* ---- all of it ---------------------------------------------------------------------------------- */

/*
 * Walks there and back. `ip`: the address it goes to. Fills steps, and reason,
 * mend, place of a fault. 0 or -errno with *err; adds to the arena, which has no landing on entry.
 */
int trip_walk(struct trip *t, int32_t from, const struct ip *ip, struct nsl_error **err);
/* The addresses of a namespace that one may want to reach, the likeliest first. */
typedef VEC(struct ip) ip_list;
/* only: those of that device; < 0: all. */
void trip_targets(struct trip *t, int32_t from, int32_t to, int32_t only, ip_list *out);

#endif
