#!/usr/bin/env bash
# What a sandbox adds to the start of a child process, beside the same child without one, in turn.
set -euo pipefail
cd "$(dirname "$0")/../.."
cmake --build "$(dirname "$CAESAR")" --target sandbox_bench >&2
"$(dirname "$CAESAR")/tests/bench/sandbox_bench" "$SCRATCH"
