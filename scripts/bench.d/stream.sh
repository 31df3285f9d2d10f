#!/usr/bin/env bash
# How fast the answer of a model is read, in bytes of its stream, and how soon after its last byte it is known and kept:
# over a server on loopback that this program is itself.
set -euo pipefail
cd "$(dirname "$0")/../.."
cmake --build "$(dirname "$CAESAR")" --target stream_bench >&2
"$(dirname "$CAESAR")/tests/bench/stream_bench" "$SCRATCH"
