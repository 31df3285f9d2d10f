// Detectors of values: what the wrong elements hold, where one rule holds for all that are looked
// at.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "base/format.h"
#include "device/elementwise.h"
#include "judge/mismatch.h"

namespace caesar {
namespace {

constexpr std::size_t kReadMax = 256;    // elements that are read, two values each
constexpr std::size_t kTwoSidedMin = 8;  // pairs that a rule about got and want needs
constexpr std::size_t kMovedMin = 12;
constexpr std::size_t kVariedMin = 4;  // different values among them: else anything fits

struct Pair {
  std::int64_t index = 0;
  double got = 0, want = 0;
};

bool Near(const MismatchFacts& facts, double a, double b) {
  return element::Compare(a, b, facts.atol, facts.rtol).passes;
}

template <class Rule>
bool All(const std::vector<Pair>& pairs, Rule rule) {
  return std::all_of(pairs.begin(), pairs.end(), rule);
}

std::size_t Varied(const std::vector<Pair>& pairs) {
  std::vector<double> wants;
  for (const Pair& pair : pairs) wants.push_back(pair.want);
  std::sort(wants.begin(), wants.end());
  return static_cast<std::size_t>(std::unique(wants.begin(), wants.end()) - wants.begin());
}

// What got alone shows.
std::string Alone(const std::vector<Pair>& pairs) {
  const double first = pairs.front().got;
  if (All(pairs, [](const Pair& p) { return std::isnan(p.got); })) return "all NaN";
  if (All(pairs, [](const Pair& p) { return std::isinf(p.got); })) return "all infinite";
  if (pairs.size() < kTwoSidedMin || !All(pairs, [&](const Pair& p) { return p.got == first; }))
    return "";
  return first == 0 ? "all zeros" : Format("all {:.6g}", first);
}

// got = factor * want, or got = want + difference. Rounding is forgiven four times over.
std::string Linear(const MismatchFacts& facts, const std::vector<Pair>& pairs) {
  const auto largest = std::max_element(
      pairs.begin(), pairs.end(),
      [](const Pair& a, const Pair& b) { return std::abs(a.want) < std::abs(b.want); });
  const auto near = [&](double got, double want) {
    return element::Compare(got, want, 4 * facts.atol, std::max(4 * facts.rtol, 1e-6)).passes;
  };
  if (largest->want != 0 && std::isfinite(largest->want) && std::isfinite(largest->got)) {
    const double factor = largest->got / largest->want;
    if (All(pairs, [&](const Pair& p) { return near(p.got, factor * p.want); })) {
      if (std::abs(factor + 1) < 1e-5) return "the sign is wrong";
      return Format("got is {:.6g} times what is wanted", factor);
    }
  }
  const double difference = pairs.front().got - pairs.front().want;
  if (std::isfinite(difference) &&
      All(pairs, [&](const Pair& p) { return near(p.got, p.want + difference); }))
    return Format("got is what is wanted {} {:.6g}", difference < 0 ? "-" : "+",
                  std::abs(difference));
  return "";
}

// A value that belongs to another place.
struct Move {
  std::string text;
  std::function<std::int64_t(std::int64_t)> from;  // -1: there is no such place
};

std::vector<Move> Moves(const MismatchFacts& facts) {
  const std::int64_t n = facts.elements;
  const std::size_t rank = facts.shape.size();
  const std::int64_t cols = rank > 0 ? facts.shape[rank - 1] : 1;
  const std::int64_t rows = rank > 1 ? facts.shape[rank - 2] : 1;
  const auto shifted = [n](std::int64_t by) {
    return [n, by](std::int64_t i) { return i + by >= 0 && i + by < n ? i + by : -1; };
  };
  std::vector<Move> moves;
  const auto add = [&](std::string text, std::function<std::int64_t(std::int64_t)> from) {
    moves.push_back({std::move(text), std::move(from)});
  };
  if (rows > 1 && cols > 1) {
    const std::int64_t matrix = rows * cols;
    add(rows == cols ? "transposed: got[i, j] is what is wanted at [j, i]"
                     : "transposed: the result lies in memory as its transpose would",
        [=](std::int64_t i) {
          const std::int64_t in = i % matrix;
          return i - in + in % rows * cols + in / rows;
        });
    add("got[i, j] is what is wanted at [i + 1, j]", shifted(cols));
    add("got[i, j] is what is wanted at [i - 1, j]", shifted(-cols));
    add("rows are in reverse order", [=](std::int64_t i) {
      const std::int64_t in = i % matrix;
      return i - in + (rows - 1 - in / cols) * cols + in % cols;
    });
    add("columns are in reverse order",
        [=](std::int64_t i) { return i - i % cols + (cols - 1 - i % cols); });
    add("every row holds what is wanted of the first one",
        [=](std::int64_t i) { return i % cols; });
  }
  add("got is what is wanted one element further on", shifted(1));
  add("got is what is wanted one element before", shifted(-1));
  add("got is what is wanted in reverse order", [n](std::int64_t i) { return n - 1 - i; });
  return moves;
}

// Whether all but those that have no place hold what is wanted elsewhere.
Result<bool> Moved(const MismatchFacts& facts, const Move& move, const std::vector<Pair>& pairs,
                   MismatchSource& source) {
  std::size_t seen = 0;
  for (const Pair& pair : pairs) {
    const std::int64_t from = move.from(pair.index);
    if (from < 0 || from == pair.index) continue;
    if (!Near(facts, pair.got, TRY(source.Want(from)))) return false;
    ++seen;
  }
  return seen >= kMovedMin;
}

// Whether the wrong ones of those elements hold what was expected in the call before.
Result<bool> Stale(const MismatchFacts& facts, MismatchSource& source) {
  std::vector<Pair> pairs;
  for (const auto& [index, before] : facts.before) {
    const double got = TRY(source.Got(index));
    if (Near(facts, got, TRY(source.Want(index)))) continue;
    if (!Near(facts, got, before)) return false;
    pairs.push_back({index, got, before});
  }
  return pairs.size() >= kTwoSidedMin && Varied(pairs) >= kVariedMin;
}

// Values that are near, but not near enough.
std::string Precision(const std::vector<Pair>& pairs) {
  struct Format16 {
    const char* name;
    int dropped_bits;  // of a float's mantissa
  };
  constexpr std::array kFormats = {Format16{"bf16", 16}, Format16{"half or TF32", 13}};
  double worst = 0;
  for (const Pair& pair : pairs) {
    const double error = std::abs(pair.got - pair.want) / std::abs(pair.want);
    if (!(error < 0.02)) return "";
    worst = std::max(worst, error);
  }
  for (const Format16& format : kFormats) {
    const auto rounded = [&](const Pair& p) {
      const auto bits = element::BitsOf(static_cast<float>(p.got));
      return (bits & ((1U << format.dropped_bits) - 1)) == 0;
    };
    if (All(pairs, rounded))
      return Format(
          "got is near what is wanted (relative error at most {:.2g}), but holds no more "
          "digits than {}",
          worst, format.name);
  }
  return Format(
      "got is near what is wanted (relative error at most {:.2g}): digits are lost, no "
      "index is wrong",
      worst);
}

}  // namespace

Result<std::string> ValuesOf(const MismatchFacts& facts, const MismatchMap& map,
                             MismatchSource& source) {
  if (facts.unwritten > 0 && facts.unwritten == facts.mismatches)
    return std::string("never written");
  std::vector<Pair> pairs;
  const std::size_t step = (map.sample.size() + kReadMax - 1) / kReadMax;
  for (std::size_t i = 0; i < map.sample.size(); i += step) {
    const Pair pair{map.sample[i], TRY(source.Got(map.sample[i])), TRY(source.Want(map.sample[i]))};
    if (facts.unwritten > 0 && std::isnan(pair.got)) continue;  // poison says nothing
    pairs.push_back(pair);
  }
  if (pairs.empty()) return std::string();
  const std::string alone = Alone(pairs);
  if (!alone.empty() || pairs.size() < kTwoSidedMin || Varied(pairs) < kVariedMin) return alone;
  if (TRY(Stale(facts, source))) return std::string("got is what was wanted in the call before");
  if (const std::string linear = Linear(facts, pairs); !linear.empty()) return linear;
  for (const Move& move : Moves(facts)) {
    if (TRY(Moved(facts, move, pairs, source))) return move.text;
  }
  return Precision(pairs);
}

}  // namespace caesar
