#include "gate/shapes.h"

#include <algorithm>
#include <bit>
#include <functional>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

constexpr std::int64_t kVector = 4;              // elements of the usual vector load
constexpr std::int64_t kManyElements = 500'000;  // more than the blocks of one wave write
constexpr std::int64_t kSmall = 16;              // extents below have no edges worth the name

bool IsPrime(std::int64_t n) {
  if (n < 2) return false;
  for (std::int64_t d = 2; d <= n / d; ++d) {
    if (n % d == 0) return false;
  }
  return true;
}

bool IsNearPowerOfTwo(std::int64_t n) {
  return n > kSmall && (std::has_single_bit(static_cast<std::uint64_t>(n - 1)) ||
                        std::has_single_bit(static_cast<std::uint64_t>(n + 1)));
}

// The elements of the largest output.
std::int64_t OutputElements(const Problem& problem, const ShapeSpec& shape) {
  std::int64_t most = 0;
  for (const TensorSpec& output : problem.outputs) {
    const auto elements = ElementsOf(output, shape.dims);
    if (elements.ok()) most = std::max(most, elements.value());
  }
  return most;
}

class ShapeCheck {
 public:
  explicit ShapeCheck(const Problem& problem) : problem_(problem) {
    for (const ShapeSpec& shape : problem.shapes) {
      if (shape.check || shape.sim) shapes_.push_back(&shape);
    }
  }

  std::vector<GateFinding> Findings() {
    const auto elements = [this](const ShapeSpec& shape) {
      return OutputElements(problem_, shape);
    };
    if (!AnyShape([&](const ShapeSpec& shape) {
          const std::int64_t count = elements(shape);
          return count > kSmall && count % kVector != 0;
        })) {
      Add("error",
          Format("every check shape's output is a multiple of {} elements: a kernel without a tail "
                 "passes",
                 kVector),
          "Add a check shape with odd extents, 37 x 1021 say.");
    }
    const std::vector<std::string> even =
        DimsWithout([](std::int64_t n) { return n % 2 == 1 && n > 1; });
    if (!even.empty())
      Add("warning", Format("no check shape has an odd extent above 1 for {}", Join(even, ", ")),
          "Add one, a prime like 37, 131 or 1021.");
    const std::vector<std::string> composite =
        DimsWithout([](std::int64_t n) { return n > kSmall && IsPrime(n); });
    if (composite.size() == problem_.dims.size())
      Add("warning", "no extent of a check shape is a prime above 16",
          "Add one: 37, 131, 1021 or 65537.");
    if (DimsWithout(IsNearPowerOfTwo).size() == problem_.dims.size())
      Add("warning", "no extent of a check shape lies beside a power of two",
          "Add one: 127, 129, 1023, 1025.");
    if (!AnyShape([&](const ShapeSpec& shape) { return elements(shape) >= kManyElements; }))
      Add("warning",
          Format("no check shape has an output of {} elements or more", FormatCount(kManyElements)),
          "Add one with odd extents that takes milliseconds: indices that overflow, and grids that "
          "are too small, show there.");
    return std::move(findings_);
  }

 private:
  bool AnyShape(const std::function<bool(const ShapeSpec&)>& holds) const {
    return std::any_of(shapes_.begin(), shapes_.end(),
                       [&](const ShapeSpec* shape) { return holds(*shape); });
  }
  // Dims that vary, and for which it holds at no check shape.
  std::vector<std::string> DimsWithout(const std::function<bool(std::int64_t)>& holds) const {
    std::vector<std::string> dims;
    for (const std::string& dim : problem_.dims) {
      if (!AnyShape([&](const ShapeSpec& shape) { return holds(shape.dims.at(dim)); }))
        dims.push_back(dim);
    }
    return dims;
  }
  void Add(const char* level, std::string text, std::string advice) {
    findings_.push_back({level, std::move(text), std::move(advice)});
  }

  const Problem& problem_;
  std::vector<const ShapeSpec*> shapes_;
  std::vector<GateFinding> findings_;
};

}  // namespace

std::vector<GateFinding> ShapeFindings(const Problem& problem) {
  return ShapeCheck(problem).Findings();
}

}  // namespace caesar
