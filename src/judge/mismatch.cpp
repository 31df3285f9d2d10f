// The map of what is wrong: read from the device in pieces, taken in as runs of bits.
#include "judge/mismatch.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "device/device.h"
#include "device/elementwise.h"

namespace caesar {
namespace {

// Calls take(begin, end) for every run of wrong elements of a word; false: enough.
template <class Take>
bool TakeRuns(std::uint64_t word, std::int64_t from, Take take) {
  while (word != 0) {
    const int begin = std::countr_zero(word);
    const int length = std::countr_one(word >> begin);
    if (!take(from + begin, from + begin + length)) return false;
    if (begin + length >= 64) return true;
    word &= ~std::uint64_t{0} << (begin + length);
  }
  return true;
}

// Takes in words of which a bit is a wrong element, in ascending order. A tensor has up to some
// 1e9 elements, of which every other one may be wrong: no step is taken for each.
class Mapper {
 public:
  explicit Mapper(const MismatchFacts& facts)
      : facts_(facts),
        part_(std::max<std::int64_t>(1, (facts.mismatches + std::int64_t{kMismatchSampleMax} - 1) /
                                            std::int64_t{kMismatchSampleMax})) {
    map_.span = {facts.elements, -1};
    for (const std::int64_t extent : facts.shape) map_.axes.push_back({extent, -1});
    next_ = Drawn(0);
  }

  void Add(std::uint64_t word, std::int64_t from) {
    const bool goes_on = std::exchange(last_, word >> 63) != 0;
    if (word == 0) return;
    map_.runs += std::popcount(word & ~(word << 1 | (goes_on ? 1U : 0U)));
    const std::int64_t first = from + std::countr_zero(word);
    map_.span.first = std::min(map_.span.first, first);
    map_.span.last = from + 63 - std::countl_zero(word);
    if (!Spanned(first, map_.span.last + 1)) {
      TakeRuns(word, from, [&](std::int64_t begin, std::int64_t end) {
        SpanAxes(begin, end);
        return true;
      });
    }
    const int count = std::popcount(word);
    while (next_ < map_.mismatches + count && map_.sample.size() < kMismatchSampleMax) {
      map_.sample.push_back(from + PlaceOfBit(word, static_cast<int>(next_ - map_.mismatches)));
      next_ = Drawn(static_cast<std::int64_t>(map_.sample.size()));
    }
    map_.mismatches += count;
  }
  MismatchMap Take() {
    if (map_.mismatches > 0 && !facts_.shape.empty()) {
      const std::int64_t stride = facts_.elements / facts_.shape[0];
      map_.axes[0] = {map_.span.first / stride, map_.span.last / stride};
    }
    return std::move(map_);
  }

 private:
  // Where the bit lies that has `before` bits of the word below it.
  static int PlaceOfBit(std::uint64_t word, int before) {
    for (int i = 0; i < before; ++i) word &= word - 1;
    return std::countr_zero(word);
  }

  // Which mismatch of a part is taken: at random, or the sample itself would have a stride.
  std::int64_t Drawn(std::int64_t part) const {
    const auto random = element::Mix(static_cast<std::uint64_t>(part) + 0x9E3779B97F4A7C15ULL);
    return part * part_ + static_cast<std::int64_t>(random % static_cast<std::uint64_t>(part_));
  }

  // Calls take(axis, span) with what [begin, end) covers of each axis, at the most; but for the
  // outermost one, which follows from the first and the last mismatch.
  template <class Take>
  void EachAxis(std::int64_t begin, std::int64_t end, Take take) const {
    std::int64_t stride = 1;
    for (std::size_t a = facts_.shape.size(); a-- > 1;) {
      const std::int64_t extent = facts_.shape[a];
      const std::int64_t first = begin / stride;
      const std::int64_t count = (end - 1) / stride - first + 1;
      const std::int64_t at = first % extent;
      const bool wraps = at + count > extent;
      take(a, wraps ? MismatchMap::Span{0, extent - 1} : MismatchMap::Span{at, at + count - 1});
      stride *= extent;
    }
  }

  void SpanAxes(std::int64_t begin, std::int64_t end) {
    EachAxis(begin, end, [&](std::size_t a, const MismatchMap::Span& span) {
      map_.axes[a].first = std::min(map_.axes[a].first, span.first);
      map_.axes[a].last = std::max(map_.axes[a].last, span.last);
    });
  }

  // Whether nothing in [begin, end) can add to what the axes span already.
  bool Spanned(std::int64_t begin, std::int64_t end) const {
    bool spanned = true;
    EachAxis(begin, end, [&](std::size_t a, const MismatchMap::Span& span) {
      spanned = spanned && map_.axes[a].first <= span.first && span.last <= map_.axes[a].last;
    });
    return spanned;
  }

  const MismatchFacts& facts_;
  std::int64_t part_;       // mismatches for each one in the sample
  std::int64_t next_;       // the ordinal of the next mismatch for the sample
  std::uint64_t last_ = 0;  // whether the element before this word is wrong
  MismatchMap map_;
};

// Calls take(word, from) for all words; false: enough.
template <class Take>
Status TakeWords(const MismatchFacts& facts, MismatchSource& source, Take take) {
  for (std::int64_t from = 0; from < facts.elements; from += kMarkedMax) {
    const std::int64_t count = std::min(kMarkedMax, facts.elements - from);
    const std::vector<std::uint64_t> marks = TRY(source.Marks(from, count));
    for (std::size_t i = 0; i < marks.size(); ++i) {
      if (!take(marks[i], from + static_cast<std::int64_t>(64 * i))) return {};
    }
  }
  return {};
}

}  // namespace

Result<MismatchMap> MapMismatches(const MismatchFacts& facts, MismatchSource& source) {
  Mapper mapper(facts);
  TRY(TakeWords(facts, source, [&](std::uint64_t word, std::int64_t from) {
    mapper.Add(word, from);
    return true;
  }));
  return mapper.Take();
}

Result<std::int64_t> CountOutside(const MismatchFacts& facts, MismatchSource& source,
                                  const std::function<bool(std::int64_t)>& inside) {
  std::int64_t counted = 0;
  std::int64_t outside = 0;
  TRY(TakeWords(facts, source, [&](std::uint64_t word, std::int64_t from) {
    return TakeRuns(word, from, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) outside += inside(i) ? 0 : 1;
      counted += end - begin;
      return counted < kMismatchesCountedMax;
    });
  }));
  return outside;
}

Result<WrongWhere> WhereWrong(const MismatchFacts& facts, MismatchSource& source) {
  const MismatchMap map = TRY(MapMismatches(facts, source));
  if (map.mismatches == 0) return WrongWhere();  // a candidate that still writes
  const WrongPlace place = TRY(PlaceOf(facts, map, source));
  const std::string values = TRY(ValuesOf(facts, map, source));
  return WrongWhere{values.empty() ? place.text : place.text + "; " + values,
                    (place.only ? 2 : 0) + (values.empty() ? 0 : 1)};
}

}  // namespace caesar
