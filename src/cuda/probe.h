// What a GPU is, and how fast its memory is.
#pragma once

#include <cuda.h>

#include "base/result.h"
#include "cuda/driver.h"
#include "record/device_info.h"

namespace caesar {

// All but the bandwidth.
Result<DeviceInfo> ProbeDevice(const Driver& driver, CUdevice device);

// See JudgeDevice::MeasureBandwidth; 0 where the memory is too full to tell. Works on `stream`.
Result<double> MeasureCopyBandwidth(const Driver& driver, CUstream stream);

}  // namespace caesar
