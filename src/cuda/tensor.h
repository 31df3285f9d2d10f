// A tensor that the judge owns: an allocation of its own that other processes can map, the tensor
// at its end (see device/device.h for the layout).
#pragma once

#include <cuda.h>

#include <cstdint>
#include <memory>

#include "base/result.h"
#include "cuda/driver.h"
#include "cuda/memory.h"
#include "device/device.h"

namespace caesar {

class CudaTensor final : public DeviceTensor {
 public:
  // Null: the device's memory is full.
  static Result<std::unique_ptr<DeviceTensor>> Allocate(const Driver& driver, CUdevice device,
                                                        std::uint64_t bytes);

  CudaTensor(const Driver& driver, CUmemGenericAllocationHandle handle, Mapping mapping,
             TensorMemory memory);
  ~CudaTensor() override;

  const TensorMemory& memory() const override { return memory_; }
  CUdeviceptr begin() const { return mapping_->begin(); }  // of the mapping
  CUdeviceptr data() const { return mapping_->begin() + memory_.offset; }
  CUdeviceptr end() const { return data() + memory_.bytes; }  // of the tensor
  CUdeviceptr mapping_end() const { return begin() + memory_.mapped_bytes; }

 private:
  const Driver& driver_;
  CUmemGenericAllocationHandle handle_;
  std::unique_ptr<Mapping> mapping_;
  TensorMemory memory_;
};

}  // namespace caesar
