// What no call can undercut: the bytes that must come from memory or go there, at the speed that
// this device was measured to reach. Pure.
#pragma once

#include "problem/problem.h"
#include "record/device_info.h"

namespace caesar {

// L2 is clean and cold when a call begins, so that its inputs come from memory; of its outputs,
// what L2 holds may stay there. `bytes` of the problem bounds both (a gather reads little of its
// table), and so do the tensors' sizes (an author may count too much). In microseconds; 0: unknown.
double FloorUs(const Problem& problem, const ShapeSpec& shape, const DeviceInfo& device);

// A time below this share of the floor is impossible; the rest is granted to what the measured
// ceiling misses.
inline constexpr double kFloorShare = 0.9;

// Whether the problem's operations in that time exceed what the device was measured to reach
// without tensor cores, in f32 alone. A hint, no proof: fewer operations may do (Strassen).
bool OverFlopsCeiling(const Problem& problem, const ShapeSpec& shape, const DeviceInfo& device,
                      double us);

}  // namespace caesar
