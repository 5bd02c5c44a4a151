/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside published ports: the sets of a lab's table that are about them. See rules_publish.c. */
#ifndef KERNEL_PUBLISH_SETS_H
#define KERNEL_PUBLISH_SETS_H

#include "rules_visit.h"

enum field { END, ADDRESS, PROTOCOL, PORT };
enum { FIELDS = 3, SET_NAME_SIZE = 24 };

/* Which published ports a set is about: those on loopback (what is on all addresses is there too), … */
enum which { LOOPBACK, ONE_ADDRESS, ALL_ADDRESSES, WIDE, WIDE_MASKED };

enum set_id {
	LOOPBACK_SOURCE, /* the gateway to go by */
	LOOPBACK_NODE,   /* the node to go to */
	LOOPBACK_PORT,   /* its port */
	LOOPBACK_NODES,  /* all nodes that are gone to */
	ON_ADDRESS,
	ANYWHERE,
	ADMITTED, /* where others than the host may come to */
	MASKED,   /* nodes that would not answer by the gateway */
	SET_COUNT
};

/* `host_*`: the host's address or port stands there, not the node's; `gateway`: the gateway's address, for the node's. */
struct set_kind {
	const char *name;
	enum which which;
	enum field key[FIELDS + 1], data[FIELDS + 1];
	bool host_address, host_port, gateway;
};
extern const struct set_kind set_kinds[SET_COUNT];

void set_name(char buf[SET_NAME_SIZE], enum set_id id, enum ip_family f);
/* Bytes that a field takes: each begins a register. */
size_t field_size(enum field field, enum ip_family f);
/* Whether any of the rules' ports is one of these. */
bool any_of(const struct rules *r, enum which which, enum ip_family f);
/* 127.0.0.1 or ::1 */
struct ip loopback_of(enum ip_family f);

/* ---- published ports (rules_publish.c) -------------------------------------------------------------- */

/* Whether any port is published on other addresses than loopback. */
bool publishes_wide(const struct rules *r, enum ip_family f);
void visit_publish_sets(struct visitor *v, const struct rules *r);
void visit_publish_chains(struct visitor *v, const struct rules *r);
void visit_publish(struct visitor *v, const struct rules *r);
/* In a chain that packets to the lab's bridges come to: what has been led there is let in. */
void visit_admission(struct visitor *v, const struct rules *r, const char *chain);
/* … and answers to it out again. */
void visit_return(struct visitor *v, const struct rules *r, const char *chain);
/* In postrouting: who could not be answered gets the gateway's address. */
void visit_publish_masquerade(struct visitor *v, const struct rules *r);

/* The ports that sets of such a table publish, added to `out` in the arena. */
void publish_read(struct arena *a, const struct nft_set *sets, size_t n, const char *lab, published_ports *out);

#endif
