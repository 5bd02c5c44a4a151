/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entering a node, for good. As `ip netns exec` does, the mount namespace is
 * left and /sys mounted anew, for sysfs shows the devices of the namespace that it
 * was mounted from; beyond it, what was mounted below /sys (cgroups) is kept.
 */
#include "enter.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "fd.h"
#include "furnish.h"
#include "netns.h"
#include "text.h"

#define RESOLVED_STUB "127.0.0.5"
#define RESOLVED_FILE "/run/systemd/resolve/resolv.conf"

static int open_node(struct engine *e, const char *lab, const char *node, struct nsl_error **err)
{
	_cleanup_fd_ int fd = -1;
	char file[160];
	int r;

	snprintf(file, sizeof(file), "ns/%s", node);
	fd = r = rundir_open(&e->dirs, lab, file, O_RDONLY);
	if (r == -ENOENT)
		return error_set(err, NSL_E_NOT_FOUND, ENOENT, "lab \"%s\" has no node \"%s\", or is not up", lab,
		                 node);
	if (r < 0)
		return error_errno(err, -r, "cannot open the namespace of %s.%s", lab, node);
	if (!netns_is(fd)) {
		error_set(err, NSL_E_NOT_FOUND, ENOENT, "the namespace of %s.%s is lost", lab, node);
		error_hint(err, "nsloom up makes it anew");
		return -ENOENT;
	}
	return take_fd(&fd);
}

/* A name server on the loopback of the host is out of a node's reach. systemd-resolved keeps a file with those behind it. */
static const char *resolv_conf(void)
{
	_cleanup_fd_ int fd = open("/etc/resolv.conf", O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (fd < 0 || fd_read_all(fd, 1 << 16, &text, &len) < 0)
		return NULL;
	return strstr(text, "nameserver " RESOLVED_STUB) && access(RESOLVED_FILE, R_OK) == 0 ? RESOLVED_FILE : NULL;
}

static void bind_over(const char *file, const char *over)
{
	mount(file, over, NULL, MS_BIND, NULL); /* a system without that file does without */
}

static int furnish(struct engine *e, const char *lab, const char *node)
{
	char hosts[512];
	const char *resolv;
	int r;

	if (unshare(CLONE_NEWNS | CLONE_NEWUTS) < 0 || mount("", "/", NULL, MS_SLAVE | MS_REC, NULL) < 0)
		return -errno;
	r = mount_sys();
	if (r < 0 && r != -EPERM &&
	    r != -EACCES) /* who is root on a stand-in host only may be refused it: then he does without */
		return r;
	rundir_path(&e->dirs, lab, HOSTS_FILE, hosts, sizeof(hosts));
	bind_over(hosts, "/etc/hosts");
	resolv = resolv_conf();
	if (resolv)
		bind_over(resolv, "/etc/resolv.conf");
	return sethostname(node, strlen(node)) < 0 ? -errno : 0;
}

int enter_run(char *const argv[], struct nsl_error **err)
{
	execvp(argv[0], argv);
	if (errno == ENOENT)
		return error_set(err, NSL_E_FAILED, ENOENT, "command not found: %s", argv[0]);
	return error_set(err, NSL_E_FAILED, errno, "cannot run %s: %s", argv[0], strerror(errno));
}

static int run_shell(struct nsl_error **err)
{
	char sh[] = "/bin/sh", *shell = getenv("SHELL");
	char *const wanted[] = {shell, NULL}, *const plain[] = {sh, NULL};

	if (shell && *shell)
		execv(shell, wanted);
	return enter_run(plain, err);
}

int enter_exec(struct engine *e, const char *lab, const char *node, char *const argv[], struct nsl_error **err)
{
	_cleanup_fd_ int ns = open_node(e, lab, node, err);
	int r;

	if (ns < 0)
		return ns;
	if (setns(ns, CLONE_NEWNET) < 0) {
		r = errno;
		error_errno(err, r, "cannot enter node %s.%s", lab, node);
		if (r == EPERM)
			error_hint(err, "entering a node needs root: run the same command with sudo");
		return -r;
	}
	r = furnish(e, lab, node);
	if (r < 0)
		return error_errno(err, -r, "cannot furnish node %s.%s", lab, node);
	setenv("NSLOOM_LAB", lab, 1);
	setenv("NSLOOM_NODE", node, 1);
	return argv ? enter_run(argv, err) : run_shell(err);
}

int enter_host(struct engine *e, char *const argv[], struct nsl_error **err)
{
	int r = need_root(e, "a command on the host", err);

	if (r < 0)
		return r;
	unsetenv("NSLOOM_LAB");
	setenv("NSLOOM_NODE", "host", 1);
	return argv ? enter_run(argv, err) : run_shell(err);
}
