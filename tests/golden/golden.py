#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""golden.py GOLDEN_CHECK SOURCE_ROOT [--regenerate]

Compares what golden_check says of each file in diagnostics/ and models/ with
the .expected beside it. Then the files that are too large to keep, and that
the JSON Schema knows the keys that the reader knows.
"""
import difflib
import json
import pathlib
import subprocess
import sys
import tempfile
import time

check, root = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
regenerate = "--regenerate" in sys.argv
here = root / "tests" / "golden"
failures = 0


def fail(what, detail=""):
    global failures
    failures += 1
    print(f"FAIL {what}\n{detail}", end="")


def run(folder, *args, stdin=subprocess.DEVNULL):
    done = subprocess.run([check, *args], cwd=folder, stdin=stdin, capture_output=True, text=True,
                          errors="replace", timeout=120)
    if done.stderr or done.returncode not in (0, 1):
        fail(f"{args}: status {done.returncode}", done.stderr)
    return done


def compare(path, got):
    expected = path.with_suffix(".expected")
    if regenerate:
        expected.write_text(got)
        return
    want = expected.read_text() if expected.exists() else ""
    if got != want:
        diff = difflib.unified_diff(want.splitlines(True), got.splitlines(True), expected.name, "now")
        fail(path.name, "".join(diff))


def diagnostics():
    folder = here / "diagnostics"
    for path in sorted(folder.glob("*.yaml")) + sorted(folder.glob("*.json")):
        done = run(folder, path.name)
        compare(path, done.stdout)
        if done.returncode != 1:
            fail(f"{path.name}: no fault was found")


def models():
    folder = here / "models"
    for path in sorted(folder.glob("*.yaml")) + sorted(folder.glob("*.json")):
        done = run(folder, "--model", path.name)
        compare(path, done.stdout)
        with tempfile.TemporaryDirectory() as tmp:
            (pathlib.Path(tmp) / "again.json").write_text(done.stdout)
            again = run(tmp, "--model", "again.json")
        if done.returncode or again.stdout != done.stdout:
            diff = difflib.unified_diff(done.stdout.splitlines(True), again.stdout.splitlines(True), "once", "twice")
            fail(f"{path.name}: a written model reads differently", "".join(diff))


def examples():
    for path in sorted((root / "examples").glob("**/*.yaml")):
        done = run(path.parent, path.name)
        if done.returncode:
            fail(f"{path}: is no topology", done.stdout)


def limit(what, folder, name, needle, seconds, stdin=subprocess.DEVNULL):
    begin = time.monotonic()
    done = run(folder, name, stdin=stdin)
    took = time.monotonic() - begin
    if needle not in done.stdout or (not needle and done.stdout):
        fail(what, f"wanted: {needle!r}, got: {done.stdout[:500]}\n")
    if took > seconds:
        fail(what, f"took {took:.2f} s of {seconds} s\n")


def generated():
    """Files that are too large for the tree. The times are generous: a sanitizer is some ten times slower."""
    with tempfile.TemporaryDirectory() as tmp:
        def put(name, text):
            (pathlib.Path(tmp) / name).write_text(text)
            return name

        with open(pathlib.Path(tmp) / "sparse.yaml", "wb") as f:
            f.truncate(100 << 20)
        limit("100 MB", tmp, "sparse.yaml", "larger than 64 MiB", 1)
        with open("/dev/zero", "rb") as zero:
            limit("endless", tmp, "-", "larger than 64 MiB", 5, zero)
        limit("list of many", tmp, put("list.yaml", "nodes: [" + "a," * 300000 + "]\n"), "not a list", 10)
        limit("deep", tmp, put("deep.yaml", "[" * 100000), "levels", 5)
        limit("deep block", tmp, put("deepblock.yaml", "- " * 100000 + "a\n"), "levels", 5)
        limit("aliases", tmp, put("alias.yaml", "a: &a [x]\n" + "".join(f"b{i}: [*a, *a]\n" for i in range(50000))),
              "anchors", 10)
        limit("empty lines", tmp, put("lines.yaml", "name: >\n" + "\n" * 200000 + " b\n"), "more than one line", 5)
        limit("tag", tmp, put("tag.yaml", "nodes: !x" + "%20" * 100000 + " {}\n"), "in one word", 5)
        limit("escapes", tmp, put("escapes.yaml", "nodes: {\"" + "\\n" * 200000 + "\": }\n"), "cannot be", 5)
        limit("faults", tmp, put("faults.yaml", "nodes:\n" + "".join(f"  n{i}: {{x: 1}}\n" for i in range(20000))),
              "faults are not shown", 10)
        limit("duplicates", tmp, put("dup.yaml", "nodes:\n" + "  n1:\n" * 20000), "duplicate", 10)
        limit("10,000 nodes", tmp, put("many.yaml", "networks: {lan: {subnet: 10.0.0.0/8}}\nnodes:\n" + "".join(
            f"  node-{i:05}: {{networks: {{lan: {{address: 10.1.{i // 200}.{i % 200 + 1}, interface: eth0}}}}, "
            f"sysctl: {{net.ipv4.ip_forward: 0}}}}\n" for i in range(10000))), "", 5)


def schema():
    definitions = json.loads((root / "share" / "nsloom.schema.json").read_text())["definitions"]
    for line in run(here, "--keys").stdout.splitlines():
        name, *keys = line.split()
        known = list(definitions.get(name, {}).get("properties", {}))
        if sorted(keys) != sorted(known):
            fail(f"schema: {name} has the keys {known}, the reader reads {keys}\n")


def schema_check():
    """The examples and good models are good by the schema too, where there is a validator."""
    try:
        import jsonschema
        import yaml
    except ImportError:
        print("skipped: files against the schema (no python3-jsonschema, python3-yaml here)")
        return
    validator = jsonschema.Draft7Validator(json.loads((root / "share" / "nsloom.schema.json").read_text()))
    for path in sorted((here / "models").glob("*.[jy]*")) + sorted((root / "examples").glob("**/*.yaml")):
        text = path.read_text()
        value = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
        for error in validator.iter_errors(value):
            fail(f"{path.name} by the schema", f"{list(error.path)}: {error.message[:300]}\n")
    # Faults of form, which an editor is to see as well.
    for name in ("key-unknown", "list-for-map", "names", "publish-syntax", "several", "sysctl", "types"):
        value = yaml.safe_load((here / "diagnostics" / f"{name}.yaml").read_text())
        if validator.is_valid(value):
            fail(f"{name}.yaml by the schema", "it is good\n")


for step in (diagnostics, models, examples, generated, schema, schema_check):
    step()
sys.exit(1 if failures else 0)
