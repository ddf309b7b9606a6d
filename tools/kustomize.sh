#!/bin/sh
# Sees to it that tests find a kustomize: on the PATH, else inside kubectl, else built with Go into .tools. Without any of
# them the tests that need it are skipped, and pytest's summary says so. Never fails.
newest=v5.8.1 # what Flux 2.9 links
older=v5.7.1  # the last that builds with older Go
tools=$(cd "$(dirname "$0")/.." && pwd)/.tools

# Whether a version is 5.7 or newer: before, kustomize builds some things differently.
is_new() {
    major=${1%%.*} rest=${1#*.}
    minor=${rest%%.*}
    [ "${major:-0}" -gt 5 ] 2>/dev/null || { [ "${major:-0}" -eq 5 ] && [ "${minor:-0}" -ge 7 ]; } 2>/dev/null
}

build() {
    echo "kustomize: none on the PATH; building $1 into .tools"
    GOBIN=$tools GOTOOLCHAIN=local GOFLAGS=-mod=mod go install "sigs.k8s.io/kustomize/kustomize/v5@$1" >/dev/null 2>&1
}

found=$(kustomize version 2>/dev/null | sed 's/^v//')
if [ -n "$found" ]; then
    is_new "$found" || echo "kustomize: $found is on the PATH, tests expect 5.7 or newer"
    exit 0
fi
found=$(kubectl version --client 2>/dev/null | sed -n 's/^Kustomize Version: v//p')
if [ -n "$found" ] && is_new "$found"; then
    mkdir -p "$tools"
    printf '#!/bin/sh\n[ "$1" = build ] && shift\nexec kubectl kustomize "$@"\n' >"$tools/kustomize"
    chmod +x "$tools/kustomize"
    echo "kustomize: using kubectl's, $found"
    exit 0
fi
if command -v go >/dev/null && { build "$newest" || build "$older"; }; then
    exit 0
fi
echo "kustomize: none (looked for kustomize, a kubectl with kustomize 5.7 or newer, and Go); what needs it is skipped"
