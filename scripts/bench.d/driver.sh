#!/usr/bin/env bash
# The driver's own costs over four replayed rounds of softmax: a compile that the cache answers, and memory. Goes as
# far as this machine lets it: without a CUDA device a run ends after its first kernel that compiles.
set -euo pipefail
export CAESAR_CACHE_DIR=$SCRATCH/cache

# replay NAME: one run into SCRATCH/NAME; prints the driver's peak memory in KiB.
replay() {
  local peak_kb=0 read_kb
  "$CAESAR" run softmax --provider replay --rounds 4 --out "$SCRATCH/$1" >"$SCRATCH/$1.log" 2>&1 &
  # VmHWM only grows, so the last reading before the end is the peak; at the end the line is gone.
  while read_kb=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB$/\1/p' "/proc/$!/status" 2>/dev/null) && [[ $read_kb ]]; do
    peak_kb=$read_kb
    sleep 0.01
  done
  wait $! || [[ $? == [13] ]] || { cat "$SCRATCH/$1.log" >&2 && return 1; }
  echo "$peak_kb"
}

# compile_ms NAME: what the journal says of the first compile.
compile_ms() {
  sed -n '/"from":"Compile"/s/.*"ms":\([0-9.]*\).*/\1/p' "$SCRATCH/$1"/*/sample_0000/journal.jsonl | head -1
}

peak_kb=$(replay cold)
replay cached >/dev/null
printf 'compile, cache empty\t%s ms\t\n' "$(compile_ms cold)"
printf 'compile, cache hit\t%s ms\tat most 5 ms\n' "$(compile_ms cached)"
awk -v kb="$peak_kb" 'BEGIN { printf "driver memory, peak\t%.1f MB\tat most 40 MB\n", kb * 1024 / 1e6 }'
