# SPDX-License-Identifier: GPL-2.0-or-later
"""Prints what stands in the namespaces named on the command line, a thing a line, sorted.

Ifindexes, timers and what the kernel counts are left out: two namespaces that
were made in different orders print the same. "." is the host's own.
"""
import json
import subprocess
import sys

VARYING = {"ifindex", "link_index", "link_netnsid", "gc_timer", "hello_timer", "tcn_timer", "topology_change_timer",
           "valid_life_time", "preferred_life_time", "root_id", "bridge_id", "designated_root", "designated_bridge",
           "id", "no", "designated_port", "port_id"}


def strip(value):
    if isinstance(value, dict):
        return {k: strip(v) for k, v in value.items() if k not in VARYING}
    if isinstance(value, list):
        return sorted((strip(v) for v in value), key=lambda v: json.dumps(v, sort_keys=True))
    return value


def ip(namespace, *words):
    place = [] if namespace == "." else ["-n", namespace]
    text = subprocess.run(["ip", *place, "-d", "-j", *words], check=True, capture_output=True, text=True).stdout
    return json.loads(text or "[]")


def settings(namespace):
    place = [] if namespace == "." else ["ip", "netns", "exec", namespace]
    text = subprocess.run([*place, "grep", "-rs", "", "/proc/sys/net"], capture_output=True, text=True).stdout
    return [line for line in text.splitlines() if "nf_conntrack_count:" not in line]


def main():
    for name in sys.argv[1:]:
        lines = settings(name)
        for words in (["address"], ["-4", "route", "show", "table", "all"], ["-6", "route", "show", "table", "all"]):
            for item in ip(name, *words):
                lines.append(" ".join(words[:2]) + " " + json.dumps(strip(item), sort_keys=True))
        for line in sorted(lines):
            print(name, line)


main()
