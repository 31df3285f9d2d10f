#include "sim/memory_traffic.h"

#include <algorithm>
#include <bit>

namespace caesar::sim {
namespace {

constexpr std::uint32_t kSectorBytes = 32, kBanks = 32;

template <class T>
std::uint32_t CountDistinct(T* values, std::size_t count) {
  if (!std::is_sorted(values, values + count)) std::sort(values, values + count);
  return static_cast<std::uint32_t>(std::unique(values, values + count) - values);
}

// Lanes whose words are fetched together.
std::uint32_t GroupOf(std::uint32_t bytes) {
  return bytes <= 4 ? 32 : std::max<std::uint32_t>(1, 128 / bytes);
}

Mask LanesFrom(std::uint32_t first, std::uint32_t count) {
  return (count >= 32 ? kAllLanes : (Mask{1} << count) - 1) << first;
}

// Do all lanes ask for the same as those that their numbers differ from by one bit?
bool Paired(const std::uint64_t* offsets, Mask lanes, int bit) {
  for (Mask left = lanes; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left), other = lane ^ bit;
    if ((lanes >> other & 1) != 0 && offsets[lane] != offsets[other]) return false;
  }
  return true;
}

}  // namespace

// An access is aligned to its size, so it lies in one sector.
std::uint32_t SectorsOf(const std::uint64_t* addresses, Mask lanes, std::uint32_t) {
  std::uint64_t sectors[kLanes];
  std::size_t count = 0;
  for (Mask left = lanes; left != 0; left &= left - 1) {
    sectors[count++] = addresses[std::countr_zero(left)] / kSectorBytes;
  }
  return CountDistinct(sectors, count);
}

std::uint32_t LocalSectorsOf(const std::uint64_t* offsets, Mask lanes, std::uint32_t bytes) {
  std::uint64_t sectors[kLanes * 8];
  std::size_t count = 0;
  const std::uint32_t words = std::clamp<std::uint32_t>(bytes / 4, 1, 8);
  for (Mask left = lanes; left != 0; left &= left - 1) {
    const int lane = std::countr_zero(left);
    for (std::uint32_t word = 0; word < words; ++word) {
      const std::uint64_t at = offsets[lane] / 4 + word;
      sectors[count++] = (at * kLanes + static_cast<std::uint32_t>(lane)) * 4 / kSectorBytes;
    }
  }
  return CountDistinct(sectors, count);
}

Waves WavesOf(const std::uint64_t* offsets, Mask lanes, std::uint32_t bytes, Touch touch) {
  const std::uint32_t words_each = std::max<std::uint32_t>(1, bytes / 4);
  std::uint32_t group = GroupOf(bytes);
  const bool paired = Paired(offsets, lanes, 1) || Paired(offsets, lanes, 2);
  if (words_each > 1 && touch == Touch::kRead && paired) group *= 2;
  Waves waves;
  for (std::uint32_t first = 0; first < kLanes; first += group) {
    std::uint64_t words[kBanks][kLanes];  // that each bank is asked for
    std::uint32_t in_bank[kBanks] = {}, most = 0;
    for (Mask left = lanes & LanesFrom(first, group); left != 0; left &= left - 1) {
      const std::uint64_t begin = offsets[std::countr_zero(left)] / 4;
      for (std::uint64_t word = begin; word < begin + words_each; ++word) {
        std::uint64_t* const known = words[word % kBanks];
        std::uint32_t& count = in_bank[word % kBanks];
        const bool shares = touch != Touch::kAtomic;
        if (shares && std::find(known, known + count, word) != known + count) continue;
        known[count++] = word;
        most = std::max(most, count);
      }
    }
    waves.taken += most;
    waves.ideal += most != 0 ? 1 : 0;
  }
  return waves;
}

}  // namespace caesar::sim
