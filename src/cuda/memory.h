// CUDA virtual memory management: one allocation, exportable as a file descriptor, mapped between
// unmapped granules.
#pragma once

#include <cuda.h>

#include <cstdint>

#include "base/result.h"
#include "cuda/driver.h"

namespace caesar {

// One mapping of an allocation, in the middle of a reservation that is two granules longer.
// Unmapped by the destructor.
class Mapping {
 public:
  static Result<Mapping> Make(const Driver& driver, CUdevice device,
                              CUmemGenericAllocationHandle handle, std::uint64_t mapped_bytes,
                              bool writable);
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping();

  CUdeviceptr begin() const { return begin_; }

 private:
  Mapping(const Driver& driver, CUdeviceptr reserved, std::uint64_t granule,
          std::uint64_t mapped_bytes)
      : driver_(&driver),
        reserved_(reserved),
        granule_(granule),
        mapped_bytes_(mapped_bytes),
        begin_(reserved + granule) {}

  const Driver* driver_;
  CUdeviceptr reserved_;
  std::uint64_t granule_;
  std::uint64_t mapped_bytes_;
  CUdeviceptr begin_;
  bool mapped_ = false;
};

CUmemAllocationProp SharedMemoryProperties(CUdevice device);
Result<std::uint64_t> Granularity(const Driver& driver, CUdevice device);

}  // namespace caesar
