// The runner's device on CUDA: maps the judge's tensors, records with CUPTI. Lives in the
// candidate's process, so nothing that it says is more than a claim.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "device/device.h"

namespace caesar {

Result<std::unique_ptr<RunnerDevice>> OpenCudaRunner(const std::string& uuid,
                                                     const std::string& toolkit);

}  // namespace caesar
