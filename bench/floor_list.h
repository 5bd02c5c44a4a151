/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the yardstick is to make: a flat list, which record.py writes of a lab that
 * stands. One object a line, fields separated by tabs, "-" for none:
 *
 *   lab      NAME
 *   space    NAME                                        0 is the host; in the order in which they are made
 *   lo       SPACE UP ALIAS
 *   bridge   END
 *   veth     END MASTER END MASTER                       MASTER: ifindex of the bridge, 0 for none
 *   address  SPACE IFINDEX FAMILY HEX LENGTH
 *   route    SPACE FAMILY HEX LENGTH HOPS [HEX IFINDEX]…
 *   sysctl   SPACE DEVICE PATH VALUE BEFORE              DEVICE: ifindex of the one it is about, 0: of the space as a whole
 *   nft      TYPE FLAGS HEX                              a message of the transaction that makes the tables
 *   unnft    TYPE FLAGS HEX                              … that takes them away
 *
 *   END is      SPACE IFINDEX NAME MAC MTU GROUP UP NONE ALIAS ALTNAME
 *   (NONE: addr_gen_mode none)
 *
 * The list is wholly in memory, and in the order in which it is worked, before the clock starts.
 */
#ifndef BENCH_FLOOR_LIST_H
#define BENCH_FLOOR_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct end {
	uint32_t space, ifindex, mtu, group, master;
	const char *name, *alias, *altname; /* NULL: none */
	uint8_t mac[6];
	bool up, none;
};

struct veth {
	struct end end[2]; /* [0]: of the space that is made later */
};

struct address {
	uint32_t ifindex;
	uint8_t family, len, ip[16];
};

struct hop {
	uint8_t ip[16];
	uint32_t ifindex;
};

struct route {
	uint8_t family, len, to[16];
	size_t n;
	struct hop *hops;
};

struct sysctl {
	uint32_t device;
	const char *path, *value, *before;
};

struct nft {
	uint16_t type, flags;
	uint8_t *data;
	size_t len;
};

#define LIST(type)        \
	struct {          \
		type *at; \
		size_t n; \
	}

struct space {
	const char *name;
	bool lo_up;
	const char *lo_alias;
	LIST(struct end) bridges;
	LIST(struct veth) veths; /* those made with this space: the other end stands already */
	LIST(struct address) addresses;
	LIST(struct route) routes;
	LIST(struct sysctl) sysctls;
	LIST(struct end *) devices; /* all ends in this space that are no bridges */
	size_t last;                /* the space with which the last of its devices is made: its own or a later one */
	int ns, sock;
};

struct floor_list {
	char *text; /* the file: the rest points into it */
	const char *lab;
	LIST(struct space) spaces;
	LIST(struct nft) nft;
	LIST(struct nft) unnft;
};

/* Exits with a message where the list is none. */
void floor_list_read(struct floor_list *l, const char *file);

/* One more element of a list, zeroed. */
#define LIST_PUSH(list)                                                                   \
	(*({                                                                              \
		__auto_type l_ = (list);                                                  \
		(__typeof__(l_->at))list_push((void **)&l_->at, &l_->n, sizeof(*l_->at)); \
	}))
void *list_push(void **at, size_t *n, size_t size);

void die(const char *what) __attribute__((noreturn));

#endif
