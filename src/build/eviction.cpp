#include "build/eviction.h"

#include <algorithm>
#include <random>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

constexpr std::uint64_t kBlockBytes = 4096;

std::uint64_t Blocks(std::uint64_t bytes) {
  return (bytes + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
}

std::int64_t NowNs(Clock& clock) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(clock.Utc().time_since_epoch())
      .count();
}

bool IsRecent(std::int64_t then_ns, Milliseconds spared, Clock& clock) {
  const std::int64_t age_ns = NowNs(clock) - then_ns;
  return age_ns < std::chrono::duration_cast<std::chrono::nanoseconds>(spared).count();
}

}  // namespace

std::string UniqueName(const std::string& prefix) {
  std::random_device random;  // pids repeat between containers that share a cache
  return Format("{}-{:08x}{:08x}", prefix, random(), random());
}

Result<CacheUse> ScanCache(const std::string& root, Files& files) {
  CacheUse use;
  for (const std::string& shard : TRY(files.List(root))) {
    if (shard.size() != 2) continue;
    for (const std::string& name : TRY(files.List(root + "/" + shard))) {
      CacheUse::Entry entry;
      entry.folder = root + "/" + shard + "/" + name;
      for (const char* file : {"/meta.json", "/log.txt", "/object.so"}) {
        const std::optional<FileInfo> info = TRY(files.Stat(entry.folder + file));
        if (!info) continue;
        entry.bytes += Blocks(info->bytes);
        if (entry.used_ns == 0)
          entry.used_ns = info->modified_ns;  // of meta.json, where there is one
      }
      use.bytes += entry.bytes;
      use.entries.push_back(std::move(entry));
    }
  }
  return use;
}

Status RemoveEntry(const std::string& root, const std::string& folder, Files& files) {
  const std::string gone = root + "/tmp/" + UniqueName("gone");
  TRY(files.MakeFolders(root + "/tmp"));
  TRY(files.Rename(folder, gone));
  return files.RemoveTree(gone);
}

Result<std::int64_t> Evict(const std::string& root, const EvictionLimits& limits, Files& files,
                           Clock& clock) {
  CacheUse use = TRY(ScanCache(root, files));
  std::int64_t removed = 0;
  if (use.bytes <= limits.bytes_max) return removed;
  std::sort(use.entries.begin(), use.entries.end(),
            [](const auto& a, const auto& b) { return a.used_ns < b.used_ns; });
  for (const CacheUse::Entry& entry : use.entries) {
    if (use.bytes <= limits.bytes_target || IsRecent(entry.used_ns, limits.spared, clock)) break;
    // Another process may evict the same entry: then there is nothing to lock or to rename any
    // more.
    const Result<std::unique_ptr<FileLock>> lock =
        files.TryLock(entry.folder + "/meta.json", LockMode::kExclusive);
    if (!lock.ok() || lock.value() == nullptr) continue;
    if (!RemoveEntry(root, entry.folder, files).ok()) continue;
    use.bytes -= entry.bytes;
    ++removed;
  }
  return removed;
}

Status RemoveLeftovers(const std::string& root, Milliseconds spared, Files& files, Clock& clock) {
  for (const std::string& name : TRY(files.List(root + "/tmp"))) {
    const std::string path = root + "/tmp/" + name;
    const std::optional<FileInfo> info = TRY(files.Stat(path));
    if (!info || IsRecent(info->modified_ns, spared, clock)) continue;
    const bool folder = info->kind == FileInfo::Kind::kFolder;
    const Result<std::unique_ptr<FileLock>> lock =
        files.TryLock(folder ? path + "/alive" : path, LockMode::kExclusive);
    if (!lock.ok() || lock.value() == nullptr)
      continue;  // its owner lives, or somebody else was faster
    TRY(folder ? files.RemoveTree(path) : files.Remove(path));
  }
  return {};
}

}  // namespace caesar
