#!/bin/sh
# Writes the lock files: every version and hash, for every platform and Python from 3.11 on. Needs uv.
set -eu
cd "$(dirname "$0")/.."
command -v uv >/dev/null || { echo "make lock needs uv (https://docs.astral.sh/uv)" >&2; exit 3; }

lock() {
    output=$1
    shift
    uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
        "$@" --output-file "$output" pyproject.toml tools/build-requirements.txt
    { echo "# Written by \`make lock\`; tools/install_dev.py installs it."; cat "$output"; } >"$output.new"
    mv "$output.new" "$output"
}

lock constraints.txt "$@"
lock constraints-dev.txt --group dev --constraints constraints.txt "$@"
