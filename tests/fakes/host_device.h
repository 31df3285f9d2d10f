// A device in host memory (device/host_judge.h), so that judge, runner and their protocol can be
// tested in full without a GPU.
//
// What differs from a GPU: a launcher works on the CPU before it returns, a fault is a signal of
// the runner's process instead of a sticky error, and the only record of a call is its host time.
#pragma once

#include "device/host_judge.h"

namespace caesar {

// Selector "host[:NAME[:BYTES]]": the device's uuid is HOST-NAME, and at most BYTES of tensors fit
// it at a time.
DeviceFactory& HostDevices();

}  // namespace caesar

// How a candidate tampers with the profiler in its process: if not negative, every call is claimed
// to have taken that long. Found by dlsym in the program.
extern "C" double caesar_host_claim_us;
// What a candidate may know of the order: the delay before its call.
extern "C" int caesar_host_delay_us;

// How a candidate keeps this device busy although no call of it is under way: it gives its process
// this name.
inline constexpr const char* kBusyName = "keeps_gpu_busy";
// Likewise, for memory of the device that it keeps, kHeldBytes of it.
inline constexpr const char* kHoldsName = "holds_memory";
inline constexpr std::int64_t kHeldBytes = std::int64_t{2} << 30;
// Likewise, for work that it starts between the end of the judge's work and `go`.
inline constexpr const char* kEarlyName = "works_early";
// Likewise, for a device that slows down by heat.
inline constexpr const char* kHotName = "heats_up";
