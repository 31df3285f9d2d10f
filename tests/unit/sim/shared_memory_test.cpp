// The shadow of shared memory: which accesses race, and which do not.
#include "sim/shared_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

namespace caesar::sim {
namespace {

using Access = SharedMemory::Access;
using Trouble = SharedMemory::Trouble;

class SharedMemoryTest : public testing::Test {
 protected:
  SharedMemoryTest() { shared_.Reset(4096, 32); }
  Trouble Write(std::uint32_t warp, std::uint32_t at = 0, std::uint32_t bytes = 128) {
    return shared_.Note(Access::kWrite, at, bytes, warp, &other_);
  }
  Trouble Read(std::uint32_t warp, std::uint32_t at = 0, std::uint32_t bytes = 128) {
    return shared_.Note(Access::kRead, at, bytes, warp, &other_);
  }
  Trouble Sync(Access access, std::uint32_t warp, std::uint32_t at) {
    return shared_.Note(access, at, 4, warp, &other_);
  }
  void Barrier() { shared_.Join(~std::uint64_t{0}); }

  SharedMemory shared_;
  std::uint32_t other_ = 99;
};

TEST_F(SharedMemoryTest, ReadAfterWriteNeedsABarrier) {
  EXPECT_EQ(Read(0), Trouble::kUninitialized);
  EXPECT_EQ(Write(0), Trouble::kNone);
  EXPECT_EQ(Read(0), Trouble::kNone);
  EXPECT_EQ(Read(1), Trouble::kRace);
  EXPECT_EQ(other_, 0U);
  Barrier();
  EXPECT_EQ(Read(1), Trouble::kNone);
}

TEST_F(SharedMemoryTest, WriteAfterReadNeedsABarrier) {
  Write(0);
  Barrier();
  for (std::uint32_t warp = 0; warp < 32; ++warp) EXPECT_EQ(Read(warp), Trouble::kNone);
  EXPECT_EQ(Write(3, 64, 4), Trouble::kRace);
  EXPECT_EQ(Write(3, 0, 64), Trouble::kRace);
  Barrier();
  EXPECT_EQ(Write(4, 0, 64), Trouble::kNone);
}

TEST_F(SharedMemoryTest, RemembersWhereTheOtherPartyOfARaceWas) {
  using Locations = std::vector<int>;
  const auto touch = [&](Access access, int location, std::uint32_t warp, std::uint32_t at) {
    shared_.Remember(access, location, at, 4, warp);
    return shared_.Note(access, at, 4, warp, &other_);
  };
  const auto where = [&](std::uint32_t at) { return shared_.LocationsOf(shared_.other(), at); };
  for (std::uint32_t at = 0; at < 64; at += 4) touch(Access::kWrite, 7, 0, at);
  Barrier();
  touch(Access::kRead, 11, 2, 0);
  touch(Access::kRead, 12, 2, 32);
  touch(Access::kWrite, 13, 2, 32);
  EXPECT_EQ(touch(Access::kWrite, 20, 1, 0), Trouble::kRace);
  EXPECT_FALSE(shared_.other().wrote);
  EXPECT_EQ(shared_.other().warp, 2U);
  EXPECT_EQ(where(0), Locations{11});
  EXPECT_EQ(touch(Access::kRead, 21, 3, 32), Trouble::kRace);
  EXPECT_TRUE(shared_.other().wrote);
  EXPECT_EQ(where(32), Locations{13}) << "not what is ordered by the barrier";
  // Several that may be meant are all said.
  Barrier();
  touch(Access::kRead, 11, 2, 0);
  touch(Access::kRead, 12, 2, 0);
  EXPECT_EQ(touch(Access::kWrite, 20, 1, 0), Trouble::kRace);
  EXPECT_EQ(where(0), (Locations{11, 12}));
  // Where there was no room for all, none is.
  for (int location = 100; location < 300; ++location) touch(Access::kRead, location, 2, 128);
  EXPECT_EQ(touch(Access::kWrite, 22, 4, 0), Trouble::kRace);
  EXPECT_EQ(touch(Access::kWrite, 22, 4, 128), Trouble::kRace);
  EXPECT_EQ(where(128), Locations());
  shared_.Reset(64, 4);
  EXPECT_EQ(where(0), Locations());
}

TEST_F(SharedMemoryTest, TwoWritersRaceUnlessTheirBytesDiffer) {
  Write(0, 0, 4);
  EXPECT_EQ(Write(1, 0, 4), Trouble::kRace);
  EXPECT_EQ(Write(2, 8, 1), Trouble::kNone);
  EXPECT_EQ(Write(3, 9, 1), Trouble::kNone);
  EXPECT_EQ(Write(4, 9, 1), Trouble::kRace);
}

TEST_F(SharedMemoryTest, ABarrierOfSomeWarpsOrdersThoseAlone) {
  Write(0);
  shared_.Join(0b0011);
  EXPECT_EQ(Read(1), Trouble::kNone);
  EXPECT_EQ(Read(2), Trouble::kRace);
  // Transitively: 1 and 2 meet after 0 and 1 did.
  Write(5, 1024);
  shared_.Join(0b100010);
  shared_.Join(0b000110);
  EXPECT_EQ(Read(2, 1024), Trouble::kNone);
}

TEST_F(SharedMemoryTest, AtomicsDoNotRaceWithEachOther) {
  Sync(Access::kSynchronizingWrite, 0, 0);
  EXPECT_EQ(Sync(Access::kAtomic, 1, 0), Trouble::kNone);
  EXPECT_EQ(Sync(Access::kAtomic, 2, 0), Trouble::kNone);
  EXPECT_EQ(Read(3, 0, 4), Trouble::kRace);  // a histogram read too early
  Barrier();
  EXPECT_EQ(Read(3, 0, 4), Trouble::kNone);
  EXPECT_EQ(Write(6, 64, 4), Trouble::kNone);
  EXPECT_EQ(Sync(Access::kAtomic, 7, 64), Trouble::kRace);  // cleared without a barrier
}

TEST_F(SharedMemoryTest, FencesAndAFlagOrder) {
  Write(0, 128);
  shared_.Fence(0);
  Sync(Access::kSynchronizingWrite, 0, 0);
  EXPECT_EQ(Sync(Access::kSynchronizingRead, 1, 0), Trouble::kNone);
  EXPECT_EQ(Read(1, 192, 4), Trouble::kRace);  // no fence yet
  shared_.Fence(1);
  EXPECT_EQ(Read(1, 128, 64), Trouble::kNone);
  EXPECT_EQ(Read(2, 128, 64), Trouble::kRace);
}

TEST_F(SharedMemoryTest, ReleaseAndAcquireOrder) {
  Write(0);
  shared_.Release(2048, 0);
  Write(0, 512);
  shared_.Acquire(2048, 1);
  EXPECT_EQ(Read(1), Trouble::kNone);
  EXPECT_EQ(Read(1, 512), Trouble::kRace);  // written after the release
}

TEST_F(SharedMemoryTest, ForgetsWhenClocksAreFull) {
  Write(0);
  for (int i = 0; i < (1 << 21); ++i) shared_.Join(0b11);
  EXPECT_EQ(Read(1), Trouble::kNone);
  Write(1);
  EXPECT_EQ(Read(0), Trouble::kRace);
}

TEST_F(SharedMemoryTest, ResetForgetsAll) {
  Write(0);
  shared_.Reset(4096, 2);
  EXPECT_EQ(Read(0), Trouble::kUninitialized);
  EXPECT_EQ(static_cast<int>(shared_.data()[5]), 0xFF);
}

// Rows and sets of lanes are noted in ways of their own; they must find what single words find.
TEST_F(SharedMemoryTest, RowsAndLanesFindWhatWordsFind) {
  constexpr std::uint32_t kWarps = 4, kWords = 16;
  SharedMemory words;
  shared_.Reset(kWords * 4, kWarps);
  words.Reset(kWords * 4, kWarps);
  std::uint64_t state = 1;
  const auto random = [&state](std::uint32_t below) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::uint32_t>(state >> 33) % below;
  };
  int troubles = 0;
  for (int round = 0; round < 20000; ++round) {
    if (random(6) == 0) {
      const std::uint64_t warps = random(3) != 0 ? 15 : random(16);
      shared_.Join(warps);
      words.Join(warps);
      continue;
    }
    const Access access = random(2) != 0 ? Access::kRead : Access::kWrite;
    const std::uint32_t warp = random(kWarps), first = random(kWords);
    const std::uint32_t count = 1 + random(kWords - first);
    std::uint32_t offsets[kWords], first_trouble = count;
    Trouble wanted = Trouble::kNone;
    for (std::uint32_t i = 0; i < count; ++i) {
      offsets[i] = (first + i) * 4;
      const Trouble trouble = words.Note(access, offsets[i], 4, warp, &other_);
      if (trouble != Trouble::kNone && wanted == Trouble::kNone) {
        wanted = trouble;
        first_trouble = i;
      }
    }
    troubles += wanted != Trouble::kNone;
    if (random(2) != 0) {
      ASSERT_EQ(shared_.Note(access, first * 4, count * 4, warp, &other_), wanted) << round;
      continue;
    }
    const std::uint32_t at = shared_.NoteEach(access, offsets, 0, count, 4, warp);
    ASSERT_EQ(at, first_trouble) << round;
    for (std::uint32_t i = at; i < count; ++i) {
      shared_.Note(access, offsets[i], 4, warp, &other_);
    }
  }
  EXPECT_GT(troubles, 1000);
  EXPECT_LT(troubles, 19000);
}

// A warp's lanes are noted together where all is well: any widths, words that lanes share, among
// accesses of all other kinds. Another shadow hears of every word by itself.
TEST_F(SharedMemoryTest, LanesFindWhatWordsFind) {
  constexpr std::uint32_t kWarps = 8, kBytes = 512, kLanes = 32;
  SharedMemory words;
  shared_.Reset(kBytes, kWarps);
  words.Reset(kBytes, kWarps);
  std::uint64_t state = 7;
  const auto random = [&state](std::uint32_t below) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::uint32_t>(state >> 33) % below;
  };
  const auto both = [&](const auto& what) { return std::pair(what(shared_), what(words)); };
  const auto order = [&](SharedMemory& memory, std::uint32_t how, std::uint32_t warp) {
    if (how < 40) memory.Join(~std::uint64_t{0});
    if (how == 40) memory.Join(0b110);
    if (how == 41) memory.Fence(warp);
    if (how == 42) memory.Release(64, warp);
    if (how == 43) memory.Acquire(64, warp);
    if (how == 44) memory.NoteForeignWrite(warp * 32, 48);
    return 0;
  };
  int troubles = 0, clean = 0;
  for (int round = 0; round < 40000; ++round) {
    const std::uint32_t warp = random(kWarps), how = random(160);
    both([&](SharedMemory& memory) { return order(memory, how, warp); });
    if (how >= 45 && how < 60) {  // single accesses: to bytes of a word, or synchronising
      const auto kind = static_cast<Access>(random(5));
      const std::uint32_t bytes = 1U << random(3), at = random(kBytes / bytes) * bytes;
      const auto [found, wanted] =
          both([&](SharedMemory& memory) { return memory.Note(kind, at, bytes, warp, &other_); });
      ASSERT_EQ(found, wanted) << round;
      continue;
    }
    if (how < 60) continue;
    const Access access = random(2) != 0 ? Access::kRead : Access::kWrite;
    const std::uint32_t bytes = 1U << random(5), slots = kBytes / bytes;
    const std::uint32_t first = random(3) != 0 ? warp * slots / kWarps : random(slots);
    const std::uint32_t step = random(3), count = 1 + random(kLanes);
    std::uint32_t offsets[kLanes], first_trouble = count;
    for (std::uint32_t i = 0; i < count; ++i) {
      // In its own part, mostly; each lane elsewhere, or all of them at one place.
      const std::uint32_t slot = first + (step == 2 ? random(slots / kWarps) : i * step);
      offsets[i] = slot % slots * bytes;
      for (std::uint32_t at = offsets[i]; at < offsets[i] + bytes; at += 4) {
        const Trouble trouble = words.Note(access, at, std::min(bytes, 4U), warp, &other_);
        if (trouble != Trouble::kNone) first_trouble = std::min(first_trouble, i);
      }
    }
    (first_trouble == count ? clean : troubles) += 1;
    const std::uint32_t at = shared_.NoteEach(access, offsets, 0, count, bytes, warp);
    ASSERT_EQ(at, first_trouble) << round;
    for (std::uint32_t i = at; i < count; ++i) {
      shared_.Note(access, offsets[i], bytes, warp, &other_);
    }
  }
  EXPECT_GT(troubles, 2000);
  EXPECT_GT(clean, 2000);
}

}  // namespace
}  // namespace caesar::sim
