/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records of labs. See record.h. */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fd.h"
#include "lines.h"
#include "strbuf.h"
#include "text.h"
#include "topology.h"

#define MAGIC "# nsloom-record "
#define LINES "# lines"

static int open_record(const struct rundir *rd, const char *lab)
{
	struct stat st;
	int fd = rundir_open(rd, lab, RECORD_FILE, O_RDONLY | O_NONBLOCK);

	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		return -EINVAL;
	}
	return fd;
}

static int parse_head(const char *line, struct record_head *out)
{
	int at = 0;

	if (!has_prefix(line, MAGIC))
		return -EINVAL;
	line += strlen(MAGIC);
	if (sscanf(line, "%u", &out->version) != 1)
		return -EINVAL;
	if (sscanf(line, "%u nodes=%zu networks=%zu links=%zu file=%n", &out->version, &out->nodes, &out->networks,
	           &out->links, &at) != 4 ||
	    at == 0)
		return out->version > RECORD_VERSION ? 0 : -EINVAL;
	snprintf(out->file, sizeof(out->file), "%s", line + at);
	return 0;
}

int record_head(const struct rundir *rd, const char *lab, struct record_head *out)
{
	_cleanup_fd_ int fd = open_record(rd, lab);
	char line[PATH_MAX + 256], *end;
	struct stat st;
	ssize_t n;

	*out = (struct record_head){0};
	if (fd < 0)
		return fd;
	n = read(fd, line, sizeof(line) - 1);
	if (n < 0)
		return -errno;
	line[n] = '\0';
	end = strchr(line, '\n');
	if (!end)
		return -EINVAL;
	*end = '\0';
	if (fstat(fd, &st) == 0)
		out->since = st.st_mtime;
	return parse_head(line, out);
}

/* The places are those of the user's file; the record's own text shows nobody anything. */
static int copy_name(struct arena *a, const char *file, const char **out)
{
	if (arena_exhausted(a))
		return -ENOMEM;
	*out = *file ? arena_strdup(a, file) : NULL;
	return 0;
}

static int give_places(struct model *m, const char *text, const char *file, struct nsl_error **err)
{
	const char *lines = strstr(text, "\n" LINES), *name;
	int r = copy_name(m->arena, file, &name);

	arena_settle(m->arena);
	if (r < 0)
		return error_oom(err);
	lines_apply(m, lines ? lines + strlen("\n" LINES) : NULL, name);
	m->source = (struct source){.file = name};
	return 0;
}

int record_read(const struct rundir *rd, const char *lab, struct model **out, struct nsl_error **err)
{
	_cleanup_error_ struct nsl_error *fault = NULL;
	_cleanup_free_ char *text = NULL;
	_cleanup_fd_ int fd = -1;
	struct record_head head;
	size_t len;
	int r = record_head(rd, lab, &head);

	*out = NULL;
	if (r == 0 && head.version > RECORD_VERSION) {
		error_set(err, NSL_E_MISSING, EPROTO, "lab \"%s\" was woven by a newer nsloom (record version %u)", lab,
		          head.version);
		error_hint(err, "use that nsloom, or take the lab down and weave it again");
		return -EPROTO;
	}
	if (r == 0)
		fd = r = open_record(rd, lab);
	if (r >= 0)
		r = fd_read_all(fd, TOPOLOGY_MAX_BYTES * 4UL, &text, &len);
	if (r >= 0)
		r = topology_load_text(text, len, "record", NULL, out, &fault);
	if (r < 0 && r != -ENOMEM)
		return 0; /* none, or half of one: the kernel itself tells what stands */
	if (r < 0)
		return error_oom(err);
	if (!streq((*out)->name, lab)) /* not this lab's */
		model_free(TAKE_PTR(*out));
	return *out ? give_places(*out, text, head.file, err) : 0;
}

/* ---- writing --------------------------------------------------------------------------------------- */

static void write_hosts(struct strbuf *b, const struct model *m)
{
	char ip[IP_TEXT_MAX];

	strbuf_adds(b, "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n");
	for (size_t i = 0; i < m->nodes.n; i++) {
		const struct node *n = &m->nodes.items[i];

		for (size_t k = 0; k < n->ifaces.n; k++)
			for (size_t j = 0; j < n->ifaces.items[k].addresses.n; j++)
				strbuf_printf(b, "%s %s %s.%s\n",
				              ip_text(&n->ifaces.items[k].addresses.items[j].ip, ip), n->name, m->name,
				              n->name);
	}
	for (size_t i = 0; i < m->networks.n; i++)
		for (int f = 0; f < IP_FAMILIES; f++)
			if (m->networks.items[i].subnet[f].gateway.set)
				strbuf_printf(b, "%s host\n", ip_text(&m->networks.items[i].subnet[f].gateway, ip));
}

static int replace(int dir, const char *name, struct strbuf *b, struct nsl_error **err)
{
	int r = b->failed ? -ENOMEM : file_replace(dir, name, b->s, b->len, 0644);

	return r < 0 ? error_errno(err, -r, "cannot write the lab's %s", name) : 0;
}

int record_write(int lab_dir, const struct model *m, const char *file, struct nsl_error **err)
{
	_cleanup_strbuf_ struct strbuf record = {0}, hosts = {0};
	bool sayable = file && !strchr(file, '\n');
	int r;

	strbuf_printf(&record, MAGIC "%d nodes=%zu networks=%zu links=%zu file=%s\n", RECORD_VERSION, m->nodes.n,
	              m->networks.n, m->links.n, sayable ? file : "");
	strbuf_adds(&record, LINES);
	lines_write(m, &record);
	strbuf_addc(&record, '\n');
	topology_write(m, &record);
	write_hosts(&hosts, m);
	r = replace(lab_dir, HOSTS_FILE, &hosts, err);
	return r < 0 ? r : replace(lab_dir, RECORD_FILE, &record, err);
}
