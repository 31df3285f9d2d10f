#!/usr/bin/env bash
# What the judge costs and how well it measures, on a GPU: one large evaluation from source to verdict against its floor, the
# spread of ten evaluations of one kernel, vector_add against Nsight Compute, the wait before Correct, the driver's own time.
set -euo pipefail
if ! nvidia-smi -L >/dev/null 2>&1; then echo "no GPU here" && exit 77; fi
export CAESAR_CACHE_DIR=$SCRATCH/cache
cd "$(dirname "$0")/../.."

# last_kernel PROBLEM: the code of its fourth recorded reply.
last_kernel() { awk '/^```/ { inside = !inside; next } inside' "problems/$1/replies/004.md" >"$SCRATCH/$1.cu"; }
# field FILE NAME: the first number of that name in a JSON file.
field() { sed -n "s/.*\"$2\": *\\([0-9.e+-]*\\).*/\\1/p" "$1" | head -1; }
now_ms() { echo $((${EPOCHREALTIME/./} / 1000)); }
for problem in relu softmax; do last_kernel $problem; done

# The bandwidth of the device is measured once and kept; it is no part of an evaluation.
"$CAESAR" doctor >/dev/null

start=$(now_ms)
"$CAESAR" eval relu "$SCRATCH/relu.cu" --samples 100 --check-calls 5 --json >"$SCRATCH/relu.json" 2>/dev/null
took=$(($(now_ms) - start))
nvcc_ms=$(sed -n '/"compile"/,/}/s/.*"ms": *\([0-9]*\).*/\1/p' "$SCRATCH/relu.json" | head -1)
# The GPU's own work of a pair, in passes over one tensor of 6.4 GB at the measured bandwidth (copy = 2 passes): fill 1,
# the candidate's own 1, poison 1, candidate 2, baseline 2, compare 2 = 9; of a correctness call: fill 1, hashes 2, poison 2,
# reference 2, candidate 2, compare 2 = 11. 103 pairs with warm-up, 5 calls.
awk -v took="$took" -v nvcc="$nvcc_ms" -v gbs="$(field "$SCRATCH/relu.json" bandwidth_gbs)" 'BEGIN {
  pass = 4096 * 393216 * 4 / (gbs * 1e6)
  floor = nvcc + pass * (9 * 103 + 11 * 5)
  printf "eval relu, nothing cached, 5 + 100 calls\t%.2f s (%.2f times the floor of nvcc and GPU work, %.2f s)\tat most 6 s\n",
    took / 1e3, took / floor, floor / 1e3
}'

# What checking costs a timed call, beside the same loop without generation, poison, reference and compare. The data serve two
# calls, the baseline's and the candidate's. The GPU's switch from the runner back to the judge comes with the first thing that
# the judge does there; without a compare that is the next flush of L2. So what comparing a kilobyte takes is no cost of checking.
mkdir "$SCRATCH/tiny"
cp -r problems/vector_add/. "$SCRATCH/tiny"
sed -i 's/"n": 67108864/"n": 1024/' "$SCRATCH/tiny/problem.json"
"$CAESAR" eval "$SCRATCH/tiny" "$SCRATCH/tiny/baseline.cu" --json >"$SCRATCH/tiny.json" 2>/dev/null
overhead() { # PROBLEM GOAL
  for part in data reference deliver turn call compare records; do
    echo "$part $(field "$SCRATCH/$1.json" ${part}_us)"
  done | awk -v problem="$1" -v cold="$(field "$SCRATCH/$1.json" median_us)" -v goal="$2" \
    -v back="$(field "$SCRATCH/tiny.json" compare_us)" '
    { us[$1] = $2; text = text sprintf(", %s %.0f", $1, $2) }
    END { printf "checking of %s beside %.0f us of work\t%.2f times it (us a call%s; of the compare %.0f are the switch)\tat most %s\n",
      problem, cold, ((us["data"] + us["reference"]) / 2 + us["deliver"] + us["compare"] - back) / cold, text, back, goal }'
}
last_kernel matmul
"$CAESAR" eval matmul "$SCRATCH/matmul.cu" --json >"$SCRATCH/matmul.json" 2>/dev/null
"$CAESAR" eval softmax "$SCRATCH/softmax.cu" --json >"$SCRATCH/softmax.json" 2>/dev/null
"$CAESAR" eval vector_add problems/vector_add/baseline.cu --json >"$SCRATCH/vector_add.json" 2>/dev/null
overhead relu "3 times"
overhead matmul "0.35 times"
overhead softmax "3 times"
overhead vector_add "3 times"

for _ in {1..10}; do
  "$CAESAR" eval softmax "$SCRATCH/softmax.cu" --json >"$SCRATCH/softmax.json" 2>/dev/null
  field "$SCRATCH/softmax.json" median_us
done | sort -g | awk '{ us[NR] = $1 } END {
  printf "median of ten evaluations of softmax\t%.2f to %.2f us, spread %.2f %%\tat most 1 %%\n",
    us[1], us[NR], (us[NR] - us[1]) / us[int((NR + 1) / 2)] * 100
}'

if command -v ncu >/dev/null; then
  cat problems/vector_add/baseline.cu - >"$SCRATCH/vector_add_main.cu" <<'MAIN'
int main() {
  const int64_t n = 67108864;
  float *a, *b, *c;
  cudaMalloc(&a, n * 4), cudaMalloc(&b, n * 4), cudaMalloc(&c, n * 4);
  for (int i = 0; i < 5; ++i) solve(a, b, c, n, nullptr);
  return cudaDeviceSynchronize();
}
MAIN
  nvcc -O3 -std=c++17 -arch=native "$SCRATCH/vector_add_main.cu" -o "$SCRATCH/vector_add_main"
  ncu_us=$(ncu --clock-control none --metrics gpu__time_duration.sum "$SCRATCH/vector_add_main" 2>/dev/null |
    awk '/gpu__time_duration/ { print $NF }' | sort -g | sed -n 3p)
  awk -v ours="$(field "$SCRATCH/vector_add.json" median_us)" -v ncu="$ncu_us" 'BEGIN {
    printf "vector_add, 3 x 256 MiB\t%.1f us, ncu gpu__time_duration %.1f us: %+.2f %%\twithin 3 %%\n", ours, ncu, (ours / ncu - 1) * 100
  }'
fi

# A model that takes two seconds; what it says does not matter here, so the recorded replies are served over HTTP.
python3 - "$SCRATCH/port" <<'SERVER' &
import http.server, json, sys, time
class Slow(http.server.BaseHTTPRequestHandler):
    replies = [open(f"problems/softmax/replies/00{i}.md").read() for i in (3, 4)]
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(2)
        reply = self.replies.pop(0)
        body = json.dumps({"model": "recorded", "choices": [{"message": {"content": reply}, "finish_reason": "stop"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Slow)
open(sys.argv[1] + ".part", "w").write(str(server.server_port))
import os; os.rename(sys.argv[1] + ".part", sys.argv[1])
server.timeout = 30
server.handle_request(), server.handle_request()
SERVER
for _ in {1..100}; do
  if [[ -f $SCRATCH/port ]]; then break; fi
  sleep 0.05
done
"$CAESAR" run softmax --base-url "http://127.0.0.1:$(cat "$SCRATCH/port")/v1" --model recorded --rounds 2 -v --out "$SCRATCH/slow" \
  >"$SCRATCH/slow.log" 2>&1
wait
sed -n 's/.*the judge began \([0-9.]*\) ms after it was asked to check.*/\1/p' "$SCRATCH/slow.log" | paste -sd' ' |
  awk '{ printf "Correct begins after Compile ends (reply of 2 s)\t%s ms\tat most 50 ms\n", $0 }'

# Kernels that never end, and good ones behind them. What the hanging ones' Correct takes beyond the deadline is the time until
# their first call, and until their process is gone.
mkdir "$SCRATCH/replies"
for i in 1 3 5; do
  cat >"$SCRATCH/replies/00$i.md" <<'HANG'
```cuda
#include <cuda_runtime.h>
#include <cstdint>
__global__ void spin(volatile float* y) { while (y[0] != 12345.0f) {} }
extern "C" void solve(const float*, float* y, int64_t, int64_t, cudaStream_t stream) { spin<<<132, 128, 0, stream>>>(y); }
```
HANG
  cp problems/softmax/replies/004.md "$SCRATCH/replies/00$((i + 1)).md"
done
"$CAESAR" run softmax --provider replay --replies "$SCRATCH/replies" --call-timeout 2s --out "$SCRATCH/hung" >/dev/null 2>&1
awk '
  /"from":"Correct"/ {
    match($0, /T[0-9:.]+Z/); split(substr($0, RSTART + 1, RLENGTH - 2), utc, ":"); now = utc[1] * 3600 + utc[2] * 60 + utc[3]
    match($0, /"ms":[0-9]+/)
    if (/TimedOut/) { late = substr($0, RSTART + 5, RLENGTH - 5) - 2000; hung = now }
    else if (hung) { rows = rows sprintf("%s%d + %d", rows ? ", " : "", late, (now - hung) * 1000); hung = 0 }
  }
  END { printf "a kernel that never ends, 2 s for a call: beyond the 2 s, and until the next kernel is judged correct\t%s ms\t1000 ms until it starts\n", rows }' \
  "$SCRATCH/hung/softmax/sample_0000/journal.jsonl"

# Start, Generate (replay) and Compile (a hit) are the driver alone; between the steps lies the journal.
"$CAESAR" run softmax --provider replay --out "$SCRATCH/first" >/dev/null 2>&1
"$CAESAR" run softmax --provider replay --out "$SCRATCH/again" >/dev/null 2>&1
awk '
  # Not the first round: it waits for the judge to start, which is no work of the driver.
  /"from":"(Start|Generate|Compile)"/ && !/"round":1,/ { match($0, /"ms":[0-9]+/); own += substr($0, RSTART + 5, RLENGTH - 5) }
  /RoundOpened/ && !/"round":1,/ { ++rounds }
  END { printf "driver alone, per round (Start, Generate, Compile from the cache)\t%.1f ms\tat most 20 ms\n", own / rounds }' "$SCRATCH/again/softmax/sample_0000/journal.jsonl"
