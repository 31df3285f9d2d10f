// A device in host memory, so that judge, runner and their protocol can be tested in full without a
// GPU. Tensors are memfds: guards on their low side and slack behind them, addresses that fault on
// both sides, inputs that the runner maps read-only, several mappings at different addresses.
//
// What is queued on a GPU is done late and in reverse here, so that a missing wait shows.
//
// What differs from a GPU: a launcher works on the CPU before it returns, a fault is a signal of
// the runner's process instead of a sticky error, and the only record of a call is its host time.
#pragma once

#include "device/device.h"

namespace caesar {

// Selector "host[:NAME[:BYTES]]": the device's uuid is HOST-NAME, and at most BYTES of tensors fit
// it at a time.
DeviceFactory& HostDevices();

inline constexpr std::uint64_t kHostGranule = 65536;  // of a mapping; on an H100 2 MiB

}  // namespace caesar

// How a candidate tampers with the profiler in its process: if not negative, every call is claimed
// to have taken that long. Found by dlsym in the program.
extern "C" double caesar_host_claim_us;
