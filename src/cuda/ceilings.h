// What a GPU reaches at best, measured by kernels of the judge.
#pragma once

#include <cuda.h>

#include "base/result.h"
#include "cuda/driver.h"
#include "cuda/judge_kernels.h"
#include "record/device_info.h"

namespace caesar {

// See JudgeDevice::MeasureCeilings. Leaves what cannot be measured (memory too full) at 0.
Status MeasureKernelCeilings(const Driver& driver, const JudgeKernels& kernels, CUstream stream,
                             DeviceInfo& info);

}  // namespace caesar
