/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nft.c and nft_set.c share. */
#ifndef KERNEL_NFT_INSIDE_H
#define KERNEL_NFT_INSIDE_H

#include "nft.h"

/* Begins a message of a transaction, of family inet; NFT_MSG_*. */
struct nlmsghdr *nft_message(struct nft *t, uint16_t type, uint16_t flags);

/* Dumps one kind of object; attributes with a text NULL are left out. A kernel without nf_tables answers with an error that
 * means: nothing. */
int nft_dump(uint16_t type, int family, uint16_t table_attr, const char *table, uint16_t name_attr, const char *name,
             nl_reply_fn *fn, void *data);

#endif
