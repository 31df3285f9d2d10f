// Shared memory of one block, with a shadow that finds out-of-bounds accesses, reads of what was
// never written, and races.
//
// Races: the shadow keeps, for each 4-byte word, who wrote it last and who read it last, with the
// warp's clock; barriers join clocks (vector clocks over the block's warps). Two accesses of
// different warps to one word, one of them a plain store, race if neither happens before the other.
// Atomics, volatile, acquire and release accesses synchronise and do not race.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace caesar::sim {

class SharedMemory {
 public:
  // Makes it `bytes` large, unwritten, for `warps` warps; memory of an earlier block is reused.
  void Reset(std::uint32_t bytes, std::uint32_t warps);

  std::uint32_t bytes() const { return bytes_; }
  std::byte* data() { return data_.data(); }

  enum class Access : std::uint8_t { kRead, kWrite, kSynchronizing };
  enum class Trouble : std::uint8_t { kNone, kUninitialized, kRace };
  // Notes an access to [offset, offset + bytes), which lies inside; the first trouble it finds.
  // `other_warp`: the other party of a race.
  Trouble Note(Access access, std::uint32_t offset, std::uint32_t bytes, std::uint32_t warp,
               std::uint32_t* other_warp);
  // The same for one warp-wide access at offset + i * bytes for lane i = 0..31, all active.
  Trouble NoteRow(Access access, std::uint32_t offset, std::uint32_t bytes, std::uint32_t warp,
                  std::uint32_t* other_warp);

  // A barrier that these warps (one bit each) have passed together: what each did before it happens
  // before what any does after it.
  void Join(std::uint64_t warps_low, std::uint64_t warps_high = 0);
  // Release and acquire through an object of the memory (an mbarrier): `slot` is its offset.
  void Release(std::uint32_t slot, std::uint32_t warp);
  void Acquire(std::uint32_t slot, std::uint32_t warp);

  // Whether uses of the shadow cost time at all (a switch for measurements).
  bool checked = true;

 private:
  struct Word;
  std::uint32_t bytes_ = 0;
  std::uint32_t warps_ = 0;
  std::vector<std::byte> data_;
  std::vector<std::uint64_t> shadow_;
  std::vector<std::uint32_t> clocks_;
};

}  // namespace caesar::sim
