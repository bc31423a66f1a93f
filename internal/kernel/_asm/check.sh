#!/bin/sh
# Regenerates the assembly into a temporary directory and fails if the committed files differ. CI runs it.
set -eu
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
go vet .
go test .
test -z "$(gofmt -l .)" || { echo "_asm: run gofmt" >&2; exit 1; }
go run . -dir "$tmp"
for file in "$tmp"/*; do
	diff -u "../$(basename "$file")" "$file"
done
echo "_asm: generated files are up to date"
