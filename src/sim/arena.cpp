// Arena: two reservations of address space of the same size. Memory is only ever mapped into the
// second, the alias.
#include "sim/arena.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/format.h"

namespace caesar::sim {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::size_t kFreedMax = 256;
constexpr std::size_t kEntriesMax = std::size_t{1} << 18;
// Generic addresses of the shared, local and param windows end here (sim/machine.h).
constexpr std::uint64_t kWindowsEnd = 0x0000'0500'0000'0000;

std::uint64_t PageUp(std::uint64_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

// Addresses that nobody may touch; 0: there are none.
std::uint64_t Reserve(std::uint64_t bytes) {
  void* at = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return at == MAP_FAILED ? 0 : reinterpret_cast<std::uint64_t>(at);
}

void* Pointer(std::uint64_t address) { return reinterpret_cast<void*>(address); }

std::string Bytes(std::uint64_t count) { return Format("{} byte{}", count, count == 1 ? "" : "s"); }

}  // namespace

struct Arena::Entry {
  Allocation allocation;
  std::uint64_t begin = 0, end = 0;  // whole pages; at least one more page before and behind
  bool file = false;                 // mapped, not allocated
};

Result<std::unique_ptr<Arena>> Arena::Make(std::uint64_t memory_bytes_max) {
  std::unique_ptr<Arena> arena(new Arena);
  arena->base_ = Reserve(kBytes);
  const std::uint64_t alias = arena->base_ == 0 ? 0 : Reserve(kBytes);
  if (alias == 0 || arena->base_ < kWindowsEnd) {
    const std::string why =
        alias == 0 ? std::strerror(errno) : "the system chose addresses that are too low";
    if (alias != 0) munmap(Pointer(alias), kBytes);
    return Error{ErrorCode::kEnvironment,
                 Format("cannot reserve {} GiB of addresses for the simulated GPU's memory: {}",
                        2 * (kBytes >> 30), why),
                 "raise the limit on virtual memory (ulimit -v unlimited)"};
  }
  arena->distance_ = alias - arena->base_;
  arena->bytes_max_ = memory_bytes_max;
  arena->next_ = arena->base_ + kPage;
  return arena;
}

Arena::~Arena() {
  if (distance_ != 0) munmap(Pointer(base_ + distance_), kBytes);
  if (base_ != 0) munmap(Pointer(base_), kBytes);
}

// Addresses are used again only when all have been used once, so that an access to freed memory is
// found for as long as possible.
std::uint64_t Arena::Room(std::uint64_t bytes) {
  const std::uint64_t limit = base_ + kBytes;
  if (bytes > kBytes) return 0;
  if (limit - next_ > bytes + kPage) {
    const std::uint64_t found = next_;
    next_ += bytes + kPage;
    return found;
  }
  std::uint64_t begin = base_ + kPage;
  for (const auto& [at, entry] : entries_) {
    if (at >= begin && at - begin > bytes + kPage) return begin;
    begin = entry->end + kPage;
  }
  return limit > begin && limit - begin > bytes + kPage ? begin : 0;
}

std::uint64_t Arena::Allocate(std::uint64_t bytes, std::string name) {
  const std::unique_lock lock(mutex_);
  if (bytes > bytes_max_ || used_ > bytes_max_ - bytes || entries_.size() >= kEntriesMax) return 0;
  const std::uint64_t pages = PageUp(std::max<std::uint64_t>(bytes, 1));
  const std::uint64_t begin = Room(pages);
  if (begin == 0) return 0;
  // With the page behind it in the alias, which nobody uses: so it is one mapping with its
  // neighbours, of which a process may not have many.
  void* at = mmap(Host(begin), pages + kPage, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) return 0;
  return Insert({begin, begin + bytes, true, std::move(name)}, begin, begin + pages);
}

Result<std::uint64_t> Arena::Map(int fd, std::uint64_t mapped_bytes, std::uint64_t offset,
                                 std::uint64_t bytes, bool writable, std::string name) {
  struct stat file {};
  if (fstat(fd, &file) != 0) {
    return Error{ErrorCode::kIo, Format("cannot map {}: {}", name, std::strerror(errno)), ""};
  }
  // Pages of a mapping beyond its file's end would kill the process when touched.
  if (mapped_bytes == 0 || mapped_bytes > static_cast<std::uint64_t>(file.st_size) ||
      offset > mapped_bytes || bytes > mapped_bytes - offset) {
    return Error{ErrorCode::kInternal,
                 Format("cannot map {}: bytes {} to {} of {} are not inside a file of {} bytes",
                        name, offset, offset + bytes, mapped_bytes, file.st_size),
                 ""};
  }
  const std::unique_lock lock(mutex_);
  const std::uint64_t pages = PageUp(mapped_bytes);
  const std::uint64_t begin = Room(pages);
  if (begin == 0) {
    return Error{ErrorCode::kEnvironment, Format("no addresses are left for {}", name), ""};
  }
  void* at = mmap(Host(begin), mapped_bytes, PROT_READ | (writable ? PROT_WRITE : 0),
                  MAP_SHARED | MAP_FIXED, fd, 0);
  if (at == MAP_FAILED) {
    return Error{ErrorCode::kEnvironment, Format("cannot map {}: {}", name, std::strerror(errno)),
                 ""};
  }
  const std::uint64_t first = begin + offset;
  const std::uint64_t address =
      Insert({first, first + bytes, writable, std::move(name)}, begin, begin + pages);
  entries_.at(begin)->file = true;
  return address;
}

std::uint64_t Arena::Insert(Allocation allocation, std::uint64_t begin, std::uint64_t end) {
  const std::uint64_t address = allocation.begin;
  used_ += allocation.end - allocation.begin;
  auto entry = std::make_unique<Entry>();
  *entry = {std::move(allocation), begin, end, false};
  entries_.emplace(begin, std::move(entry));
  return address;
}

bool Arena::Free(std::uint64_t address) {
  const std::unique_lock lock(mutex_);
  auto found = entries_.upper_bound(address);
  if (found == entries_.begin()) return false;
  --found;
  Entry& entry = *found->second;
  if (entry.allocation.begin != address) return false;
  if (entry.file) {
    mmap(Host(entry.begin), entry.end - entry.begin, PROT_NONE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
  } else {
    madvise(Host(entry.begin), entry.end - entry.begin, MADV_DONTNEED);
  }
  used_ -= entry.allocation.end - entry.allocation.begin;
  if (freed_.size() == kFreedMax) freed_.pop_front();
  freed_.push_back(std::move(entry.allocation));
  entries_.erase(found);
  return true;
}

const Allocation* Arena::Find(std::uint64_t address, std::uint64_t bytes) const {
  const std::shared_lock lock(mutex_);
  auto found = entries_.upper_bound(address);
  if (found == entries_.begin()) return nullptr;
  const Allocation& allocation = (--found)->second->allocation;
  const bool inside =
      address >= allocation.begin && address <= allocation.end && bytes <= allocation.end - address;
  return inside ? &allocation : nullptr;
}

std::string Arena::Describe(std::uint64_t address, std::uint64_t bytes) const {
  if (address < 65536) return Format("at {:#x}: a null pointer", address);
  if (!Contains(address)) {
    return Format("at {:#x}, which is no device memory: a pointer to host memory?", address);
  }
  const std::shared_lock lock(mutex_);
  for (auto freed = freed_.rbegin(); freed != freed_.rend(); ++freed) {
    if (address - freed->begin < freed->end - freed->begin && !InsideLocked(address)) {
      return Format("at byte {} of {}, which has been freed", address - freed->begin, freed->name);
    }
  }
  const auto next = entries_.upper_bound(address);
  const Allocation* before =
      next == entries_.begin() ? nullptr : &std::prev(next)->second->allocation;
  const Allocation* after = next == entries_.end() ? nullptr : &next->second->allocation;
  // A mapped file has its guard in front of it inside the same range.
  if (before != nullptr && address < before->begin) after = std::exchange(before, nullptr);
  const std::uint64_t last = address + bytes;
  if (before != nullptr && (after == nullptr || address - before->end <= after->begin - last)) {
    const std::string what = Format("{} ({})", before->name, Bytes(before->end - before->begin));
    if (last <= before->end) return Format("at byte {} of {}", address - before->begin, what);
    if (address < before->end) {
      return Format("the last {} of them behind the end of {}", last - before->end, what);
    }
    if (address == before->end) return Format("right behind the end of {}", what);
    return Format("{} behind the end of {}", Bytes(address - before->end), what);
  }
  if (after == nullptr) return Format("at {:#x}: nothing is allocated", address);
  const std::string what = Format("{} ({})", after->name, Bytes(after->end - after->begin));
  if (last > after->begin) {
    return Format("the first {} of them before the beginning of {}", after->begin - address, what);
  }
  if (last == after->begin) return Format("right before the beginning of {}", what);
  return Format("{} before the beginning of {}", Bytes(after->begin - last), what);
}

bool Arena::InsideLocked(std::uint64_t address) const {
  auto found = entries_.upper_bound(address);
  if (found == entries_.begin()) return false;
  const Allocation& allocation = (--found)->second->allocation;
  return address >= allocation.begin && address < allocation.end;
}

std::uint64_t Arena::bytes_used() const {
  const std::shared_lock lock(mutex_);
  return used_;
}

}  // namespace caesar::sim
