// How much memory this machine has.
#pragma once

#include <unistd.h>

#include <cstdint>

namespace caesar {

// Bytes; 0: the system does not say.
inline std::uint64_t HostMemoryBytes() {
  const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page <= 0) return 0;
  return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page);
}

}  // namespace caesar
