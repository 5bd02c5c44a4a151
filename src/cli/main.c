/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nsloom, the program: reads the command line, runs one command, says what came of it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "fd.h"
#include "json.h"

static int status_of(const struct command *command, const struct nsl_error *err)
{
	if (command && (command->flags & COMMAND_EXEC)) {
		if (err->code != NSL_E_FAILED)
			return STATUS_NSLOOM;
		return err->errnum == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
	}
	if (command && (command->flags & COMMAND_COMPARE))
		return STATUS_USAGE;
	return err->code == NSL_E_USAGE || err->code == NSL_E_FILE ? STATUS_USAGE : STATUS_FAILED;
}

static void report(struct cli *cli, const struct nsl_error *err)
{
	_cleanup_free_ char *text = NULL;

	if (cli->parsed.globals.json) {
		json_t *document = json_object();

		/* A document that was begun is given up: there is only one. */
		strbuf_done(&cli->out.text);
		put_errors(document, err);
		json_print(&cli->out, document);
		return;
	}
	text = nsl_error_text(err);
	out_raw(&cli->notes, text ? text : "error: out of memory\n");
}

/* Writes what the command left. A pipe that the reader closed is no news to him. */
static int flush(struct cli *cli, int status)
{
	int r = out_flush(&cli->out);

	if (r < 0 && r != -EPIPE) {
		out_printf(&cli->notes, STYLE_PLAIN, "error: cannot write the output: %s", strerror(-r));
		out_newline(&cli->notes);
	}
	out_flush(&cli->notes);
	if (r == 0)
		return status;
	return cli->parsed.command && (cli->parsed.command->flags & COMMAND_EXEC) ? STATUS_NSLOOM : STATUS_FAILED;
}

static int run_command(struct cli *cli, struct nsl_error **err)
{
	const struct command *c = cli->parsed.command;
	int r = parse_complete(&cli->parsed, err);

	if (r < 0)
		return r;
	/* A program that exec starts is to find SIGPIPE as nsloom found it. */
	if (!(c->flags & COMMAND_EXEC))
		signal(SIGPIPE, SIG_IGN);
	r = nsloom_new(&cli->ns, err);
	if (r == 0)
		r = cli_enter(cli, err);
	if (r < 0)
		return r;
	if (c->flags & COMMAND_CANCEL)
		cancel_on_signals(cli->ns);
	return c->run(cli, err);
}

static int run(struct cli *cli, char **words, struct nsl_error **err)
{
	int r = parse(cli->arena, words, &cli->parsed, err);
	const struct globals *g = &cli->parsed.globals;

	out_init(&cli->out, STDOUT_FILENO, g->color);
	out_init(&cli->notes, STDERR_FILENO, g->color);
	if (g->help) {
		nsl_error_free(TAKE_PTR(*err));
		help_print(&cli->out, cli->arena, cli->parsed.command);
		return STATUS_DONE;
	}
	if (r < 0)
		return r;
	if (g->version)
		cli->parsed.command = command_find(commands, "version");
	if (cli->parsed.command)
		return run_command(cli, err);
	if (g->json)
		return error_set(err, NSL_E_USAGE, EINVAL, "no command was given");
	help_print(&cli->notes, cli->arena, NULL);
	return STATUS_USAGE;
}

/* Standard descriptors that are closed would be taken by the first socket that is opened. What is opened in their place
 * can be neither read nor written, just as if it were closed. */
static void hold_standard(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
	}
}

int main(int argc, char **argv)
{
	struct cli cli = {0};
	struct nsl_error *err = NULL;
	int r;

	hold_standard();
	json_init();
	cli.arena = arena_new();
	if (!cli.arena || arena_exhausted(cli.arena)) {
		(void)!write(STDERR_FILENO, "error: out of memory\n", 21);
		return STATUS_FAILED;
	}
	if (!getcwd(cli.here, sizeof(cli.here)))
		*cli.here = '\0';
	r = run(&cli, argc > 0 ? argv + 1 : argv, &err);
	if (err)
		report(&cli, err);
	if (err && r < 0)
		r = status_of(cli.parsed.command, err);
	r = flush(&cli, r);
	nsl_error_free(err);
	cancel_nothing();
	nsloom_free(cli.ns);
	out_done(&cli.out);
	out_done(&cli.notes);
	arena_free(cli.arena);
	return r;
}
