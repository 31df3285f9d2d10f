#include "build/cache.h"

#include <algorithm>

#include "base/format.h"
#include "base/log.h"
#include "build/eviction.h"

namespace caesar {
namespace {

constexpr std::uint64_t kMetaBytesMax = 64 << 10;
constexpr std::uint64_t kLogFileBytesMax = 1 << 20;
constexpr std::size_t kHeldMax = 256;  // open descriptors
constexpr int kPublishAttemptsMax = 3;
constexpr Milliseconds kSpared{10 *
                               60'000};  // a path that was handed out is opened within this time
constexpr Milliseconds kLeftoverSpared{60'000};  // between making a folder and locking it
constexpr Milliseconds kLockPoll{20};
constexpr std::uint64_t kEvictionShare =
    20;  // the cache is looked through after each 1/20 of its limit

}  // namespace

CompileCache::CompileCache(CacheConfig config, Files& files, Clock& clock)
    : config_(std::move(config)),
      root_(config_.folder + "/" + kCacheVersion),
      files_(files),
      clock_(clock),
      bytes_since_eviction_(config_.bytes_max) {}

std::string CompileCache::EntryFolder(const std::string& key) const {
  return root_ + "/" + key.substr(0, 2) + "/" + key;
}

Result<std::optional<CacheEntry>> CompileCache::ReadEntry(const std::string& folder) {
  const auto damaged = [] { return std::optional<CacheEntry>(); };
  const Result<std::string> json = files_.Read(folder + "/meta.json", kMetaBytesMax);
  if (!json.ok()) return damaged();
  std::optional<CacheMeta> meta = ParseCacheMeta(json.value());
  if (!meta) return damaged();
  Result<std::string> log = files_.Read(folder + "/log.txt", kLogFileBytesMax);
  if (!log.ok() || FileMark::Of(log.value()) != meta->log) return damaged();
  CacheEntry entry = std::move(meta->entry);
  entry.log = std::move(log).value();
  if (!entry.succeeded) return std::optional(std::move(entry));
  entry.object = folder + "/object.so";
  const Result<std::string> object = files_.Read(entry.object, kObjectBytesMax);
  if (!object.ok() || FileMark::Of(object.value()) != meta->object) return damaged();
  return std::optional(std::move(entry));
}

Result<std::optional<CacheEntry>> CompileCache::Lookup(const std::string& key) {
  const std::string folder = EntryFolder(key);
  const std::string meta = folder + "/meta.json";
  if (!TRY(files_.Stat(meta))) return std::optional<CacheEntry>();
  // An entry that goes away between two of our calls, or that is locked for removal, is simply not
  // there.
  Result<std::unique_ptr<FileLock>> lock = files_.TryLock(meta, LockMode::kShared);
  if (!lock.ok() || lock.value() == nullptr) return std::optional<CacheEntry>();
  std::optional<CacheEntry> entry = TRY(ReadEntry(folder));
  if (!entry) return entry;
  if (const Status touched = files_.Touch(meta); !touched.ok())
    LogDebug("{}", touched.error().message);
  if (entry->succeeded) Hold(folder, std::move(lock).value());
  return entry;
}

void CompileCache::Hold(const std::string& folder, std::unique_ptr<FileLock> lock) {
  const std::lock_guard<std::mutex> guard(held_mutex_);
  std::erase_if(held_, [&](const Held& held) { return held.folder == folder; });
  held_.push_back({folder, std::move(lock)});
  if (held_.size() > kHeldMax) held_.pop_front();
}

Result<std::unique_ptr<FileLock>> CompileCache::LockKey(const std::string& key, Milliseconds wait,
                                                        StopToken stop) {
  TRY(files_.MakeFolders(root_ + "/tmp"));
  const SteadyTime deadline = clock_.Now() + wait;
  for (;;) {
    std::unique_ptr<FileLock> lock =
        TRY(files_.TryLock(root_ + "/tmp/" + key + ".lock", LockMode::kExclusive));
    if (lock != nullptr || clock_.Now() >= deadline) return lock;
    TRY(clock_.Sleep(kLockPoll, stop));
  }
}

void CompileCache::UnlockKey(const std::string& key, std::unique_ptr<FileLock> lock) {
  if (lock == nullptr) return;
  // Removed while locked, so that it is ours that goes. Who waits for it makes a new one.
  if (const Status removed = files_.Remove(root_ + "/tmp/" + key + ".lock"); !removed.ok()) {
    LogDebug("{}", removed.error().message);
  }
}

CompileCache::WorkFolder::WorkFolder(std::string path, std::unique_ptr<FileLock> alive,
                                     Files& files)
    : path_(std::move(path)), alive_(std::move(alive)), files_(files) {}

CompileCache::WorkFolder::~WorkFolder() {
  if (const Status removed = files_.RemoveTree(path_); !removed.ok())
    LogDebug("{}", removed.error().message);
}

Result<std::unique_ptr<CompileCache::WorkFolder>> CompileCache::NewWorkFolder() {
  if (!leftovers_removed_.exchange(true)) {
    const Status removed = RemoveLeftovers(root_, kLeftoverSpared, files_, clock_);
    if (!removed.ok()) LogDebug("{}", removed.error().message);
  }
  const std::string path = root_ + "/tmp/" + UniqueName("work");
  TRY(files_.MakeFolders(path));
  std::unique_ptr<FileLock> alive = TRY(files_.TryLock(path + "/alive", LockMode::kExclusive));
  return std::make_unique<WorkFolder>(path, std::move(alive), files_);
}

Result<CacheEntry> CompileCache::Store(const std::string& key, const std::string& folder,
                                       CacheEntry entry) {
  CacheMeta meta;
  meta.entry = entry;
  meta.log = FileMark::Of(entry.log);
  if (entry.succeeded) {
    meta.object = FileMark::Of(TRY(files_.Read(folder + "/object.so", kObjectBytesMax)));
  }
  TRY(files_.Write(folder + "/log.txt", entry.log));
  TRY(files_.Write(folder + "/meta.json", ToJson(meta)));
  CacheEntry published = TRY(Publish(key, folder));
  EvictAfter(meta.object.bytes + meta.log.bytes);
  return published;
}

Result<CacheEntry> CompileCache::Publish(const std::string& key, const std::string& folder) {
  const std::string target = EntryFolder(key);
  TRY(files_.MakeFolders(root_ + "/" + key.substr(0, 2)));
  for (int attempt = 1;; ++attempt) {
    const Status renamed =
        files_.Rename(folder, target);  // fails if something is there: a folder that is not empty
    std::optional<CacheEntry> found = TRY(Lookup(key));
    if (found) return *std::move(found);  // ours, or of somebody who was faster
    if (attempt == kPublishAttemptsMax) {
      if (!renamed.ok()) return renamed.error();
      return Error{ErrorCode::kIo,
                   Format("A compile was stored in {}, but cannot be read back.", target),
                   "Is the disk of the cache sound? CAESAR_CACHE_DIR chooses another folder."};
    }
    // What is there is damaged, and whoever uses it has lost already.
    if (!renamed.ok() && TRY(files_.Stat(target))) {
      if (const Status removed = RemoveEntry(root_, target, files_); !removed.ok())
        LogDebug("{}", removed.error().message);
    }
  }
}

void CompileCache::EvictAfter(std::uint64_t bytes_stored) {
  // Looking through a large cache takes longer than a compile should: each process does so at first
  // and then rarely.
  if (bytes_since_eviction_ += bytes_stored;
      bytes_since_eviction_ < config_.bytes_max / kEvictionShare)
    return;
  bytes_since_eviction_ = 0;
  const EvictionLimits limits{config_.bytes_max, config_.bytes_max / 10 * 9, kSpared};
  const Result<std::int64_t> removed = Evict(root_, limits, files_, clock_);
  if (!removed.ok())
    LogWarning("The compile cache could not be trimmed: {}", removed.error().message);
}

}  // namespace caesar
