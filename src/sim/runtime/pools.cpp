#include "sim/runtime/pools.h"

#include <algorithm>
#include <cstring>

namespace caesar::sim {

void Pool::Take(std::uint64_t bytes) {
  used += bytes;
  used_high = std::max(used_high, used);
  reserved_high = std::max(reserved_high, used);
}

// Attributes are an int or a 64-bit number: cudaMemPoolAttr.
abi::Error Pool::Get(int attribute, void* value) const {
  if (value == nullptr) return abi::kInvalidValue;
  const auto put = [&](const auto& from) {
    std::memcpy(value, &from, sizeof from);
    return abi::kSuccess;
  };
  switch (attribute) {
    case abi::kPoolFollowEvents:
    case abi::kPoolOpportunistic:
    case abi::kPoolInternal:
      return put(reuse[attribute - abi::kPoolFollowEvents]);
    case abi::kPoolReleaseThreshold:
      return put(release_threshold);
    case abi::kPoolReservedCurrent:
    case abi::kPoolUsedCurrent:
      return put(used);
    case abi::kPoolReservedHigh:
      return put(reserved_high);
    case abi::kPoolUsedHigh:
      return put(used_high);
    default:
      return abi::kInvalidValue;
  }
}

abi::Error Pool::Set(int attribute, const void* value) {
  if (value == nullptr) return abi::kInvalidValue;
  if (attribute >= abi::kPoolFollowEvents && attribute <= abi::kPoolInternal) {
    std::memcpy(&reuse[attribute - abi::kPoolFollowEvents], value, sizeof(int));
    return abi::kSuccess;
  }
  if (attribute == abi::kPoolReleaseThreshold) {
    std::memcpy(&release_threshold, value, sizeof release_threshold);
    return abi::kSuccess;
  }
  if (attribute != abi::kPoolReservedHigh && attribute != abi::kPoolUsedHigh) {
    return abi::kInvalidValue;
  }
  std::uint64_t wanted = 0;
  std::memcpy(&wanted, value, sizeof wanted);
  if (wanted != 0) return abi::kInvalidValue;  // high marks can only be reset
  (attribute == abi::kPoolUsedHigh ? used_high : reserved_high) = used;
  return abi::kSuccess;
}

Pools::Pools() {
  auto pool = std::make_shared<Pool>();
  default_ = current_ = pool.get();
  pools_.emplace(default_, std::move(pool));
}

abi::Error Pools::Create(const abi::MemPoolProps& properties, void** handle) {
  constexpr int kPinned = 1;
  if (handle == nullptr || properties.allocType != kPinned) return abi::kInvalidValue;
  if (properties.handleTypes != 0 || properties.location.type != abi::kLocationDevice) {
    return abi::kNotSupported;
  }
  if (properties.location.id != 0) return abi::kInvalidDevice;
  if (pools_.size() >= kMax) return abi::kMemoryAllocation;
  auto pool = std::make_shared<Pool>();
  pool->bytes_max = properties.maxSize;
  *handle = pool.get();
  pools_.emplace(*handle, std::move(pool));
  return abi::kSuccess;
}

abi::Error Pools::Destroy(void* handle) {
  if (handle == default_ || pools_.erase(handle) == 0) return abi::kInvalidValue;
  if (current_ == handle) current_ = default_;
  return abi::kSuccess;
}

std::shared_ptr<Pool> Pools::Find(void* handle) {
  const auto found = pools_.find(handle);
  return found == pools_.end() ? nullptr : found->second;
}

abi::Error Pools::SetCurrent(void* handle) {
  if (!pools_.contains(handle)) return abi::kInvalidValue;
  current_ = handle;
  return abi::kSuccess;
}

}  // namespace caesar::sim
