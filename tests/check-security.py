#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check-security.py SOURCE_FOLDER

The threat model (docs/security.md) against the tests: each line of its table
names tests that are there, and are run, with the words that are quoted of
them; and each "[N]" of net/rootless-security is a line.
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
tests = root / "tests"
complaints = []
# Where a test of a kind is, and what names it where tests are listed.
KINDS = {
    "net": ("net/{}.sh", "net/meson.build"),
    "vm": ("vm/{}.sh", "vm/meson.build"),
    "unit": ("unit/test_{}.c", "unit/meson.build"),
    "fuzz": ("fuzz/fuzz_{}.c", "fuzz/meson.build"),
    "golden": ("golden/{}.expected", None),
}
REFERENCE = re.compile(r'`([a-z0-9_/-]+)`(?:: "([^"]+)")?')


def look(line, name, words):
    """One reference of a line."""
    if name.startswith("check-"):
        if not (tests / f"{name}.py").is_file():
            complaints.append(f"line {line}: there is no tests/{name}.py")
        return
    kind, _, rest = name.partition("/")
    if kind not in KINDS:
        complaints.append(f"line {line}: {name}: no kind of test is called {kind}")
        return
    path, listed = KINDS[kind]
    file = tests / path.format(rest)
    if not file.is_file():
        complaints.append(f"line {line}: there is no test {name} ({file})")
        return
    if listed and not re.search(rf"'{re.escape(rest)}(\.sh)?'", (tests / listed).read_text()):
        complaints.append(f"line {line}: {name} is not in tests/{listed}: it is not run")
    if words and words not in file.read_text():
        complaints.append(f"line {line}: {name} does not say: {words}")


rows = {}
for text in (root / "docs/security.md").read_text().splitlines():
    cells = [cell.strip() for cell in text.strip("|").split(" | ")]
    if len(cells) == 4 and cells[0].strip("| ").isdigit():
        rows[int(cells[0].strip("| "))] = cells[3]
if sorted(rows) != list(range(1, len(rows) + 1)) or not rows:
    complaints.append(f"the lines are not numbered from 1 on: {sorted(rows)}")
for number, cell in rows.items():
    found = REFERENCE.findall(cell)
    if not found:
        complaints.append(f"line {number}: no test")
    for name, words in found:
        look(number, name, words)
for number in sorted({int(n) for n in re.findall(r'"\[(\d+)\]', (tests / "net/rootless-security.sh").read_text())}):
    if number not in rows:
        complaints.append(f"net/rootless-security tests [{number}], and there is no such line")

for complaint in complaints:
    print("FAIL", complaint)
sys.exit(bool(complaints))
