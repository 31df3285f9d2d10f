// Where the cache is, how large it may be, what it holds, and how to empty it.
#include <charconv>
#include <cstdlib>
#include <limits>

#include "base/format.h"
#include "base/log.h"
#include "base/strings.h"
#include "build/cache.h"
#include "build/compile.h"
#include "build/eviction.h"

namespace caesar {
namespace {

// Only absolute paths count, as the XDG specification has it: a relative one would change with the
// working folder.
std::string FolderFrom(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value == '/' ? value : "";
}

std::string DefaultFolder() {
  if (const std::string chosen = FolderFrom("CAESAR_CACHE_DIR"); !chosen.empty()) return chosen;
  if (const char* ignored = std::getenv("CAESAR_CACHE_DIR");
      ignored != nullptr && *ignored != '\0') {
    LogWarning("CAESAR_CACHE_DIR={} is ignored: it must be an absolute path.",
               ForTerminal(ignored));
  }
  if (const std::string xdg = FolderFrom("XDG_CACHE_HOME"); !xdg.empty()) return xdg + "/caesar";
  if (const std::string home = FolderFrom("HOME"); !home.empty()) return home + "/.cache/caesar";
  return "/tmp/caesar-cache";
}

std::uint64_t DefaultBytesMax() {
  const std::uint64_t standard = CacheConfig().bytes_max;
  const char* value = std::getenv("CAESAR_CACHE_MAX_MB");
  if (value == nullptr || *value == '\0') return standard;
  const std::string_view text = value;
  std::uint64_t megabytes = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), megabytes);
  constexpr std::uint64_t kMegabyte = 1'000'000;
  if (error == std::errc() && rest == text.data() + text.size() &&
      megabytes <= std::numeric_limits<std::uint64_t>::max() / kMegabyte) {
    return megabytes * kMegabyte;
  }
  LogWarning("CAESAR_CACHE_MAX_MB={} is ignored: it must be a whole number of megabytes.",
             ForTerminal(text));
  return standard;
}

std::string Root(const CacheConfig& cache) { return cache.folder + "/" + kCacheVersion; }

}  // namespace

CacheConfig DefaultCache() { return {DefaultFolder(), DefaultBytesMax()}; }

Result<CacheInfo> InspectCache(const CacheConfig& cache, Files& files) {
  const CacheUse use = TRY(ScanCache(Root(cache), files));
  return CacheInfo{cache.folder, static_cast<std::int64_t>(use.entries.size()), use.bytes,
                   cache.bytes_max};
}

Status ClearCache(const CacheConfig& cache, Files& files) {
  TRY(Evict(Root(cache), EvictionLimits{}, files, RealClock()));
  return RemoveLeftovers(Root(cache), Milliseconds(0), files, RealClock());
}

}  // namespace caesar
