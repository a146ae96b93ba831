#!/usr/bin/env bash
# Replays a list of captures with GNU parallel, here or on several machines that see the same files:
#   SHARDS=64 parallel.sh captures.txt reports --sshloginfile hosts
# Options of parallel follow; more shards than cores let a slow machine take fewer of them. Run again, it does what is missing.
set -euo pipefail
list=$(realpath "$1") reports=$(realpath -m "$2")
shift 2
shards=${SHARDS:-$(nproc)}
# A violation (1) is a result, and so is an inconclusive verdict (4).
one='worldswitch replay --each --inputs %q --reports %q --jobs 1 --shard {}/%d; code=$?; case $code in 1 | 4) exit 0 ;; *) exit $code ;; esac'
# shellcheck disable=SC2059
seq "$shards" | parallel --keep-order "$@" "$(printf "$one" "$list" "$reports" "$shards")"
