// Where a result is wrong, in one sentence that helps to mend it: "every 33rd column (0, 33, ...),
// where every element is wrong; got is 2 times what is wanted".
//
// Pure logic over a map of the wrong elements and a sample of values: what places they fill
// (mismatch_place.cpp) and what the values there are (mismatch_value.cpp). A pattern is said only
// if it takes in every wrong element that was looked at, is much smaller than the tensor, and
// cannot well be chance; what share of it is wrong is said with it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace caesar {

// A comparison that failed, as the judge can look at it. Every question reads from the device.
class MismatchSource {
 public:
  virtual ~MismatchSource() = default;
  // Bit i of the words: element from + i is wrong. At most kMarkedMax elements at a time.
  virtual Result<std::vector<std::uint64_t>> Marks(std::int64_t from, std::int64_t count) = 0;
  virtual Result<double> Got(std::int64_t index) = 0;
  virtual Result<double> Want(std::int64_t index) = 0;
};

struct MismatchFacts {
  std::vector<std::int64_t> shape;
  std::int64_t elements = 0;
  std::int64_t mismatches = 0;
  std::int64_t unwritten = 0;  // of the mismatches
  double atol = 0;
  double rtol = 0;
  // Some elements of what was expected in the call before; empty: unknown.
  std::vector<std::pair<std::int64_t, double>> before{};
};

struct WrongWhere {
  std::string text;  // empty where there is nothing to say
  // How much of a pattern that is: 0 none, 1 what the values are, 2 which place, 3 both.
  int patterns = 0;
};
// Errors: those of the source.
Result<WrongWhere> WhereWrong(const MismatchFacts& facts, MismatchSource& source);

// --- the parts, for each other and for tests

inline constexpr std::size_t kMismatchSampleMax = 4096;

// All wrong elements, in brief.
struct MismatchMap {
  struct Span {
    std::int64_t first = 0, last = 0;
  };
  std::int64_t mismatches = 0;
  std::int64_t runs = 0;             // of wrong elements that follow each other in memory
  Span span;                         // linear
  std::vector<Span> axes;            // smallest and largest index of each dimension
  std::vector<std::int64_t> sample;  // linear, ascending: one from each of equal parts
};
Result<MismatchMap> MapMismatches(const MismatchFacts& facts, MismatchSource& source);

// How many of the first kMismatchesCountedMax wrong elements lie outside of a place.
inline constexpr std::int64_t kMismatchesCountedMax = std::int64_t{1} << 25;
Result<std::int64_t> CountOutside(const MismatchFacts& facts, MismatchSource& source,
                                  const std::function<bool(std::int64_t)>& inside);

struct WrongPlace {
  std::string text;
  bool only = false;  // it is a part of the tensor
};
// "every element is wrong", "only rows 1024 to 2047 (the last 1024 of 2048): 51 % of the elements
// there are wrong".
Result<WrongPlace> PlaceOf(const MismatchFacts& facts, const MismatchMap& map,
                           MismatchSource& source);

// "got is 2 times what is wanted", "all zeros"; empty: nothing that holds for all.
Result<std::string> ValuesOf(const MismatchFacts& facts, const MismatchMap& map,
                             MismatchSource& source);

}  // namespace caesar
