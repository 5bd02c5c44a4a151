/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Applying a plan: one table of what each kind of operation does.
 *
 * Messages for a space gather in one send, which leaves when another space (or
 * something that is no rtnetlink message) has its turn. Each message carries the
 * number of its operation, so that a refusal finds its way back to the
 * operation, the object and the line of the file.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "carrier.h"
#include "context.h"
#include "fd.h"
#include "foreign.h"
#include "forwarding.h"
#include "limit_notes.h"
#include "maker.h"
#include "messages.h"
#include "netns.h"
#include "rules.h"
#include "sysctl.h"

struct apply {
	struct kernel *k;
	const struct plan *p;
	size_t at;              /* the operation under way */
	struct kspace **spaces; /* by number in the plan; NULL: not met yet */
	size_t *last;           /* by number: the last operation in that space */
	uint32_t turn;          /* whose messages are in the batch */
	struct nsl_error **err;
	struct maker *maker; /* makes the operations from `row` on, `n_row` of them; or NULL */
	size_t row, n_row;
};

/* ---- refusals -------------------------------------------------------------------------------------- */

static const char *const action_words[] = {
	[ACTION_CREATE] = "create", [ACTION_CHANGE] = "change", [ACTION_REMOVE] = "remove"};

static enum nsl_error_code code_of(int errnum)
{
	switch (errnum) {
	case EPERM:
	case EACCES:
		return NSL_E_PERMISSION;
	case ENOMEM:
		return NSL_E_MEMORY;
	case EOPNOTSUPP:
	case ENOSYS:
		return NSL_E_MISSING;
	default:
		return NSL_E_KERNEL;
	}
}

/* "cannot create interface "eth0" of node "one": File exists", the file's line, the kernel's own words. */
static int refused(struct apply *ap, size_t at, int errnum, const char *text)
{
	const struct op *op = &ap->p->ops.items[at];
	struct arena *a = arena_new();
	struct op_text t = {0};
	int r;

	if (!a || arena_exhausted(a)) {
		arena_free(a);
		return error_oom(ap->err);
	}
	op_describe(a, ap->p, op, &t);
	arena_settle(a);
	r = error_at(ap->err, code_of(errnum), errnum, op->pos, "cannot %s %s %s%s%s%s%s: %s", action_words[op->action],
	             t.kind, t.object, t.now ? " (" : "", t.now ? t.now : "", t.now ? ") in " : " in ", t.place,
	             strerror(errnum));
	if (text && *text && *ap->err && (*ap->err)->message)
		(*ap->err)->kernel = strdup(text);
	arena_free(a);
	return r;
}

static int failed(struct apply *ap, int r)
{
	return refused(ap, ap->at, -r, NULL);
}

/* ---- sends ----------------------------------------------------------------------------------------- */

/* What is to be deleted may have gone by itself: a cable when the namespace at its other end died. */
static bool gone_already(void *data, uint32_t seq, int errnum)
{
	const struct apply *ap = data;
	const struct op *op = &ap->p->ops.items[seq - 1];
	enum op_kind kind = op->kind;

	return (kind == OP_DEVICE_DEL || (op->set & SET_GROUP) || kind == OP_ROUTE_DEL || kind == OP_ADDRESS_DEL) &&
	       (errnum == ENODEV || errnum == ESRCH || errnum == EADDRNOTAVAIL);
}

/* Nothing more is to be sent there: beside the maker there is time to close it, at the end there is none. */
static void close_spent(struct apply *ap, struct kspace *s)
{
	if (s->kind == SPACE_NODE && s->sock >= 0 && ap->at > ap->last[ap->turn])
		close(take_fd(&s->sock));
}

static int flush(struct apply *ap)
{
	struct kernel *k = ap->k;
	struct kspace *s = k->batch_space;
	struct nl_refusal refusal = {0};
	int r = 0;

	if (s && !nl_batch_empty(&k->batch))
		r = nl_batch_send(s->sock, &k->batch, &refusal);
	for (size_t i = 0; i < k->batch_fds.n; i++)
		close(k->batch_fds.items[i]);
	k->batch_fds.n = 0;
	k->batch_space = NULL;
	if (r > 0)
		return refused(ap, refusal.seq - 1, refusal.errnum, refusal.text);
	if (r < 0)
		return failed(ap, r);
	if (s)
		close_spent(ap, s);
	return 0;
}

/* Waits for it where it is being made. 0 or -errno; -ECANCELED: it will not stand, the maker knows why. */
static int space_of(struct apply *ap, uint32_t space, struct kspace **out)
{
	const struct plan_space *ps = &ap->p->spaces.items[space];
	struct kspace *s = ap->spaces[space];

	if (!s)
		s = ap->spaces[space] = kspace_get(ap->k, ps->kind, ps->name);
	*out = s;
	if (!s)
		return -ENOMEM;
	return ap->maker && s->due && !maker_await(ap->maker, s) ? -ECANCELED : 0;
}

/* Makes the batch one for this space; what was for another is sent first. */
static int turn_to(struct apply *ap, uint32_t space, const char *what)
{
	struct kspace *s;
	int r = space_of(ap, space, &s);

	if (r == 0 && (ap->k->batch_space != s || ap->k->hooks.split)) {
		r = flush(ap);
		if (r < 0)
			return r;
		r = kspace_socket(ap->k, s);
		ap->k->batch_space = s;
		ap->turn = space;
	}
	if (r >= 0)
		r = kernel_step(ap->k, what);
	return r < 0 ? failed(ap, r) : 0;
}

static uint32_t seq(const struct apply *ap)
{
	return (uint32_t)ap->at + 1;
}

static int take_index(const struct nlmsghdr *m, void *data)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(m);

	if (m->nlmsg_len < NLMSG_LENGTH(sizeof(*info)))
		return -EPROTO;
	*(uint32_t *)data = (uint32_t)info->ifi_index;
	return 0;
}

/* On the host the kernel chose the ifindex: asks for it, once. */
static int resolve(struct apply *ap, uint32_t space, struct device *dev)
{
	char buf[512];
	struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
	struct kspace *s;
	struct nl_refusal refusal;
	int r = dev->ifindex ? 0 : flush(ap);

	if (dev->ifindex || r < 0)
		return r;
	m->nlmsg_type = RTM_GETLINK;
	m->nlmsg_flags = NLM_F_REQUEST;
	mnl_nlmsg_put_extra_header(m, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(m, IFLA_IFNAME, dev->name);
	r = space_of(ap, space, &s);
	if (r == 0)
		r = kspace_socket(ap->k, s);
	if (r >= 0)
		r = nl_request(r, m, take_index, &dev->ifindex, &refusal);
	return r < 0 ? failed(ap, r) : 0;
}

/* ---- operations ------------------------------------------------------------------------------------ */

static int do_space_add(struct apply *ap, const struct op *op)
{
	struct kspace *s;
	int r = flush(ap);

	if (r < 0)
		return r;
	r = space_of(ap, op->space, &s);
	if (r == 0)
		r = netns_create(ap->k, s);
	if (r == 0)
		r = kspace_socket(ap->k, s);
	return r < 0 ? failed(ap, r) : 0;
}

static int do_space_del(struct apply *ap, const struct op *op)
{
	struct kspace *s;
	int r = flush(ap);

	if (r < 0)
		return r;
	r = space_of(ap, op->space, &s);
	if (r == 0)
		r = op->whole ? netns_remove_all(ap->k) : netns_remove(ap->k, s);
	return r < 0 ? failed(ap, r) : 0;
}

static int do_name(struct apply *ap, const struct op *op)
{
	int r = netns_name(ap->k, ap->p->spaces.items[op->space].name);

	return r < 0 ? failed(ap, r) : 0;
}

static int do_bridge_add(struct apply *ap, const struct op *op)
{
	int r = turn_to(ap, op->space, "make a bridge");

	if (r == 0)
		bridge_create(&ap->k->batch, seq(ap), op->dev);
	return r;
}

/* The descriptor of the far end's namespace, for the time until the send. -1: the near end's own. */
static int far_namespace(struct apply *ap, const struct op *op, int *ns)
{
	bool owned;
	struct kspace *s;
	int r;

	*ns = -1;
	if ((uint32_t)op->dev->peer.space == op->space)
		return 0;
	r = space_of(ap, (uint32_t)op->dev->peer.space, &s);
	*ns = r == 0 ? kspace_open(ap->k, s, &owned) : r;
	if (*ns < 0)
		return *ns;
	if (!owned)
		return 0;
	if (arena_exhausted(ap->k->arena)) {
		close(*ns);
		return -ENOMEM;
	}
	*vec_push(ap->k->arena, &ap->k->batch_fds) = *ns;
	arena_settle(ap->k->arena);
	return 0;
}

static int do_veth_add(struct apply *ap, const struct op *op)
{
	uint32_t far_space = (uint32_t)op->dev->peer.space, master = 0;
	struct space *sp = &ap->p->want->spaces.items[far_space];
	struct device *far = &sp->devices.items[op->dev->peer.device];
	int ns, r;

	if (far->master >= 0) {
		r = resolve(ap, far_space, &sp->devices.items[far->master]);
		if (r < 0)
			return r;
		master = sp->devices.items[far->master].ifindex;
	}
	r = turn_to(ap, op->space, "make a cable");
	if (r < 0)
		return r;
	r = far_namespace(ap, op, &ns);
	if (r < 0)
		return failed(ap, r);
	veth_create(&ap->k->batch, seq(ap), op->dev, far, ns, master, sp->kind == SPACE_FABRIC);
	return 0;
}

static int set_group(struct apply *ap, const struct op *op)
{
	int r = turn_to(ap, op->space, "change a device");

	if (r == 0)
		link_set_group(&ap->k->batch, seq(ap), op->dev, op->group);
	return r;
}

static int do_device_set(struct apply *ap, const struct op *op)
{
	const struct space *sp = ap->p->spaces.items[op->space].wanted;
	uint32_t set = op->set & ~(uint32_t)SET_ALTNAME, master = 0;
	int r;

	if (set & SET_GROUP)
		return set_group(ap, op);
	if ((set & SET_MASTER) && op->dev->master >= 0) {
		r = resolve(ap, op->space, &sp->devices.items[op->dev->master]);
		if (r < 0)
			return r;
		master = sp->devices.items[op->dev->master].ifindex;
	}
	/* Never by name: had its making been refused, the name would be another device's. */
	r = resolve(ap, op->space, op->dev);
	if (r == 0)
		r = turn_to(ap, op->space, "change a device");
	if (r < 0)
		return r;
	if ((set & SET_AUTOCONF) &&
	    (set & SET_UP)) { /* of one message the kernel would raise the device first, which has an address then */
		link_change(&ap->k->batch, seq(ap), op->dev, SET_AUTOCONF, 0);
		set &= ~(uint32_t)SET_AUTOCONF;
	}
	if (set)
		link_change(&ap->k->batch, seq(ap), op->dev, set, master);
	if (op->set & SET_ALTNAME)
		link_add_altname(&ap->k->batch, seq(ap), op->dev);
	return 0;
}

static int do_device_del(struct apply *ap, const struct op *op)
{
	int r = turn_to(ap, op->space, "delete a device");

	if (r < 0)
		return r;
	if (op->whole)
		link_delete_group(&ap->k->batch, seq(ap), op->group);
	else
		link_delete(&ap->k->batch, seq(ap), op->dev);
	return 0;
}

static int do_address(struct apply *ap, const struct op *op)
{
	int r = resolve(ap, op->space, op->dev);

	if (r == 0)
		r = turn_to(ap, op->space, "change an address");
	if (r == 0)
		address_change(&ap->k->batch, seq(ap), op->kind == OP_ADDRESS_ADD, op->dev, &op->address->ip);
	return r;
}

static int do_route(struct apply *ap, const struct op *op)
{
	const struct plan_space *ps = &ap->p->spaces.items[op->space];
	bool add = op->kind == OP_ROUTE_SET;
	const struct space *sp = add ? ps->wanted : ps->found;
	int r = 0;

	for (size_t i = 0; add && r == 0 && i < op->route->hops.n; i++)
		r = resolve(ap, op->space, &sp->devices.items[op->route->hops.items[i].device]);
	if (r == 0)
		r = turn_to(ap, op->space, "change a route");
	if (r == 0)
		route_change(&ap->k->batch, seq(ap), add, sp, op->route);
	return r;
}

static int do_setting(struct apply *ap, const struct op *op)
{
	struct kspace *s;
	int r = flush(ap);

	if (r < 0)
		return r;
	r = space_of(ap, op->space, &s);
	if (r == 0)
		r = kspace_enter(ap->k, s);
	if (r == 0)
		r = kernel_step(ap->k, "write a sysctl");
	if (r == 0)
		r = s == ap->k->host ? sysctl_write(op->setting->path, op->setting->value)
		                     : sysctl_view_write(&ap->k->sysctls, op->setting->path, op->setting->value);
	return r < 0 ? failed(ap, r) : 0;
}

/* What is done on the host, and not by rtnetlink. */
static int on_host(struct apply *ap, const char *what)
{
	int r = flush(ap);

	if (r < 0)
		return r;
	r = kspace_enter(ap->k, ap->k->host);
	if (r == 0)
		r = kernel_step(ap->k, what);
	return r < 0 ? failed(ap, r) : 0;
}

static int do_rules(struct apply *ap, const struct op *op)
{
	struct nl_refusal refusal = {0};
	int r = on_host(ap, "change nf_tables");

	if (r < 0)
		return r;
	r = op->kind == OP_RULES_SET
	            ? rules_set(ap->p->lab, &ap->p->want->rules, op->action == ACTION_CHANGE, &ap->k->nft, &refusal)
	            : rules_remove(ap->p->lab, &ap->k->nft, &refusal);
	return r < 0 ? refused(ap, ap->at, -r, refusal.text) : 0;
}

static int do_forward(struct apply *ap, const struct op *op)
{
	struct nl_refusal refusal = {0};
	int r = on_host(ap, "turn the forwarding switch");

	if (r < 0)
		return r;
	_cleanup_fd_ int dir = kernel_run_dir(ap->k);

	r = op->kind == OP_FORWARD_ON ? forwarding_borrow(op->family, dir, ap->p, &ap->k->nft, &refusal)
	                              : forwarding_return(op->family, dir, ap->p->lab, &ap->k->nft, &refusal);
	return r < 0 ? refused(ap, ap->at, -r, refusal.text) : 0;
}

/* One writes the notes of all, or takes them away: see diff_limits_create(). */
static int do_limit(struct apply *ap, const struct op *op)
{
	struct nl_refusal refusal = {0};
	bool raise = op->to >= op->from && op->kind == OP_LIMIT_SET;
	int r = on_host(ap, "set a limit of the machine");

	if (r < 0)
		return r;
	_cleanup_fd_ int dir = kernel_run_dir(ap->k);

	if (op->whole && raise)
		r = limits_note(dir, ap->p, &ap->k->nft, &refusal);
	if (r == 0 && op->to != op->from)
		r = limit_set(op->limit, op->to);
	if (r == 0 && op->whole && !raise)
		r = op->kind == OP_LIMIT_SET ? limits_note(dir, ap->p, &ap->k->nft, &refusal)
		                             : limits_forget(dir, ap->p, &ap->k->nft, &refusal);
	return r < 0 ? refused(ap, ap->at, -r, refusal.text) : 0;
}

static int do_accept(struct apply *ap, const struct op *op)
{
	struct nl_refusal refusal = {0};
	int r = on_host(ap, "change an accept rule");

	if (r < 0)
		return r;
	r = op->kind == OP_ACCEPT_ADD ? foreign_accept(ap->p->lab, op->chain, &ap->k->nft, &refusal)
	                              : foreign_withdraw(ap->p->lab, op->chain, &ap->k->nft, &refusal);
	return r < 0 ? refused(ap, ap->at, -r, refusal.text) : 0;
}

/* A lab is woven even if its host then has no way out: that is told, and no refusal. */
static int do_way_out(struct apply *ap, const struct op *op)
{
	const struct kernel_machine *m = ap->k->paths.machine;
	_cleanup_error_ struct nsl_error *why = NULL;
	int r = on_host(ap, "change the way out");

	if (r < 0 || !m)
		return r;
	if (m->lead(m->data, op->kind == OP_WAY_OUT_DEL ? NULL : op->ports, &why) < 0)
		snprintf(ap->k->regrets, sizeof(ap->k->regrets), "there is no way out of the stand-in host: %s",
		         why && why->message ? why->message : "out of memory");
	return 0;
}

static int (*const operations[])(struct apply *, const struct op *) = {
	[OP_FORWARD_OFF] = do_forward,   [OP_ROUTE_DEL] = do_route,     [OP_ADDRESS_DEL] = do_address,
	[OP_DEVICE_DEL] = do_device_del, [OP_RULES_DEL] = do_rules,     [OP_SPACE_DEL] = do_space_del,
	[OP_RULES_SET] = do_rules,       [OP_SPACE_ADD] = do_space_add, [OP_NAME_SET] = do_name,
	[OP_BRIDGE_ADD] = do_bridge_add, [OP_VETH_ADD] = do_veth_add,   [OP_DEVICE_SET] = do_device_set,
	[OP_ACCEPT_ADD] = do_accept,     [OP_ACCEPT_DEL] = do_accept,   [OP_ADDRESS_ADD] = do_address,
	[OP_PUBLISH_SET] = do_rules,     [OP_PUBLISH_DEL] = do_rules,   [OP_ROUTE_SET] = do_route,
	[OP_LIMIT_BACK] = do_limit,      [OP_LIMIT_SET] = do_limit,     [OP_SETTING] = do_setting,
	[OP_FORWARD_ON] = do_forward,    [OP_WAY_OUT_SET] = do_way_out, [OP_WAY_OUT_DEL] = do_way_out,
};
_Static_assert(ARRAY_SIZE(operations) == OP_KIND_COUNT, "every operation can be done");

/* Gives the row of namespaces that begins here to a maker, and goes on behind it. 1: done so, 0: not worth it. */
static int hand_over(struct apply *ap)
{
	int r = flush(ap);

	if (r < 0)
		return r;
	ap->row = ap->at;
	r = maker_start(ap->k, ap->p, ap->at, &ap->n_row, &ap->maker);
	if (r < 0)
		return failed(ap, r);
	if (!ap->maker)
		return 0;
	ap->at += ap->n_row - 1;
	return 1;
}

static void report(const struct apply *ap, const struct op *op)
{
	const struct kernel_hooks *h = &ap->k->hooks;
	size_t ahead = ap->maker ? ap->n_row - maker_done(ap->maker) : 0; /* of what the maker has to do */

	if (h->after)
		h->after(h->data, ap->p, ap->at + 1 - ahead, ap->p->ops.n, op);
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* One operation, to its end: what the kernel says to it, and how long it takes. */
static int operate_traced(struct apply *ap, const struct op *op)
{
	const struct kernel_hooks *h = &ap->k->hooks;
	int64_t began = now();
	int r = op->done ? 0 : operations[op->kind](ap, op);

	if (r == 0)
		r = flush(ap);
	h->trace(h->trace_data, op, now() - began, r < 0 ? *ap->err : NULL);
	return r;
}

static int operate(struct apply *ap, const struct op *op)
{
	int r;

	if (ap->k->hooks.trace)
		return operate_traced(ap, op);
	r = op->kind == OP_SPACE_ADD && !ap->n_row ? hand_over(ap) : 0;
	return r == 0 && !op->done ? operations[op->kind](ap, op) : r;
}

static int run(struct apply *ap)
{
	const volatile int *cancel = ap->k->hooks.cancel;
	size_t total = ap->p->ops.n;
	int r = 0;

	for (ap->at = 0; ap->at < total; ap->at++) {
		const struct op *op = &ap->p->ops.items[ap->at];

		if (cancel && __atomic_load_n(cancel, __ATOMIC_RELAXED))
			return error_set(ap->err, NSL_E_CANCELLED, ECANCELED, "interrupted");
		r = operate(ap, op);
		if (r < 0)
			return r;
		report(ap, op);
	}
	ap->at = total ? total - 1 : 0;
	return flush(ap);
}

/* The maker's operations come first in the plan: so does its error. */
static int end_maker(struct apply *ap, int r)
{
	size_t at;
	int made;

	if (!ap->maker)
		return r;
	made = maker_end(TAKE_PTR(ap->maker), &at);
	if (made == 0)
		return r;
	nsl_error_free(TAKE_PTR(*ap->err));
	if (made == -ECANCELED)
		return error_set(ap->err, NSL_E_CANCELLED, ECANCELED, "interrupted");
	return refused(ap, at, -made, NULL);
}

static int prepare(struct apply *ap)
{
	ap->spaces = calloc(ap->p->spaces.n, sizeof(*ap->spaces));
	ap->last = calloc(ap->p->spaces.n, sizeof(*ap->last));
	if (!ap->spaces || !ap->last)
		return error_oom(ap->err);
	for (size_t i = 0; i < ap->p->ops.n; i++)
		ap->last[ap->p->ops.items[i].space] = i;
	return 0;
}

int kernel_apply(struct kernel *k, const struct plan *p, struct nsl_error **err)
{
	struct nsl_error *own = NULL;
	struct apply ap = {.k = k, .p = p, .err = &own};
	int r = prepare(&ap);

	k->batch.benign = gone_already;
	k->batch.data = &ap;
	if (r == 0)
		r = end_maker(&ap, run(&ap));
	free(ap.spaces);
	free(ap.last);
	if (r == 0)
		carriers_await(k, p);
	if (r < 0) { /* what is left of the batch is not sent */
		k->batch.len = 0;
		k->batch.failed = false;
		for (size_t i = 0; i < k->batch_fds.n; i++)
			close(k->batch_fds.items[i]);
		k->batch_fds.n = 0;
		k->batch_space = NULL;
	}
	if (kspace_enter(k, k->host) < 0 && r == 0)
		r = error_errno(&own, errno, "cannot return to the host's namespace");
	if (err)
		*err = own;
	else
		nsl_error_free(own);
	return r;
}
