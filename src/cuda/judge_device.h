// The judge's device on CUDA: owns the tensors, generates, poisons, compares. Loads no code of a
// problem.
#pragma once

#include <cuda.h>

#include <map>
#include <memory>
#include <string>

#include "cuda/driver.h"
#include "device/device.h"

namespace caesar {

Result<std::unique_ptr<JudgeDevice>> OpenCudaJudge(const std::string& selector,
                                                   const std::string& toolkit);

// Launches in a way that is the same for all kernels of src/cuda/kernels.cu.
inline constexpr unsigned kThreadsPerBlock = 256;

}  // namespace caesar
