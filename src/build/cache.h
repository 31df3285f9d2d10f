// The cache of compiles, shared by all processes of a user:
//
//   <folder>/v1/ab/ab12.../{meta.json, log.txt, object.so}   an entry; object.so only where nvcc
//   succeeded <folder>/v1/tmp/<name>/{alive, ...}                      a working folder; `alive` is
//   locked while its owner lives <folder>/v1/tmp/<key>.lock                               held by
//   whoever compiles that key
//
// An entry appears as a whole, by one rename of a finished folder, and disappears as a whole, by
// another. meta.json holds sizes and hashes of the other files; an entry that does not match them
// is removed. The time of meta.json is that of the last use. Whoever uses an object holds a shared
// lock on its meta.json, and eviction leaves locked entries alone.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "build/cache_entry.h"
#include "build/compile.h"
#include "sys/clock.h"
#include "sys/files.h"

namespace caesar {

class CompileCache {
 public:
  CompileCache(CacheConfig config, Files& files, Clock& clock);

  // The entry if it is there and whole. A hit counts as a use, and keeps the object from eviction
  // while this cache object lives (the last 256 of them). A damaged entry reads as none.
  Result<std::optional<CacheEntry>> Lookup(const std::string& key);

  // Waits until no other process compiles `key`, at most `wait`; null if that did not happen
  // (compile anyway then).
  Result<std::unique_ptr<FileLock>> LockKey(const std::string& key, Milliseconds wait,
                                            StopToken stop);
  void UnlockKey(const std::string& key, std::unique_ptr<FileLock> lock);

  // A private working folder on the cache's file system. Removed by the destructor; if the process
  // dies first, by a later compile of any process.
  class WorkFolder {
   public:
    WorkFolder(std::string path, std::unique_ptr<FileLock> alive, Files& files);
    ~WorkFolder();
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;
    const std::string& path() const { return path_; }

   private:
    std::string path_;
    std::unique_ptr<FileLock> alive_;
    Files& files_;
  };
  Result<std::unique_ptr<WorkFolder>> NewWorkFolder();

  // Publishes `entry` under `key`. `folder` is in a working folder and holds object.so if the entry
  // succeeded. If somebody else was first, theirs is taken. Returns what Lookup would, and evicts
  // if the cache grew too large.
  Result<CacheEntry> Store(const std::string& key, const std::string& folder, CacheEntry entry);

 private:
  std::string EntryFolder(const std::string& key) const;
  Result<std::optional<CacheEntry>> ReadEntry(const std::string& folder);
  Result<CacheEntry> Publish(const std::string& key, const std::string& folder);
  void EvictAfter(std::uint64_t bytes_stored);
  void Hold(const std::string& folder, std::unique_ptr<FileLock> lock);

  const CacheConfig config_;
  const std::string root_;  // <folder>/v1
  Files& files_;
  Clock& clock_;
  std::atomic<bool> leftovers_removed_{false};
  std::atomic<std::uint64_t> bytes_since_eviction_;

  struct Held {
    std::string folder;
    std::unique_ptr<FileLock> lock;
  };
  std::mutex held_mutex_;
  std::deque<Held> held_;  // newest last
};

inline constexpr const char* kCacheVersion = "v1";  // part of the path and of every key
inline constexpr std::uint64_t kObjectBytesMax = std::uint64_t{256} << 20;

}  // namespace caesar
