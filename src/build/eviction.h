// What leaves the cache: entries that were not used for longest, and what killed processes left
// behind. See cache.h for the layout and the locks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "sys/clock.h"
#include "sys/files.h"

namespace caesar {

struct CacheUse {
  struct Entry {
    std::string folder;
    std::uint64_t bytes = 0;  // as disks count: whole blocks
    std::int64_t used_ns = 0;
  };
  std::vector<Entry> entries;
  std::uint64_t bytes = 0;
};

Result<CacheUse> ScanCache(const std::string& root, Files& files);

struct EvictionLimits {
  std::uint64_t bytes_max = 0;     // at or below: nothing is done
  std::uint64_t bytes_target = 0;  // else entries go until the rest is at most this
  Milliseconds spared{0};          // entries used so recently stay
};

// Entries that somebody holds stay too. Returns how many went.
Result<std::int64_t> Evict(const std::string& root, const EvictionLimits& limits, Files& files,
                           Clock& clock);

// Working folders and key locks of processes that died, if older than `spared`.
Status RemoveLeftovers(const std::string& root, Milliseconds spared, Files& files, Clock& clock);

// Takes an entry out of sight by one rename, then removes it.
Status RemoveEntry(const std::string& root, const std::string& folder, Files& files);

// A name that no other process or thread uses.
std::string UniqueName(const std::string& prefix);

}  // namespace caesar
