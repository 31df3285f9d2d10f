#!/usr/bin/env bash
# How often the judge takes a kernel of 20 us for a better or a worse one than itself, on a GPU: a hundred comparisons, each
# with at most two seconds of samples and two more where a second measurement is due.
set -euo pipefail
if ! nvidia-smi -L >/dev/null 2>&1; then echo "no GPU here" && exit 77; fi
cd "$(dirname "$0")/../.."
cmake --build "$(dirname "$CAESAR")" --target compare_bench >&2
"$(dirname "$CAESAR")/tests/bench/compare_bench" "$CAESAR" "$SCRATCH" 100 4000
