#!/usr/bin/env bash
# How long `caesar --help` takes from fork to exit, beside /bin/true as the cost of starting anything.
set -euo pipefail

# median_us COMMAND...: of 101 runs.
median_us() {
  local start i
  for ((i = 0; i < 101; i++)); do
    start=${EPOCHREALTIME/./}
    "$@" >/dev/null
    echo $((${EPOCHREALTIME/./} - start))
  done | sort -n | sed -n 51p
}

floor_us=$(median_us /bin/true)
help_us=$(median_us "$CAESAR" --help)
awk -v help="$help_us" -v floor="$floor_us" 'BEGIN {
  printf "caesar --help\t%.1f ms (%.1f times /bin/true, %.1f ms)\tat most 10 ms\n", help / 1e3, help / floor, floor / 1e3
}'
