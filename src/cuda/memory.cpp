#include "cuda/memory.h"

#include <utility>

namespace caesar {

CUmemAllocationProp SharedMemoryProperties(CUdevice device) {
  CUmemAllocationProp properties{};
  properties.type = CU_MEM_ALLOCATION_TYPE_PINNED;
  properties.requestedHandleTypes = CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;
  properties.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
  properties.location.id = device;
  return properties;
}

Result<std::uint64_t> Granularity(const Driver& driver, CUdevice device) {
  const CUmemAllocationProp properties = SharedMemoryProperties(device);
  std::size_t granule = 0;
  TRY(driver.Check(driver.cuMemGetAllocationGranularity_(&granule, &properties,
                                                         CU_MEM_ALLOC_GRANULARITY_MINIMUM),
                   "reading the allocation granularity"));
  return static_cast<std::uint64_t>(granule);
}

Result<Mapping> Mapping::Make(const Driver& driver, CUdevice device,
                              CUmemGenericAllocationHandle handle, std::uint64_t mapped_bytes,
                              bool writable) {
  const std::uint64_t granule = TRY(Granularity(driver, device));
  CUdeviceptr reserved = 0;
  TRY(driver.Check(driver.cuMemAddressReserve_(&reserved, mapped_bytes + 2 * granule, 0, 0, 0),
                   "reserving addresses"));
  Mapping mapping(driver, reserved, granule, mapped_bytes);
  TRY(driver.Check(driver.cuMemMap_(mapping.begin_, mapped_bytes, 0, handle, 0),
                   "mapping a tensor"));
  mapping.mapped_ = true;
  CUmemAccessDesc access{};
  access.location.type = CU_MEM_LOCATION_TYPE_DEVICE;
  access.location.id = device;
  access.flags = writable ? CU_MEM_ACCESS_FLAGS_PROT_READWRITE : CU_MEM_ACCESS_FLAGS_PROT_READ;
  TRY(driver.Check(driver.cuMemSetAccess_(mapping.begin_, mapped_bytes, &access, 1),
                   "setting access to a tensor"));
  return mapping;
}

Mapping::Mapping(Mapping&& other) noexcept
    : driver_(other.driver_),
      reserved_(std::exchange(other.reserved_, 0)),
      granule_(other.granule_),
      mapped_bytes_(other.mapped_bytes_),
      begin_(other.begin_),
      mapped_(std::exchange(other.mapped_, false)) {}

Mapping::~Mapping() {
  if (mapped_) driver_->cuMemUnmap_(begin_, mapped_bytes_);
  if (reserved_ != 0) driver_->cuMemAddressFree_(reserved_, mapped_bytes_ + 2 * granule_);
}

}  // namespace caesar
