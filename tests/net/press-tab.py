#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""press-tab.py SHELL SCRIPT LINE

What a shell that has read SCRIPT makes of LINE when it is to complete it: all
that may stand in the place of the last word, each with the words that the
line has after it, one a line, sorted. bash and zsh are real ones, on a
terminal, that are told to insert all matches into the line; then the line
is run as arguments of printf. fish has a command for it.
"""
import os
import pty
import select
import subprocess
import sys
import tempfile
import time

shell, script, line = sys.argv[1:4]
PATIENCE = 20  # seconds

# How it is started, what it is told first, and the key that inserts all matches.
shells = {
    "bash": (["bash", "--noprofile", "--norc", "-i"],
             ["[ -z \"$BASH_COMPLETION\" ] || . \"$BASH_COMPLETION\"", f". {script}"],
             "\033*"),
    "zsh": (["zsh", "-f", "-i"],
            ["autoload -Uz compinit; compinit -u -D", f". {script}",
             "zle -C all-matches complete-word _generic; bindkey -e; bindkey '^Xa' all-matches",
             "zstyle ':completion:all-matches::::' completer _all_matches _complete",
             "zstyle ':completion:all-matches:*' insert true",
             "zstyle ':completion:*' insert-tab false"],
            "\030a"),
}


def read_all(master, done):
    """Reads (and forgets) what the terminal shows until done() or the shell's end. What was shown, for who looks for a fault."""
    shown, end = b"", time.monotonic() + PATIENCE
    while not done() and time.monotonic() < end:
        if select.select([master], [], [], 0.02)[0]:
            try:
                shown += os.read(master, 65536)
            except OSError:
                break
    return shown.decode(errors="replace")


def on_terminal(command, first, key):
    with tempfile.TemporaryDirectory() as folder:
        ready, out, end = (os.path.join(folder, name) for name in ("ready", "out", "end"))
        pid, master = pty.fork()
        if pid == 0:
            os.environ |= {"TERM": "dumb", "PS1": "$ ", "HISTFILE": "/dev/null"}
            os.execvp(command[0], command)
        for text in [*first, f": >{ready}"]:
            os.write(master, text.encode() + b"\n")
        read_all(master, lambda: os.path.exists(ready))
        os.write(master, (line + key).encode())
        time.sleep(0.01)
        os.write(master, f"\001printf '%s\\0' \005 >{out}; : >{end}\n".encode())
        shown = read_all(master, lambda: os.path.exists(end))
        os.write(master, b"exit\n")
        os.close(master)
        os.waitpid(pid, 0)
        if not os.path.exists(out):
            sys.exit(f"{shell} did not answer:\n{shown}")
        with open(out, encoding="utf-8") as file:
            return file.read().split("\0")[:-1]


def words_of(text):
    return subprocess.run(["bash", "-c", f"printf '%s\\0' {text}"], stdout=subprocess.PIPE, check=True,
                          text=True).stdout.split("\0")[:-1]


if shell == "fish":
    shown = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C $argv[1]", line], text=True,
                           stdout=subprocess.PIPE, timeout=PATIENCE, check=True).stdout
    found = [answer.split("\t")[0] for answer in shown.splitlines()]
else:
    before = words_of(line) if line.endswith(" ") else words_of(line)[:-1]
    found = on_terminal(*shells[shell])[len(before):]
    # bash leaves what stands before the last ':' or '=' alone, and inserts the others without it.
    cur = line[line.rfind(" ") + 1:]
    lead = cur[:max(cur.rfind(":"), cur.rfind("=")) + 1] if shell == "bash" else ""
    found = [word if word.startswith(lead) else lead + word for word in found]
print("\n".join(sorted(found)))
