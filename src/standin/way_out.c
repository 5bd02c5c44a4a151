/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program that is the way out. See way_out.h. */
#include "way_out.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "contact.h"
#include "fd.h"
#include "manager.h"
#include "program.h"
#include "text.h"
#include "way_device.h"

#define CHOICE "NSLOOM_WAY_OUT" /* an environment variable: which program, or "none" */
#define READY_FILE "way-out.pid"
#define LOG_FILE "way-out.log"

enum { PATIENCE_MS = 5000, GRACE_MS = 2000, ARGS_MAX = 480, WORD_SIZE = PATH_MAX + 16 };

/* ---- which programs -------------------------------------------------------------------------------- */

struct launch;

static const struct program {
	const char *name;
	bool takes_ports;
	bool family[IP_FAMILIES];
	bool configures; /* gives the device its addresses itself */
	void (*arguments)(struct launch *l);
} *const programs[];

static const struct program *program_of(const char *name);

bool way_out_takes_ports(const char *program)
{
	return program && program_of(program)->takes_ports;
}

/* ---- the machine ----------------------------------------------------------------------------------- */

static FILE *machine_file(const struct standin *s, const char *path)
{
	int fd = outpost_open(&s->outpost, path);

	return fd < 0 ? NULL : fdopen(fd, "r");
}

/* /proc/net/route: IFACE DESTINATION GATEWAY FLAGS REFCNT USE METRIC MASK … */
static bool leads_out4(const struct standin *s)
{
	FILE *file = machine_file(s, "/proc/net/route");
	char line[512];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		unsigned to, mask, flags;

		found = sscanf(line, "%*s %x %*x %x %*u %*u %*u %x", &to, &flags, &mask) == 3 && !to && !mask &&
		        !(flags & 0x200); /* RTF_REJECT */
	}
	if (file)
		fclose(file);
	return found;
}

/* /proc/net/ipv6_route: TO LEN FROM LEN VIA METRIC REFCNT USE FLAGS DEVICE */
static bool leads_out6(const struct standin *s)
{
	FILE *file = machine_file(s, "/proc/net/ipv6_route");
	char line[512];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		char to[33], device[32];
		unsigned len, flags;

		found = sscanf(line, "%32s %x %*s %*x %*s %*x %*x %*x %x %31s", to, &len, &flags, device) == 4 &&
		        !len && strspn(to, "0") == 32 && !(flags & 0x200) && !streq(device, "lo");
	}
	if (file)
		fclose(file);
	return found;
}

static unsigned first_port(const struct standin *s)
{
	FILE *file = machine_file(s, "/proc/sys/net/ipv4/ip_unprivileged_port_start");
	unsigned port = 1024;

	if (file && fscanf(file, "%u", &port) != 1)
		port = 1024;
	if (file)
		fclose(file);
	return port;
}

/* ---- what there is --------------------------------------------------------------------------------- */

struct found_ports {
	struct port_range *items;
	size_t n, cap;
};

static bool add_found(struct found_ports *f, const struct port_range *r)
{
	if (f->n == f->cap) {
		void *more = reallocarray(f->items, f->cap = 2 * f->cap + 16, sizeof(*r));

		if (!more)
			return false;
		f->items = more;
	}
	f->items[f->n++] = *r;
	return true;
}

/* "ADDRESS/80,8000-8010"; without an address: on all of both families. */
static bool add_ports(char *spec, bool udp, struct found_ports *f)
{
	char *slash = strchr(spec, '/'), *rest = slash ? slash + 1 : spec;
	struct port_range r = {.udp = udp};
	bool ok = true;

	if (slash)
		*slash = '\0';
	if (!ip_parse(slash ? spec : "0.0.0.0", &r.host))
		return true;
	for (char *word; ok && (word = strsep(&rest, ","));) {
		if (!port_range_parse(word, &r))
			continue;
		ok = add_found(f, &r);
		if (ok && !slash) {
			struct port_range six = r;

			ip_parse("::", &six.host);
			ok = add_found(f, &six);
		}
	}
	return ok;
}

long way_out_parse(const char *words, size_t len, struct port_range **out)
{
	struct found_ports f = {0};
	bool ok = true;

	*out = NULL;
	for (size_t at = 0; ok && at < len; at += strnlen(words + at, len - at) + 1) {
		bool udp = streq(words + at, "-u");
		size_t next = at + strnlen(words + at, len - at) + 1;
		_cleanup_free_ char *spec = NULL;

		if (!udp && !streq(words + at, "-t"))
			continue;
		if (next >= len)
			break;
		spec = strndup(words + next, len - next);
		ok = spec && add_ports(spec, udp, &f);
		at = next;
	}
	if (!ok) {
		free(f.items);
		return -ENOMEM;
	}
	*out = f.items;
	return (long)ports_tidy(f.items, f.n);
}

/* The program by its name, the ports by the rest. */
static int read_command(struct way_out_view *v, int pidfd)
{
	char path[64];
	_cleanup_fd_ int fd = -1;
	_cleanup_free_ char *words = NULL;
	size_t len;
	long n;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pidfd_number(pidfd));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fd_read_all(fd, 4 << 20, &words, &len) < 0 || !len || pidfd_ended(pidfd, 0))
		return 0;
	v->runs = program_of(words)->name;
	n = way_out_parse(words, len, &v->ports);
	v->n_ports = n < 0 ? 0 : (size_t)n;
	return n < 0 ? -ENOMEM : 0;
}

/* ---- what there might be --------------------------------------------------------------------------- */

static bool tun_usable(char *lacks, size_t size)
{
	_cleanup_fd_ int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return true;
	snprintf(lacks, size, "/dev/net/tun cannot be opened (%s): %s", strerror(errno),
	         errno == ENOENT   ? "sudo mknod -m 666 /dev/net/tun c 10 200"
	         : errno == ENODEV ? "sudo modprobe tun"
	                           : "sudo chmod 666 /dev/net/tun");
	return false;
}

static void choose(struct way_out_view *v)
{
	const char *choice = getenv(CHOICE);

	if (choice && streq(choice, "none"))
		return;
	for (size_t i = 0; programs[i] && !v->can; i++)
		if ((!choice || !*choice || streq(choice, programs[i]->name)) && program_exists(programs[i]->name))
			v->can = programs[i]->name;
	if (!v->can)
		snprintf(v->lacks, sizeof(v->lacks),
		         "neither pasta nor slirp4netns is installed: sudo apt install passt");
	else if (!v->family[IP4] && !v->family[IP6])
		snprintf(v->lacks, sizeof(v->lacks), "the machine itself has no default route");
	else if (tun_usable(v->lacks, sizeof(v->lacks)))
		return;
	v->can = NULL;
}

int way_out_look(const struct standin *s, struct way_out_view *v)
{
	struct contact c = CONTACT_NONE;
	int r = 0;

	v->port_start = first_port(s);
	v->family[IP4] = leads_out4(s);
	v->family[IP6] = leads_out6(s);
	choose(v);
	if (!s->fleeting && contact_make(s->folder, &c) == 0 && c.way_out >= 0)
		r = read_command(v, c.way_out);
	contact_done(&c);
	for (int f = 0; v->can && f < IP_FAMILIES; f++)
		v->family[f] &= program_of(v->can)->family[f];
	return r;
}

void way_out_forget(struct way_out_view *v)
{
	free(v->ports);
	*v = (struct way_out_view){0};
}

/* ---- command lines --------------------------------------------------------------------------------- */

/* A program about to be started. */
struct launch {
	const struct standin *s;
	const struct way_out_view *v;
	const struct port_range *ports;
	size_t n_ports;
	bool old;                       /* it does not know all its options yet */
	const char *argv[ARGS_MAX + 1]; /* ends with NULL */
	size_t n;
	char netns[48], folder[PATH_MAX];
	char ready[WORD_SIZE], log[WORD_SIZE];
	bool full;
};

static void add(struct launch *l, const char *word)
{
	if (l->n < ARGS_MAX)
		l->argv[l->n++] = word;
	else
		l->full = true;
}

static void add_all(struct launch *l, const char *const *words)
{
	for (; *words; words++)
		add(l, *words);
}

/* One word: "ADDRESS/80,8000-8010", the ports of n ranges. "": no address, which is all of them. */
static void add_spec(struct launch *l, const char *address, const struct port_range *r, size_t n)
{
	size_t size = IP_TEXT_MAX + n * (PORT_RANGE_TEXT_MAX + 1);
	char port[PORT_RANGE_TEXT_MAX], *word = malloc(size), *end = word; /* free_specs() */

	if (!word) {
		l->full = true;
		return;
	}
	end += snprintf(end, size, "%s%s", address, *address ? "/" : "");
	for (size_t i = 0; i < n; i++)
		end += snprintf(end, size - (size_t)(end - word), "%s%s", i ? "," : "", port_range_text(&r[i], port));
	add(l, r->udp ? "-u" : "-t");
	add(l, word);
}

/* Ports that are on all addresses of both families have to be told of at once, those of one by that one. */
static void add_on_all(struct launch *l, bool udp)
{
	static const char *const addresses[] = {NULL, "0.0.0.0", "::", ""};
	uint8_t *families = calloc(UINT16_MAX + 2, 1); /* of each port: a bit for each; the last is none */
	struct port_range run = {.udp = udp};

	if (!families) {
		l->full = true;
		return;
	}
	for (size_t i = 0; i < l->n_ports; i++)
		for (unsigned port = l->ports[i].first; port <= l->ports[i].last; port++)
			if (l->ports[i].udp == udp && ip_unspecified(&l->ports[i].host))
				families[port] |= (uint8_t)(1 << l->ports[i].host.family);
	for (unsigned port = 0, first = 0; port <= UINT16_MAX; port++) {
		if (families[port] == families[port + 1])
			continue;
		run.first = (uint16_t)first;
		run.last = (uint16_t)port;
		first = port + 1;
		if (families[port])
			add_spec(l, addresses[families[port]], &run, 1);
	}
	free(families);
}

static void add_specs(struct launch *l)
{
	for (int udp = 0; udp <= 1; udp++) {
		size_t before = l->n;

		add_on_all(l, udp);
		for (size_t i = 0, n; i < l->n_ports; i += n) {
			const struct port_range *r = &l->ports[i];
			char ip[IP_TEXT_MAX];

			for (n = 1; i + n < l->n_ports && r[n].udp == r->udp && ip_equal(&r[n].host, &r->host); n++)
				;
			if (r->udp == udp && !ip_unspecified(&r->host))
				add_spec(l, ip_text(&r->host, ip), r, n);
		}
		if (l->n == before) {
			add(l, udp ? "-u" : "-t");
			add(l, "none");
		}
	}
}

static void free_specs(struct launch *l)
{
	for (size_t i = 0; i + 1 < l->n; i++)
		if ((streq(l->argv[i], "-t") || streq(l->argv[i], "-u")) && !streq(l->argv[i + 1], "none"))
			free((char *)l->argv[++i]);
}

/*
 * Nothing of the machine's is shown beside the way out: its loopback by the gateway's address (--no-map-gw), or its listening ports
 * in the namespace (-T, -U). The device is configured by us, who have no duplicate address detection to wait for.
 */
static void pasta_arguments(struct launch *l)
{
	static const char *const first[] = {
		"pasta",       "--foreground", "--quiet", "--netns-only", "--no-ra", "--no-dhcp",
		"--no-dhcpv6", "--no-map-gw",  "-T",      "none",         "-U",      "none",
		"-I",          WAY_OUT_DEVICE, "-M",      WAY_MAC,        NULL};
	static const char *const families[IP_FAMILIES][12] = {
		{"-a", WAY_ADDRESS4, "-n", WAY_PREFIX4, "-g", WAY_GATEWAY4, "--dns-forward", WAY_OUT_RESOLVER4, NULL},
		{"-a", WAY_ADDRESS6, "-g", WAY_GATEWAY6, "--dns-forward", WAY_OUT_RESOLVER6, NULL},
	};

	add_all(l, first);
	if (!l->old) /* what comes by the machine's loopback arrives by this one; older ones do nothing else */
		add(l, "--host-lo-to-ns-lo");
	for (int f = 0; f < IP_FAMILIES; f++)
		if (l->v->family[f])
			add_all(l, families[f]);
	if (!l->v->family[IP4] || !l->v->family[IP6])
		add(l, l->v->family[IP4] ? "-4" : "-6");
	add_all(l, (const char *const[]){"--netns", l->netns, "-P", l->ready, "-l", l->log, NULL});
	add_specs(l);
}

static void slirp_arguments(struct launch *l)
{
	static const char *const first[] = {
		"slirp4netns",          "--configure",  "--mtu=65520",       "--disable-host-loopback",
		("--cidr=" WAY_SLIRP4), "--ready-fd=3", "--netns-type=path", NULL};

	add_all(l, first);
	add(l, l->netns);
	add(l, WAY_OUT_DEVICE);
}

static const struct program pasta = {"pasta", true, {true, true}, false, pasta_arguments};
static const struct program slirp = {"slirp4netns", false, {true, false}, true, slirp_arguments};
static const struct program *const programs[] = {&pasta, &slirp, NULL};

static const struct program *program_of(const char *name)
{
	const char *slash = strrchr(name, '/');

	return streq(slash ? slash + 1 : name, slirp.name) ? &slirp : &pasta;
}

/* ---- starting and ending --------------------------------------------------------------------------- */

/* Where the folder is, for a program that has not its descriptor. */
static bool find_paths(struct launch *l)
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", l->s->folder);
	n = readlink(link, l->folder, sizeof(l->folder) - 1);
	if (n <= 0)
		return false;
	l->folder[n] = '\0';
	snprintf(l->ready, sizeof(l->ready), "%s/" READY_FILE, l->folder);
	snprintf(l->log, sizeof(l->log), "%s/" LOG_FILE, l->folder);
	snprintf(l->netns, sizeof(l->netns), "/proc/%d/ns/net", l->s->pid);
	return true;
}

/* One that is configured by us says that it is ready by a file; the other by its descriptor. */
static bool is_ready(const struct launch *l, const struct program *p, const struct started *started)
{
	struct pollfd ready = {.fd = started->ready, .events = POLLIN};
	struct stat st;
	char byte;

	if (p->configures)
		return poll(&ready, 1, 0) > 0 && read(started->ready, &byte, 1) == 1;
	return fstatat(l->s->folder, READY_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_size > 0;
}

static bool await_ready(const struct launch *l, const struct program *p, const struct started *started)
{
	for (int waited = 0; waited < PATIENCE_MS; waited++) {
		if (is_ready(l, p, started))
			return !pidfd_ended(started->program, 0);
		if (pidfd_ended(started->program, 1))
			return false;
	}
	return false;
}

static void end_program(int pidfd)
{
	syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0);
	if (pidfd_ended(pidfd, GRACE_MS))
		return;
	syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
	pidfd_ended(pidfd, GRACE_MS);
}

static void read_log(const struct launch *l, char *text, size_t size)
{
	_cleanup_fd_ int log = openat(l->s->folder, LOG_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n = log < 0 ? 0 : read(log, text, size - 1);

	text[n > 0 ? n : 0] = '\0';
}

/* What it complained of last, but for where it complains. */
static const char *complaint(char *text)
{
	const char *last = "";

	for (char *line; (line = strsep(&text, "\n"));)
		if (*line && !has_prefix(line, "Failed to send"))
			last = line;
	return last;
}

static int failed(const struct program *p, char *said, struct nsl_error **err)
{
	const char *words = complaint(said);

	return error_set(err, NSL_E_FAILED, EIO, "%s did not become the way out: %s", p->name,
	                 *words ? words : "it says nothing");
}

static int run(struct launch *l, const struct program *p, struct contact *c, char *said, size_t size)
{
	struct started started;
	int r;

	unlinkat(l->s->folder, READY_FILE, 0);
	r = outpost_start(&l->s->outpost, l->log, l->argv, &started);
	if (r < 0) {
		snprintf(said, size, "%s", strerror(-r));
		return r;
	}
	if (await_ready(l, p, &started)) {
		r = contact_way_out(c, started.program);
		manager_adopt_beside(l->s->name, l->s->pid, pidfd_number(started.program), l->s->user);
	} else {
		r = -EIO;
	}
	*said = '\0';
	if (r == -EIO)
		read_log(l, said, size);
	if (r < 0)
		end_program(started.program);
	close(started.program);
	close(started.ready);
	return r;
}

static int start(struct launch *l, const struct program *p, struct contact *c, struct nsl_error **err)
{
	char said[4096] = "";
	int r = -EIO;

	for (int again = 0; again <= 1 && r < 0; again++) {
		l->old = again;
		free_specs(l);
		l->n = 0;
		p->arguments(l);
		l->argv[l->n] = NULL;
		if (l->full)
			return error_set(err, NSL_E_FAILED, E2BIG, "%s cannot be told of so many ports", p->name);
		r = run(l, p, c, said, sizeof(said));
		if (!strstr(said, "unrecognized option"))
			break;
	}
	if (r < 0)
		return failed(p, said, err);
	if (!p->configures) {
		r = way_device_configure(l->v->family);
		if (r < 0)
			return error_errno(err, -r, "cannot configure the device of the way out");
	}
	way_resolver_set(l->v->family);
	return 0;
}

int way_out_set(const struct standin *s, const struct way_out_view *v, const struct port_range *ports, size_t n,
                struct nsl_error **err)
{
	_cleanup_free_ struct launch *l = calloc(1, sizeof(*l));
	struct contact c = CONTACT_NONE;
	int r;

	if (!l)
		return error_oom(err);
	*l = (struct launch){.s = s, .v = v, .ports = ports, .n_ports = n};
	if (s->fleeting || !v->can || !find_paths(l))
		return error_set(err, NSL_E_FAILED, ENOENT, "there can be no way out here");
	r = contact_make(s->folder, &c);
	if (r < 0)
		return error_errno(err, -r, "the holder of the stand-in host does not answer");
	if (c.way_out >= 0)
		end_program(c.way_out);
	r = start(l, program_of(v->can), &c, err);
	contact_done(&c);
	free_specs(l);
	return r;
}

int way_out_end(const struct standin *s, struct nsl_error **err)
{
	struct contact c = CONTACT_NONE;
	int r = contact_make(s->folder, &c);

	if (r < 0)
		return error_errno(err, -r, "the holder of the stand-in host does not answer");
	if (c.way_out >= 0)
		end_program(c.way_out);
	contact_done(&c);
	way_resolver_unset();
	unlinkat(s->folder, READY_FILE, 0);
	unlinkat(s->folder, LOG_FILE, 0);
	return 0;
}
