// The shadow of shared memory: epochs of the last writer, sets of readers, vector clocks.
// After C. Flanagan and S. Freund, "FastTrack: Efficient and Precise Dynamic Race Detection", 2009.
#include "sim/shared_memory.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace caesar::sim {
namespace {

using Access = SharedMemory::Access;

constexpr std::uint32_t kWritten = 1, kSynchronizing = 2, kAllBytes = 15;
// All ones are a NaN in every floating type, and -1: what nobody takes for a result.
constexpr int kPoison = 0xFF;

constexpr bool Reads(Access access) {
  return access == Access::kRead || access == Access::kSynchronizingRead ||
         access == Access::kAtomic;
}
constexpr bool Writes(Access access) {
  return access != Access::kRead && access != Access::kSynchronizingRead;
}
constexpr bool Synchronizes(Access access) {
  return access != Access::kRead && access != Access::kWrite;
}

constexpr std::uint32_t WarpOf(std::uint32_t writer) { return writer >> 6 & 31; }
constexpr std::uint32_t BytesOf(std::uint32_t writer) { return writer >> 2 & kAllBytes; }

// Bytes of the word at `at` that [begin, end) covers.
std::uint32_t ByteMask(std::uint32_t at, std::uint32_t begin, std::uint32_t end) {
  const std::uint32_t low = begin > at ? begin - at : 0;
  const std::uint32_t high = end < at + 4 ? end - at : 4;
  return ((1U << high) - 1) & ~((1U << low) - 1);
}

// What follows has no branches in its loops, so that they become vector instructions. Clocks have
// few enough bits that the sum of differences is negative if one of them is.

bool AllWritten(const std::uint32_t* writers, std::size_t count) {
  std::uint32_t written = kWritten;
  for (std::size_t i = 0; i < count; ++i) written &= writers[i];
  return written != 0;
}

// Whether a clock, the upper bits of a value, lies above the floor.
template <int kShift>
bool AnyAbove(const std::uint32_t* values, std::size_t count, std::uint32_t floor) {
  std::uint32_t above = 0;
  for (std::size_t i = 0; i < count; ++i) above |= floor - (values[i] >> kShift);
  return static_cast<std::int32_t>(above) < 0;
}

// The same for writes by other warps,
bool AnyWrittenAbove(const std::uint32_t* writers, std::size_t count, std::uint32_t floor,
                     std::uint32_t warp) {
  std::uint32_t above = 0;
  for (std::size_t i = 0; i < count; ++i) {
    above |= (floor - (writers[i] >> 11)) & (0 - std::uint32_t{WarpOf(writers[i]) != warp});
  }
  return static_cast<std::int32_t>(above) < 0;
}

// and for reads of `others`, except at the clock `together`.
bool AnyReadAbove(const std::uint32_t* stamps, const std::uint32_t* warps, std::size_t count,
                  std::uint32_t floor, std::uint32_t together, std::uint32_t others) {
  std::uint32_t above = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t at = stamps[i] >> 4;
    above |= (floor - at) & (0 - std::uint32_t{(warps[i] & others) != 0}) &
             (0 - std::uint32_t{at != together});
  }
  return static_cast<std::int32_t>(above) < 0;
}

}  // namespace

void SharedMemory::Reset(std::uint32_t bytes, std::uint32_t warps) {
  bytes_ = bytes;
  warps_ = std::min(warps, kWarpsMax);
  fenced_ = false;
  data_.resize(bytes);
  if (bytes != 0) std::memset(data_.data(), kPoison, bytes);
  released_.clear();
  if (!checked || bytes == 0) return;
  const std::size_t words = (std::size_t{bytes} + 3) / 4;
  writers_.assign(words, 0);
  reader_stamps_.assign(words, 0);
  reader_warps_.assign(words, 0);
  recent_.assign(std::size_t{warps_} * kRecent, Recent());
  for (std::uint32_t warp = 0; warp < warps_; ++warp) {
    forgotten_[warp] = 0;
    now_[warp] = fence_[warp] = pending_[warp] = {};
    now_[warp].of[warp] = 1;
    floor_[warp] = 0;
  }
}

SharedMemory::Readers SharedMemory::Read(Readers before, std::uint32_t byte_mask,
                                         std::uint32_t warp) const {
  const Clocks& known = now_[warp];
  const std::uint32_t self = 1U << warp, clock = known.of[warp], old_clock = before.stamp >> 4;
  // Those who read at the same clock stand together; in step, between two barriers, all do.
  if (before.warps == 0) return {clock << 4 | byte_mask, self};
  if (old_clock == clock) return {before.stamp | byte_mask, before.warps | self};
  bool superseded = true;  // all of them happen before this read
  for (std::uint32_t left = before.warps; left != 0; left &= left - 1) {
    superseded &= old_clock <= known.of[std::countr_zero(left)];
  }
  if (superseded) return {clock << 4 | byte_mask, self};
  return {std::min(clock, old_clock) << 4 | (before.stamp & kAllBytes) | byte_mask,
          before.warps | self};
}

SharedMemory::Writer SharedMemory::Write(Access access, std::uint32_t byte_mask,
                                         std::uint32_t warp) const {
  return now_[warp].of[warp] << 11 | warp << 6 | byte_mask << 2 |
         (Synchronizes(access) ? kSynchronizing : 0) | kWritten;
}

SharedMemory::Trouble SharedMemory::Judge(Access access, History* word, std::uint32_t byte_mask,
                                          std::uint32_t warp, Party* other) const {
  const Clocks& known = now_[warp];
  const Writer writer = word->writer;
  const Readers readers = word->readers;
  Trouble trouble = Trouble::kNone;
  if (Reads(access) && (writer & kWritten) == 0) trouble = Trouble::kUninitialized;
  const bool both_synchronize = Synchronizes(access) && (writer & kSynchronizing) != 0;
  if ((BytesOf(writer) & byte_mask) != 0 && writer >> 11 > known.of[WarpOf(writer)] &&
      !both_synchronize) {
    *other = {WarpOf(writer), true, writer >> 11, known.of[WarpOf(writer)]};
    trouble = Trouble::kRace;
  }
  if (!Writes(access)) {
    if (!Synchronizes(access)) word->readers = Read(readers, byte_mask, warp);
    return trouble;
  }
  if ((readers.stamp & byte_mask) != 0) {
    for (std::uint32_t left = readers.warps & ~(1U << warp); left != 0; left &= left - 1) {
      const auto reader = static_cast<std::uint32_t>(std::countr_zero(left));
      if (readers.stamp >> 4 <= known.of[reader]) continue;
      *other = {reader, false, 0, known.of[reader]};
      trouble = Trouble::kRace;
    }
  }
  const Writer mine = Write(access, byte_mask, warp);
  constexpr Writer kSameTime = ~(kAllBytes << 2);
  word->writer = (writer & kSameTime) == (mine & kSameTime) ? writer | mine : mine;
  if (byte_mask == kAllBytes) word->readers = {};
  return trouble;
}

// A plain access without trouble. Between barriers of the whole block nearly all histories lie
// below the warp's floor: one comparison, whoever accessed the word.
inline bool SharedMemory::Innocent(Access access, History* word, std::uint32_t byte_mask,
                                   std::uint32_t warp) const {
  const Clock floor = floor_[warp], clock = now_[warp].of[warp];
  const Writer writer = word->writer;
  const auto [stamp, readers] = word->readers;
  const std::uint32_t self = 1U << warp;
  const bool written_before = writer >> 11 <= floor || WarpOf(writer) == warp;
  if (access == Access::kRead && written_before && (writer & kWritten) != 0) {
    if (readers == 0 || stamp >> 4 <= floor) {
      word->readers = {clock << 4 | byte_mask, self};
      return true;
    }
    if (stamp >> 4 == clock) {
      word->readers = {stamp | byte_mask, readers | self};
      return true;
    }
  }
  if (access == Access::kWrite && byte_mask == kAllBytes && written_before &&
      (stamp >> 4 <= floor || (readers & ~self) == 0)) {
    *word = {Write(access, byte_mask, warp), {}};
    return true;
  }
  Party other;
  return Judge(access, word, byte_mask, warp, &other) == Trouble::kNone;
}

bool SharedMemory::AllEqual(const Histories& words, std::size_t count) {
  const auto [writers, stamps, warps] = words;
  std::uint32_t different = 0;
  for (std::size_t i = 0; i < count; ++i) {
    different |= (writers[i] ^ writers[0]) | (stamps[i] ^ stamps[0]) | (warps[i] ^ warps[0]);
  }
  return different == 0;
}

// Whole words, plainly. A row that was always accessed as a row has one history, and is judged
// once. Otherwise, between barriers of the whole block, nearly all histories lie below the warp's
// floor: one comparison for each word, whoever accessed it. False: nothing is noted, they must be
// judged word by word.
bool SharedMemory::NoteRow(Access access, std::size_t first, std::size_t words,
                           std::uint32_t warp) {
  const History before = HistoryOf(first);
  History after = before;
  if (words == 1) {  // all lanes read it
    if (!Innocent(access, &after, kAllBytes, warp)) return false;
    SetHistory(first, after);
    return true;
  }
  const Histories row{&writers_[first], &reader_stamps_[first], &reader_warps_[first]};
  if (before != HistoryOf(first + words - 1) || !AllEqual(row, words)) {
    return NoteMixed(access, row, words, warp);
  }
  if (!Innocent(access, &after, kAllBytes, warp)) return false;
  if (after.writer != before.writer) std::fill_n(row.writers, words, after.writer);
  if (after.readers == before.readers) return true;
  std::fill_n(row.stamps, words, after.readers.stamp);
  std::fill_n(row.warps, words, after.readers.warps);
  return true;
}

// Whole words of different histories, plainly. False: nothing is changed, they must be judged word
// by word.
bool SharedMemory::NoteMixed(Access access, const Histories& words, std::size_t count,
                             std::uint32_t warp) const {
  const auto [writers, stamps, warps] = words;
  const bool write = access == Access::kWrite;
  const Clock floor = floor_[warp], clock = now_[warp].of[warp];
  const std::uint32_t self = 1U << warp;
  if (!write && !AllWritten(writers, count)) return false;
  if (AnyAbove<11>(writers, count, floor) && AnyWrittenAbove(writers, count, floor, warp)) {
    return false;
  }
  // What a warp has read is no hindrance to itself; and reads stand with those of their clock.
  const bool read_above = AnyAbove<4>(stamps, count, floor);
  if (read_above && AnyReadAbove(stamps, warps, count, floor, write ? 0 : clock, ~self)) {
    return false;
  }
  if (write) {
    std::fill_n(writers, count, Write(access, kAllBytes, warp));
    std::fill_n(stamps, count, 0U);
    std::fill_n(warps, count, 0U);
    return true;
  }
  for (std::size_t i = 0; i < count && read_above; ++i) {
    warps[i] = (warps[i] & -static_cast<std::uint32_t>(stamps[i] >> 4 == clock)) | self;
  }
  if (!read_above) std::fill_n(warps, count, self);
  std::fill_n(stamps, count, clock << 4 | kAllBytes);
  return true;
}

// One whole word of each lane, at offsets[i] + 4 * word. Lanes may name one word together: what
// becomes of it is the same for each of them.
bool SharedMemory::NoteGathered(Access access, const std::uint32_t* offsets, std::uint32_t count,
                                std::uint32_t word, std::uint32_t warp) {
  Writer writers[kGathered];
  std::uint32_t stamps[kGathered], warps[kGathered];
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t at = offsets[i] / 4 + word;
    writers[i] = writers_[at];
    stamps[i] = reader_stamps_[at];
    warps[i] = reader_warps_[at];
  }
  if (!NoteMixed(access, {writers, stamps, warps}, count, warp)) return false;
  const bool write = access == Access::kWrite;
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t at = offsets[i] / 4 + word;
    if (write) writers_[at] = writers[i];
    reader_stamps_[at] = stamps[i];
    reader_warps_[at] = warps[i];
  }
  return true;
}

SharedMemory::Trouble SharedMemory::Note(Access access, std::uint32_t offset, std::uint32_t bytes,
                                         std::uint32_t warp, std::uint32_t* other_warp,
                                         std::uint32_t* where) {
  if (!checked || bytes == 0) return Trouble::kNone;
  const std::uint32_t end = offset + bytes;
  const std::size_t first = offset / 4, words = (end + 3) / 4 - first;
  const bool plain = access == Access::kRead || access == Access::kWrite;
  if (plain && (offset | bytes) % 4 == 0 && NoteRow(access, first, words, warp)) {
    return Trouble::kNone;
  }
  Trouble found = Trouble::kNone;
  for (std::size_t word = first; word < first + words; ++word) {
    const auto at = static_cast<std::uint32_t>(word * 4);
    Party other;
    History history = HistoryOf(word);
    const Trouble trouble = Judge(access, &history, ByteMask(at, offset, end), warp, &other);
    SetHistory(word, history);
    if (trouble != Trouble::kNone && found == Trouble::kNone) {
      found = trouble;
      other_ = other;
      *other_warp = other.warp;
      if (where != nullptr) *where = std::max(at, offset);
    }
    if (!plain && fenced_) Synchronize(access, at, warp);
  }
  return found;
}

std::uint32_t SharedMemory::NoteEach(Access access, const std::uint32_t* offsets,
                                     std::uint32_t begin, std::uint32_t count, std::uint32_t bytes,
                                     std::uint32_t warp) {
  if (!checked) return count;
  const std::uint32_t words = bytes <= 4 ? 1 : bytes / 4;
  const std::uint32_t part = bytes >= 4 ? kAllBytes : (1U << bytes) - 1;
  if (bytes >= 4 && count - begin <= kGathered) {
    std::uint32_t word = 0;
    while (word < words && NoteGathered(access, offsets + begin, count - begin, word, warp)) ++word;
    if (word == words) return count;
  }
  for (std::uint32_t i = begin; i < count; ++i) {
    const std::uint32_t mask = part << offsets[i] % 4;
    const std::size_t first = offsets[i] / 4;
    for (std::size_t word = first; word < first + words; ++word) {
      History history = HistoryOf(word);
      if (!Innocent(access, &history, mask, warp)) return i;
      SetHistory(word, history);
    }
  }
  return count;
}

void SharedMemory::Remember(Access access, int location, std::uint32_t offset, std::uint32_t bytes,
                            std::uint32_t warp) {
  if (!checked || bytes_ == 0 || warp >= warps_) return;
  const bool write = Writes(access);
  const Clock clock = now_[warp].of[warp];
  const std::uint32_t place = static_cast<std::uint32_t>(location) * 2 + (write ? 1 : 0);
  Recent& recent = recent_[std::size_t{warp} * kRecent + place % kRecent];
  const bool same = recent.clock == clock && recent.location == location && recent.write == write;
  if (!same) forgotten_[warp] = std::max(forgotten_[warp], recent.clock);
  recent = {clock, location, same ? std::min(recent.begin, offset) : offset,
            same ? std::max(recent.end, offset + bytes) : offset + bytes, write};
}

std::vector<int> SharedMemory::LocationsOf(const Party& party, std::uint32_t offset) const {
  std::vector<int> locations;
  if (!checked || party.warp >= warps_ || forgotten_[party.warp] > party.known) return locations;
  const std::uint32_t word = offset / 4 * 4;
  for (std::uint32_t i = 0; i < kRecent; ++i) {
    const Recent& recent = recent_[std::size_t{party.warp} * kRecent + i];
    if (recent.write != party.wrote || recent.clock <= party.known) continue;
    if (party.wrote && recent.clock != party.clock) continue;
    if (recent.begin < word + 4 && recent.end > word) locations.push_back(recent.location);
  }
  return locations;
}

void SharedMemory::NoteForeignWrite(std::uint32_t offset, std::uint32_t bytes) {
  if (!checked || bytes == 0) return;
  const std::size_t first = offset / 4, words = (offset + bytes + 3) / 4 - first;
  std::fill_n(writers_.begin() + static_cast<std::ptrdiff_t>(first), words, kWritten);
  std::fill_n(reader_stamps_.begin() + static_cast<std::ptrdiff_t>(first), words, 0U);
  std::fill_n(reader_warps_.begin() + static_cast<std::ptrdiff_t>(first), words, 0U);
}

// A warp's time goes on, so that what it does from now on is later than what others have heard of.
void SharedMemory::Tick(std::uint32_t warp) {
  floor_[warp] = *std::min_element(now_[warp].of, now_[warp].of + warps_);
  if (++now_[warp].of[warp] < kClockMax) return;
  // The shadow's clocks are full: all so far counts as long ago.
  for (Writer& writer : writers_) writer &= kWritten;
  std::fill(reader_stamps_.begin(), reader_stamps_.end(), 0U);
  std::fill(reader_warps_.begin(), reader_warps_.end(), 0U);
  released_.clear();
  recent_.assign(recent_.size(), Recent());
  for (std::uint32_t each = 0; each < warps_; ++each) {
    forgotten_[each] = 0;
    now_[each] = fence_[each] = pending_[each] = {};
    now_[each].of[each] = 1;
    floor_[each] = 0;
  }
}

namespace {
template <class T>
void Raise(T& clocks, const T& others) {
  for (std::size_t i = 0; i < SharedMemory::kWarpsMax; ++i) {
    clocks.of[i] = std::max(clocks.of[i], others.of[i]);
  }
}
}  // namespace

void SharedMemory::Join(std::uint64_t warps) {
  if (!checked || bytes_ == 0) return;
  if (warps_ < 64) warps &= (std::uint64_t{1} << warps_) - 1;
  Clocks all = {};
  for (std::uint64_t left = warps; left != 0; left &= left - 1) {
    Raise(all, now_[std::countr_zero(left)]);
  }
  for (std::uint64_t left = warps; left != 0; left &= left - 1) {
    now_[std::countr_zero(left)] = all;
  }
  for (std::uint64_t left = warps; left != 0; left &= left - 1) {
    Tick(static_cast<std::uint32_t>(std::countr_zero(left)));
  }
}

void SharedMemory::Release(std::uint32_t slot, std::uint32_t warp, bool relaxed) {
  if (!checked || bytes_ == 0 || warp >= warps_) return;
  Raise(released_[slot], relaxed ? fence_[warp] : now_[warp]);
  Tick(warp);
}

void SharedMemory::Acquire(std::uint32_t slot, std::uint32_t warp) {
  if (!checked || bytes_ == 0 || warp >= warps_) return;
  const auto found = released_.find(slot);
  if (found == released_.end()) return;
  Raise(now_[warp], found->second);
  floor_[warp] = *std::min_element(now_[warp].of, now_[warp].of + warps_);
}

void SharedMemory::Fence(std::uint32_t warp) {
  if (!checked || bytes_ == 0 || warp >= warps_) return;
  fenced_ = true;
  Raise(now_[warp], pending_[warp]);
  fence_[warp] = now_[warp];
  Tick(warp);
}

// Of a synchronising access in a block that uses fences: fence, write; read, fence.
void SharedMemory::Synchronize(Access access, std::uint32_t word, std::uint32_t warp) {
  if (Reads(access)) {
    const auto found = released_.find(word);
    if (found != released_.end()) Raise(pending_[warp], found->second);
  }
  if (Writes(access)) Raise(released_[word], fence_[warp]);
}

}  // namespace caesar::sim
