/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Replies of rtnetlink: whatever they are, a namespace is read or an error returned, and what was read hangs together. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "dump.h"
#include "replies.h"

static void check_device(const struct space *sp, const struct device *d)
{
	if (!d->name || d->kind >= DEVICE_KIND_COUNT || d->master < -1 || d->master >= (int32_t)sp->devices.n)
		abort();
	if (d->altname && strlen(d->altname) > 1 << 16)
		abort();
	for (size_t i = 0; i < d->addresses.n; i++)
		if (!d->addresses.items[i].ip.ip.set || d->addresses.items[i].ip.ip.family >= IP_FAMILIES)
			abort();
}

static void check_space(const struct space *sp)
{
	for (size_t i = 0; i < sp->devices.n; i++)
		check_device(sp, &sp->devices.items[i]);
	for (size_t i = 0; i < sp->routes.n; i++) {
		const struct kroute *r = &sp->routes.items[i];

		if (r->to.ip.family >= IP_FAMILIES || (i && prefix_cmp(&sp->routes.items[i - 1].to, &r->to) > 0))
			abort();
		for (size_t k = 0; k < r->hops.n; k++)
			if (r->hops.items[k].device < -1 || r->hops.items[k].device >= (int32_t)sp->devices.n)
				abort();
	}
}

/* A lab of which the space read is one; the reader looks its devices up there. */
static struct space *expected(struct arena *a)
{
	struct space *sp = arena_new_of(a, struct space);
	struct device *d = space_add_device(a, sp, "eth0", DEVICE_VETH);

	d->altname = "a-longer-name";
	vec_push(a, &d->addresses)->ip = (struct ip_prefix){{.set = 1, .family = IP4, .b = {10, 0, 0, 1}}, 24};
	return sp;
}

static void read_space(enum space_kind kind)
{
	struct arena *a = arena_new();
	struct raw_space raw = {0};
	struct space sp = {.kind = kind, .name = "one"};
	struct dump d = {.a = a, .sp = &sp, .raw = &raw, .lab = "lab"};

	if (!a || arena_exhausted(a))
		abort();
	d.want = d.before = expected(a);
	if (dump_space(&d, 0) == 0)
		check_space(&sp);
	arena_settle(a);
	arena_free(a);
}

/* What a batch is refused with. */
static void read_refusals(void)
{
	struct nl_batch batch = {0};
	struct nl_refusal refusal = {0};

	mnl_nlmsg_put_extra_header(nl_batch_begin(&batch, 16, 0, 1), 16);
	nl_batch_end(&batch);
	nl_batch_send(0, &batch, &refusal);
	nl_batch_done(&batch);
	if (strnlen(refusal.text, sizeof(refusal.text)) == sizeof(refusal.text))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len < 1)
		return 0;
	replies_begin(data + 1, len - 1, true);
	switch (data[0] % 3) {
	case 0:
		read_space(SPACE_HOST);
		break;
	case 1:
		read_space(SPACE_NODE);
		break;
	default:
		read_refusals();
	}
	return 0;
}
