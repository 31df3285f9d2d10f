// What the entry points (entry_*.cpp) share. Each takes what a candidate passes, asks the device,
// and keeps the error for cudaGetLastError.
#pragma once

#include <utility>

#include "sim/runtime/abi.h"
#include "sim/runtime/device.h"

// The names have C linkage and are exported by exports.list; whoever links the program sees them.
#define CAESAR_CUDA_API extern "C" __attribute__((visibility("default")))

namespace caesar::sim {

// What cudaGetLastError returns in this thread.
extern thread_local abi::Error last_error;

inline abi::Error Remember(abi::Error error) {
  if (error != abi::kSuccess && error != abi::kNotReady) last_error = error;
  return error;
}

template <class Body>
abi::Error Enter(bool checked, Body&& body) {
  if (InHostFunction()) return Remember(abi::kNotPermitted);
  Device* device = Device::Current();
  if (device == nullptr) return Remember(abi::kInitializationError);
  return Remember(device->Run(checked, [&] { return body(*device); }));
}

// A call that a device with a fault answers with the fault, and one that it answers all the same.
template <class Body>
abi::Error Call(Body&& body) {
  return Enter(true, std::forward<Body>(body));
}
template <class Body>
abi::Error Ask(Body&& body) {
  return Enter(false, std::forward<Body>(body));
}
// A call that stream capture forbids.
template <class Body>
abi::Error Unsafe(Body&& body) {
  return Enter(true, [&](Device& device) {
    const abi::Error error = device.streams.Unsafe();
    return error != abi::kSuccess ? error : body(device);
  });
}

// A call on one stream that exists.
template <class Body>
int OnStream(void* handle, Body&& body) {
  return Call([&](Device& device) {
    Stream* stream = device.streams.Find(handle);
    return stream == nullptr ? abi::kInvalidResourceHandle : body(device, *stream);
  });
}

// Of the toolkit that compiled the candidate, where a call's form or a structure depends on it.
inline int CudaMajor() {
  int major = 13;
  Enter(false, [&](Device& device) {
    major = device.program.cuda_major();
    return abi::kSuccess;
  });
  return major;
}

}  // namespace caesar::sim
