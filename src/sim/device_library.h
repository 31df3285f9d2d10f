// Functions that device code calls and that have no body in PTX: printf, assert, malloc and free.
#pragma once

#include <string_view>

#include "sim/calls.h"

namespace caesar::sim {

// The simulator's own function of that name, or null.
DeviceFunction FindDeviceFunction(std::string_view name);

}  // namespace caesar::sim
