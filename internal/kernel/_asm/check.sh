#!/bin/sh
# Regenerates the assembly into a temporary directory and fails if the committed files differ. CI runs it.
set -eu
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
go vet ./...
go test .
test -z "$(gofmt -l .)" || { echo "_asm: run gofmt" >&2; exit 1; }
mkdir "$tmp/peak"
go run . -dir "$tmp"
go run ./peak -dir "$tmp/peak"
for file in "$tmp"/*.* "$tmp"/peak/*; do
	diff -u "..${file#"$tmp"}" "$file"
done
echo "_asm: generated files are up to date"
