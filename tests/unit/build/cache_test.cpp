// The cache on a real file system: its rules are those of rename, flock and modification times.
#include "build/cache.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "base/hash.h"
#include "build/eviction.h"
#include "fakes/fake_clock.h"
#include "fakes/temp_folder.h"

namespace caesar {
namespace {

namespace fs = std::filesystem;

std::string Key(int number) { return HashHex(std::to_string(number)); }

class CacheTest : public testing::Test {
 protected:
  CompileCache Open(std::uint64_t bytes_max = 1 << 30) {
    return CompileCache({folder_.path(), bytes_max}, ScratchFiles(), RealClock());
  }
  std::string Root() const { return folder_ / "v1"; }
  std::string EntryOf(const std::string& key) const {
    return Root() + "/" + key.substr(0, 2) + "/" + key;
  }

  // Stores an object of `bytes` bytes, with `fill` for content.
  Result<CacheEntry> Store(CompileCache& cache, const std::string& key, std::size_t bytes = 100,
                           char fill = 'x') {
    const auto work = TRY(cache.NewWorkFolder());
    const std::string folder = work->path() + "/entry";
    TRY(ScratchFiles().MakeFolders(folder));
    TRY(ScratchFiles().Write(folder + "/object.so", std::string(bytes, fill)));
    CacheEntry entry;
    entry.succeeded = true;
    entry.log = "log of " + key;
    entry.info.registers = 42;
    entry.info.arch = "sm_90a";
    return cache.Store(key, folder, entry);
  }

  void MakeOld(const std::string& path, int minutes) {
    timespec times[2] = {};
    ::clock_gettime(CLOCK_REALTIME, &times[0]);
    times[0].tv_sec -= minutes * 60;
    times[1] = times[0];
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0) << path;
  }

  TempFolder folder_;
};

TEST_F(CacheTest, GivesBackWhatWasStored) {
  CompileCache cache = Open();
  EXPECT_FALSE(cache.Lookup(Key(1)).value().has_value());
  const Result<CacheEntry> stored = Store(cache, Key(1));
  ASSERT_TRUE(stored.ok()) << stored.error().message;
  EXPECT_EQ(stored.value().object, EntryOf(Key(1)) + "/object.so");
  CompileCache other = Open();
  const std::optional<CacheEntry> found = other.Lookup(Key(1)).value();
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->succeeded);
  EXPECT_EQ(found->info.registers, 42);
  EXPECT_EQ(found->info.arch, "sm_90a");
  EXPECT_EQ(found->log, "log of " + Key(1));
}

TEST_F(CacheTest, KeepsFailuresWithoutAnObject) {
  CompileCache cache = Open();
  const auto work = cache.NewWorkFolder();
  ASSERT_TRUE(ScratchFiles().MakeFolders(work.value()->path() + "/entry").ok());
  CacheEntry entry;
  entry.headline = "kernel.cu(1): error: \xff";  // not UTF-8
  entry.errors = 3;
  ASSERT_TRUE(cache.Store(Key(2), work.value()->path() + "/entry", entry).ok());
  const std::optional<CacheEntry> found = cache.Lookup(Key(2)).value();
  ASSERT_TRUE(found.has_value());
  EXPECT_FALSE(found->succeeded);
  EXPECT_EQ(found->errors, 3);
  EXPECT_EQ(found->object, "");
}

TEST_F(CacheTest, TakesTheEntryOfWhoWasFirst) {
  CompileCache ours = Open();
  CompileCache theirs = Open();
  ASSERT_TRUE(Store(theirs, Key(1), 100, 't').ok());
  ASSERT_TRUE(Store(ours, Key(1), 100, 'o').ok());
  EXPECT_EQ(ScratchFiles().Read(EntryOf(Key(1)) + "/object.so", 1000).value(),
            std::string(100, 't'));
  EXPECT_TRUE(fs::is_empty(Root() + "/tmp"));
}

TEST_F(CacheTest, ReadsADamagedEntryAsNoneAndReplacesIt) {
  const std::string folder = EntryOf(Key(1));
  const auto truncate = [&] { fs::resize_file(folder + "/object.so", 50); };
  const auto flip = [&] { std::ofstream(folder + "/object.so") << std::string(100, 'y'); };
  const auto lose_object = [&] { fs::remove(folder + "/object.so"); };
  const auto lose_meta = [&] { fs::remove(folder + "/meta.json"); };
  const auto empty_meta = [&] { fs::resize_file(folder + "/meta.json", 0); };
  const auto odd_meta = [&] {
    std::ofstream(folder + "/meta.json") << R"({"version": 1, "succeeded": "yes"})";
  };
  const auto change_log = [&] { std::ofstream(folder + "/log.txt") << "another"; };
  const std::vector<std::function<void()>> damages = {truncate,   flip,     lose_object, lose_meta,
                                                      empty_meta, odd_meta, change_log};
  for (std::size_t i = 0; i < damages.size(); ++i) {
    CompileCache cache = Open();
    ASSERT_TRUE(Store(cache, Key(1)).ok()) << i;
    ASSERT_TRUE(cache.Lookup(Key(1)).value().has_value()) << i;
    damages[i]();
    EXPECT_FALSE(cache.Lookup(Key(1)).value().has_value()) << i;
    ASSERT_TRUE(Store(cache, Key(1)).ok()) << i;
    EXPECT_TRUE(cache.Lookup(Key(1)).value().has_value()) << i;
  }
  EXPECT_TRUE(fs::is_empty(Root() + "/tmp"));
}

TEST_F(CacheTest, EvictsWhatWasNotUsedForLongest) {
  {
    CompileCache cache = Open();
    for (int i = 0; i < 10; ++i) {
      ASSERT_TRUE(
          Store(cache, Key(i), 92'000).ok());  // with its two small files 102,400 bytes on disk
      MakeOld(EntryOf(Key(i)) + "/meta.json", 100 - i);
    }
    ASSERT_TRUE(cache.Lookup(Key(0)).value().has_value());  // a use
  }
  CompileCache small = Open(500'000);
  ASSERT_TRUE(Store(small, Key(10), 92'000).ok());
  const CacheUse use = ScanCache(Root(), ScratchFiles()).value();
  EXPECT_EQ(use.entries.size(), 4u);
  EXPECT_LE(use.bytes, 450'000u);
  for (const int kept : {0, 8, 9, 10})
    EXPECT_TRUE(small.Lookup(Key(kept)).value().has_value()) << kept;
}

TEST_F(CacheTest, SparesWhatWasUsedJustNow) {
  {
    CompileCache cache = Open();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(Store(cache, Key(i), 92'000).ok());
    MakeOld(EntryOf(Key(3)) + "/meta.json", 11);
    MakeOld(EntryOf(Key(4)) + "/meta.json", 9);
  }
  CompileCache small = Open(1000);
  ASSERT_TRUE(Store(small, Key(5)).ok());
  EXPECT_FALSE(small.Lookup(Key(3)).value().has_value());
  for (const int kept : {0, 1, 2, 4, 5})
    EXPECT_TRUE(small.Lookup(Key(kept)).value().has_value()) << kept;
}

TEST_F(CacheTest, SparesWhatARunningCompilerHandedOut) {
  CompileCache user = Open();
  ASSERT_TRUE(Store(user, Key(1)).ok());
  MakeOld(EntryOf(Key(1)) + "/meta.json", 60);
  EXPECT_EQ(Evict(Root(), EvictionLimits{}, ScratchFiles(), RealClock()).value(), 0);
  EXPECT_TRUE(fs::exists(EntryOf(Key(1)) + "/object.so"));
  const CacheConfig config{folder_.path(), 1000};
  ASSERT_TRUE(ClearCache(config, ScratchFiles()).ok());
  EXPECT_EQ(InspectCache(config, ScratchFiles()).value().entries, 1);
}

TEST_F(CacheTest, CanBeInspectedAndCleared) {
  const CacheConfig config{folder_.path(), 12345};
  EXPECT_EQ(InspectCache(config, ScratchFiles()).value().entries, 0) << "no folder yet";
  ASSERT_TRUE(ClearCache(config, ScratchFiles()).ok());
  {
    CompileCache cache = Open();
    ASSERT_TRUE(Store(cache, Key(1), 5000).ok());
    ASSERT_TRUE(Store(cache, Key(2), 5000).ok());
  }
  const CacheInfo info = InspectCache(config, ScratchFiles()).value();
  EXPECT_EQ(info.entries, 2);
  EXPECT_EQ(info.bytes, 2u * (8192 + 4096 + 4096));
  EXPECT_EQ(info.bytes_max, 12345u);
  ASSERT_TRUE(ClearCache(config, ScratchFiles()).ok());
  EXPECT_EQ(InspectCache(config, ScratchFiles()).value().entries, 0);
}

TEST_F(CacheTest, RemovesWhatDeadProcessesLeft) {
  CompileCache cache = Open();
  const auto alive = cache.NewWorkFolder();
  const std::string dead = Root() + "/tmp/work-dead";
  fs::create_directories(dead + "/tmp/deep");
  std::ofstream(dead + "/alive") << "";
  std::ofstream(Root() + "/tmp/" + Key(1) + ".lock") << "";
  auto held = cache.LockKey(Key(2), Milliseconds(0), StopToken());
  ASSERT_TRUE(held.ok());
  ASSERT_TRUE(RemoveLeftovers(Root(), Milliseconds(60'000), ScratchFiles(), RealClock()).ok());
  EXPECT_TRUE(fs::exists(dead)) << "too young to judge";
  ASSERT_TRUE(RemoveLeftovers(Root(), Milliseconds(0), ScratchFiles(), RealClock()).ok());
  EXPECT_FALSE(fs::exists(dead));
  EXPECT_FALSE(fs::exists(Root() + "/tmp/" + Key(1) + ".lock"));
  EXPECT_TRUE(fs::exists(Root() + "/tmp/" + Key(2) + ".lock"));
  EXPECT_TRUE(fs::exists(alive.value()->path()));
  cache.UnlockKey(Key(2), std::move(held).value());
}

TEST_F(CacheTest, WaitsForAKeyWithALimit) {
  FakeClock clock;
  CompileCache first({folder_.path(), 1000}, ScratchFiles(), clock);
  CompileCache second({folder_.path(), 1000}, ScratchFiles(), clock);
  auto lock = first.LockKey(Key(1), Milliseconds(100), StopToken());
  ASSERT_TRUE(lock.ok() && lock.value() != nullptr);
  const auto refused = second.LockKey(Key(1), Milliseconds(100), StopToken());
  ASSERT_TRUE(refused.ok());
  EXPECT_EQ(refused.value(), nullptr);
  EXPECT_EQ(clock.Now(), SteadyTime(Milliseconds(100)));
  StopSource stop;
  stop.Request(StopLevel::kNow);
  EXPECT_EQ(second.LockKey(Key(1), Milliseconds(100), StopToken(stop)).error().code,
            ErrorCode::kInterrupted);
  EXPECT_NE(second.LockKey(Key(2), Milliseconds(100), StopToken()).value(), nullptr)
      << "another key is free";
  first.UnlockKey(Key(1), std::move(lock).value());
  EXPECT_NE(second.LockKey(Key(1), Milliseconds(0), StopToken()).value(), nullptr);
}

}  // namespace
}  // namespace caesar
