/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nf_tables transactions and dumps. See nft.h. */
#include "nft_inside.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <libnftnl/udata.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "fd.h"

static struct nlmsghdr *begin_family(struct nft *t, uint16_t type, uint16_t flags, int family)
{
	struct nlmsghdr *m = nl_batch_begin(&t->batch, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags, ++t->seq);
	struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(m, sizeof(*nfg));

	nfg->nfgen_family = (uint8_t)family;
	nfg->version = NFNETLINK_V0;
	return m;
}

struct nlmsghdr *nft_message(struct nft *t, uint16_t type, uint16_t flags)
{
	return begin_family(t, type, flags, NFPROTO_INET);
}

static void bracket(struct nft *t, uint16_t type)
{
	struct nlmsghdr *m = nl_batch_begin(&t->batch, type, 0, ++t->seq);
	struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(m, sizeof(*nfg));

	nfg->nfgen_family = AF_UNSPEC;
	nfg->version = NFNETLINK_V0;
	nfg->res_id = htons(NFNL_SUBSYS_NFTABLES);
	nl_batch_end(&t->batch);
}

void nft_begin(struct nft *t)
{
	bracket(t, NFNL_MSG_BATCH_BEGIN);
}

static bool set_comment(struct nftnl_table *table, const char *comment)
{
	struct nftnl_udata_buf *ud = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);
	bool ok = ud && nftnl_udata_put_strz(ud, NFTNL_UDATA_TABLE_COMMENT, comment) &&
	          nftnl_table_set_data(table, NFTNL_TABLE_USERDATA, nftnl_udata_buf_data(ud),
	                               nftnl_udata_buf_len(ud)) == 0;

	if (ud)
		nftnl_udata_buf_free(ud);
	return ok;
}

static void add_table(struct nft *t, const char *name, const char *comment, int flags)
{
	struct nftnl_table *table = nftnl_table_alloc();

	if (!table || nftnl_table_set_str(table, NFTNL_TABLE_NAME, name) < 0 ||
	    (comment && !set_comment(table, comment)))
		t->batch.failed = true;
	else
		nftnl_table_nlmsg_build_payload(nft_message(t, NFT_MSG_NEWTABLE, flags), table);
	if (!t->batch.failed)
		nl_batch_end(&t->batch);
	if (table)
		nftnl_table_free(table);
}

void nft_add_table(struct nft *t, const char *name, const char *comment)
{
	add_table(t, name, comment, NLM_F_CREATE);
}

void nft_new_table(struct nft *t, const char *name, const char *comment)
{
	add_table(t, name, comment, NLM_F_CREATE | NLM_F_EXCL);
}

void nft_del_table(struct nft *t, const char *name)
{
	mnl_attr_put_strz(nft_message(t, NFT_MSG_DELTABLE, 0), NFTA_TABLE_NAME, name);
	nl_batch_end(&t->batch);
}

static bool fill_chain(struct nftnl_chain *c, const char *table, const char *name, const char *type, int hook,
                       int priority)
{
	if (nftnl_chain_set_str(c, NFTNL_CHAIN_TABLE, table) < 0 || nftnl_chain_set_str(c, NFTNL_CHAIN_NAME, name) < 0)
		return false;
	if (hook < 0)
		return true;
	nftnl_chain_set_u32(c, NFTNL_CHAIN_HOOKNUM, (uint32_t)hook);
	nftnl_chain_set_s32(c, NFTNL_CHAIN_PRIO, priority);
	nftnl_chain_set_u32(c, NFTNL_CHAIN_POLICY, NF_ACCEPT);
	return nftnl_chain_set_str(c, NFTNL_CHAIN_TYPE, type) == 0;
}

void nft_add_chain(struct nft *t, const char *table, const char *name, const char *type, int hook, int priority)
{
	struct nftnl_chain *c = nftnl_chain_alloc();

	if (!c || !fill_chain(c, table, name, type, hook, priority))
		t->batch.failed = true;
	else
		nftnl_chain_nlmsg_build_payload(nft_message(t, NFT_MSG_NEWCHAIN, NLM_F_CREATE), c);
	if (!t->batch.failed)
		nl_batch_end(&t->batch);
	if (c)
		nftnl_chain_free(c);
}

void nft_del_chain(struct nft *t, const char *table, const char *name)
{
	struct nlmsghdr *m = nft_message(t, NFT_MSG_DELCHAIN, 0);

	mnl_attr_put_strz(m, NFTA_CHAIN_TABLE, table);
	mnl_attr_put_strz(m, NFTA_CHAIN_NAME, name);
	nl_batch_end(&t->batch);
}

void nft_add_rule(struct nft *t, struct nftnl_rule *rule)
{
	if (!rule) {
		t->batch.failed = true;
		return;
	}
	nftnl_rule_nlmsg_build_payload(nft_message(t, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND), rule);
	nl_batch_end(&t->batch);
	nftnl_rule_free(rule);
}

void nft_insert_rule(struct nft *t, struct nftnl_rule *rule)
{
	if (!rule) {
		t->batch.failed = true;
		return;
	}
	nftnl_rule_nlmsg_build_payload(
		begin_family(t, NFT_MSG_NEWRULE, NLM_F_CREATE, (int)nftnl_rule_get_u32(rule, NFTNL_RULE_FAMILY)), rule);
	nl_batch_end(&t->batch);
	nftnl_rule_free(rule);
}

void nft_del_rule(struct nft *t, const struct nftnl_rule *rule)
{
	struct nlmsghdr *m = begin_family(t, NFT_MSG_DELRULE, 0, (int)nftnl_rule_get_u32(rule, NFTNL_RULE_FAMILY));

	mnl_attr_put_strz(m, NFTA_RULE_TABLE, nftnl_rule_get_str(rule, NFTNL_RULE_TABLE));
	mnl_attr_put_strz(m, NFTA_RULE_CHAIN, nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN));
	mnl_attr_put_u64(m, NFTA_RULE_HANDLE, htobe64(nftnl_rule_get_u64(rule, NFTNL_RULE_HANDLE)));
	nl_batch_end(&t->batch);
}

int nft_commit(struct nft *t, int *sock, struct nl_refusal *refusal)
{
	int fd = sock && *sock >= 0 ? take_fd(sock) : nl_open(NETLINK_NETFILTER), r = fd;

	*refusal = (struct nl_refusal){0};
	bracket(t, NFNL_MSG_BATCH_END);
	if (fd >= 0)
		r = nl_batch_send_whole(fd, &t->batch, refusal);
	if (sock && r == 0) /* else there may be answers left in it */
		*sock = fd;
	else
		fd_closep(&fd);
	nft_abandon(t);
	return r > 0 ? -refusal->errnum : r;
}

void nft_abandon(struct nft *t)
{
	nl_batch_done(&t->batch);
	t->seq = 0;
}

/* ---- dumps ------------------------------------------------------------------------------------- */

int nft_dump(uint16_t type, int family, uint16_t table_attr, const char *table, uint16_t name_attr, const char *name,
             nl_reply_fn *fn, void *data)
{
	_cleanup_fd_ int fd = nl_open(NETLINK_NETFILTER);
	char buf[512];
	int r = -EINTR;

	if (fd < 0)
		return fd == -EPROTONOSUPPORT ? 0 : fd;
	for (int tries = 0; r == -EINTR && tries < 100; tries++) {
		struct nlmsghdr *m = mnl_nlmsg_put_header(buf);
		struct nfgenmsg *nfg = mnl_nlmsg_put_extra_header(m, sizeof(*nfg));

		m->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type);
		m->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		m->nlmsg_seq = (uint32_t)tries + 1;
		nfg->nfgen_family = (uint8_t)family;
		if (table && table_attr)
			mnl_attr_put_strz(m, table_attr, table);
		if (name)
			mnl_attr_put_strz(m, name_attr, name);
		r = nl_request(fd, m, fn, data, NULL);
	}
	return r == -EINVAL || r == -EOPNOTSUPP || r == -ENOENT ? 0 : r;
}

struct tables {
	nft_table_fn *fn;
	void *data;
};

/* User data is a row of types, lengths and values, written by whoever made the table or rule: libnftnl walks it without
 * looking where it ends. The comment (with its NUL) of this type, or "". */
static const char *comment_in(const void *data, uint32_t len, uint8_t type)
{
	const uint8_t *at = data;
	const char *comment = "";

	while (at && len >= 2 && len - 2 >= at[1]) {
		if (at[0] == type && at[1] && at[1 + at[1]] == '\0')
			comment = (const char *)at + 2;
		len -= 2U + at[1];
		at += 2 + at[1];
	}
	return comment;
}

static int take_table(const struct nlmsghdr *m, void *data)
{
	struct tables *ts = data;
	struct nftnl_table *t = nftnl_table_alloc();
	uint32_t len = 0;
	const void *ud;
	int r = 0;

	if (!t)
		return -ENOMEM;
	if (nftnl_table_nlmsg_parse(m, t) == 0 && nftnl_table_get_str(t, NFTNL_TABLE_NAME) &&
	    nftnl_table_get_u32(t, NFTNL_TABLE_FAMILY) == NFPROTO_INET) {
		ud = nftnl_table_get_data(t, NFTNL_TABLE_USERDATA, &len);
		r = ts->fn(nftnl_table_get_str(t, NFTNL_TABLE_NAME), comment_in(ud, len, NFTNL_UDATA_TABLE_COMMENT),
		           ts->data);
	}
	nftnl_table_free(t);
	return r;
}

int nft_tables(nft_table_fn *fn, void *data)
{
	return nft_dump(NFT_MSG_GETTABLE, NFPROTO_INET, 0, NULL, 0, NULL, take_table, &(struct tables){fn, data});
}

struct rules_dump {
	const char *table; /* NULL: all */
	nft_rule_fn *rule;
	nft_chain_fn *chain;
	void *data;
};

static int take_rule(const struct nlmsghdr *m, void *data)
{
	struct rules_dump *d = data;
	struct nftnl_rule *rule = nftnl_rule_alloc();
	const char *table;
	int r = 0;

	if (!rule)
		return -ENOMEM;
	if (nftnl_rule_nlmsg_parse(m, rule) == 0) {
		table = nftnl_rule_get_str(rule, NFTNL_RULE_TABLE);
		if (table && (!d->table || strcmp(table, d->table) == 0))
			r = d->rule(rule, d->data);
	}
	nftnl_rule_free(rule);
	return r;
}

static int take_chain(const struct nlmsghdr *m, void *data)
{
	struct rules_dump *d = data;
	struct nftnl_chain *chain = nftnl_chain_alloc();
	const char *table;
	int r = 0;

	if (!chain)
		return -ENOMEM;
	if (nftnl_chain_nlmsg_parse(m, chain) == 0) {
		table = nftnl_chain_get_str(chain, NFTNL_CHAIN_TABLE);
		if (table && (!d->table || strcmp(table, d->table) == 0))
			r = d->chain(chain, d->data);
	}
	nftnl_chain_free(chain);
	return r;
}

int nft_rules(int family, const char *table, nft_rule_fn *fn, void *data)
{
	return nft_dump(NFT_MSG_GETRULE, family, NFTA_RULE_TABLE, table, 0, NULL, take_rule,
	                &(struct rules_dump){.table = table, .rule = fn, .data = data});
}

int nft_chains(int family, const char *table, nft_chain_fn *fn, void *data)
{
	return nft_dump(NFT_MSG_GETCHAIN, family, 0, NULL, 0, NULL, take_chain,
	                &(struct rules_dump){.table = table, .chain = fn, .data = data});
}

/* ---- comments of rules --------------------------------------------------------------------------- */

const char *nft_rule_comment(const struct nftnl_rule *rule)
{
	uint32_t len = 0;
	const void *ud = nftnl_rule_get_data(rule, NFTNL_RULE_USERDATA, &len);

	return comment_in(ud, len, NFTNL_UDATA_RULE_COMMENT);
}

bool nft_set_rule_comment(struct nftnl_rule *rule, const char *comment)
{
	struct nftnl_udata_buf *ud = nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN);
	bool ok =
		ud && nftnl_udata_put_strz(ud, NFTNL_UDATA_RULE_COMMENT, comment) &&
		nftnl_rule_set_data(rule, NFTNL_RULE_USERDATA, nftnl_udata_buf_data(ud), nftnl_udata_buf_len(ud)) == 0;

	if (ud)
		nftnl_udata_buf_free(ud);
	return ok;
}
