// Detectors of places: each proposes a set of elements that takes in all wrong ones of the sample,
// and the smallest set that cannot be chance is said.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <functional>
#include <numeric>

#include "base/format.h"
#include "base/strings.h"
#include "judge/mismatch.h"

namespace caesar {
namespace {

// That all of n independent elements lie in a share f of the tensor by chance has the probability
// f^n; some thousand places are tried. e^-18 is 1.5e-8.
constexpr double kEvidenceMin = 18;
constexpr double kNearlyAll = 0.999;
constexpr double kSmallEnough = 0.9;  // of the tensor, for a place that is not full of mismatches
constexpr std::int64_t kListedMax = 3;
constexpr std::int64_t kTileMax = 1024;

using Span = MismatchMap::Span;

// What the indices of an axis are called.
struct AxisName {
  std::string one;   // "row"
  std::string many;  // "rows"
};

AxisName NameOf(std::size_t axis, std::size_t rank) {
  if (rank == 1) return {"element", "elements"};
  if (rank == 2 && axis == 0) return {"row", "rows"};
  if (rank == 2) return {"column", "columns"};
  return {Format("dimension-{} index", axis), Format("dimension-{} indices", axis)};
}

// A part of one axis that all wrong elements lie in.
struct AxisPlace {
  std::string text;
  std::int64_t size = 0;                    // indices
  double evidence = 0;                      // see kEvidenceMin
  std::function<bool(std::int64_t)> holds;  // of an index
};

double Evidence(std::int64_t independent, double share) {
  return share < 1 ? static_cast<double>(std::max<std::int64_t>(0, independent)) * -std::log(share)
                   : 0;
}

class Axis {
 public:
  // `values`: the axis's index of every element of the sample.
  Axis(AxisName name, std::int64_t extent, Span span, std::vector<std::int64_t> values)
      : name_(std::move(name)),
        extent_(extent),
        span_(span),
        samples_(static_cast<std::int64_t>(values.size())),
        values_(std::move(values)) {
    std::sort(values_.begin(), values_.end());
    values_.erase(std::unique(values_.begin(), values_.end()), values_.end());
    distinct_ = static_cast<std::int64_t>(values_.size());
  }

  // Everything that holds, the smallest first. `listed`: single indices may be named.
  std::vector<AxisPlace> Places(bool listed) const {
    std::vector<AxisPlace> places;
    if (extent_ < 2) return places;
    const auto add = [&](std::optional<AxisPlace> place) {
      if (place && place->size < extent_) places.push_back(std::move(*place));
    };
    if (listed) add(Listed());
    add(Strided());
    add(Residues());
    add(Range());
    std::stable_sort(places.begin(), places.end(),
                     [](const AxisPlace& a, const AxisPlace& b) { return a.size < b.size; });
    return places;
  }

 private:
  // "column 0", "the last row (1020)", "rows 3, 17 and 900"
  std::optional<AxisPlace> Listed() const {
    if (distinct_ > kListedMax) return std::nullopt;
    const double evidence = Evidence(samples_ - distinct_,
                                     static_cast<double>(distinct_) / static_cast<double>(extent_));
    if (distinct_ == 1) {
      const std::int64_t only = values_.front();
      const bool last = only == extent_ - 1;
      return AxisPlace{
          last ? Format("the last {} ({})", name_.one, only) : Format("{} {}", name_.one, only), 1,
          evidence, [only](std::int64_t i) { return i == only; }};
    }
    if (span_.last - span_.first + 1 == distinct_) return std::nullopt;  // a range says it better
    std::vector<std::string> all;
    for (const std::int64_t value : values_) all.push_back(std::to_string(value));
    const std::string last = all.back();
    all.pop_back();
    return AxisPlace{Format("{} {} and {}", name_.many, Join(all, ", "), last), distinct_, evidence,
                     [values = values_](std::int64_t i) {
                       return std::find(values.begin(), values.end(), i) != values.end();
                     }};
  }

  // "every 33rd column (0, 33, 66, ...)"
  std::optional<AxisPlace> Strided() const {
    std::int64_t stride = 0;
    for (const std::int64_t value : values_) stride = std::gcd(stride, value - values_.front());
    if (stride < 2 || distinct_ <= kListedMax) return std::nullopt;
    const std::int64_t first = values_.front() % stride;
    return AxisPlace{
        Format("{} ({}, {}, {}, ...)", Every(stride), first, first + stride, first + 2 * stride),
        (extent_ - first + stride - 1) / stride,
        Evidence(distinct_ - 2, 1.0 / static_cast<double>(stride)),
        [=](std::int64_t i) { return i % stride == first; }};
  }

  // "columns with column % 32 >= 16"
  std::optional<AxisPlace> Residues() const {
    std::optional<AxisPlace> best;
    for (std::int64_t tile = 4; tile <= kTileMax && tile <= extent_ / 2; tile *= 2) {
      std::int64_t low = tile, high = -1;
      for (const std::int64_t value : values_) {
        low = std::min(low, value % tile);
        high = std::max(high, value % tile);
      }
      const std::int64_t count = high - low + 1;
      if (count > tile * 3 / 4 || count < 2) continue;
      const std::int64_t rest = extent_ % tile;
      const std::int64_t size =
          extent_ / tile * count + std::clamp<std::int64_t>(rest - low, 0, count);
      if (best && best->size <= size) continue;
      const std::string residue = Format("{} % {}", name_.one, tile);
      const std::string text = low == 0           ? Format("{} < {}", residue, count)
                               : high == tile - 1 ? Format("{} >= {}", residue, low)
                                                  : Format("{} from {} to {}", residue, low, high);
      best =
          AxisPlace{Format("{} with {}", name_.many, text), size,
                    Evidence(distinct_ - 2, static_cast<double>(count) / static_cast<double>(tile)),
                    [=](std::int64_t i) { return i % tile >= low && i % tile <= high; }};
    }
    return best;
  }

  // "rows 1024 to 2047 (the last 1024)"
  std::optional<AxisPlace> Range() const {
    const std::int64_t count = span_.last - span_.first + 1;
    if (count == extent_ || distinct_ == 1) return std::nullopt;
    std::string note;
    if (span_.first == 0) note = Format(" (the first {} of {})", count, extent_);
    if (span_.last == extent_ - 1) note = Tail(count);
    // From a range's own ends nothing follows: they are where the samples are.
    return AxisPlace{
        Format("{} {} to {}{}", name_.many, span_.first, span_.last, note), count,
        Evidence(distinct_ - 2, static_cast<double>(count) / static_cast<double>(extent_)),
        [span = span_](std::int64_t i) { return i >= span.first && i <= span.last; }};
  }

  // " (the last 6 of 1030: the last partial block of 8 to 1024)"
  std::string Tail(std::int64_t count) const {
    std::int64_t low = 0, high = 0;  // sizes of blocks whose last, partial one this is
    for (std::int64_t block = 2; block <= kTileMax; block *= 2) {
      if (span_.first % block != 0 || count >= block || span_.first == 0) continue;
      if (low == 0) low = block;
      high = block;
    }
    std::string note = Format(" (the last {} of {}", count, extent_);
    if (low != 0) {
      note += Format(": the last partial block of {}", low);
      if (high != low) note += Format(" to {}", high);
    }
    return note + ")";
  }

  std::string Every(std::int64_t n) const {
    const char* ending = "th";
    if (n % 100 / 10 != 1) {
      if (n % 10 == 1) ending = "st";
      if (n % 10 == 2) ending = "nd";
      if (n % 10 == 3) ending = "rd";
    }
    return Format("every {}{} {}", n, ending, name_.one);
  }

  AxisName name_;
  std::int64_t extent_;
  Span span_;
  std::int64_t samples_;
  std::int64_t distinct_ = 0;
  std::vector<std::int64_t> values_;  // distinct, ascending
};

// A set of elements, of the whole tensor.
struct Place {
  std::string text;
  double size = 0;
  double evidence = 0;
  std::function<bool(std::int64_t)> holds;  // of a linear index
};

struct Point {
  std::int64_t i = 0, j = 0;
};

// Places in the last two dimensions that no axis alone shows.
struct Region {
  std::string text;
  std::function<bool(const Point&)> holds;
  double size = 0;  // elements of one matrix
};

std::vector<Region> Regions(std::int64_t rows, std::int64_t cols) {
  const auto number = [](std::int64_t value) { return static_cast<double>(value); };
  const double all = number(rows) * number(cols);
  const std::int64_t square = std::min(rows, cols);
  // Elements with j <= i: row i has min(i + 1, cols) of them.
  const double lower = number(square) * (number(square) + 1) / 2 +
                       number(std::max<std::int64_t>(0, rows - cols)) * number(cols);
  std::vector<Region> regions = {
      {"the diagonal", [](const Point& p) { return p.i == p.j; }, number(square)},
      {"above the diagonal", [](const Point& p) { return p.j > p.i; }, all - lower},
      {"below the diagonal", [](const Point& p) { return p.j < p.i; }, lower - number(square)},
      {"the upper triangle with the diagonal", [](const Point& p) { return p.j >= p.i; },
       all - lower + number(square)},
      {"the lower triangle with the diagonal", [](const Point& p) { return p.j <= p.i; }, lower},
      {"everything but the diagonal", [](const Point& p) { return p.i != p.j; },
       all - number(square)},
      {"elements whose row and column add up to an odd number",
       [](const Point& p) { return (p.i + p.j) % 2 == 1; }, all / 2},
      {"elements whose row and column add up to an even number",
       [](const Point& p) { return (p.i + p.j) % 2 == 0; }, all / 2},
      {"the border (first and last row and column)",
       [rows, cols](const Point& p) {
         return p.i == 0 || p.j == 0 || p.i == rows - 1 || p.j == cols - 1;
       },
       all - number(std::max<std::int64_t>(0, rows - 2)) *
                 number(std::max<std::int64_t>(0, cols - 2))},
  };
  for (std::int64_t tile = 8; tile <= 256; tile *= 2) {
    const std::int64_t i0 = rows / tile * tile, j0 = cols / tile * tile;
    if (i0 == 0 || j0 == 0 || (i0 == rows && j0 == cols)) continue;
    regions.push_back(
        {Format("the partial tiles of {} x {} at the edges (rows from {} or columns from {})", tile,
                tile, i0, j0),
         [i0, j0](const Point& p) { return p.i >= i0 || p.j >= j0; },
         all - number(i0) * number(j0)});
    regions.push_back({Format("the edges of tiles of {} x {} (row or column % {} is 0 or {})", tile,
                              tile, tile, tile - 1),
                       [tile](const Point& p) {
                         return p.i % tile == 0 || p.j % tile == 0 || p.i % tile == tile - 1 ||
                                p.j % tile == tile - 1;
                       },
                       all * (1 - std::pow(1 - 2.0 / number(tile), 2))});
  }
  return regions;
}

// So much smaller must a place be than one that is easier to understand, unless it is full of
// mismatches and the other is not.
constexpr double kClearlySmaller = 0.95;

class Finder {
 public:
  Finder(const MismatchFacts& facts, const MismatchMap& map) : facts_(facts), map_(map) {}

  // The smallest that holds.
  std::optional<Place> Best() const {
    std::vector<Place> places = AxisProducts();
    if (facts_.shape.size() > 1) {
      AddRegions(places);
      const Axis linear({"linear index", "linear indices"}, facts_.elements, map_.span,
                        map_.sample);
      for (AxisPlace& place : linear.Places(false)) {
        places.push_back({std::move(place.text), static_cast<double>(place.size), place.evidence,
                          std::move(place.holds)});
      }
    }
    std::optional<Place> best;
    for (Place& place : places) {
      if (!Holds(place)) continue;
      if (best && !(place.size < best->size && Full(place) && !Full(*best)) &&
          place.size > kClearlySmaller * best->size)
        continue;
      best = std::move(place);
    }
    return best;
  }

 private:
  double Share(double size) const { return size / static_cast<double>(facts_.elements); }

  bool Full(const Place& place) const {
    return static_cast<double>(map_.mismatches) / place.size >= kNearlyAll;
  }
  // Small enough to help, and either full of mismatches or no chance.
  bool Holds(const Place& place) const {
    if (Full(place)) return Share(place.size) < 1;
    return Share(place.size) <= kSmallEnough && place.evidence >= kEvidenceMin;
  }

  std::int64_t StrideOf(std::size_t axis) const {
    std::int64_t stride = 1;
    for (std::size_t a = facts_.shape.size(); a-- > axis + 1;) stride *= facts_.shape[a];
    return stride;
  }

  std::vector<AxisPlace> PlacesOf(std::size_t axis) const {
    const std::int64_t stride = StrideOf(axis), extent = facts_.shape[axis];
    std::vector<std::int64_t> indices;
    for (const std::int64_t element : map_.sample) indices.push_back(element / stride % extent);
    return Axis(NameOf(axis, facts_.shape.size()), extent, map_.axes[axis], std::move(indices))
        .Places(true);
  }

  // What lies in `place` too.
  void Narrow(Place& place, std::size_t axis, const AxisPlace& by) const {
    const std::int64_t stride = StrideOf(axis), extent = facts_.shape[axis];
    place.text += (place.text.empty() ? "" : ", ") + by.text;
    place.size *= static_cast<double>(by.size) / static_cast<double>(extent);
    place.evidence += by.evidence;
    place.holds = [=, before = place.holds, here = by.holds](std::int64_t i) {
      return before(i) && here(i / stride % extent);
    };
  }

  // Of every axis the best place that stands by itself; and the smallest of every axis, which is
  // right if the whole is full of mismatches.
  std::vector<Place> AxisProducts() const {
    Place sure{"", static_cast<double>(facts_.elements), 0, [](std::int64_t) { return true; }};
    Place smallest = sure;
    for (std::size_t a = 0; a < facts_.shape.size(); ++a) {
      const std::vector<AxisPlace> places = PlacesOf(a);
      if (!places.empty()) Narrow(smallest, a, places.front());
      const auto stands = std::find_if(places.begin(), places.end(), [](const AxisPlace& place) {
        return place.evidence >= kEvidenceMin;
      });
      if (stands != places.end()) Narrow(sure, a, *stands);
    }
    smallest.evidence = 0;
    return {sure, smallest};
  }

  void AddRegions(std::vector<Place>& places) const {
    const std::size_t rank = facts_.shape.size();
    const std::int64_t rows = facts_.shape[rank - 2], cols = facts_.shape[rank - 1];
    if (rows < 3 || cols < 3) return;
    const double matrices = static_cast<double>(facts_.elements) /
                            (static_cast<double>(rows) * static_cast<double>(cols));
    for (const Region& region : Regions(rows, cols)) {
      const auto inside = [rows, cols, holds = region.holds](std::int64_t element) {
        return holds({element / cols % rows, element % cols});
      };
      if (!std::all_of(map_.sample.begin(), map_.sample.end(), inside)) continue;
      const double size = region.size * matrices;
      // Wrong elements come in rows and columns: no more of them are independent than those.
      const std::int64_t independent =
          std::min<std::int64_t>(static_cast<std::int64_t>(map_.sample.size()), rows + cols);
      places.push_back({region.text, size, Evidence(independent - 2, Share(size)), inside});
    }
  }

  const MismatchFacts& facts_;
  const MismatchMap& map_;
};

std::string Percent(double share) {
  if (share >= 0.995) return Format("{:.1f} %", 100 * share);  // not all of them
  if (share >= 0.1) return Format("{:.0f} %", 100 * share);
  return Format("{:.2g} %", 100 * share);
}

std::string Sentence(const Place& place, std::int64_t mismatches, std::int64_t outside) {
  const double filled = static_cast<double>(mismatches - outside) / place.size;
  std::string text = Format("only {}: ", place.text);
  text += filled >= kNearlyAll ? "every element there is wrong"
                               : Format("{} of the elements there are wrong", Percent(filled));
  if (outside > 0) text += Format(", and {} elsewhere", outside);
  return text;
}

// Whether the mismatches lie here and there: alone, and in every sixteenth of the tensor.
bool Scattered(const MismatchFacts& facts, const MismatchMap& map) {
  if (map.sample.size() < 48 || map.runs < map.mismatches * 9 / 10) return false;
  std::array<int, 16> parts{};
  for (const std::int64_t element : map.sample)
    ++parts[static_cast<std::size_t>(static_cast<double>(element) * 16 /
                                     static_cast<double>(facts.elements))];
  return *std::min_element(parts.begin(), parts.end()) > 0;
}

}  // namespace

Result<WrongPlace> PlaceOf(const MismatchFacts& facts, const MismatchMap& map,
                           MismatchSource& source) {
  const double share = static_cast<double>(map.mismatches) / static_cast<double>(facts.elements);
  if (map.mismatches >= facts.elements) return WrongPlace{"every element is wrong"};
  if (share >= kNearlyAll)
    return WrongPlace{Format("all but {} of the elements are wrong",
                             FormatCount(facts.elements - map.mismatches))};
  if (const auto place = Finder(facts, map).Best()) {
    if (map.mismatches == 1) return WrongPlace{"only one element is wrong: " + place->text, true};
    const std::int64_t outside = TRY(CountOutside(facts, source, place->holds));
    const auto counted = static_cast<double>(std::min(map.mismatches, kMismatchesCountedMax));
    if (static_cast<double>(outside) <= (1 - kNearlyAll) * counted)
      return WrongPlace{Sentence(*place, map.mismatches, outside), true};
  }
  if (map.mismatches <= kListedMax) return WrongPlace{Format("only {} elements", map.mismatches)};
  if (share < 0.05 && Scattered(facts, map)) {
    return WrongPlace{Format(
        "{} of the elements, scattered over the tensor without a pattern: a race looks like that, "
        "or special values of the inputs",
        Percent(share))};
  }
  return WrongPlace{Format("{} of the elements, {}", Percent(share),
                           share < 0.01 ? "without a pattern" : "all over the tensor")};
}

}  // namespace caesar
