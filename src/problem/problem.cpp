#include "problem/problem.h"

#include "base/check.h"
#include "base/format.h"

namespace caesar {

const ShapeSpec& Problem::Bench() const {
  for (const ShapeSpec& shape : shapes) {
    if (shape.bench) return shape;
  }
  CHECK(false);  // the parser lets no problem pass without one
}

bool TakesOtherFills(const TensorSpec& input) {
  return IsFloat(input.dtype) &&
         (input.fill.kind == Fill::Kind::kNormal || input.fill.kind == Fill::Kind::kUniform);
}

Result<std::vector<std::int64_t>> ShapeOf(const TensorSpec& tensor, const Dims& dims) {
  std::vector<std::int64_t> extents;
  std::int64_t elements = 1;
  for (const Expression& extent : tensor.shape) {
    extents.push_back(TRY(extent.Evaluate(dims)));
    if (extents.back() < 1) {
      return Error{ErrorCode::kBadInput,
                   Format("extent \"{}\" of '{}' is {}, but must be at least 1", extent.text(),
                          tensor.name, extents.back()),
                   ""};
    }
    if (__builtin_mul_overflow(elements, extents.back(), &elements)) {
      return Error{ErrorCode::kBadInput,
                   Format("the number of elements of '{}' does not fit 64 bits", tensor.name), ""};
    }
  }
  return extents;
}

Result<std::int64_t> ElementsOf(const TensorSpec& tensor, const Dims& dims) {
  std::int64_t elements = 1;
  for (const std::int64_t extent : TRY(ShapeOf(tensor, dims))) elements *= extent;
  return elements;
}

}  // namespace caesar
