/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "carrier.h"

#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <time.h>

#include "context.h"

enum {
	LAST = 16,      /* devices, from the last one raised back */
	PATIENCE = 500, /* rounds, a millisecond between them */
};

struct raised {
	uint32_t space, ifindex;
};

struct question {
	struct kernel *k;
	const struct plan *p;
	struct raised items[LAST];
	size_t n;
};

static void add(struct question *q, uint32_t space, const struct device *dev)
{
	if (q->n < LAST && dev->ifindex)
		q->items[q->n++] = (struct raised){space, dev->ifindex};
}

/* Far ends in the fabric are born up. */
static const struct device *born_up(const struct plan *p, const struct op *op)
{
	const struct space *sp = op->kind == OP_VETH_ADD ? &p->want->spaces.items[op->dev->peer.space] : NULL;

	return sp && sp->kind == SPACE_FABRIC ? &sp->devices.items[op->dev->peer.device] : NULL;
}

static void collect(struct question *q, enum device_kind kind)
{
	for (size_t i = q->p->ops.n; i > 0; i--) {
		const struct op *op = &q->p->ops.items[i - 1];
		const struct device *far = born_up(q->p, op);

		if (op->kind == OP_DEVICE_SET && (op->set & SET_UP) && op->dev->up && op->dev->kind == kind)
			add(q, op->space, op->dev);
		else if (far && far->kind == kind)
			add(q, (uint32_t)op->dev->peer.space, far);
	}
}

static int count_up(const struct nlmsghdr *m, void *data)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, m, sizeof(struct ifinfomsg))
	{
		if (mnl_attr_get_type(attr) == IFLA_OPERSTATE && mnl_attr_validate(attr, MNL_TYPE_U8) == 0)
			*(size_t *)data +=
				mnl_attr_get_u8(attr) == IF_OPER_UP || mnl_attr_get_u8(attr) == IF_OPER_UNKNOWN;
	}
	return 0;
}

static size_t put_question(char *at, uint32_t ifindex)
{
	struct nlmsghdr *m = mnl_nlmsg_put_header(at);
	struct ifinfomsg *info;

	m->nlmsg_type = RTM_GETLINK;
	m->nlmsg_flags = NLM_F_REQUEST;
	info = mnl_nlmsg_put_extra_header(m, sizeof(*info));
	info->ifi_index = (int)ifindex;
	mnl_attr_put_u32(m, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return MNL_ALIGN(m->nlmsg_len);
}

/* Those from `at` on that are in one space. How many; *up grows by those that carry. */
static size_t ask_space(struct question *q, size_t at, size_t *up)
{
	const struct plan_space *ps = &q->p->spaces.items[q->items[at].space];
	struct kspace *s = kspace_get(q->k, ps->kind, ps->name);
	char buf[LAST * 64];
	size_t n = 0, len = 0;
	int sock;

	for (; at + n < q->n && q->items[at + n].space == q->items[at].space; n++)
		len += put_question(buf + len, q->items[at + n].ifindex);
	sock = s ? kspace_socket(q->k, s) : -1;
	if (sock < 0 || nl_ask(sock, buf, len, n, count_up, up) < 0)
		*up += n; /* nothing can be learnt of them */
	return n;
}

static bool all_carry(struct question *q)
{
	size_t up = 0;

	for (size_t at = 0; at < q->n;)
		at += ask_space(q, at, &up);
	return up >= q->n;
}

void carriers_await(struct kernel *k, const struct plan *p)
{
	const struct timespec moment = {0, 1000000};
	struct question cables = {.k = k, .p = p}, bridges = {.k = k, .p = p};
	bool carry = false;

	collect(&cables, DEVICE_VETH);
	for (int round = 0; round < PATIENCE && !carry; round++) {
		if (round > 0)
			nanosleep(&moment, NULL);
		carry = all_carry(&cables);
	}
	collect(&bridges, DEVICE_BRIDGE); /* whose ports carry now; one without ports never does */
	all_carry(&bridges);
}
