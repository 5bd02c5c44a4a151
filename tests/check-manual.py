#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check-manual.py NSLOOM SOURCE_ROOT

The manual says what the tables of the program say, in the same words, and
nothing of commands and options that are not there:

- every command has a page nsloom-COMMAND(1) (a subcommand a section of its
  group's): its name, usage, options, statuses and all sentences of
  `nsloom help COMMAND`;
- nsloom(1) lists all commands and the options of every command;
- nsloom.yaml(5) has the keys of the JSON Schema, which another test compares
  with the reader's tables;
- nsloom-json(7) has every key that the golden sessions show;
- the README names every command and every key; meson installs every page.

Each complaint says what is missing and where, and where it can how it is written.
"""
import json
import pathlib
import re
import subprocess
import sys

program, root = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
man = root / "man"
complaints = 0


def complain(where, text):
    global complaints
    complaints += 1
    print(f"FAIL {where}: {text}")


def help_of(*words):
    out = subprocess.run([program, "help", *words, "--json"], stdout=subprocess.PIPE, check=True).stdout
    return json.loads(out)


def read_page(name):
    path = man / f"{name}.scd"
    if path.exists():
        return path.read_text()
    complain(f"man/{name}.scd", "there is no such page")
    return None


def sections(text, mark):
    """The text below each heading, {HEADING: TEXT}; what is before the first has the heading ""."""
    parts = re.split(rf"^{mark} (.*)\n", text, flags=re.M)
    return {"": parts[0]} | {parts[i].strip(): parts[i + 1] for i in range(1, len(parts), 2)}


def plain(text):
    """Without scdoc's marks, line breaks and the quotes that help has in their place."""
    text = re.sub(r"^```.*?^```", " ", text, flags=re.M | re.S)
    text = re.sub(r"\*(\S(?:[^*]*\S)?)\*", r"\1", text)
    text = re.sub(r"(?<!\w)_(\S(?:[^_]*?\S)?)_(?!\w)", r"\1", text)
    text = re.sub(r"\\(.)", r"\1", text.replace("++\n", "\n")).replace('"', "")
    return " ".join(text.split())


def sentences(text):
    for paragraph in re.split(r"\n\s*\n", text or ""):
        yield from re.split(r"(?<=\.) (?=[A-Z])", plain(paragraph))


def capital(text):
    return text if text.startswith("nsloom") else text[0].upper() + text[1:]


# ---- a command ----------------------------------------------------------------------------------------


def option_head(option):
    letter = f"*-{option['letter']}*, " if "letter" in option else ""
    return f"{letter}*--{option['name']}*" + (f" _{option['value']}_" if "value" in option else "")


def option_words(option):
    """What its entry says first: the line of help, its default last."""
    text, _, default = option["help"].partition(" (default: ")
    return capital(text) + ".", f"Default: {default[:-1]}." if default else ""


def entries(text, begins):
    """The entries of a list whose heads begin so: [(HEAD, WORDS)]."""
    found = re.findall(rf"^(\t*)({begins}[^\n]*)\n((?:\1\t.*\n)(?:\1\t.*\n|\n(?=\1\t))*)", text, re.M)
    return [(head, plain(body)) for _, head, body in found]


def check_options(where, text, options):
    there = entries(text, r"\*-")
    heads = [head for head, _ in there]
    for option in options:
        head = option_head(option)
        words, default = option_words(option)
        body = dict(there).get(head)
        if body is None:
            complain(where, f"no entry for an option; it begins:\n{head}\n\t{words} {default}".rstrip())
            continue
        if not re.match(re.escape(words[:-1]) + "[.:,]", body):
            complain(where, f"the entry of --{option['name']} does not begin with \"{words}\"")
        for wanted in [default, *option.get("choices", [])]:
            if wanted not in body:
                complain(where, f"the entry of --{option['name']} does not say \"{wanted}\"")
    wanted = [option_head(option) for option in options]
    for head in [head for head in heads if head not in wanted]:
        complain(where, f"an entry for an option that is not there: {head}")
    if sorted(heads) == sorted(wanted) and heads != wanted:
        complain(where, f"the options are in another order: {', '.join(wanted)}")


def check_statuses(where, text, statuses):
    there = entries(text, r"\*\d+\*$")
    wanted = [(f"*{row['status']}*", capital(row["meaning"]) + ".") for row in statuses]
    for head, meaning in wanted:
        said = dict(there).get(head, "")
        if not said.startswith(meaning):
            complain(where, f"a status is not told so:\n{head}\n\t{meaning}")
    for head, _ in there:
        if head not in dict(wanted):
            complain(where, f"a status that the command does not end with: {head}")


def check_words(where, text, command):
    """Usage, operands and the sentences of help."""
    said = plain(text)
    if command["usage"] not in said:
        complain(where, f"the synopsis does not say \"{command['usage']}\"")
    for sentence in sentences(command.get("details")):
        if sentence not in said:
            complain(where, f"help says, and the page does not: \"{sentence}\"")
    names = re.findall(r"[A-Z][A-Z|]+(?=\d?\b)", command["usage"].split("...", 1)[1])
    body = plain(text.replace(command["usage"], ""))
    for name in {n for word in names for n in word.split("|")} - {"OPTION", "ARGUMENT"}:
        if len(re.findall(rf"\b{name}\b", body)) < 2:
            complain(where, f"nothing is said of {name}")


def all_options(listed):
    return {o["name"] for c in flat(listed["commands"]) for o in c["options"] + listed["options"]}


def flat(commands):
    for command in commands:
        yield command
        yield from flat(command["commands"])


def check_page(page, name, known):
    """What holds of every page: the options that it speaks of exist, and so do the pages that it names."""
    for option in sorted(set(re.findall(r"\*--([a-z-]+)[=*]", page)) - known):
        complain(f"man/{name}.scd", f"no command has an option --{option}")
    for ref in sorted(set(re.findall(r"\*(nsloom[\w.-]*)\*\((\d)\)", page))):
        if not (man / f"{ref[0]}.{ref[1]}.scd").exists():
            complain(f"man/{name}.scd", f"there is no page {ref[0]}({ref[1]})")


def check_command(command, listed):
    name = f"nsloom-{command['name']}.1"
    page = read_page(name)
    if page is None:
        return
    where = f"man/{name}.scd"
    parts = sections(page, "#")
    wanted = f"nsloom-{command['name']} - {command['help']}"
    if plain(parts.get("NAME", "")) != wanted:
        complain(where, f"NAME does not say \"{wanted}\"")
    order = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "EXIT STATUS", "EXAMPLES", "SEE ALSO"]
    have = [heading for heading in parts if heading in order]
    if have != sorted(have, key=order.index):
        complain(where, f"the sections are in another order than {', '.join(order)}")
    for heading in ["SYNOPSIS", "DESCRIPTION", "EXAMPLES", "SEE ALSO"]:
        if heading not in parts:
            complain(where, f"there is no section {heading}")
    if "```" not in parts.get("EXAMPLES", ""):
        complain(where, "there are no commands below EXAMPLES")
    if "*nsloom*(1)" not in parts.get("SEE ALSO", ""):
        complain(where, "SEE ALSO does not name nsloom(1)")
    if command["commands"]:
        check_group(where, parts, command)
    else:
        check_words(where, page, command)
        check_options(where, parts.get("OPTIONS", ""), command["options"])
        check_statuses(where, parts.get("EXIT STATUS", ""), command["statuses"])


def check_group(where, parts, group):
    said = plain("".join(parts.values()))
    for sentence in sentences(group["details"]):
        if sentence not in said:
            complain(where, f"help says, and the page does not: \"{sentence}\"")
    below = sections(parts.get("COMMANDS", ""), "##")
    for command in group["commands"]:
        text = below.pop(f"nsloom {command['name']}", None)
        if text is None:
            complain(where, f"no section \"## nsloom {command['name']}\" below COMMANDS")
            continue
        here = f"{where}, {command['name']}"
        if command["usage"] not in plain(parts.get("SYNOPSIS", "")):
            complain(where, f"the synopsis does not say \"{command['usage']}\"")
        if not plain(text).startswith(capital(command["help"]) + "."):
            complain(here, f"it does not begin with \"{capital(command['help'])}.\"")
        check_words(here, parts["SYNOPSIS"] + text, command)
        check_options(here, text, command["options"])
        check_statuses(here, text if command["statuses"] != usual else "", [] if command["statuses"] == usual
                       else command["statuses"])
    for heading in set(below) - {""}:
        complain(where, f"there is no command for the section \"{heading}\"")
    check_statuses(where, parts.get("EXIT STATUS", ""), usual)


# ---- all of them --------------------------------------------------------------------------------------


def check_overview(listed):
    page = read_page("nsloom.1")
    if page is None:
        return
    where = "man/nsloom.1.scd"
    parts = sections(page, "#")
    check_options(where, parts.get("OPTIONS", ""), listed["options"])
    groups = {}
    for command in listed["commands"]:
        groups.setdefault(command["group"], []).append(command)
    found = sections(parts.get("COMMANDS", ""), "##")
    if list(found)[1:] != list(groups):
        complain(where, f"COMMANDS does not have the headings {', '.join(groups)}")
    for group, commands in groups.items():
        wanted = [(f"*nsloom-{c['name']}*(1)", capital(c["help"]) + ".") for c in commands]
        there = entries(found.get(group, ""), r"\*nsloom")
        for head, words in wanted:
            if not dict(there).get(head, "").startswith(words):
                complain(where, f"below {group} is no entry:\n{head}\n\t{words}")
        if [head for head, _ in there] != [head for head, _ in wanted]:
            complain(where, f"below {group} belong, in this order: {', '.join(head for head, _ in wanted)}")
    statuses = {row["status"]: row for c in flat(listed["commands"]) for row in c["statuses"]}
    told = {int(head.strip("*")) for head, _ in entries(parts.get("EXIT STATUS", ""), r"\*\d+\*$")}
    if told != set(statuses):
        complain(where, f"EXIT STATUS has {sorted(told)}, and the commands end with {sorted(statuses)}")


def check_shapes(commands):
    """gen: the shapes, their sizes and what they are."""
    if not any(command["name"] == "gen" for command in commands):
        return
    text = subprocess.run([program, "help", "gen"], stdout=subprocess.PIPE, check=True, text=True).stdout
    rows = re.findall(r"^  ([a-z-]+)((?: [A-Z]+)+)  +(.*)$", text, re.M)
    page = read_page("nsloom-gen.1") or ""
    there = entries(sections(page, "#").get("SHAPES", ""), r"\*[a-z]")
    wanted = [(f"*{name}* " + " ".join(f"_{size}_" for size in sizes.split()), capital(words) + ".")
              for name, sizes, words in rows]
    for head, words in wanted:
        if not dict(there).get(head, "").startswith(words):
            complain("man/nsloom-gen.1.scd", f"below SHAPES is no entry:\n{head}\n\t{words}")
    for head, _ in there:
        if head not in dict(wanted):
            complain("man/nsloom-gen.1.scd", f"there is no shape {head}")


# ---- the file -----------------------------------------------------------------------------------------

# Where the keys of each map of the file are told: section of nsloom.yaml(5), word in the README's table.
maps = {"lab": ("THE LAB", "lab"), "network": ("A NETWORK", "network"), "node": ("A NODE", "node"),
        "port": ("A NODE", "node's network"), "publish": ("PUBLISHED PORTS", None), "link": ("A LINK", "link"),
        "route": (None, None)}  # a route's two keys stand in the entry of routes:


def readme_keys(text):
    """{word of the first column: keys of the second}"""
    found, where = {}, None
    for row in re.findall(r"^\| ([^|]*?) ?\| (`.*?`) \|", text, re.M):
        where = row[0] or where
        found.setdefault(where, set()).update(re.findall(r"`(\w+)`", row[1]))
    return found


def check_file():
    definitions = json.loads((root / "share" / "nsloom.schema.json").read_text())["definitions"]
    page = read_page("nsloom.yaml.5")
    if page is None:
        return
    parts = sections(page, "#")
    readme = readme_keys((root / "README.md").read_text())
    here = {name: d["properties"] for name, d in definitions.items() if "properties" in d}
    for name in here.keys() - maps.keys():
        complain("man/nsloom.yaml.5.scd", f"check-manual.py does not know where the keys of \"{name}\" are told")
    for name in here.keys() & maps.keys():
        section, row = maps[name]
        text = parts.get(section or "A NODE", "")
        told = set(re.findall(r"^\s*\*([a-z0-9]+):\*", text, re.M)) | set(re.findall(r"\*([a-z0-9]+):\*", text))
        for key in here[name]:
            if key not in told and not (section is None and re.search(rf"\b{key}:", text)):
                complain("man/nsloom.yaml.5.scd", f"nothing is said of the key {key}: below {section}")
            if row and key not in readme.get(row, set()) | {"addresses"}:
                complain("README.md", f"nothing is said of the key {key} of {row}")
            check_key(definitions, name, key)
    known = {key for keys in here.values() for key in keys}
    for key in set(re.findall(r"^\t*\*([a-z0-9]+):\*", page, re.M)) - known:
        complain("man/nsloom.yaml.5.scd", f"there is no key {key}:")


def check_key(definitions, name, key):
    """Editors show what a key is."""
    value = definitions[name]["properties"][key]
    target = definitions[value["$ref"].rsplit("/", 1)[1]] if "$ref" in value else {}
    if "description" not in value and "description" not in target:
        complain("share/nsloom.schema.json", f"no description of {name}.{key}")
    words = [w for w in value.get("enum", target.get("enum", [])) if isinstance(w, str)]
    page = read_page("nsloom.yaml.5")
    for word in words:
        if word not in page:
            complain("man/nsloom.yaml.5.scd", f"nothing is said of {key}: {word}")


# ---- the documents ------------------------------------------------------------------------------------


def documents():
    """What the golden sessions show of --json: (COMMAND, DOCUMENT)."""
    for session in sorted((root / "tests" / "golden" / "cli").glob("*.session")):
        for part in re.split(r"^\$ ", session.read_text(), flags=re.M)[1:]:
            line, _, text = part.partition("\n")
            begins = text.find("{")
            if "--json" not in line or begins != 0:
                continue
            try:
                document = json.loads(re.sub(r'("since": )N', r"\g<1>1", re.split(r"\n(?:\[\d+\])?\n", text)[0]))
            except ValueError:
                continue
            yield line, document


def keys_of(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            if key not in ("errors",):
                yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


def json_section(parts, words, names):
    """The section of the command on a line of a session: "UP, PLAN" is that of up and of plan."""
    for n in (2, 1):
        for i in range(len(words) - n + 1):
            name = " ".join(words[i:i + n])
            for heading, text in parts.items():
                if name in names and name.upper() in heading.split(", "):
                    return heading, text
    return None, ""


def check_json(listed):
    page = read_page("nsloom-json.7")
    if page is None:
        return
    parts = sections(page, "#")
    names = {c["name"] for c in flat(listed["commands"]) if not c["commands"]}
    missing, seen = set(), set()
    for line, document in documents():
        words = [w for w in line.split() if not w.startswith("-")]
        if set(document) == {"errors"}:
            heading, text, keys = "ERRORS", parts.get("ERRORS", ""), set(keys_of(document["errors"])) | {"errors"}
        else:
            heading, text = json_section(parts, words[1:], names)
            keys = set(keys_of(document))
            seen.add(heading)
        if heading is None:
            missing.add(f"no section for: {line}")
            continue
        missing |= {f"nothing is said of {key} below {heading}" for key in keys - {"errors"}
                    if not re.search(rf"[*_]{key}[*_]", text)}
    for text in sorted(missing):
        complain("man/nsloom-json.7.scd", text)
    for heading in parts.keys() - seen - {"", "NAME", "DESCRIPTION", "ERRORS", "EXAMPLES", "SEE ALSO"}:
        if not any(name.lower() in names for name in heading.split(", ")):
            complain("man/nsloom-json.7.scd", f"there is no command {heading}")
    sources = "".join(path.read_text() for path in (root / "src" / "cli").glob("*.c"))
    written = set(re.findall(r'"(\w+)"', sources))
    for key in sorted(set(re.findall(r"^\t*\*(\w+)\*(?:,|$)", page, re.M)) - written - {"errors"}):
        complain("man/nsloom-json.7.scd", f"no document has the key {key}")


def check_readme(listed):
    text = (root / "README.md").read_text()
    rows = "".join(re.findall(r"^\| `nsloom .*\n", text, re.M))
    for command in flat(listed["commands"]):
        name = command["name"].split()[-1]
        if command["commands"] or re.search(rf"`nsloom {command['name']}\b", rows):
            continue
        if not (" " in command["name"] and re.search(rf"^\| `nsloom {command['name'].split()[0]} .*`{name}`", rows, re.M)):
            complain("README.md", f"the table of commands lacks nsloom {command['name']}")


def check_width(listed):
    """What help prints fits a terminal of 80 columns."""
    for command in flat(listed["commands"]):
        text = subprocess.run([program, "help", *command["name"].split()], stdout=subprocess.PIPE, check=True,
                              text=True).stdout
        for line in [line for line in text.splitlines() if len(line) >= 80]:
            complain(f"nsloom help {command['name']}", f"a line is too long: {line}")


def check_installed():
    """Every page is in the list of man/meson.build."""
    listed = set(re.findall(r"'([\w.-]+\.\d)'", (man / "meson.build").read_text()))
    there = {path.name[:-4] for path in man.glob("*.scd")}
    for name in sorted(listed ^ there):
        complain("man/meson.build", f"{name} is listed, and not there" if name in listed else f"{name} is not listed")


listed = help_of()
usual = next(c["statuses"] for c in listed["commands"] if c["name"] == "version")
known = all_options(listed)
for path in sorted(man.glob("*.scd")):
    check_page(path.read_text(), path.name[:-4], known)
    owner = re.match(r"nsloom-(\w+)\.1", path.name)
    if owner and owner[1] not in {c["name"] for c in listed["commands"]}:
        complain(f"man/{path.name}", "there is no such command")
for command in listed["commands"]:
    check_command(command, listed)
check_overview(listed)
check_shapes(listed["commands"])
check_file()
check_json(listed)
check_readme(listed)
check_installed()
check_width(listed)
print(f"{complaints} complaints")
sys.exit(complaints > 0)
