#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks that each folder of src/ includes only what src/meson.build lets it.

The compiler is given one -iquote for each allowed folder, so most of this
cannot even be compiled. What the compiler does not see: a path that climbs out
("../netlink/netlink.h"), and two headers of one name, of which the order of
the options would choose one.

And that nothing but exec (which becomes the user's program) and the stand-in
host's helpers starts a program: nsloom does its own work itself.

usage: check-layers.py SRC FOLDER=ALLOWED,ALLOWED … [--self-test]
"""
import os
import re
import sys
import tempfile

STARTS = re.compile(r"\b(execv|execvp|execvpe|execve|execveat|execl|execlp|execle|posix_spawnp?|system|popen|vfork)\(")
MAY_START = {("engine", "enter.c"), ("standin", "program.c"), ("standin", "outpost.c")}
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')


def headers(src, folder):
    path = os.path.join(src, folder)
    return {f for f in os.listdir(path) if f.endswith(".h")} if os.path.isdir(path) else set()


def check_file(path, folder, rules, owned):
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        starts = STARTS.search(line.split("/*")[0])
        if starts and (folder, os.path.basename(path)) not in MAY_START:
            yield f"{path}:{number}: {starts.group(1)}(): nsloom starts no program to do its work"
        match = INCLUDE.match(line)
        if not match:
            continue
        name = match.group(1)
        homes = [f for f in [folder] + rules[folder] if name in owned[f]]
        if "/" in name:
            yield f'{path}:{number}: "{name}": include by bare name, not by a path'
        elif not homes:
            where = [f for f in owned if name in owned[f]]
            place = " of " + ", ".join(where) if where else ""
            yield f'{path}:{number}: "{name}"{place}: {folder}/ may include {", ".join(rules[folder]) or "nothing"}'
        elif len(homes) > 1:
            yield f'{path}:{number}: "{name}" stands in {" and in ".join(homes)}'


def check(src, rules):
    owned = {folder: headers(src, folder) for folder in rules}
    for folder in rules:
        if not os.path.isdir(os.path.join(src, folder)):
            continue
        for name in sorted(os.listdir(os.path.join(src, folder))):
            if name.endswith((".c", ".h")):
                yield from check_file(os.path.join(src, folder, name), folder, rules, owned)
    for folder in sorted(os.listdir(src)):
        if os.path.isdir(os.path.join(src, folder)) and folder not in rules:
            yield f"{src}/{folder}: not in the table of src/meson.build"


def self_test():
    """A check that never complains is no check."""
    with tempfile.TemporaryDirectory() as src:
        for folder, name, text in [
            ("netlink", "socket.h", ""), ("plan", "plan.h", ""),
            ("plan", "good.c", '#include "plan.h"\n#include <errno.h>\n'),
            ("plan", "bad.c", '#include "socket.h"\n'),
            ("plan", "climbs.c", '#include "../netlink/socket.h"\n'),
            ("plan", "starts.c", "\tr = execvp(argv[0], argv);\n"),
        ]:
            os.makedirs(os.path.join(src, folder), exist_ok=True)
            with open(os.path.join(src, folder, name), "w", encoding="utf-8") as f:
                f.write(text)
        found = [os.path.basename(fault.split(":")[0]) for fault in check(src, {"netlink": [], "plan": []})]
        assert found == ["bad.c", "climbs.c", "starts.c"], found


def main():
    self_test()
    rules = {}
    for rule in sys.argv[2:]:
        folder, allowed = rule.split("=")
        rules[folder] = [f for f in allowed.split(",") if f]
    faults = list(check(sys.argv[1], rules))
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
