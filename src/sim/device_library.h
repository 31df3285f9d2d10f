// Functions that device code calls and that have no body in PTX: printf, assert, malloc and free.
#pragma once

#include <string_view>

#include "sim/calls.h"

namespace caesar::sim {

// The simulator's own function of that name, or null.
DeviceFunction FindDeviceFunction(std::string_view name);

// Whether it is malloc or free: who comes first decides who gets which memory, and the last of it.
bool UsesHeap(DeviceFunction function);

}  // namespace caesar::sim
