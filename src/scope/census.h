/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The census: every network namespace that can be found, who keeps it, what is
 * in it, what its devices are tied to. What it hands out is public
 * (<nsloom/scope.h>); this header is what its files share while it is taken.
 *
 * In order: namespaces are found by mounts and processes (census_mounts.c,
 * census_processes.c), read one after the other (census_read.c), their devices
 * tied to each other (census_ties.c), which may find further namespaces, known
 * by a device alone; then each gets its name (census_names.c).
 *
 * Nothing is changed. A namespace is entered by setns(2) of the calling thread,
 * which is back in its own at the end; where it could not come back, or may not
 * enter, a child goes in and hands out a socket (census_enter.c).
 */
#ifndef SCOPE_CENSUS_H
#define SCOPE_CENSUS_H

#include <dirent.h>
#include <nsloom/scope.h>

#include "arena.h"
#include "ip.h"
#include "map.h"
#include "model.h"
#include "netlink.h"

struct census_paths {
	const char *names; /* "/run/netns" */
	const char *labs;  /* "/run/nsloom" */
	/* On a stand-in host: where what the machine has in /run can be seen. What is there, and what others of the
	 * machine's processes have, is not the stand-in's. Else NULL. */
	const char *machine;
};

struct seen;

/* What a device is in the kernel's own numbers; beside nsl_netns.devices. */
struct raw_link {
	uint32_t master;     /* ifindex, 0: none */
	bool symmetric;      /* veth, netkit: the other end names this one */
	bool has_nsid;       /* IFLA_LINK_NETNSID was there, whatever its value */
	struct seen *tied;   /* NULL: not found */
	int32_t tied_device; /* index in tied->devices; -1: only the namespace is known */
};

/* For an initialiser: what a namespace is of which nothing is known yet. */
#define NETNS_UNKNOWN .nsid = -1, .owner = -1, .out = {{.device = -1}, {.device = -1}}

/* What a namespace calls another one. */
struct nsid_of {
	int32_t nsid;
	struct seen *ns;
};

/* A namespace that was found. */
struct seen {
	struct nsl_netns out; /* its arrays are set at the end */
	VEC(struct nsl_hold) holds;
	VEC(struct nsl_device) devices;
	VEC(struct raw_link) links;
	VEC(struct nsid_of) nsids;
	struct seen *via; /* known by a device of this one only, which calls it via_nsid; else NULL */
	int32_t via_nsid;
	int32_t index; /* in the census */
	bool foreign;  /* can be entered by a child only */
};

/* A process that has a tun or tap open. */
struct tun_user {
	int pid, fd;
	const char *command;
	const char *device;
	uint64_t ns; /* the process is in: inode */
};

struct survey {
	struct arena *a; /* has a landing */
	const struct census_paths *paths;
	const struct nsl_census_options *options;
	VEC(struct seen *) all;
	struct map *by_inode;
	struct seen *own;
	VEC(struct tun_user) tuns;
	struct map *mount_spaces; /* mount namespaces that were looked through: inode → anything */
	size_t mounts_left;       /* how many further lines of mounts are read */
	size_t n_hidden, n_unsearched;
	uint64_t device;               /* st_dev of nsfs */
	uint64_t mount_ns, own_userns; /* the caller's own: inodes */
	bool confined;                 /* the thread could not come back */
	bool away;                     /* the thread is in another namespace */
	/* Owned by the survey rather than by a function, for memory may run out in its middle. -1, NULL: none. */
	int own_fd, ns_fd, sock, own_sock;
	DIR *dirs[3];
	char *text;
};

/* ---- finding: census_mounts.c, census_processes.c --------------------------------------------------- */

/* The namespace of an inode, added if it was not known. */
struct seen *survey_inode(struct survey *s, uint64_t inode);
/* The inode in "net:[4026531840]"; 0: it is something else. */
uint64_t survey_parse_inode(const char *text);

/* Mounts of nsfs, in the mount namespace of a process (NULL: the caller's); and names below /run/netns. */
void survey_mounts(struct survey *s, const char *pid);
/* The text of such a mountinfo, which is changed. */
void survey_read_mounts(struct survey *s, const char *pid, char *text);
void survey_names(struct survey *s);
/* Processes, their threads and descriptors. 0 or -errno. */
int survey_processes(struct survey *s);

/* ---- entering: census_enter.c ----------------------------------------------------------------------- */

/* Opens the namespace as s->ns_fd. 0 or -errno (-ENOENT: it is gone). */
int survey_open(struct survey *s, const struct seen *ns);
/* Opens an rtnetlink socket in it as s->sock; with `stay` the thread remains there. 0 or -errno. */
int survey_enter(struct survey *s, struct seen *ns);
/* Back, and everything closed. */
void survey_leave(struct survey *s);

/* ---- reading: census_read.c, census_link.c, census_tunnel.c -------------------------------------------- */

/* Fills ns->devices and so on by s->sock. nsid < 0: of the socket's namespace, else of the one that it calls so. 0 or -errno. */
int survey_devices(struct survey *s, struct seen *ns, int32_t nsid);
/* What the namespace of a socket calls that of a descriptor; -1: nothing. */
int32_t survey_nsid(int sock, int fd);
/* A namespace with everything that is read inside. */
void survey_read(struct survey *s, struct seen *ns);
/* One RTM_NEWLINK. */
void link_read(struct survey *s, const struct nlmsghdr *m, struct nsl_device *dev, struct raw_link *raw);
/* IFLA_INFO_DATA of a tunnel of this kind; NULL: it is none. *link: where it says by itself which device it is bound to. */
struct nsl_tunnel *tunnel_read(struct arena *a, const char *kind, const struct nlattr *data, uint32_t *link);
/* Index of the device, -1: none. They are sorted by ifindex. */
int32_t seen_device(const struct seen *ns, uint32_t ifindex);
/* The way out of ns, by s->sock, which is in it. In census_route.c. */
void survey_way_out(struct survey *s, struct seen *ns, enum ip_family family);
/* True where a rule of the namespace that the thread is in translates sources. */
bool nat_is_here(void);

/* ---- relating: census_ties.c, census_names.c, census_container.c ------------------------------------------- */

void survey_tie(struct survey *s);
void survey_tuns(struct survey *s);
/* Engines and containers of all namespaces. */
void survey_containers(struct survey *s);
/* A file of a process (0: of this one) into buf, NUL-terminated; its length, -1: it cannot be read. */
ssize_t process_file(int pid, const char *file, char *buf, size_t size);

struct container {
	const char *engine, *name, *id; /* engine NULL: none. id NULL: the name is all there is */
};
/* What a line of /proc/PID/cgroup (from its first '/' on) tells. */
struct container container_of_cgroup(struct arena *a, const char *path);
/* What the parent of a process tells. In census_shim.c. */
struct container container_by_parent(struct arena *a, int pid);
/* The name that a runtime's files give a container, of which `pid` is a process; NULL: none. */
const char *container_name(struct arena *a, const char *engine, const char *id, int pid);
/* The folder that Docker keeps such files in, into buf; false: it is not known. In census_moved.c. */
bool container_folder(int pid, const char *id, char *buf, size_t size);
/* Names, order, and what is left out. */
void survey_name(struct survey *s);

/* ---- all of it ------------------------------------------------------------------------------------------ */

/* A census is handed out as the first member of this. */
struct census_box {
	struct nsl_census census;
	struct arena *arena; /* that it lies in */
};

/* 0 or -errno with *err set. */
int census_take(const struct census_paths *paths, const struct nsl_census_options *options, struct nsl_census **out,
                struct nsl_error **err);

/* A census of a lab that is not up: what there will be of it, as `up` would make it. 0 or -errno with *err set. In
 * census_planned.c. */
int census_of_model(const struct model *m, struct nsl_census **out, struct nsl_error **err);

/* A descriptor of one of a census's namespaces. >= 0 or -errno (-ENOENT: it is gone). */
int census_open(const struct nsl_census *census, int32_t at);

/* See nsloom_census_find(). */
int32_t census_find(const struct nsl_census *census, const char *what);
/* As people sort: "n2" before "n10". */
int natural_cmp(const char *a, const char *b);

#endif
