# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Every example comes up, has nothing left to do, answers every ping, goes down, and leaves the machine as it was.

need nft

for file in "$TESTS"/../../examples/*.yaml; do
	name=$(basename "$file" .yaml)
	before=$(snapshot)
	check "$name is sound" nsloom check "$file"
	check "$name comes up" nsloom up "$file"
	check "$name: a second plan is empty" nsloom plan --exit-code "$file"
	check "$name: every node answers every other" nsloom ping -f "$file"
	check "$name is shown" nsloom show --routes "$file"
	check "$name goes down" nsloom down "$file"
	unchanged "$name left nothing behind" "$before"
done

is "the README shows examples/office.yaml" "$(sed '/^#/d' "$TESTS/../../examples/office.yaml")" \
	"$(awk '/^```yaml/ { inside = 1; next } /^```/ { inside = 0 } inside' "$TESTS/../../README.md")"
