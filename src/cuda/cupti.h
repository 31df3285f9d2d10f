// CUPTI's activity records of kernels and copies: start, end, name, resources. What it says is the
// runner's claim; the judge doubts it (docs/verdicts.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "device/device.h"

namespace caesar {

struct ActivityRecord {
  enum class Kind { kKernel, kCopy, kSet } kind = Kind::kKernel;
  std::uint64_t start_ns = 0;
  std::uint64_t end_ns = 0;
  std::uint32_t stream = 0;
  bool host_copy = false;  // from or to host memory
  KernelRecord kernel;     // of a kernel
};

class ActivityTrace {
 public:
  // Loads libcupti and starts recording, once per process, before the context exists.
  static Result<ActivityTrace*> Start(const std::string& toolkit);

  // All records that were completed since the last call; the context must be idle. Also how many
  // were lost.
  Result<std::vector<ActivityRecord>> Take(int* dropped);

 private:
  ActivityTrace() = default;
};

// The envelope over the records behind the delay kernel (named `delay_name`), and what else the
// claim says. `own_stream`: the CUPTI stream id that the delay kernel ran on, or 0 if unknown.
// Pure.
CallRecords Condense(const std::vector<ActivityRecord>& records, const std::string& delay_name,
                     int dropped);

}  // namespace caesar
