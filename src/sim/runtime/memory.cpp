#include "sim/runtime/memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "base/format.h"

namespace caesar::sim {
namespace {

constexpr std::uint64_t kPage = 4096;

std::uint64_t AddressOf(const void* pointer) { return reinterpret_cast<std::uint64_t>(pointer); }
void* PointerTo(std::uint64_t address) { return reinterpret_cast<void*>(address); }

// Bytes from the first of a plane to its last; false: no such number.
bool SpanOf(std::uint64_t pitch, std::uint64_t width, std::uint64_t height, std::uint64_t* bytes) {
  std::uint64_t before = 0;
  return !__builtin_mul_overflow(pitch, height - 1, &before) &&
         !__builtin_add_overflow(before, width, bytes);
}

}  // namespace

DeviceMemory::~DeviceMemory() {
  while (!blocks_.empty()) {
    const auto& [address, block] = *blocks_.begin();
    Free(PointerTo(address), block.type == abi::kHost);
  }
}

std::uint64_t DeviceMemory::used() const {
  return std::min(arena_.bytes_used(), arena_.bytes_max());
}

std::string DeviceMemory::NameOf(const char* call, std::uint64_t bytes) {
  return Format("the {} bytes of {} number {}", bytes, call, ++allocations_);
}

abi::Error DeviceMemory::Allocate(std::uint64_t bytes, const char* call, void** address,
                                  std::shared_ptr<Pool> pool) {
  if (address == nullptr) return abi::kInvalidValue;
  *address = nullptr;
  if (bytes == 0) return abi::kSuccess;
  if (pool != nullptr && pool->bytes_max != 0 &&
      bytes > pool->bytes_max - std::min(pool->used, pool->bytes_max)) {
    return abi::kMemoryAllocation;
  }
  const std::uint64_t at = arena_.Allocate(bytes, NameOf(call, bytes));
  if (at == 0) return abi::kMemoryAllocation;
  if (pool != nullptr) pool->Take(bytes);
  blocks_[at] = {0, abi::kDevice, std::move(pool), bytes};
  *address = PointerTo(at);
  return abi::kSuccess;
}

// Memory of a file, mapped by the arena where the simulator reads and once more at the device's own
// address, which is otherwise closed to the host.
abi::Error DeviceMemory::AllocateShared(std::uint64_t bytes, abi::MemoryType type, const char* call,
                                        void** address) {
  if (address == nullptr) return abi::kInvalidValue;
  *address = nullptr;
  if (bytes == 0) return type == abi::kManaged ? abi::kInvalidValue : abi::kSuccess;
  if (bytes > bytes_free()) return abi::kMemoryAllocation;
  const std::uint64_t mapped = (bytes + kPage - 1) / kPage * kPage;
  const int fd = ::memfd_create("caesar-sim", MFD_CLOEXEC);
  if (fd < 0) return abi::kMemoryAllocation;
  std::uint64_t at = 0;
  if (::ftruncate(fd, static_cast<off_t>(mapped)) == 0) {
    const auto placed = arena_.Map(fd, mapped, 0, bytes, true, NameOf(call, bytes));
    if (placed.ok()) at = placed.value();
  }
  if (at != 0 && ::mmap(PointerTo(at), mapped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
                        0) == MAP_FAILED) {
    arena_.Free(at);
    at = 0;
  }
  ::close(fd);
  if (at == 0) return abi::kMemoryAllocation;
  blocks_[at] = {mapped, type, nullptr, 0};
  *address = PointerTo(at);
  return abi::kSuccess;
}

abi::Error DeviceMemory::Free(void* address, bool host) {
  if (address == nullptr) return abi::kSuccess;
  const auto found = blocks_.find(AddressOf(address));
  if (found == blocks_.end() || (found->second.type == abi::kHost) != host) {
    return abi::kInvalidValue;
  }
  if (found->second.bytes != 0) {
    ::mmap(address, found->second.bytes, PROT_NONE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
  }
  arena_.Free(found->first);
  if (found->second.pool != nullptr) found->second.pool->used -= found->second.pool_bytes;
  blocks_.erase(found);
  return abi::kSuccess;
}

abi::Error DeviceMemory::Register(const void* address, std::uint64_t bytes) {
  constexpr std::size_t kMax = std::size_t{1} << 16;
  const std::uint64_t begin = AddressOf(address);
  std::uint64_t end = 0;
  if (begin == 0 || bytes == 0 || __builtin_add_overflow(begin, bytes, &end) ||
      arena_.Contains(begin)) {
    return abi::kInvalidValue;
  }
  const auto next = registered_.lower_bound(end);
  if (next != registered_.begin() && std::prev(next)->second > begin) {
    return abi::kHostMemoryAlreadyRegistered;
  }
  if (registered_.size() >= kMax) return abi::kMemoryAllocation;
  registered_[begin] = end;
  return abi::kSuccess;
}

abi::Error DeviceMemory::Unregister(const void* address) {
  return registered_.erase(AddressOf(address)) == 1 ? abi::kSuccess : abi::kHostMemoryNotRegistered;
}

bool DeviceMemory::Registered(const void* address) const {
  const auto next = registered_.upper_bound(AddressOf(address));
  return next != registered_.begin() && std::prev(next)->second > AddressOf(address);
}

abi::MemoryType DeviceMemory::TypeOf(const void* address) const {
  const Allocation* allocation = Find(address);
  if (allocation == nullptr) return Registered(address) ? abi::kHost : abi::kUnregistered;
  const auto found = blocks_.find(allocation->begin);
  return found == blocks_.end() ? abi::kDevice : found->second.type;
}

const Allocation* DeviceMemory::Find(const void* address) const {
  return arena_.Contains(AddressOf(address)) ? arena_.Find(AddressOf(address)) : nullptr;
}

bool DeviceMemory::SideOf(const void* address, bool named, bool device_named,
                          bool* on_device) const {
  const bool inside = arena_.Contains(AddressOf(address));
  *on_device = inside;
  if (!named) return true;
  if (device_named) return inside;
  const abi::MemoryType type = TypeOf(address);
  return !inside || type == abi::kHost || type == abi::kManaged;
}

std::byte* DeviceMemory::Resolve(Plane plane, std::uint64_t width, std::uint64_t height,
                                 bool on_device, bool write, const char* call, abi::Error* error) {
  *error = abi::kInvalidValue;
  if (plane.address == nullptr) return nullptr;
  const std::uint64_t address = AddressOf(plane.address);
  std::uint64_t bytes = 0, end = 0;
  const bool sane = SpanOf(plane.pitch, width, height, &bytes);
  if (!on_device) {
    const bool addressed = sane && !__builtin_add_overflow(address, bytes, &end);
    return addressed ? static_cast<std::byte*>(PointerTo(address)) : nullptr;
  }
  const Allocation* allocation = sane ? arena_.Find(address, bytes) : nullptr;
  if (allocation == nullptr) {
    report_(FindingKind::kOutOfBounds,
            Format("{}: it would {} {} bytes {}", call, write ? "write" : "read",
                   sane ? std::to_string(bytes) : "more than 2^64",
                   arena_.Describe(address, sane ? bytes : 1)));
    return nullptr;
  }
  if (write && !allocation->writable) {
    // The input is mapped read-only: on a GPU the copy itself faults.
    report_(FindingKind::kReadOnly, Format("{}: it would write to {}", call, allocation->name));
    *error = CudaErrorOf(FindingKind::kReadOnly);
    return nullptr;
  }
  return arena_.Host(address);
}

abi::Error DeviceMemory::Copy(Plane to, Plane from, std::uint64_t width, std::uint64_t height,
                              int kind, const char* call, bool* touches_host) {
  *touches_host = false;
  if (kind < abi::kHostToHost || kind > abi::kDefault) return abi::kInvalidMemcpyDirection;
  if (width == 0 || height == 0) return abi::kSuccess;
  if (height > 1 && (width > to.pitch || width > from.pitch)) return abi::kInvalidPitchValue;
  const bool named = kind != abi::kDefault;
  bool to_device = false, from_device = false;
  if (!SideOf(to.address, named, kind == abi::kHostToDevice || kind == abi::kDeviceToDevice,
              &to_device) ||
      !SideOf(from.address, named, kind == abi::kDeviceToHost || kind == abi::kDeviceToDevice,
              &from_device)) {
    return abi::kInvalidValue;
  }
  abi::Error error = abi::kSuccess;
  std::byte* target = Resolve(to, width, height, to_device, true, call, &error);
  if (target == nullptr) return error;
  const std::byte* source = Resolve(from, width, height, from_device, false, call, &error);
  if (source == nullptr) return error;
  *touches_host = TypeOf(to.address) != abi::kDevice || TypeOf(from.address) != abi::kDevice;
  for (std::uint64_t row = 0; row < height; ++row) {
    std::memmove(target + row * to.pitch, source + row * from.pitch, width);
  }
  return abi::kSuccess;
}

abi::Error DeviceMemory::Fill(Plane to, std::uint32_t value, unsigned element_bytes,
                              std::uint64_t width, std::uint64_t height, const char* call) {
  if (element_bytes != 1 && element_bytes != 2 && element_bytes != 4) return abi::kInvalidValue;
  if (width == 0 || height == 0) return abi::kSuccess;
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(width, element_bytes, &bytes)) return abi::kInvalidValue;
  if (height > 1 && bytes > to.pitch) return abi::kInvalidPitchValue;
  if (!arena_.Contains(AddressOf(to.address))) return abi::kInvalidValue;
  abi::Error error = abi::kSuccess;
  std::byte* target = Resolve(to, bytes, height, true, true, call, &error);
  if (target == nullptr) return error;
  for (std::uint64_t row = 0; row < height; ++row) {
    std::byte* line = target + row * to.pitch;
    if (element_bytes == 1) {
      std::memset(line, static_cast<int>(value & 0xFF), bytes);
      continue;
    }
    for (std::uint64_t at = 0; at < bytes; at += element_bytes) {
      std::memcpy(line + at, &value, element_bytes);  // little endian: its low bytes
    }
  }
  return abi::kSuccess;
}

}  // namespace caesar::sim
