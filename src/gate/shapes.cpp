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

// Whether some are left behind the last whole vector; a handful has no vectors to begin with.
bool HasTail(std::int64_t n) { return n > kSmall && n % kVector != 0; }

// Whether some extents of the dims could give it a tail: not so where its own literals do not,
// [256] or [n, 4].
bool MayHaveTail(const Problem& problem, const TensorSpec& tensor) {
  for (const std::int64_t probe : {37, 38}) {
    Dims dims;
    for (const std::string& dim : problem.dims) dims[dim] = probe;
    const auto elements = ElementsOf(tensor, dims);
    if (elements.ok() && elements.value() % kVector != 0) return true;
  }
  return false;
}

class ShapeCheck {
 public:
  explicit ShapeCheck(const Problem& problem) : problem_(problem) {
    for (const ShapeSpec& shape : problem.shapes) {
      if (shape.check || shape.sim) shapes_.push_back(&shape);
    }
  }

  std::vector<GateFinding> Findings() {
    Tails();
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
    const auto many = [](std::int64_t elements) { return elements >= kManyElements; };
    if (!AnyTensor(problem_.inputs, many) && !AnyTensor(problem_.outputs, many))
      Add("warning",
          Format("no check shape has an input or output of {} elements or more",
                 FormatCount(kManyElements)),
          "Add one with odd extents that takes milliseconds: indices that overflow, and grids that "
          "are too small, show there.");
    return std::move(findings_);
  }

 private:
  // Something must have a tail; of outputs that could, one should.
  void Tails() {
    const char* advice = "Add a check shape with odd extents, 37 x 1021 say.";
    std::vector<TensorSpec> outputs;
    for (const TensorSpec& output : problem_.outputs) {
      if (MayHaveTail(problem_, output)) outputs.push_back(output);
    }
    if (AnyTensor(outputs, HasTail)) return;
    if (DimsWithout(HasTail).size() == problem_.dims.size() &&
        !AnyTensor(problem_.inputs, HasTail)) {
      Add("error",
          Format("at every check shape all dims, inputs and outputs are multiples of {} (or at "
                 "most {}): a kernel without a tail passes",
                 kVector, kSmall),
          advice);
    } else if (!outputs.empty()) {
      Add("warning",
          Format("every check shape's output is a multiple of {} elements: a kernel that takes {} "
                 "at once, and has no tail, may pass",
                 kVector, kVector),
          advice);
    }
  }

  bool AnyTensor(const std::vector<TensorSpec>& tensors,
                 const std::function<bool(std::int64_t)>& holds) const {
    return AnyShape([&](const ShapeSpec& shape) {
      return std::any_of(tensors.begin(), tensors.end(), [&](const TensorSpec& tensor) {
        const auto elements = ElementsOf(tensor, shape.dims);
        return elements.ok() && holds(elements.value());
      });
    });
  }
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
