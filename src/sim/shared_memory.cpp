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

template <class T>
bool AllEqual(const T* values, std::size_t count) {
  T different = 0;
  for (std::size_t i = 0; i < count; ++i) different |= values[i] ^ values[0];
  return different == 0;
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
  readers_.assign(words, 0);
  for (std::uint32_t warp = 0; warp < warps_; ++warp) {
    now_[warp] = fence_[warp] = pending_[warp] = {};
    now_[warp].of[warp] = 1;
  }
}

SharedMemory::Readers SharedMemory::Read(Readers before, std::uint32_t byte_mask,
                                         std::uint32_t warp) const {
  const Clocks& known = now_[warp];
  const std::uint64_t self = std::uint64_t{1} << warp, clock = known.of[warp];
  const std::uint64_t bytes = std::uint64_t{byte_mask} << 32;
  const std::uint64_t old_clock = before >> 36;
  // Those who read at the same clock stand together; in step, between two barriers, all do.
  if ((before & 0xFFFFFFFF) == 0) return clock << 36 | bytes | self;
  if (old_clock == clock) return before | bytes | self;
  bool superseded = true;  // all of them happen before this read
  for (auto left = static_cast<std::uint32_t>(before); left != 0; left &= left - 1) {
    superseded &= old_clock <= known.of[std::countr_zero(left)];
  }
  if (superseded) return clock << 36 | bytes | self;
  return std::min(clock, old_clock) << 36 | ((before | bytes | self) & 0xFFFFFFFFF);
}

SharedMemory::Writer SharedMemory::Write(Access access, std::uint32_t byte_mask,
                                         std::uint32_t warp) const {
  return now_[warp].of[warp] << 11 | warp << 6 | byte_mask << 2 |
         (Synchronizes(access) ? kSynchronizing : 0) | kWritten;
}

SharedMemory::Trouble SharedMemory::Judge(Access access, History* word, std::uint32_t byte_mask,
                                          std::uint32_t warp, std::uint32_t* other_warp) const {
  const Clocks& known = now_[warp];
  const Writer writer = word->writer;
  const Readers readers = word->readers;
  Trouble trouble = Trouble::kNone;
  if (Reads(access) && (writer & kWritten) == 0) trouble = Trouble::kUninitialized;
  const bool both_synchronize = Synchronizes(access) && (writer & kSynchronizing) != 0;
  if ((BytesOf(writer) & byte_mask) != 0 && writer >> 11 > known.of[WarpOf(writer)] &&
      !both_synchronize) {
    *other_warp = WarpOf(writer);
    trouble = Trouble::kRace;
  }
  if (!Writes(access)) {
    if (!Synchronizes(access)) word->readers = Read(readers, byte_mask, warp);
    return trouble;
  }
  if ((readers >> 32 & byte_mask) != 0) {
    const auto others = static_cast<std::uint32_t>(readers) & ~(1U << warp);
    for (std::uint32_t left = others; left != 0; left &= left - 1) {
      const auto reader = static_cast<std::uint32_t>(std::countr_zero(left));
      if (readers >> 36 <= known.of[reader]) continue;
      *other_warp = reader;
      trouble = Trouble::kRace;
    }
  }
  const Writer mine = Write(access, byte_mask, warp);
  constexpr Writer kSameTime = ~(kAllBytes << 2);
  word->writer = (writer & kSameTime) == (mine & kSameTime) ? writer | mine : mine;
  if (byte_mask == kAllBytes) word->readers = 0;
  return trouble;
}

// Whole words that all have one history, the common case of a row: one check for all. False: they
// have not, or there is trouble to be looked for word by word.
bool SharedMemory::NoteUniform(Access access, std::size_t first, std::size_t words,
                               std::uint32_t warp) {
  Writer* writers = &writers_[first];
  Readers* readers = &readers_[first];
  if (!AllEqual(writers, words) || !AllEqual(readers, words)) return false;
  const Clocks& known = now_[warp];
  const Writer writer = writers[0];
  if (writer >> 11 > known.of[WarpOf(writer)]) return false;
  if (access == Access::kRead) {
    if ((writer & kWritten) == 0) return false;
    const Readers after = Read(readers[0], kAllBytes, warp);
    if (after != readers[0]) std::fill_n(readers, words, after);
    return true;
  }
  for (auto left = static_cast<std::uint32_t>(readers[0]); left != 0; left &= left - 1) {
    const int reader = std::countr_zero(left);
    if (reader != static_cast<int>(warp) && readers[0] >> 36 > known.of[reader]) return false;
  }
  std::fill_n(writers, words, Write(access, kAllBytes, warp));
  if (readers[0] != 0) std::fill_n(readers, words, Readers{0});
  return true;
}

SharedMemory::Trouble SharedMemory::Note(Access access, std::uint32_t offset, std::uint32_t bytes,
                                         std::uint32_t warp, std::uint32_t* other_warp) {
  if (!checked || bytes == 0) return Trouble::kNone;
  const std::uint32_t end = offset + bytes;
  const std::size_t first = offset / 4, words = (end + 3) / 4 - first;
  const bool plain = access == Access::kRead || access == Access::kWrite;
  if (plain && words > 1 && (offset | bytes) % 4 == 0 && NoteUniform(access, first, words, warp)) {
    return Trouble::kNone;
  }
  Trouble found = Trouble::kNone;
  for (std::size_t word = first; word < first + words; ++word) {
    const auto at = static_cast<std::uint32_t>(word * 4);
    std::uint32_t other = 0;
    History history{writers_[word], readers_[word]};
    const Trouble trouble = Judge(access, &history, ByteMask(at, offset, end), warp, &other);
    writers_[word] = history.writer;
    readers_[word] = history.readers;
    if (trouble != Trouble::kNone && found == Trouble::kNone) {
      found = trouble;
      *other_warp = other;
    }
    if (!plain && fenced_) Synchronize(access, at, warp);
  }
  return found;
}

// Words that a warp accesses together mostly have few histories: what was found for one holds for
// the next that looks the same.
std::uint32_t SharedMemory::NoteEach(Access access, const std::uint32_t* offsets,
                                     std::uint32_t begin, std::uint32_t count, std::uint32_t bytes,
                                     std::uint32_t warp) {
  if (!checked) return count;
  const std::uint32_t words = bytes <= 4 ? 1 : bytes / 4;
  const std::uint32_t part = bytes >= 4 ? kAllBytes : (1U << bytes) - 1;
  History before, after;
  std::uint32_t judged = 0;  // bytes of a word; 0: nothing yet
  for (std::uint32_t i = begin; i < count; ++i) {
    const std::uint32_t mask = part << offsets[i] % 4;
    const std::size_t first = offsets[i] / 4;
    for (std::size_t word = first; word < first + words; ++word) {
      const Writer writer = writers_[word];
      const Readers readers = readers_[word];
      if (judged == mask && writer == after.writer && readers == after.readers) continue;
      if (judged != mask || writer != before.writer || readers != before.readers) {
        std::uint32_t other = 0;
        before = after = {writer, readers};
        judged = 0;
        if (Judge(access, &after, mask, warp, &other) != Trouble::kNone) return i;
        judged = mask;
      }
      writers_[word] = after.writer;
      readers_[word] = after.readers;
    }
  }
  return count;
}

void SharedMemory::NoteForeignWrite(std::uint32_t offset, std::uint32_t bytes) {
  if (!checked || bytes == 0) return;
  const std::size_t first = offset / 4, words = (offset + bytes + 3) / 4 - first;
  std::fill_n(writers_.begin() + static_cast<std::ptrdiff_t>(first), words, kWritten);
  std::fill_n(readers_.begin() + static_cast<std::ptrdiff_t>(first), words, Readers{0});
}

// A warp's time goes on, so that what it does from now on is later than what others have heard of.
void SharedMemory::Tick(std::uint32_t warp) {
  if (++now_[warp].of[warp] < kClockMax) return;
  // The shadow's clocks are full: all so far counts as long ago.
  for (Writer& writer : writers_) writer &= kWritten;
  std::fill(readers_.begin(), readers_.end(), Readers{0});
  released_.clear();
  for (std::uint32_t each = 0; each < warps_; ++each) {
    now_[each] = fence_[each] = pending_[each] = {};
    now_[each].of[each] = 1;
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

void SharedMemory::Release(std::uint32_t slot, std::uint32_t warp) {
  if (!checked || warp >= warps_) return;
  Raise(released_[slot], now_[warp]);
  Tick(warp);
}

void SharedMemory::Acquire(std::uint32_t slot, std::uint32_t warp) {
  if (!checked || warp >= warps_) return;
  const auto found = released_.find(slot);
  if (found != released_.end()) Raise(now_[warp], found->second);
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
