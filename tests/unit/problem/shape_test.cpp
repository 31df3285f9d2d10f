#include <gtest/gtest.h>

#include "problem/problem.h"

namespace caesar {
namespace {

TensorSpec Tensor(const std::vector<std::string>& extents) {
  TensorSpec tensor;
  tensor.name = "x";
  for (const std::string& extent : extents)
    tensor.shape.push_back(Expression::Parse(extent).value());
  return tensor;
}

TEST(ShapeOf, EvaluatesEveryExtent) {
  const TensorSpec tensor = Tensor({"n", "2*n+1", "3"});
  EXPECT_EQ(ShapeOf(tensor, {{"n", 4}}).value(), (std::vector<std::int64_t>{4, 9, 3}));
  EXPECT_EQ(ElementsOf(tensor, {{"n", 4}}).value(), 108);
}

TEST(ShapeOf, ATensorWithoutExtentsHasOneElement) {
  EXPECT_TRUE(ShapeOf(Tensor({}), {}).value().empty());
  EXPECT_EQ(ElementsOf(Tensor({}), {}).value(), 1);
}

TEST(ShapeOf, RefusesEmptyAndHugeTensors) {
  EXPECT_EQ(ShapeOf(Tensor({"n-4"}), {{"n", 4}}).error().message,
            "extent \"n-4\" of 'x' is 0, but must be at least 1");
  EXPECT_EQ(ElementsOf(Tensor({"n", "n"}), {{"n", std::int64_t{1} << 32}}).error().message,
            "the number of elements of 'x' does not fit 64 bits");
  EXPECT_FALSE(ElementsOf(Tensor({"m"}), {{"n", 4}}).ok());
}

}  // namespace
}  // namespace caesar
