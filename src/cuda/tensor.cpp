#include "cuda/tensor.h"

#include <unistd.h>

#include <utility>

#include "base/check.h"

namespace caesar {

Result<std::unique_ptr<DeviceTensor>> CudaTensor::Allocate(const Driver& driver, CUdevice device,
                                                           std::uint64_t bytes) {
  CHECK(bytes > 0);
  const std::uint64_t granule = TRY(Granularity(driver, device));
  TensorMemory memory;
  memory.bytes = bytes;
  const std::uint64_t aligned =
      (bytes + kTensorAlignment - 1) / kTensorAlignment * kTensorAlignment;
  memory.mapped_bytes = (aligned + granule - 1) / granule * granule;
  memory.offset = memory.mapped_bytes - aligned;
  const CUmemAllocationProp properties = SharedMemoryProperties(device);
  CUmemGenericAllocationHandle handle = 0;
  const CUresult created = driver.cuMemCreate_(&handle, memory.mapped_bytes, &properties, 0);
  if (created == CUDA_ERROR_OUT_OF_MEMORY) return std::unique_ptr<DeviceTensor>();
  TRY(driver.Check(created, "allocating a tensor"));
  const auto share = [&]() -> Result<std::unique_ptr<DeviceTensor>> {
    auto mapping = TRY(Mapping::Make(driver, device, handle, memory.mapped_bytes, true));
    TRY(driver.Check(driver.cuMemExportToShareableHandle_(
                         &memory.fd, handle, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0),
                     "exporting a tensor"));
    return std::unique_ptr<DeviceTensor>(
        std::make_unique<CudaTensor>(driver, handle, std::move(mapping), memory));
  };
  auto tensor = share();
  if (!tensor.ok()) driver.cuMemRelease_(handle);
  return tensor;
}

CudaTensor::CudaTensor(const Driver& driver, CUmemGenericAllocationHandle handle, Mapping mapping,
                       TensorMemory memory)
    : driver_(driver),
      handle_(handle),
      mapping_(std::make_unique<Mapping>(std::move(mapping))),
      memory_(memory) {}

CudaTensor::~CudaTensor() {
  driver_.cuCtxSynchronize_();  // a queued kernel may still use it
  // Expected values must not turn up in memory that a candidate is given. The driver clears what it
  // hands out (seen with driver 580 on an H100), but promises nothing.
  driver_.cuMemsetD8Async_(begin(), 0, memory_.mapped_bytes, nullptr);
  driver_.cuCtxSynchronize_();
  mapping_.reset();
  driver_.cuMemRelease_(handle_);
  if (memory_.fd >= 0) close(memory_.fd);
}

}  // namespace caesar
