#include <gtest/gtest.h>

#include "problem/parse.h"

namespace caesar {
namespace {

Result<Fill> Parse(const std::string& json, DType dtype) {
  const JsonTree tree = ParseJsonTree(json, "f.json").value();
  return ParseFill(JsonField(tree, "f.json", "fill"), dtype);
}

std::string Shown(const std::string& json, DType dtype = DType::kF32) {
  const auto fill = Parse(json, dtype);
  return fill.ok() ? Describe(fill.value()) : fill.error().message;
}

TEST(Fill, EveryKindIsReadAndDescribed) {
  EXPECT_EQ(Shown(R"({"normal": [0, 1]})"), "normal(0, 1)");
  EXPECT_EQ(Shown(R"({"uniform": [-0.5, 0.5]})"), "uniform(-0.5, 0.5)");
  EXPECT_EQ(Shown(R"({"integers": [-3, 3]})"), "integers(-3, 3)");
  EXPECT_EQ(Shown(R"({"constant": 2.5})"), "constant(2.5)");
  EXPECT_EQ(Shown(R"({"constant": [2.5]})"), "constant(2.5)");
  EXPECT_EQ(Shown(R"({"ramp": [0, 0.25]})"), "ramp(0, 0.25)");
  EXPECT_EQ(Shown(R"({"one_hot": 1})"), "one_hot(1)");
  EXPECT_EQ(Shown(R"({"permutation": []})"), "permutation");
  EXPECT_EQ(Shown(R"({"mixed_scale": [-3, 3]})"), "mixed_scale(-3, 3)");
  EXPECT_EQ(Shown(R"({"row_scale": [-3, 3]})"), "row_scale(-3, 3)");
  EXPECT_EQ(Shown(R"({"mixed_scale": [-40, 37]})"), "mixed_scale(-40, 37)");
  EXPECT_EQ(Shown(R"({"integers": [0, 255]})", DType::kU8), "integers(0, 255)");
  EXPECT_EQ(Shown(R"({"constant": 1})", DType::kBool), "constant(1)");
}

// What is drawn is rounded to the type at the end, so that the way there may be wider.
TEST(Fill, TheWholeRangeOfATypeCanBeDrawn) {
  EXPECT_EQ(Shown(R"({"uniform": [-65504, 65504]})", DType::kF16), "uniform(-65504, 65504)");
  EXPECT_EQ(Shown(R"({"uniform": [-1.7e38, 1.7e38]})"), "uniform(-1.7e+38, 1.7e+38)");
  EXPECT_EQ(Shown(R"({"normal": [0, 6e37]})"), "normal(0, 6e+37)");
  EXPECT_EQ(Shown(R"({"normal": [1e300, 1e306]})", DType::kF64), "normal(1e+300, 1e+306)");
}

TEST(Fill, WrongOnesSayWhatIsWrong) {
  struct Case {
    const char* json;
    DType dtype;
    const char* want;
  };
  const Case cases[] = {
      {R"({"normel": [0, 1]})", DType::kF32,
       "f.json:1: fill.normel: unknown field (did you mean 'normal'?)"},
      {R"({})", DType::kF32,
       "f.json:1: fill: must name exactly one kind, like {\"normal\": [0, 1]}"},
      {R"({"normal": [0, 1], "ramp": [0, 1]})", DType::kF32,
       "f.json:1: fill: must name exactly one kind, like {\"normal\": [0, 1]}"},
      {R"([0, 1])", DType::kF32, "f.json:1: fill: must be an object, not an array"},
      {R"({"normal": [0]})", DType::kF32,
       "f.json:1: fill.normal: takes [mean, standard deviation]"},
      {R"({"normal": 1})", DType::kF32, "f.json:1: fill.normal: must be an array, not a number"},
      {R"({"normal": [0, -1]})", DType::kF32,
       "f.json:1: fill.normal: the standard deviation is negative"},
      {R"({"normal": [0, "1"]})", DType::kF32,
       "f.json:1: fill.normal[1]: must be a number, not a string"},
      {R"({"normal": [1e39, 1]})", DType::kF32,
       "f.json:1: fill.normal: 1e+39 is out of the range of f32"},
      {R"({"normal": [0, 3e38]})", DType::kF32,
       "f.json:1: fill.normal: |mean| + 5.3 standard deviations, which draws reach, is 1.59e+39, "
       "which is out of the range of f32"},
      {R"({"normal": [-65000, 200]})", DType::kF16,
       "f.json:1: fill.normal: |mean| + 5.3 standard deviations, which draws reach, is 66060, "
       "which is out of the range of f16"},
      {R"({"uniform": [-3.4e38, 3.4e38]})", DType::kF32,
       "f.json:1: fill.uniform: high - low is 6.8e+38, which is out of the range of f32"},
      {R"({"uniform": [-3e38, 3e38]})", DType::kBf16,
       "f.json:1: fill.uniform: high - low is 6e+38, which is out of the range of f32"},
      {R"({"uniform": [-1.7e308, 1.7e308]})", DType::kF64,
       "f.json:1: fill.uniform: high - low is inf, which is out of the range of f64"},
      {R"({"normal": [0, 1]})", DType::kI32,
       "f.json:1: fill.normal: is for float types, not for i32: use \"integers\""},
      {R"({"uniform": [1, 1]})", DType::kF32, "f.json:1: fill.uniform: low 1 is not below high 1"},
      {R"({"uniform": [0, 1]})", DType::kBool,
       "f.json:1: fill.uniform: is for float types, not for bool: use \"integers\""},
      {R"({"integers": [3, 2]})", DType::kI32, "f.json:1: fill.integers: low 3 is above high 2"},
      {R"({"integers": [0.5, 2]})", DType::kI32, "f.json:1: fill.integers: takes two integers"},
      {R"({"integers": [-1, 2]})", DType::kU8,
       "f.json:1: fill.integers: u8 holds exactly only the integers from 0 to 255"},
      {R"({"integers": [0, 2049]})", DType::kF16,
       "f.json:1: fill.integers: f16 holds exactly only the integers from -2048 to 2048"},
      {R"({"integers": [0, 1e17]})", DType::kI64,
       "f.json:1: fill.integers: takes integers of at most 2^53"},
      {R"({"constant": 65505})", DType::kF16,
       "f.json:1: fill.constant: 65505 is out of the range of f16"},
      {R"({"constant": 0.5})", DType::kI8, "f.json:1: fill.constant: 0.5 is not a value of i8"},
      {R"({"constant": 2})", DType::kBool, "f.json:1: fill.constant: 2 is not a value of bool"},
      {R"({"one_hot": []})", DType::kF32, "f.json:1: fill.one_hot: takes a number"},
      {R"({"ramp": [0, 0.5]})", DType::kI32, "f.json:1: fill.ramp: the step 0.5 is not an integer"},
      {R"({"permutation": [1]})", DType::kI32, "f.json:1: fill.permutation: takes []"},
      {R"({"mixed_scale": [3, -3]})", DType::kF32,
       "f.json:1: fill.mixed_scale: lowest power 3 is above highest -3"},
      {R"({"mixed_scale": [0, 301]})", DType::kF32,
       "f.json:1: fill.mixed_scale: takes two integers between -300 and 300"},
      {R"({"mixed_scale": [0, 38]})", DType::kF32,
       "f.json:1: fill.mixed_scale: normal values times 10^38 are out of the range of f32"},
      {R"({"row_scale": [0, 5]})", DType::kF16,
       "f.json:1: fill.row_scale: normal values times 10^5 are out of the range of f16"},
      {R"({"row_scale": [0.5, 1]})", DType::kF32,
       "f.json:1: fill.row_scale: takes two integers between -300 and 300"},
      {R"({"row_scale": [0, 1]})", DType::kI32,
       "f.json:1: fill.row_scale: is for float types, not for i32: use \"integers\""},
  };
  for (const Case& each : cases) EXPECT_EQ(Shown(each.json, each.dtype), each.want);
}

}  // namespace
}  // namespace caesar
