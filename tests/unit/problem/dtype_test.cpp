#include "problem/dtype.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

TEST(DType, NamesTypesAndSizes) {
  struct Case {
    DType dtype;
    const char* name;
    const char* c_type;
    std::int64_t bytes;
    bool is_float;
  };
  const Case cases[] = {
      {DType::kF32, "f32", "float", 4, true},     {DType::kF64, "f64", "double", 8, true},
      {DType::kF16, "f16", "__half", 2, true},    {DType::kBf16, "bf16", "__nv_bfloat16", 2, true},
      {DType::kI8, "i8", "int8_t", 1, false},     {DType::kI16, "i16", "int16_t", 2, false},
      {DType::kI32, "i32", "int32_t", 4, false},  {DType::kI64, "i64", "int64_t", 8, false},
      {DType::kU8, "u8", "uint8_t", 1, false},    {DType::kU16, "u16", "uint16_t", 2, false},
      {DType::kU32, "u32", "uint32_t", 4, false}, {DType::kU64, "u64", "uint64_t", 8, false},
      {DType::kBool, "bool", "bool", 1, false},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(Name(each.dtype), each.name);
    EXPECT_EQ(CType(each.dtype), each.c_type);
    EXPECT_EQ(SizeOf(each.dtype), each.bytes);
    EXPECT_EQ(IsFloat(each.dtype), each.is_float);
    EXPECT_EQ(DTypeOf(each.name), each.dtype);
  }
  EXPECT_EQ(DTypeNames().size(), std::size(cases));
  EXPECT_EQ(DTypeOf("F32"), std::nullopt);
  EXPECT_EQ(DTypeOf(""), std::nullopt);
}

TEST(DType, KnowsWhatItHoldsExactly) {
  EXPECT_EQ(ExactIntegers(DType::kF16).high, 2048);
  EXPECT_EQ(ExactIntegers(DType::kBf16).high, 256);
  EXPECT_EQ(ExactIntegers(DType::kI8).low, -128);
  EXPECT_EQ(ExactIntegers(DType::kU16).high, 65535);
  EXPECT_EQ(ExactIntegers(DType::kU16).low, 0);
  EXPECT_EQ(LargestFinite(DType::kF16), 65504);
  EXPECT_NEAR(LargestFinite(DType::kBf16), 3.3895e38, 1e34);
}

}  // namespace
}  // namespace caesar
