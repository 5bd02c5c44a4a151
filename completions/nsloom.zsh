#compdef nsloom
# SPDX-License-Identifier: GPL-2.0-or-later
#
# zsh completion for nsloom, as `nsloom completion zsh` prints it.

_nsloom() {
	local line
	local -a asked described

	# As the shell would hand them over: without quotes, with ~ for the home folder made out.
	asked=("${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}")
	asked=("${(@)asked/#\~\//$HOME/}")
	for line in "${(@f)$("${asked[1]}" __complete -- "${(@)asked[2,-1]}" 2>/dev/null)}"; do
		case $line in
		'') ;;
		:topology)
			compset -P '--*='
			_files -g '*.(yaml|yml|json)(-.)'
			;;
		:program\ *)
			# What follows `exec NODE --` is completed as it would be by itself.
			shift "${line#* }" words
			shift words
			((CURRENT -= ${line#* } + 1))
			_normal
			;;
		*$'\t'*) described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
		*) described+=("${line//:/\\:}") ;;
		esac
	done
	(($#described)) && _describe -V nsloom described
}

if [[ ${funcstack[1]} == _nsloom ]]; then
	_nsloom "$@"
else
	compdef _nsloom nsloom
fi
