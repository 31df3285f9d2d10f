// CUDA devices for main.
#pragma once

#include "device/device.h"

namespace caesar {

DeviceFactory& CudaDevices();

}  // namespace caesar
