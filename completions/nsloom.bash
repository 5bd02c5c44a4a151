# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# bash completion for nsloom, as `nsloom completion bash` prints it.

# Files that describe labs, and folders on the way to them.
_nsloom_topologies() { # BEGUN
	local path
	compopt -o filenames 2>/dev/null
	while IFS= read -r path; do
		case $path in
		*.yaml | *.yml | *.json) COMPREPLY+=("$path") ;;
		*) [[ -d ${path/#\~\//$HOME/} ]] && COMPREPLY+=("$path") ;;
		esac
	done < <(compgen -f -- "$1")
}

# What follows `exec NODE --` is completed as it would be by itself, where bash-completion is there to ask.
_nsloom_program() { # INDEX-IN-COMP_WORDS BEGUN
	if declare -F _comp_command_offset >/dev/null; then
		_comp_command_offset "$1"
	elif declare -F _command_offset >/dev/null; then
		_command_offset "$1"
	elif ((COMP_CWORD == $1)); then
		mapfile -t COMPREPLY < <(compgen -c -- "$2")
	else
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "$2")
	fi
}

_nsloom() {
	local rest=${COMP_LINE:0:COMP_POINT} breaks=${COMP_WORDBREAKS//[[:space:]\"\']/}
	local i n=-1 part cur lead='' answer word
	local -a words=() starts=()

	# bash takes a word for several where a ':' or '=' is in it: what no space parts is put together again.
	for ((i = 0; i <= COMP_CWORD; i++)); do
		part=${COMP_WORDS[i]}
		if ((i == 0)) || [[ $rest == [[:space:]]* || -z $rest ]]; then
			rest=${rest#"${rest%%[![:space:]]*}"}
			((n += 1))
			words[n]='' starts[n]=$i
		fi
		((i < COMP_CWORD)) || part=$rest # up to the cursor
		words[n]+=$part
		rest=${rest#"$part"}
	done
	for ((i = 0; i <= n; i++)); do
		word=${words[i]//[\\\"\']/}
		words[i]=${word/#\~\//$HOME/}
	done
	cur=${words[n]}
	# Only what follows the last of these characters is bash's to replace.
	[[ -n $breaks && $cur == *["$breaks"]* ]] && lead=${cur%"${cur##*["$breaks"]}"}

	COMPREPLY=()
	while IFS= read -r answer; do
		word=${answer%%$'\t'*}
		case $word in
		:topology) _nsloom_topologies "${cur#"$lead"}" ;;
		:program\ *) _nsloom_program "${starts[${word#* } + 1]}" "$cur" ;;
		*) COMPREPLY+=("$(printf '%q' "${word#"$lead"}")") ;;
		esac
	done < <("${words[0]}" __complete -- "${words[@]:1}" 2>/dev/null)
}

complete -F _nsloom nsloom
