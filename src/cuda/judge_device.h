// The judge's device on CUDA: owns the tensors, generates, poisons, compares. Loads no code of a
// problem.
#pragma once

#include <memory>
#include <string>

#include "device/device.h"

namespace caesar {

Result<std::unique_ptr<JudgeDevice>> OpenCudaJudge(const std::string& selector,
                                                   const std::string& toolkit);

}  // namespace caesar
