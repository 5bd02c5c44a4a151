# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Completion as a person sees it: real shells are given a line, and asked what may stand at its end (press-tab.py). All
# shells have to say the same, and what is there at that moment.

need ip python3

scripts=$TESTS/../../completions
cp -r "$TESTS/../../examples" .
cp examples/tutorial.yaml nsloom.yaml
cp examples/cable.yaml "my lab.yaml"
mkdir sub
touch sub/{a.yaml,b.yml,c.json,d.txt,note}
check "two labs come up" sh -c 'nsloom up -q && nsloom up -q examples/office.yaml'
ip netns add red
ip netns add blue

shells=()
for shell in bash zsh fish; do
	if command -v $shell >/dev/null; then
		shells+=("$shell")
	else
		skip "$shell completes" "no $shell here"
	fi
	is "$shell: what is printed is what is installed" "$(cat "$scripts/nsloom.$shell")" "$(nsloom completion $shell)"
done

tab() { # SHELL LINE
	"$TESTS/press-tab.py" "$1" "$scripts/nsloom.$1" "$2" 2>&1 | sed 's:/$::' | sort | xargs
}

completes() { # LINE WORDS
	local shell asked=()
	for shell in "${shells[@]}"; do
		tab "$shell" "$1" >"said.$shell" &
		asked+=($!)
	done
	wait "${asked[@]}"
	for shell in "${shells[@]}"; do
		is "$shell: $1" "$2" "$(cat "said.$shell")"
	done
}

# Commands, options, values.
completes 'nsloom e' 'exec explain'
completes 'nsloom ns i' 'identify'
completes 'nsloom help ns d' 'del diff'
completes 'nsloom plan --e' '--exit-code'
completes 'nsloom plan --as ' 'sh steps'
completes 'nsloom ls --color=al' '--color=always'
completes 'nsloom completion ' 'bash fish zsh'
completes 'nsloom gen t' 'torus tree'

# Labs, nodes, interfaces, addresses.
completes 'nsloom down o' 'office'
completes 'nsloom show -l ' 'office tutorial'
completes 'nsloom exec ' 'office.ann office.bob office.gate office.web one two'
completes 'nsloom shell tutorial.' 'tutorial.one tutorial.two'
completes 'nsloom -l office exec ' 'ann bob gate web'
completes 'nsloom ping h' 'host'
completes 'nsloom ping one two:' 'two:eth0 two:veth-two'
completes 'nsloom ping office.ann gate:d' 'gate:dmz0'
completes 'nsloom ping one 192.168.1.' '192.168.1.1 192.168.1.2'
completes 'nsloom explain one 192.168.15.5' '192.168.15.5'
completes 'nsloom explain one red:' 'red:lo'

# The machine.
completes 'nsloom ns del ' 'blue red'
completes 'nsloom ns exec r' 'red'
sleep 1000 &
pid=$!
completes "nsloom ns identify $pid" "$pid"
completes "nsloom ns add x --pid $pid" "$pid"
kill $pid

# Files: those of labs only, by whatever way they are named.
completes 'nsloom check sub/' 'sub/a.yaml sub/b.yml sub/c.json'
completes 'nsloom check my' 'my lab.yaml'
completes "nsloom -f 'my lab.yaml' exec " 'one two'
completes 'nsloom -f examples/office.yaml exec g' 'gate'
for shell in "${shells[@]}"; do
	is "$shell: nsloom up ~/sub/a" 'sub/a.yaml' "$(tab "$shell" 'nsloom up ~/sub/a' | sed "s:^~/::; s:^$HOME/::")"
done

# Another program's words are its own.
completes 'nsloom exec one -- cat sub/no' 'sub/note'
completes 'nsloom -l office exec ann cat sub/no' 'sub/note'
completes 'nsloom ns exec red -- nsloo' 'nsloom'

# Names that need care come through as one word.
ip netns add 'a b'
completes "nsloom ns exec a" 'a b'
ip netns del 'a b'

# What is no more is offered no more.
nsloom down -q office
completes 'nsloom exec ' 'one two'

# Every command of the tables can be asked.
while read -r words; do
	# shellcheck disable=SC2086 # several words
	check "nsloom $words can be completed" nsloom __complete -- $words ''
done < <(python3 -c '
import json, subprocess
def walk(commands):
    for c in commands:
        print(c["name"])
        walk(c["commands"])
walk(json.loads(subprocess.run(["nsloom", "help", "--json"], stdout=subprocess.PIPE).stdout)["commands"])')

# An ordinary user completes by the file that is here; labs of root are not for him to use.
ordinary() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
if command -v setpriv >/dev/null && ordinary nsloom version >/dev/null 2>&1; then
	is "without root: nodes" "one two" "$(ordinary nsloom __complete -- exec '' | cut -f 1 | xargs)"
	is "without root: none of root's labs" "" "$(ordinary nsloom __complete -- -l '' | cut -f 1 | xargs)"
	is "without root: names of namespaces" "red" "$(ordinary nsloom __complete -- ns exec re | cut -f 1 | xargs)"
else
	skip "without root" "no setpriv, or the program lies where nobody may run it"
fi

# Behind sudo, as bash-completion and zsh know it.
bash_completion=/usr/share/bash-completion/bash_completion
if [ -r $bash_completion ] && command -v sudo >/dev/null; then
	export BASH_COMPLETION=$bash_completion
	is "bash: sudo nsloom exec" "one two" "$(tab bash 'sudo nsloom exec ')"
	is "bash: what exec starts, by its own completion" "mount" "$(tab bash 'nsloom exec one -- umoun' | sed s/^u//)"
else
	skip "bash: sudo nsloom exec" "no bash-completion or no sudo here"
fi
