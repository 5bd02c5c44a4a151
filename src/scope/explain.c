/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Layer 3: from namespace to namespace, there and back. See explain.h. */
#include "explain.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "fd.h"
#include "state.h"
#include "text.h"

enum { HOPS_MAX = 64 };

/* ---- telling ----------------------------------------------------------------------------------- */

static const char *add_step(struct trip *t, enum nsl_step_kind kind, int32_t ns, const char *device, const char *text)
{
	*vec_push(t->a, &t->steps) = (struct nsl_step){
		.kind = kind,
		.answer = t->packet.answer,
		.place = trip_ns(t, ns)->name,
		.device = device,
		.text = text,
	};
	return text;
}

void trip_step(struct trip *t, enum nsl_step_kind kind, int32_t ns, const char *device, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = arena_vprintf(t->a, fmt, ap);
	va_end(ap);
	add_step(t, kind, ns, device, text);
}

void trip_fault(struct trip *t, int32_t ns, const char *device, const char *mend, const char *fmt, ...)
{
	const char *text;
	va_list ap;

	va_start(ap, fmt);
	text = arena_vprintf(t->a, fmt, ap);
	va_end(ap);
	t->failed = true;
	t->reason = add_step(t, NSL_STEP_FAULT, ns, device, text);
	t->place = trip_ns(t, ns)->name;
	t->mend = mend;
}

/* A file below /run/netns: what ip(8) can be told. */
static bool has_ip_name(const struct nsl_netns *ns)
{
	for (size_t i = 0; i < ns->n_holds; i++)
		if (ns->holds[i].by == NSL_KEPT_BY_NAME)
			return true;
	return false;
}

const char *trip_ip(struct trip *t, int32_t ns)
{
	const struct nsl_netns *n = trip_ns(t, ns);

	if (ns == 0)
		return "ip";
	if (has_ip_name(n))
		return arena_printf(t->a, "ip -n %s", n->name);
	return arena_printf(t->a, "nsloom ns exec %s -- ip", n->name);
}

const char *trip_exec(struct trip *t, int32_t ns)
{
	const struct nsl_netns *n = trip_ns(t, ns);

	if (ns == 0)
		return "";
	return arena_printf(t->a, has_ip_name(n) ? "ip netns exec %s " : "nsloom ns exec %s -- ", n->name);
}

const char *trip_up(const struct trip *t, int32_t at)
{
	return at == 0 || trip_ns(t, at)->lab ? "nsloom up puts back what is missing; or" : "";
}

const char *trip_word(struct trip *t, const struct ip *ip)
{
	char buf[IP_TEXT_MAX];

	return ip->set ? arena_strdup(t->a, ip_text(ip, buf)) : "?";
}

/* ---- routes ------------------------------------------------------------------------------------ */

static const char *protocol_word(uint8_t protocol)
{
	switch (protocol) {
	case RTPROT_KERNEL:
		return "from an address of its own";
	case RTPROT_BOOT:
	case RTPROT_STATIC:
		return "put there by hand";
	case RTPROT_DHCP:
		return "by DHCP";
	case RTPROT_RA:
		return "by a router advertisement";
	case MARK_PROTOCOL:
		return "by nsloom";
	default:
		return NULL;
	}
}

static const char *route_words(struct trip *t, const struct route_answer *r)
{
	char buf[PREFIX_TEXT_MAX];
	const char *who = protocol_word(r->protocol);
	const char *to = r->match.len ? arena_strdup(t->a, prefix_text(&r->match, buf)) : "default";

	if (!r->known_match)
		return "";
	return who ? arena_printf(t->a, " (%s, %s)", to, who)
	           : arena_printf(t->a, " (%s, protocol %u)", to, r->protocol);
}

/* A device that is down, and has an address by which there would be a route. */
static const struct nsl_device *sleeping(const struct nsl_netns *ns, const struct ip *ip)
{
	for (size_t i = 0; i < ns->n_devices; i++)
		if (!ns->devices[i].up && device_covers(&ns->devices[i], ip))
			return &ns->devices[i];
	return NULL;
}

static const struct nsl_device *any_sleeping(const struct nsl_netns *ns)
{
	for (size_t i = 0; i < ns->n_devices; i++)
		if (!ns->devices[i].up && !streq(ns->devices[i].kind, "loopback"))
			return &ns->devices[i];
	return NULL;
}

static bool has_family(const struct nsl_netns *ns, enum ip_family f)
{
	for (size_t i = 0; i < ns->n_devices; i++)
		for (size_t k = 0; k < ns->devices[i].n_addresses; k++) {
			struct ip_prefix p;

			if (prefix_parse(ns->devices[i].addresses[k], &p) && p.ip.family == f && !ip_loopback(&p.ip) &&
			    !(f == IP6 && ip_link_local(&p.ip)))
				return true;
		}
	return false;
}

static void no_route(struct trip *t, int32_t at, const struct ip *dst, const struct route_answer *r)
{
	const struct nsl_netns *ns = trip_ns(t, at);
	const struct nsl_device *d = sleeping(ns, dst);
	const char *ip = trip_ip(t, at), *name = ip_family_name((enum ip_family)dst->family), *up = trip_up(t, at);

	if (!d && r->errnum == ENETUNREACH && has_family(ns, (enum ip_family)dst->family))
		d = any_sleeping(ns);
	if (d)
		trip_fault(t, at, d->name, arena_printf(t->a, "%s link set dev %s up", ip, d->name),
		           "%s is down: there is no route to %s", d->name, trip_word(t, dst));
	else if (at && ns->n_devices <= 1)
		trip_fault(t, at, NULL,
		           "plug it into a network, or lay a cable: nsloom up makes what the file asks for",
		           "%s has no interface", ns->name);
	else if (!has_family(ns, (enum ip_family)dst->family))
		trip_fault(t, at, NULL,
		           arena_printf(t->a, "%s%sgive it an address (ip address add%s)", up, *up ? " " : "",
		                        ns->lab ? ", or the file" : ""),
		           "%s has no %s address", ns->name, name);
	else
		trip_fault(t, at, NULL,
		           arena_printf(t->a, "%s%s%s%s route add %s via ROUTER", up, *up ? ": " : "", ip,
		                        dst->family == IP6 ? " -6" : "", trip_word(t, dst)),
		           "%s has no route to %s", ns->name, trip_word(t, dst));
}

/* A route that says no. */
static bool refusing(struct trip *t, int32_t at, const struct ip *dst, const struct route_answer *r)
{
	static const struct {
		uint8_t type;
		int errnum;
		const char *word;
	} types[] = {{RTN_BLACKHOLE, EINVAL, "blackhole"},
	             {RTN_UNREACHABLE, EHOSTUNREACH, "unreachable"},
	             {RTN_PROHIBIT, EACCES, "prohibit"}};
	const char *word = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (r->type == types[i].type || r->errnum == types[i].errnum)
			word = types[i].word;
	if (r->type == RTN_BROADCAST)
		trip_fault(t, at, NULL, NULL, "%s is a broadcast address", trip_word(t, dst));
	if (!word)
		return r->type == RTN_BROADCAST;
	trip_fault(t, at, NULL,
	           arena_printf(t->a, "%s%s route show type %s shows it", trip_ip(t, at),
	                        dst->family == IP6 ? " -6" : "", word),
	           "a route of type %s refuses %s", word, trip_word(t, dst));
	return true;
}

/* ---- coming in --------------------------------------------------------------------------------- */

static int bigger(int a, int b)
{
	return a > b ? a : b;
}

/* Whether the source is where it should be: rp_filter, the larger of `all` and the device. */
static bool check_source(struct trip *t, int32_t at, int32_t in)
{
	const struct nsl_device *d = &trip_ns(t, at)->devices[in];
	int mode = bigger(trip_sysctl(0, "net/ipv4/conf/all/rp_filter"),
	                  trip_sysctl(0, "net/ipv4/conf/%s/rp_filter", d->name));
	struct route_answer back;

	if (t->packet.family == IP6 || !mode)
		return true;
	route_ask(t, &t->packet.src, &t->packet.dst, 0, &back);
	if (back.errnum == 0 && (mode == 2 || back.oif == d->ifindex))
		return true;
	trip_fault(t, at, d->name,
	           arena_printf(t->a, "%ssysctl -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.%s.rp_filter=0",
	                        trip_exec(t, at), d->name),
	           "rp_filter %d drops it: the way back to %s does not lead by %s", mode, trip_word(t, &t->packet.src),
	           d->name);
	return false;
}

static bool check_forwarding(struct trip *t, int32_t at, int32_t in)
{
	const struct nsl_device *d = &trip_ns(t, at)->devices[in];
	bool six = t->packet.family == IP6;
	int all = trip_sysctl(1, six ? "net/ipv6/conf/all/forwarding" : "net/ipv4/ip_forward");
	int one = trip_sysctl(1, six ? "net/ipv6/conf/%s/forwarding" : "net/ipv4/conf/%s/forwarding", d->name);
	const char *key = six ? "net.ipv6.conf.all.forwarding" : "net.ipv4.ip_forward";

	if (all && one)
		return true;
	trip_fault(t, at, d->name,
	           arena_printf(t->a, "nsloom up puts it back (a node: router: true), or: %ssysctl -w %s=1",
	                        trip_exec(t, at), key),
	           "%s does not forward %s", trip_ns(t, at)->name, ip_family_name(t->packet.family));
	return false;
}

/* The answer finds its way back through nat. */
static void translate_back(struct trip *t, int32_t at)
{
	for (size_t i = t->translations.n; t->packet.answer && i-- > 0;) {
		const struct translation *x = &t->translations.items[i];

		if (x->ns != at || !ip_equal(&x->after, &t->packet.dst))
			continue;
		trip_step(t, NSL_STEP_NAT, at, NULL, "known: its destination %s becomes %s again",
		          trip_word(t, &x->after), trip_word(t, &x->before));
		t->packet.dst = x->before;
		return;
	}
}

static bool arrive(struct trip *t, int32_t at, int32_t in)
{
	bool six = t->packet.family == IP6;

	if (in >= 0 && !rules_pass(t, at, NF_INET_LOCAL_IN, in, -1))
		return false;
	if (!t->packet.answer &&
	    trip_sysctl(0, six ? "net/ipv6/icmp/echo_ignore_all" : "net/ipv4/icmp_echo_ignore_all")) {
		trip_fault(t, at, NULL,
		           arena_printf(t->a, "%ssysctl -w %s=0", trip_exec(t, at),
		                        six ? "net.ipv6.icmp.echo_ignore_all" : "net.ipv4.icmp_echo_ignore_all"),
		           "%s does not answer pings: icmp_echo_ignore_all is on", trip_ns(t, at)->name);
		return false;
	}
	trip_step(t, NSL_STEP_ARRIVE, at, NULL,
	          t->packet.answer ? "the answer has come back" : "has arrived: %s is here",
	          trip_word(t, &t->packet.dst));
	return true;
}

/* ---- one namespace ----------------------------------------------------------------------------- */

/* Chains that a packet passes on its way out: where it was made, or is forwarded. */
static bool pass_out(struct trip *t, int32_t at, int32_t in, int32_t out)
{
	if (in < 0 && !rules_pass(t, at, NF_INET_LOCAL_OUT, -1, out))
		return false;
	if (in >= 0) {
		if (!check_forwarding(t, at, in) || !rules_pass(t, at, NF_INET_FORWARD, in, out))
			return false;
		trip_step(t, NSL_STEP_FORWARD, at, NULL, "forwarded by %s", trip_ns(t, at)->name);
	}
	return rules_pass(t, at, NF_INET_POST_ROUTING, in, out);
}

/* Route in this namespace, and what it says. False after a fault. */
static bool find_route(struct trip *t, int32_t at, int32_t in, struct route_answer *r)
{
	const struct nsl_netns *ns = trip_ns(t, at);

	route_ask(t, &t->packet.dst, &t->packet.src, in < 0 ? 0 : ns->devices[in].ifindex, r);
	if (r->errnum || (r->type != RTN_UNICAST && r->type != RTN_LOCAL)) {
		if (!refusing(t, at, &t->packet.dst, r))
			no_route(t, at, &t->packet.dst, r);
		return false;
	}
	if (in < 0 && r->src.set && !t->packet.src.set)
		t->packet.src = r->src;
	return true;
}

/* From this namespace to the next one. *at and *in are where it is then; false: it is at its end, or lost. */
static bool hop(struct trip *t, int32_t *at, int32_t *in)
{
	const struct nsl_netns *ns = trip_ns(t, *at);
	struct nsl_place from = {*at, -1}, to;
	struct route_answer r;
	struct ip next;

	t->packet.mark = 0;
	if (trip_enter(t, *at) < 0)
		return false;
	if (*in >= 0 && !rules_pass(t, *at, NF_INET_PRE_ROUTING, *in, -1))
		return false;
	translate_back(t, *at);
	if (!find_route(t, *at, *in, &r))
		return false;
	if (*in >= 0 && !check_source(t, *at, *in))
		return false;
	if (r.type == RTN_LOCAL) {
		arrive(t, *at, *in);
		return false;
	}
	from.device = device_by_index(ns, r.oif);
	if (from.device < 0) {
		trip_fault(t, *at, NULL, NULL, "the route leads by a device that has gone");
		return false;
	}
	next = r.via.set ? r.via : t->packet.dst;
	trip_step(t, NSL_STEP_ROUTE, *at, ns->devices[from.device].name, "to %s by %s%s%s%s",
	          trip_word(t, &t->packet.dst), ns->devices[from.device].name, r.via.set ? " via " : "",
	          r.via.set ? trip_word(t, &r.via) : "", route_words(t, &r));
	if (!pass_out(t, *at, *in, from.device) || !link_follow(t, from, &next, &to))
		return false;
	*at = to.ns;
	*in = to.device;
	return true;
}

/* Walks until it ends. Where it arrived, or -1. */
static int32_t walk(struct trip *t, int32_t at)
{
	int32_t in = -1;

	for (int i = 0; i < HOPS_MAX; i++)
		if (!hop(t, &at, &in))
			return t->failed || t->left ? -1 : at;
	trip_fault(t, at, NULL, "look at the routes of the namespaces above", "it goes round in circles");
	return -1;
}

static void there_and_back(struct trip *t, int32_t from, const struct ip *ip)
{
	int32_t end;

	t->rulesets = arena_array(t->a, t->census->n, struct ruleset *);
	t->packet = (struct packet){.family = (enum ip_family)ip->family, .dst = *ip};
	end = walk(t, from);
	if (end < 0)
		return;
	t->packet =
		(struct packet){.family = t->packet.family, .src = t->packet.dst, .dst = t->packet.src, .answer = true};
	if (end != from || t->translations.n)
		end = walk(t, end);
	if (end >= 0 && end != from && !t->failed)
		trip_fault(t, end, NULL, NULL, "the answer ends here, not at %s", trip_ns(t, from)->name);
}

static int walk_guarded(struct trip *t, int32_t from, const struct ip *ip, struct nsl_error **err)
{
	if (arena_exhausted(t->a)) {
		arena_settle(t->a);
		return error_oom(err);
	}
	there_and_back(t, from, ip);
	arena_settle(t->a);
	return 0;
}

int trip_walk(struct trip *t, int32_t from, const struct ip *ip, struct nsl_error **err)
{
	int r;

	t->ns_fd = -1;
	t->own_fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (t->own_fd < 0)
		return error_errno(err, errno, "cannot open the network namespace");
	r = walk_guarded(t, from, ip, err);
	if (setns(t->own_fd, CLONE_NEWNET) < 0 && r == 0)
		r = error_errno(err, errno, "cannot return to the network namespace");
	close(take_fd(&t->own_fd));
	if (t->ns_fd >= 0)
		close(take_fd(&t->ns_fd));
	return r;
}

/* ---- targets ----------------------------------------------------------------------------------- */

/* On a common subnet first; IPv4 before IPv6; what only one of them has a family for last. */
static int likelihood(const struct trip *t, int32_t from, const struct ip *ip)
{
	const struct nsl_netns *ns = trip_ns(t, from);
	int score = (ip->family == IP4) + (has_family(ns, (enum ip_family)ip->family) ? 2 : 0);

	for (size_t i = 0; i < ns->n_devices; i++)
		if (device_covers(&ns->devices[i], ip))
			score |= 4;
	return score;
}

void trip_targets(struct trip *t, int32_t from, int32_t to, int32_t only, ip_list *out)
{
	const struct nsl_netns *ns = trip_ns(t, to);

	for (int score = 7; score >= 0; score--)
		for (size_t i = 0; i < ns->n_devices; i++)
			for (size_t k = 0; (only < 0 || only == (int32_t)i) && k < ns->devices[i].n_addresses; k++) {
				struct ip_prefix p;

				if (prefix_parse(ns->devices[i].addresses[k], &p) && !ip_loopback(&p.ip) &&
				    !(p.ip.family == IP6 && ip_link_local(&p.ip)) &&
				    likelihood(t, from, &p.ip) == score)
					*vec_push(t->a, out) = p.ip;
			}
}
