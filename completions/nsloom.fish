# SPDX-License-Identifier: GPL-2.0-or-later
#
# fish completion for nsloom, as `nsloom completion fish` prints it.

# Files that describe labs, and folders on the way to them; what stands before on the command line ("--file=") stays.
function __nsloom_topologies
    set -l cur (commandline -ct)
    set -l lead (string match -r -- '^--[^=]*=' "$cur")
    for path in (complete -C "__fish_command_without_completions "(string replace -- "$lead" '' "$cur"))
        string match -qr -- '(/|\.ya?ml|\.json)$' (string split -f 1 \t -- $path); and echo "$lead$path"
    end
end

function __nsloom_complete
    set -l words (commandline -opc)
    set -l cur (commandline -ct)
    # As the shell would hand it over, with ~ for the home folder made out.
    set -l begun (string replace -r -- '^~/' "$HOME/" (string unescape -n -- "$cur"; or echo -- "$cur"))
    for line in ($words[1] __complete -- $words[2..-1] "$begun" 2>/dev/null)
        switch $line
            case ':topology'
                __nsloom_topologies
            case ':program *'
                # What follows `exec NODE --` is completed as it would be by itself.
                set -l at (math (string split ' ' -- $line)[2] + 2)
                complete -C (string join ' ' -- (string escape -- $words[$at..-1]) "$cur")
            case '*'
                echo $line
        end
    end
end

complete -c nsloom -f -k -a '(__nsloom_complete)'
