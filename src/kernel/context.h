/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the kernel side share. */
#ifndef KERNEL_CONTEXT_H
#define KERNEL_CONTEXT_H

#include "kernel.h"
#include "map.h"
#include "netlink.h"
#include "sysctl.h"

/* A namespace that this run has to do with. */
struct kspace {
	enum space_kind kind;
	const char *name;
	int sock;   /* rtnetlink, opened inside; -1: not yet */
	int ns;     /* the namespace itself, for the host and the fabric; -1 */
	size_t due; /* as which of a maker's it comes to stand (maker.h); 0: it is not a maker's */
};

struct kernel {
	struct arena *arena;
	const char *lab;
	struct kernel_paths paths;
	struct kernel_hooks hooks;
	uint64_t requests;       /* that changed something, so far */
	int lab_dir, spaces_dir; /* descriptors; spaces_dir -1: there is none */
	int names_dir;           /* -1: not opened */
	bool nameless;           /* there was no such folder */
	int born;    /* a socket that keeps the namespace of kernel_born() to the end: freeing it costs time; -1 */
	int nft;     /* the socket of transactions, see nft_commit(); -1 */
	bool shared; /* what is mounted on spaces_dir propagates */
	struct map *spaces;        /* name → struct kspace * */
	VEC(struct kspace *) list; /* the same, to be closed */
	struct kspace *host;
	struct kspace *inside;      /* where the thread is; NULL: somewhere else */
	struct sysctl_view sysctls; /* the calling thread's */
	char regrets[320];          /* see kernel_regrets() */
	/* the send that is being filled */
	struct nl_batch batch;
	struct kspace *batch_space;
	VEC(int) batch_fds; /* to be closed when it is sent */
};

/* A descriptor of the folder that holds the labs' folders (the caller's), or -1. */
int kernel_run_dir(const struct kernel *k);

/* Counts a request and asks the hook. 0 or -errno. */
int kernel_step(struct kernel *k, const char *what);

/* The kspace of a name; made (without sockets) if there is none. NULL: out of memory. */
struct kspace *kspace_get(struct kernel *k, enum space_kind kind, const char *name);
/* Its socket, opened if need be. >= 0 or -errno. */
int kspace_socket(struct kernel *k, struct kspace *s);
/* A descriptor of the namespace: kept for host and fabric (*owned false), else the caller's. >= 0 or -errno. */
int kspace_open(struct kernel *k, struct kspace *s, bool *owned);
/* Moves the thread into a space. 0 or -errno. */
int kspace_enter(struct kernel *k, struct kspace *s);
void kspace_forget(struct kernel *k, struct kspace *s);

#endif
