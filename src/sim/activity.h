// What a kernel, or one of its source lines, did: counters of operations added up into what a
// report shows and what the cost model needs. Doubles, because counts of sampled blocks are scaled
// up to all blocks.
#pragma once

#include <cstddef>

#include "record/sim_report.h"
#include "sim/counters.h"
#include "sim/program.h"
#include "sim/ptx/ast.h"

namespace caesar::sim {

inline constexpr std::size_t kOpClasses = static_cast<std::size_t>(OpClass::kCount);
std::string_view Name(OpClass op_class);  // "integer", "load_global", ...

struct Activity {
  double warps[kOpClasses] = {};  // warp instructions
  double lanes = 0;
  double global_requests = 0, global_bytes = 0;
  double load_sectors = 0, store_sectors = 0, atomic_sectors = 0;  // of global memory
  double local_sectors = 0;
  // Passes of the L1 cache: it serves a request's sectors four at a time (a line of 128 bytes).
  double l1_passes = 0;
  double shared_requests = 0, shared_waves = 0, shared_waves_ideal = 0;
  double atomics = 0;  // of threads, on any memory
  // What those on global memory need of L2: a unit takes eight words of a sector at once.
  double atomic_passes = 0;
  double tensor_flops = 0;  // see TensorFlops

  double all_warps() const;
  double global_sectors() const { return load_sectors + store_sectors + atomic_sectors; }
  // One operation; `flops`: TensorFlops of a warp.
  void Add(OpClass op_class, const OpCounts& counts, double flops);
  void Scale(double factor);
};

// Floating-point operations of one warp's matrix instruction (mma, wmma.mma), counted as those of
// f16 take: twice as many for tf32, half for 8-bit types. 0: no matrix product.
double TensorFlops(const ptx::Instruction& instruction);

// Rounded; never beyond kSimCountMax.
SimCounts CountsOf(const Activity& activity);

}  // namespace caesar::sim
