/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets and maps of nf_tables. See nft.h. */
#include <errno.h>
#include <libnftnl/set.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>
#include <string.h>

#include "nft_inside.h"

enum { ENTRY_MAX = 128, ENTRIES_PER_MESSAGE = 96 }; /* of some 100 bytes each: less than NL_MESSAGE_MAX */

/* ---- sorting --------------------------------------------------------------------------------------- */

static int by_bytes(const void *a, const void *b, void *len)
{
	return memcmp(a, b, *(size_t *)len);
}

void nft_set_sort(struct nft_set *s)
{
	size_t stride = nft_set_stride(s), n = 1;

	qsort_r(s->items, s->n, stride, by_bytes, &stride);
	for (size_t i = 1; i < s->n; i++)
		if (memcmp(s->items + i * stride, s->items + (n - 1) * stride, stride) != 0)
			memmove(s->items + n++ * stride, s->items + i * stride, stride);
	s->n = n;
}

/* ---- making ---------------------------------------------------------------------------------------- */

static struct nftnl_set *object_of(const char *table, const struct nft_set *s)
{
	struct nftnl_set *o = nftnl_set_alloc();

	if (!o)
		return NULL;
	if (nftnl_set_set_str(o, NFTNL_SET_TABLE, table) < 0 || nftnl_set_set_str(o, NFTNL_SET_NAME, s->name) < 0) {
		nftnl_set_free(o);
		return NULL;
	}
	nftnl_set_set_u32(o, NFTNL_SET_FAMILY, NFPROTO_INET);
	return o;
}

static bool put_entry(struct nftnl_set *o, const struct nft_set *s, size_t i)
{
	struct nftnl_set_elem *e = nftnl_set_elem_alloc();
	const uint8_t *at = s->items + i * nft_set_stride(s);

	if (!e)
		return false;
	nftnl_set_elem_add(o, e); /* takes it */
	return nftnl_set_elem_set(e, NFTNL_SET_ELEM_KEY, at, s->key_len) == 0 &&
	       (!s->map || nftnl_set_elem_set(e, NFTNL_SET_ELEM_DATA, at + s->key_len, s->data_len) == 0);
}

static void add_entries(struct nft *t, const char *table, const struct nft_set *s, size_t from, size_t to)
{
	struct nftnl_set *o = object_of(table, s);
	bool ok = o != NULL;

	for (size_t i = from; ok && i < to; i++)
		ok = put_entry(o, s, i);
	if (ok) {
		nftnl_set_elems_nlmsg_build_payload(nft_message(t, NFT_MSG_NEWSETELEM, NLM_F_CREATE), o);
		if (!t->batch.failed)
			nl_batch_end(&t->batch);
	}
	t->batch.failed |= !ok;
	if (o)
		nftnl_set_free(o);
}

void nft_add_set(struct nft *t, const char *table, const struct nft_set *s)
{
	struct nftnl_set *o = s->items ? object_of(table, s) : NULL;

	if (!o) {
		t->batch.failed = true;
		return;
	}
	nftnl_set_set_u32(o, NFTNL_SET_FLAGS, s->map ? NFT_SET_MAP : 0);
	nftnl_set_set_u32(o, NFTNL_SET_ID, t->seq + 1);
	nftnl_set_set_u32(o, NFTNL_SET_KEY_TYPE, s->key_type);
	nftnl_set_set_u32(o, NFTNL_SET_KEY_LEN, s->key_len);
	if (s->map) {
		nftnl_set_set_u32(o, NFTNL_SET_DATA_TYPE, s->data_type);
		nftnl_set_set_u32(o, NFTNL_SET_DATA_LEN, s->data_len);
	}
	nftnl_set_nlmsg_build_payload(nft_message(t, NFT_MSG_NEWSET, NLM_F_CREATE), o);
	if (!t->batch.failed)
		nl_batch_end(&t->batch);
	nftnl_set_free(o);
	for (size_t i = 0; i < s->n; i += ENTRIES_PER_MESSAGE)
		add_entries(t, table, s, i, i + ENTRIES_PER_MESSAGE < s->n ? i + ENTRIES_PER_MESSAGE : s->n);
}

/* ---- reading --------------------------------------------------------------------------------------- */

struct set_dump {
	const char *table;
	nft_set_fn *fn;
	void *data;
};

static int take_set(const struct nlmsghdr *m, void *data)
{
	struct set_dump *d = data;
	struct nftnl_set *o = nftnl_set_alloc();
	const char *table;
	int r = 0;

	if (!o)
		return -ENOMEM;
	table = nftnl_set_nlmsg_parse(m, o) == 0 ? nftnl_set_get_str(o, NFTNL_SET_TABLE) : NULL;
	if (table && strcmp(table, d->table) == 0) {
		struct nft_set s = {
			.name = nftnl_set_get_str(o, NFTNL_SET_NAME),
			.map = nftnl_set_get_u32(o, NFTNL_SET_FLAGS) & NFT_SET_MAP,
			.key_type = nftnl_set_get_u32(o, NFTNL_SET_KEY_TYPE),
			.key_len = nftnl_set_get_u32(o, NFTNL_SET_KEY_LEN),
		};

		if (s.map) {
			s.data_type = nftnl_set_get_u32(o, NFTNL_SET_DATA_TYPE);
			s.data_len = nftnl_set_get_u32(o, NFTNL_SET_DATA_LEN);
		}
		r = d->fn(&s, d->data);
	}
	nftnl_set_free(o);
	return r;
}

int nft_sets(const char *table, nft_set_fn *fn, void *data)
{
	return nft_dump(NFT_MSG_GETSET, NFPROTO_INET, NFTA_SET_TABLE, table, 0, NULL, take_set,
	                &(struct set_dump){table, fn, data});
}

struct element_dump {
	const struct nft_set *set;
	nft_element_fn *fn;
	void *data;
};

static int take_element(struct nftnl_set_elem *e, void *data)
{
	const struct element_dump *d = data;
	uint8_t item[ENTRY_MAX] = {0};
	uint32_t len = 0;
	const void *key = nftnl_set_elem_get(e, NFTNL_SET_ELEM_KEY, &len), *value;

	if (!key || len != d->set->key_len || nft_set_stride(d->set) > sizeof(item))
		return 0; /* no entry of ours has such a shape: what it lacks is what tells */
	memcpy(item, key, len);
	if (d->set->map) {
		value = nftnl_set_elem_get(e, NFTNL_SET_ELEM_DATA, &len);
		if (!value || len != d->set->data_len)
			return 0;
		memcpy(item + d->set->key_len, value, len);
	}
	return d->fn(item, d->data);
}

static int take_elements(const struct nlmsghdr *m, void *data)
{
	struct nftnl_set *o = nftnl_set_alloc();
	int r = 0;

	if (!o)
		return -ENOMEM;
	if (nftnl_set_elems_nlmsg_parse(m, o) == 0)
		r = nftnl_set_elem_foreach(o, take_element, data);
	nftnl_set_free(o);
	return r;
}

int nft_elements(const char *table, const struct nft_set *s, nft_element_fn *fn, void *data)
{
	return nft_dump(NFT_MSG_GETSETELEM, NFPROTO_INET, NFTA_SET_ELEM_LIST_TABLE, table, NFTA_SET_ELEM_LIST_SET,
	                s->name, take_elements, &(struct element_dump){s, fn, data});
}
