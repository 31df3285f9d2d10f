// Shared memory of one block, with a shadow that finds reads of what was never written, and races.
//
// Races: the shadow keeps, for each 4-byte word, who wrote it last and who has read it since, with
// the warp's clock; barriers join clocks (vector clocks over the block's warps). Two accesses of
// different warps to one byte, at least one of them a write and at least one plain (neither atomic
// nor volatile), race if neither happens before the other. Accesses of one warp never race.
//
// Precision: no false alarm; a race may be missed where warps read a word at different clocks, or
// write different bytes of one word in turn. A word counts as written when any byte of it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace caesar::sim {

class SharedMemory {
 public:
  static constexpr std::uint32_t kWarpsMax = 32;
  static constexpr std::uint32_t kClusterSlot = ~0U;  // of the cluster's barrier, see Release

  // Makes it `bytes` large, unwritten, for `warps` warps; memory of an earlier block is reused.
  void Reset(std::uint32_t bytes, std::uint32_t warps);

  std::uint32_t bytes() const { return bytes_; }
  std::byte* data() { return data_.data(); }

  // kSynchronizing*: volatile, relaxed, acquire, release; kAtomic: reads and writes, as these.
  enum class Access : std::uint8_t {
    kRead,
    kWrite,
    kSynchronizingRead,
    kSynchronizingWrite,
    kAtomic
  };
  enum class Trouble : std::uint8_t { kNone, kUninitialized, kRace };
  // Notes an access to [offset, offset + bytes), which lies inside; the first trouble it finds.
  // `other_warp`: the other party of a race; `where`: the first of the bytes in the word that has
  // the trouble. Many lanes' accesses may be noted as one range.
  Trouble Note(Access access, std::uint32_t offset, std::uint32_t bytes, std::uint32_t warp,
               std::uint32_t* other_warp, std::uint32_t* where = nullptr);

  // Notes plain accesses (kRead, kWrite) of `bytes` bytes, a power of two and aligned, at
  // offsets[i] for begin <= i < count, up to the first one with trouble, whose index it returns:
  // Note says what it is. `count`: there is none.
  std::uint32_t NoteEach(Access access, const std::uint32_t* offsets, std::uint32_t begin,
                         std::uint32_t count, std::uint32_t bytes, std::uint32_t warp);

  // Notes, for what is said of a race, where an access to [offset, offset + bytes) comes from: an
  // index into Module::locations, -1: unknown. Of every access that is noted otherwise, too.
  void Remember(Access access, int location, std::uint32_t offset, std::uint32_t bytes,
                std::uint32_t warp);
  // The other party of the race that Note found last.
  struct Party {
    std::uint32_t warp = 0;
    bool wrote = false;
    std::uint32_t clock = 0;  // of a write; of reads: 0
    std::uint32_t known = 0;  // up to there its accesses do not race
  };
  const Party& other() const { return other_; }
  // Where its access to the word at `offset` may come from; empty: not remembered.
  std::vector<int> LocationsOf(const Party& party, std::uint32_t offset) const;

  // A write whose writer does not take part in the clocks: another block of the cluster, a bulk
  // copy. What waits for it is ordered by other means.
  void NoteForeignWrite(std::uint32_t offset, std::uint32_t bytes);

  // A barrier that these warps (one bit each) have passed together: what each did before it happens
  // before what any does after it.
  void Join(std::uint64_t warps);
  // Release and acquire through an object of the memory (an mbarrier, a lock): `slot` is its
  // offset.
  // `relaxed`: of what the warp did before its last fence only.
  void Release(std::uint32_t slot, std::uint32_t warp, bool relaxed = false);
  void Acquire(std::uint32_t slot, std::uint32_t warp);
  // A fence makes releases of this warp's later synchronising writes, and acquires of its earlier
  // synchronising reads.
  void Fence(std::uint32_t warp);

  // Whether uses of the shadow cost time at all (a switch for measurements).
  bool checked = true;

 private:
  using Clock = std::uint32_t;
  struct Clocks {
    Clock of[kWarpsMax];
  };
  // The last writer of a word: clock << 11 | warp << 6 | bytes << 2 | synchronizing << 1 | written.
  using Writer = std::uint32_t;
  // Who has read it since: when, clock << 4 | bytes, and which warps.
  struct Readers {
    std::uint32_t stamp = 0, warps = 0;
    bool operator==(const Readers&) const = default;
  };
  static constexpr Clock kClockMax = (Clock{1} << 21) - 2;

  // What is known of a word, and what an access makes of it.
  struct History {
    Writer writer = 0;
    Readers readers;
    bool operator==(const History&) const = default;
  };
  Trouble Judge(Access access, History* word, std::uint32_t byte_mask, std::uint32_t warp,
                Party* other) const;
  bool Innocent(Access access, History* word, std::uint32_t byte_mask, std::uint32_t warp) const;
  bool NoteRow(Access access, std::size_t first, std::size_t words, std::uint32_t warp);
  struct Histories {  // of several words
    Writer* writers;
    std::uint32_t *stamps, *warps;
  };
  static bool AllEqual(const Histories& words, std::size_t count);
  bool NoteMixed(Access access, const Histories& words, std::size_t count,
                 std::uint32_t warp) const;
  static constexpr std::uint32_t kGathered = 32;  // lanes whose words are noted together
  bool NoteGathered(Access access, const std::uint32_t* offsets, std::uint32_t count,
                    std::uint32_t word, std::uint32_t warp);
  History HistoryOf(std::size_t word) const {
    return {writers_[word], {reader_stamps_[word], reader_warps_[word]}};
  }
  void SetHistory(std::size_t word, const History& history) {
    writers_[word] = history.writer;
    reader_stamps_[word] = history.readers.stamp;
    reader_warps_[word] = history.readers.warps;
  }
  Readers Read(Readers before, std::uint32_t byte_mask, std::uint32_t warp) const;
  Writer Write(Access access, std::uint32_t byte_mask, std::uint32_t warp) const;
  void Tick(std::uint32_t warp);
  void Synchronize(Access access, std::uint32_t word, std::uint32_t warp);

  // Accesses of a warp between two ticks of its clock, from one place.
  struct Recent {
    Clock clock = 0;  // 0: none
    int location = -1;
    std::uint32_t begin = 0, end = 0;
    bool write = false;
  };
  static constexpr std::uint32_t kRecent = 64;  // of each warp, by place

  std::uint32_t bytes_ = 0;
  std::uint32_t warps_ = 0;
  Party other_;
  std::vector<Recent> recent_;       // [warp * kRecent + place]
  Clock forgotten_[kWarpsMax] = {};  // the latest that had to make room
  bool fenced_ = false;              // a warp of this block has used a fence
  std::vector<std::byte> data_;
  std::vector<Writer> writers_;                              // by word
  std::vector<std::uint32_t> reader_stamps_, reader_warps_;  // apart: they are met in rows
  Clocks now_[kWarpsMax] = {};  // [w].of[v]: the clock of v up to which w knows all it did
  // [w]: what any warp did up to this clock happened before what w does now.
  Clock floor_[kWarpsMax] = {};
  Clocks fence_[kWarpsMax] = {};    // now_[w] at its last fence
  Clocks pending_[kWarpsMax] = {};  // what w has read from released words since its last fence
  std::unordered_map<std::uint32_t, Clocks> released_;  // by offset
};

}  // namespace caesar::sim
