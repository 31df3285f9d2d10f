// Memory pools: what has been allocated from each, and the attributes that a candidate gave it. A
// pool keeps no memory back: what is freed is free.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "sim/runtime/abi.h"

namespace caesar::sim {

struct Pool {
  std::uint64_t bytes_max = 0;  // 0: that of the device
  std::uint64_t used = 0, used_high = 0, reserved_high = 0;
  std::uint64_t release_threshold = 0;
  int reuse[3] = {1, 1, 1};  // cudaMemPoolReuse...

  void Take(std::uint64_t bytes);
  abi::Error Get(int attribute, void* value) const;
  abi::Error Set(int attribute, const void* value);
};

// Handles come from a candidate: they are looked up before they are used.
class Pools {
 public:
  static constexpr std::size_t kMax = 4096;

  Pools();
  // kNotSupported: pools for other places than the device, or shared with other processes.
  // kMemoryAllocation: there are too many.
  abi::Error Create(const abi::MemPoolProps& properties, void** pool);
  // Its allocations stay until they are freed.
  abi::Error Destroy(void* handle);
  std::shared_ptr<Pool> Find(void* handle);  // null: there is none

  void* first() { return default_; }    // cudaDeviceGetDefaultMemPool
  void* current() { return current_; }  // cudaDeviceGetMemPool
  abi::Error SetCurrent(void* handle);

 private:
  std::unordered_map<const void*, std::shared_ptr<Pool>> pools_;
  void* default_;
  void* current_;
};

}  // namespace caesar::sim
