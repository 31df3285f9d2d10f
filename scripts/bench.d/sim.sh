#!/usr/bin/env bash
# How fast the simulated GPU runs kernels that the real nvcc compiled: one core, counters and the shadow of shared
# memory on, AVX2 and the portable path; and what a module costs before its first launch.
set -euo pipefail
cd "$(dirname "$0")/../.."
nvcc=$(command -v nvcc || echo "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc")
if [[ ! -x $nvcc ]]; then echo "no nvcc here" && exit 77; fi

awk '/^```/ { inside = !inside; next } inside' problems/softmax/replies/004.md >"$SCRATCH/softmax.cu"
compile=("$nvcc" -std=c++17 -O3 -lineinfo -arch=compute_90 -ptx)
"${compile[@]}" -o "$SCRATCH/kernels.ptx" tests/bench/sim_kernels.cu
"${compile[@]}" -o "$SCRATCH/softmax.ptx" "$SCRATCH/softmax.cu"
"${compile[@]}" -o "$SCRATCH/large.ptx" tests/bench/sim_large.cu
cmake --build "$(dirname "$CAESAR")" --target sim_bench >&2
"$(dirname "$CAESAR")/tests/bench/sim_bench" "$SCRATCH"/{kernels,softmax,large}.ptx
