// NVRTC behind one function: the judge's kernels, compiled for the device at hand.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace caesar {

// A cubin of src/cuda/kernels.cu for `arch` (sm_90). `defines`: "NAME=value".
Result<std::string> CompileKernels(const std::string& arch, const std::vector<std::string>& defines,
                                   const std::string& toolkit);

}  // namespace caesar
