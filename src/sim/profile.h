// What a call's kernels did, as a report: the counters of operations added up by kernel and by
// source line, with occupancy and the cost model's estimates; and what was found wrong.
#pragma once

#include "record/sim_report.h"
#include "sim/launch.h"
#include "sim/ptx/cubin.h"
#include "sim/runtime/device.h"

namespace caesar::sim {

// Launches of one kernel with one shape. Where blocks were sampled (fewer ran than there are), the
// counts are scaled up to all of them.
SimKernel KernelOf(const LaunchRecord& record, const LoadedModule& module, std::uint64_t launches,
                   std::size_t lines_max);

// `profile`: with the kernels; else findings alone. Fits the bounds of ParseSimReport and the
// runner's answer, whatever the candidate did: kernels beyond the first 64 only count for the
// estimate of the call.
SimReport ReportOf(const CallReport& call, bool profile);

}  // namespace caesar::sim
