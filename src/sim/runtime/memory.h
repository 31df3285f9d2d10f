// The memory that a candidate allocates, and copies between it and host memory: which pointer is
// what, and whether a range lies where it should, as the CUDA runtime checks it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "sim/arena.h"
#include "sim/findings.h"
#include "sim/runtime/abi.h"
#include "sim/runtime/pools.h"

namespace caesar::sim {

class DeviceMemory {
 public:
  // `report` gets what is wrong with a range: a sentence that says where it lies.
  using Report = std::function<void(FindingKind, std::string)>;
  DeviceMemory(Arena& arena, Report report) : arena_(arena), report_(std::move(report)) {}
  ~DeviceMemory();
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;

  // Zero bytes give a null pointer and success, as cudaMalloc does. `call`: for messages.
  abi::Error Allocate(std::uint64_t bytes, const char* call, void** address,
                      std::shared_ptr<Pool> pool = nullptr);
  // At the same address for host and device: managed (kManaged) and page-locked (kHost) memory.
  abi::Error AllocateShared(std::uint64_t bytes, abi::MemoryType type, const char* call,
                            void** address);
  // Null is freed with success. kInvalidValue: nothing of this kind begins there.
  abi::Error Free(void* address, bool host);

  // Memory of the host's own that is to be page-locked: only kept in mind.
  abi::Error Register(const void* address, std::uint64_t bytes);
  abi::Error Unregister(const void* address);
  bool Registered(const void* address) const;

  abi::MemoryType TypeOf(const void* address) const;
  // The allocation that an address lies in, or null: of the candidate, or of anybody.
  const Allocation* Find(const void* address) const;

  struct Plane {
    const void* address = nullptr;
    std::uint64_t pitch = 0;
  };
  // `height` rows of `width` bytes. `call`: for messages. `touches_host`: either side is host
  // memory.
  abi::Error Copy(Plane to, Plane from, std::uint64_t width, std::uint64_t height, int kind,
                  const char* call, bool* touches_host);
  // Rows of `width` elements of 1, 2 or 4 bytes.
  abi::Error Fill(Plane to, std::uint32_t value, unsigned element_bytes, std::uint64_t width,
                  std::uint64_t height, const char* call);

  std::uint64_t bytes_free() const { return arena_.bytes_max() - used(); }
  const Arena& arena() const { return arena_; }
  std::uint64_t bytes_max() const { return arena_.bytes_max(); }
  DeviceHeap& heap() { return arena_.heap; }

 private:
  struct Block {
    std::uint64_t bytes = 0;  // of the mapping at the device address; 0: there is none
    abi::MemoryType type = abi::kDevice;
    std::shared_ptr<Pool> pool{};  // null: none
    std::uint64_t pool_bytes = 0;
  };
  std::uint64_t used() const;
  std::string NameOf(const char* call, std::uint64_t bytes);
  // Where the bytes of a range are, or null with `error`. Host memory is not checked: it faults.
  std::byte* Resolve(Plane plane, std::uint64_t width, std::uint64_t height, bool on_device,
                     bool write, const char* call, abi::Error* error);
  // Which side a pointer is taken for, from the kind of copy; false: it cannot be that.
  bool SideOf(const void* address, bool named, bool device_named, bool* on_device) const;

  Arena& arena_;
  Report report_;
  std::map<std::uint64_t, Block> blocks_;              // by address
  std::map<std::uint64_t, std::uint64_t> registered_;  // ends of the host's ranges, by begin
  std::uint64_t allocations_ = 0;                      // so far, for names
};

}  // namespace caesar::sim
