/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What labs without root stand on. Information for who is root; for who is not, what his labs lack. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bans.h"
#include "doctor_probes.h"
#include "fd.h"
#include "furnish.h"
#include "ids.h"
#include "program.h"
#include "standin.h"
#include "text.h"

#define LINGERING "/var/lib/systemd/linger"

static enum finding_level serious(const struct doctor *d)
{
	return d->user == DOCTOR_ROOT ? FINDING_INFO : FINDING_WARNING;
}

static const char *user_name(const struct doctor *d)
{
	const struct passwd *user = getpwuid(d->uid);

	return user ? user->pw_name : "USER";
}

/* ---- the stand-in host ----------------------------------------------------------------------------- */

/* Who has moved in has tried it himself. */
void probe_user_namespaces(struct doctor *d, struct finding *f)
{
	const struct ban *ban = d->user == DOCTOR_STANDIN ? NULL : ban_in_force();

	if (ban) {
		find(f, d->user == DOCTOR_ROOT ? FINDING_INFO : FINDING_FAILURE,
		     "forbidden without root: %s (%s = %llu)", ban->what, ban->key, ban->bans);
		find_mend(f, "%s", ban->mend);
	} else if (d->user == DOCTOR_OUTSIDE) {
		find(f, FINDING_FAILURE, "not to be had without root%s%s", d->refused ? ": " : "",
		     d->refused ? d->refused : "");
	} else {
		find(f, FINDING_OK, "allowed without root");
	}
}

void probe_ids(struct doctor *d, struct finding *f)
{
	char why[160];

	if (d->user == DOCTOR_ROOT)
		return;
	if (!ids_lacking(d->uid, why, sizeof(why))) {
		find(f, FINDING_OK, "there are some: daemons in nodes can become other users");
		return;
	}
	find(f, FINDING_WARNING, "%s: root is the only user in nodes, and daemons cannot become another one", why);
	if (program_exists("newuidmap"))
		find_mend(f, "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %.32s",
		          user_name(d));
	else
		find_mend(f, "sudo apt install uidmap");
}

static int try_sys(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(unshare(CLONE_NEWNS) < 0 ? errno : -mount_sys());
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	return pid < 0 ? errno : WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
}

void probe_sys(struct doctor *d, struct finding *f)
{
	int r = d->user == DOCTOR_STANDIN ? try_sys() : 0;

	if (d->user != DOCTOR_STANDIN)
		return;
	if (!r)
		find(f, FINDING_OK, "shows the devices of nodes in them");
	else
		find(f, FINDING_WARNING, "shows the machine's devices in nodes: it cannot be mounted here (%s)",
		     strerror(r));
}

/* A session's end is the end of what its user runs, unless he lingers. */
void probe_lingering(struct doctor *d, struct finding *f)
{
	char path[300];

	if (d->user == DOCTOR_ROOT || access("/run/systemd/system", F_OK) < 0)
		return;
	snprintf(path, sizeof(path), LINGERING "/%.200s", user_name(d));
	if (access(path, F_OK) == 0) {
		find(f, FINDING_OK, "labs stay when you log out");
		return;
	}
	find(f, FINDING_INFO, "labs may end when you log out for the last time");
	find_mend(f, "loginctl enable-linger");
}

/* ---- the way out ----------------------------------------------------------------------------------- */

void probe_tun(struct doctor *d, struct finding *f)
{
	_cleanup_fd_ int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	int error = errno;

	if (fd >= 0) {
		find(f, FINDING_OK, "usable");
		return;
	}
	find(f, serious(d), "cannot be opened (%s): labs without root have no way out", strerror(error));
	find_mend(f, error == ENOENT   ? "sudo mkdir -p /dev/net; sudo mknod -m 666 /dev/net/tun c 10 200"
	             : error == ENODEV ? "sudo modprobe tun"
	                               : "sudo chmod 666 /dev/net/tun");
}

void probe_way_out(struct doctor *d, struct finding *f)
{
	bool pasta = program_exists("pasta"), slirp = program_exists("slirp4netns");

	if (pasta || slirp) {
		find(f, FINDING_OK, "%s%s%s", pasta ? "pasta" : "", pasta && slirp ? " and " : "",
		     slirp ? "slirp4netns" : "");
		return;
	}
	find(f, serious(d), "neither pasta nor slirp4netns is installed");
	find_mend(f, "sudo apt install passt");
}
