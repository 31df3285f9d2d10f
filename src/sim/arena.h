// Device memory of the simulated GPU: a range of addresses of this process that nobody may touch
// (PROT_NONE), so that host code that dereferences a device pointer faults as it does with a GPU,
// and an alias of it at a constant distance through which the simulator reads and writes.
//
// Between two allocations lies at least a page that belongs to none. Thread-safe; Find is lock-free
// for a reader that passes its own cache.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

#include "base/result.h"

namespace caesar::sim {

struct Allocation {
  std::uint64_t begin = 0, end = 0;  // device addresses; end is exclusive, exact to the byte
  bool writable = true;
  // For messages: "tensor x", "cudaMalloc #3 (1024 bytes)", "__device__ table".
  std::string name;
};

// What kernels may take of the device's memory: by malloc, and for what they print. Both are what
// cudaDeviceSetLimit says.
struct DeviceHeap {
  std::atomic<std::uint64_t> bytes_used{0};
  std::uint64_t bytes_max = std::uint64_t{8} << 20;
  std::uint64_t printf_bytes_max = std::uint64_t{1} << 20;
};

class Arena {
 public:
  static constexpr std::uint64_t kBytes = std::uint64_t{1} << 38;  // of addresses, not of memory
  static constexpr std::uint64_t kAlignment = 512;  // of an allocation, as cudaMalloc's

  // Error (kEnvironment): the address space is not to be had.
  static Result<std::unique_ptr<Arena>> Make(std::uint64_t memory_bytes_max);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Zeroed memory. 0: memory_bytes_max would be exceeded.
  std::uint64_t Allocate(std::uint64_t bytes, std::string name);
  // Maps a file: `mapped_bytes` of it, of which [offset, offset + bytes) is the tensor. What lies
  // before and behind it in the mapping is guard: an access there is out of bounds.
  // Returns the tensor's device address.
  Result<std::uint64_t> Map(int fd, std::uint64_t mapped_bytes, std::uint64_t offset,
                            std::uint64_t bytes, bool writable, std::string name);
  // By the address that Allocate or Map returned. False: there is none.
  bool Free(std::uint64_t address);

  bool Contains(std::uint64_t address) const { return address - base_ < kBytes; }
  // Where the simulator finds the byte at a device address of an allocation.
  std::byte* Host(std::uint64_t address) const {
    return reinterpret_cast<std::byte*>(address + distance_);
  }
  // The allocation that holds [address, address + bytes), or null. The pointer stays valid until
  // that allocation is freed.
  const Allocation* Find(std::uint64_t address, std::uint64_t bytes = 1) const;
  // Where these bytes lie, for messages: "right behind the end of tensor x (4096 bytes)",
  // "4 bytes behind the end of ...", "at 0x10: a null pointer".
  std::string Describe(std::uint64_t address, std::uint64_t bytes) const;

  std::uint64_t bytes_used() const;
  std::uint64_t bytes_max() const { return bytes_max_; }

  DeviceHeap heap;

 private:
  Arena() = default;
  struct Entry;
  // With mutex_ held:
  std::uint64_t Room(std::uint64_t bytes);  // addresses for `bytes` and a guard behind; 0: none
  std::uint64_t Insert(Allocation allocation, std::uint64_t begin, std::uint64_t end);
  bool InsideLocked(std::uint64_t address) const;

  std::uint64_t base_ = 0;      // of the device addresses
  std::uint64_t distance_ = 0;  // from them to the alias
  std::uint64_t bytes_max_ = 0;
  mutable std::shared_mutex mutex_;
  std::map<std::uint64_t, std::unique_ptr<Entry>> entries_;  // by the begin of their address range
  std::uint64_t used_ = 0;
  std::uint64_t next_ = 0;        // no address from here on has been used
  std::deque<Allocation> freed_;  // the last ones, for messages
};

}  // namespace caesar::sim
