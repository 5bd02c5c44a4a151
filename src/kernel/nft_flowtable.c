/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flowtables of nf_tables, and how they are read back. See nft.h. */
#include <errno.h>
#include <libnftnl/flowtable.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

#include "nft_inside.h"

enum { INGRESS = 0 /* NF_NETDEV_INGRESS */, COUNTER = 2 /* NFT_FLOWTABLE_COUNTER, since Linux 5.7 */ };

static bool fill(struct nftnl_flowtable *f, const char *table, const char *name, const char *const *devices, size_t n)
{
	const char **list = calloc(n + 1, sizeof(*list));
	bool ok = list != NULL;

	if (!list)
		return false;
	memcpy(list, devices, n * sizeof(*list));
	ok = nftnl_flowtable_set_str(f, NFTNL_FLOWTABLE_TABLE, table) == 0 &&
	     nftnl_flowtable_set_str(f, NFTNL_FLOWTABLE_NAME, name) == 0 &&
	     nftnl_flowtable_set_array(f, NFTNL_FLOWTABLE_DEVICES, list) == 0;
	nftnl_flowtable_set_u32(f, NFTNL_FLOWTABLE_FAMILY, NFPROTO_INET);
	nftnl_flowtable_set_u32(f, NFTNL_FLOWTABLE_HOOKNUM, INGRESS);
	nftnl_flowtable_set_u32(f, NFTNL_FLOWTABLE_PRIO, 0);
	nftnl_flowtable_set_u32(f, NFTNL_FLOWTABLE_FLAGS, COUNTER);
	free(list);
	return ok;
}

void nft_add_flowtable(struct nft *t, const char *table, const char *name, const char *const *devices, size_t n)
{
	struct nftnl_flowtable *f = nftnl_flowtable_alloc();

	if (!f || !fill(f, table, name, devices, n))
		t->batch.failed = true;
	else
		nftnl_flowtable_nlmsg_build_payload(nft_message(t, NFT_MSG_NEWFLOWTABLE, NLM_F_CREATE), f);
	if (!t->batch.failed)
		nl_batch_end(&t->batch);
	if (f)
		nftnl_flowtable_free(f);
}

struct flowtable_dump {
	const char *table;
	nft_flowtable_fn *fn;
	void *data;
};

static int take_flowtable(const struct nlmsghdr *m, void *data)
{
	static const char *const none[] = {NULL};
	struct flowtable_dump *d = data;
	struct nftnl_flowtable *f = nftnl_flowtable_alloc();
	const char *const *devices;
	const char *table;
	int r = 0;

	if (!f)
		return -ENOMEM;
	table = nftnl_flowtable_nlmsg_parse(m, f) == 0 ? nftnl_flowtable_get_str(f, NFTNL_FLOWTABLE_TABLE) : NULL;
	if (table && strcmp(table, d->table) == 0) {
		devices = nftnl_flowtable_get_array(f, NFTNL_FLOWTABLE_DEVICES);
		r = d->fn(nftnl_flowtable_get_str(f, NFTNL_FLOWTABLE_NAME), devices ? devices : none, d->data);
	}
	nftnl_flowtable_free(f);
	return r;
}

int nft_flowtables(const char *table, nft_flowtable_fn *fn, void *data)
{
	return nft_dump(NFT_MSG_GETFLOWTABLE, NFPROTO_INET, 0, NULL, 0, NULL, take_flowtable,
	                &(struct flowtable_dump){table, fn, data});
}
