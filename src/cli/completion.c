/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The scripts that teach a shell to complete: thin, for all they do is to ask `nsloom __complete`. */
#include <errno.h>

#include "cli.h"
#include "fd.h"
#include "text.h"

static const char bash[] = "# bash completion for nsloom. Made by: nsloom completion bash\n"
			   "_nsloom() {\n"
			   "	local line=${COMP_LINE:0:COMP_POINT} cur lead word\n"
			   "	local -a words found\n"
			   "	read -ra words <<<\"$line\"\n"
			   "	[[ $line == *[[:space:]] ]] && words+=(\"\")\n"
			   "	cur=${words[-1]} lead=\n"
			   "	# bash takes --name=value for three words, and completes the third.\n"
			   "	[[ $cur == --*=* ]] && lead=${cur%%=*}=\n"
			   "	COMPREPLY=()\n"
			   "	while IFS=$'\\t' read -r word _; do\n"
			   "		case $word in\n"
			   "		:file)\n"
			   "			compopt -o filenames\n"
			   "			mapfile -t found < <(compgen -f -- \"${cur#\"$lead\"}\")\n"
			   "			COMPREPLY+=(\"${found[@]}\") ;;\n"
			   "		:program)\n"
			   "			mapfile -t found < <(compgen -c -- \"$cur\")\n"
			   "			COMPREPLY+=(\"${found[@]}\") ;;\n"
			   "		*)\n"
			   "			COMPREPLY+=(\"${word#\"$lead\"}\") ;;\n"
			   "		esac\n"
			   "	done < <(\"${words[0]}\" __complete -- \"${words[@]:1}\" 2>/dev/null)\n"
			   "}\n"
			   "complete -F _nsloom nsloom\n";

static const char zsh[] =
	"#compdef nsloom\n"
	"# zsh completion for nsloom. Made by: nsloom completion zsh\n"
	"_nsloom() {\n"
	"	local line\n"
	"	local -a described\n"
	"	for line in \"${(@f)$(\"${words[1]}\" __complete -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)}\"; do\n"
	"		case $line in\n"
	"		'') ;;\n"
	"		:file) compset -P '--*='; _files ;;\n"
	"		:program) _command_names -e ;;\n"
	"		*$'\\t'*) described+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\") ;;\n"
	"		*) described+=(\"${line//:/\\\\:}\") ;;\n"
	"		esac\n"
	"	done\n"
	"	(( $#described )) && _describe -V nsloom described\n"
	"}\n"
	"if [[ ${funcstack[1]} == _nsloom ]]; then\n"
	"	_nsloom \"$@\"\n"
	"else\n"
	"	compdef _nsloom nsloom\n"
	"fi\n";

static const char fish[] =
	"# fish completion for nsloom. Made by: nsloom completion fish\n"
	"function __nsloom_complete\n"
	"	set -l words (commandline -opc)\n"
	"	set -l cur (commandline -ct)\n"
	"	for line in ($words[1] __complete -- $words[2..-1] \"$cur\" 2>/dev/null)\n"
	"		switch $line\n"
	"			case ':file'\n"
	"				set -l lead (string match -r -- '^--[^=]*=' \"$cur\")\n"
	"				for path in (__fish_complete_path (string replace -- \"$lead\" '' \"$cur\"))\n"
	"					echo \"$lead$path\"\n"
	"				end\n"
	"			case ':program'\n"
	"				__fish_complete_subcommand --fcs-skip=3\n"
	"			case '*'\n"
	"				echo $line\n"
	"		end\n"
	"	end\n"
	"end\n"
	"complete -c nsloom -f -k -a '(__nsloom_complete)'\n";

static const struct {
	const char *name, *script;
} shells[] = {{"bash", bash}, {"fish", fish}, {"zsh", zsh}};

static int run(struct cli *cli, struct nsl_error **err)
{
	const char *shell = cli_operand(cli, 0);

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (streq(shell, shells[i].name)) {
			out_raw(&cli->out, shells[i].script);
			return STATUS_DONE;
		}
	}
	return error_set(err, NSL_E_USAGE, EINVAL, "there is no completion for \"%s\", only for bash, fish and zsh",
	                 shell);
}

static const struct operand operands[] = {{"SHELL", WORD_SHELL}, {0}};

const struct command command_completion = {
	.name = "completion",
	.group = "More",
	.help = "print the script that completes nsloom in a shell",
	.details = "SHELL is bash, fish or zsh. For bash: source <(nsloom completion bash)",
	.operands = operands,
	.flags = COMMAND_NO_JSON,
	.run = run,
};
