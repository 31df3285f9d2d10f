#include "device/device.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <set>

#include "device/host_elements.h"

namespace caesar {
namespace {

constexpr DType kAll[] = {DType::kF32, DType::kF64, DType::kF16, DType::kBf16, DType::kI8,
                          DType::kI16, DType::kI32, DType::kI64, DType::kU8,   DType::kU16,
                          DType::kU32, DType::kU64, DType::kBool};
constexpr std::uint64_t kRandom[] = {
    0, 1, 0x123456789ABCDEF0ULL, ~0ULL, 0x8000000000000000ULL, 0x7FF0000000000000ULL};

TEST(PoisonPattern, IsNanInEveryFloatType) {
  for (const DType dtype : kAll) {
    if (!IsFloat(dtype)) continue;
    for (const std::uint64_t random : kRandom) {
      const std::uint64_t pattern = PoisonPattern(dtype, random);
      for (std::int64_t i = 0; i < 8 / SizeOf(dtype); ++i)
        EXPECT_TRUE(std::isnan(ReadElement(&pattern, dtype, i))) << Name(dtype) << " " << random;
    }
  }
}

TEST(PoisonPattern, RepeatsWithTheElement) {
  for (const DType dtype : kAll) {
    for (const std::uint64_t random : kRandom) {
      const std::uint64_t pattern = PoisonPattern(dtype, random);
      unsigned char bytes[8];
      std::memcpy(bytes, &pattern, sizeof bytes);
      for (std::size_t i = 0; i < 8; ++i)
        EXPECT_EQ(bytes[i], bytes[i % static_cast<std::size_t>(SizeOf(dtype))]) << Name(dtype);
    }
  }
}

TEST(PoisonPattern, DependsOnTheRandomBits) {
  for (const DType dtype : kAll) {
    std::set<std::uint64_t> patterns;
    for (std::uint64_t random = 0; random < 50; ++random)
      patterns.insert(PoisonPattern(dtype, random));
    EXPECT_GE(patterns.size(), 50u) << Name(dtype);
  }
}

TEST(PoisonPattern, IsNoTruthValue) {
  for (std::uint64_t random = 0; random < 1000; ++random) {
    const std::uint64_t pattern = PoisonPattern(DType::kBool, random);
    EXPECT_GT(pattern & 0xFFU, 1u);
  }
}

TEST(FillOrderOf, KeepsKindsApart) {
  using Kind = Fill::Kind;
  const std::pair<Kind, int> kinds[] = {{Kind::kNormal, element::kNormal},
                                        {Kind::kUniform, element::kUniform},
                                        {Kind::kIntegers, element::kIntegers},
                                        {Kind::kConstant, element::kConstant},
                                        {Kind::kRamp, element::kRamp},
                                        {Kind::kOneHot, element::kOneHot},
                                        {Kind::kPermutation, element::kPermutation},
                                        {Kind::kMixedScale, element::kMixedScale}};
  for (const auto& [kind, number] : kinds) {
    const element::FillOrder order = FillOrderOf(Fill{kind, 2, 3}, {4, 5}, 6, 7);
    EXPECT_EQ(order.kind, number);
    EXPECT_EQ(order.a, 2);
    EXPECT_EQ(order.b, 3);
    EXPECT_EQ(order.key.low, 4u);
    EXPECT_EQ(order.key.high, 5u);
    EXPECT_EQ(order.row, 6);
    EXPECT_EQ(order.elements, 7);
  }
}

// The loops of the host device, which stand for kernels.cu in the tests of the judge.

TEST(CompareElements, CountsAndPlaces) {
  const float want[] = {1, 2, 3, 4, 5, 6};
  float got[] = {1, 2.5F, 3, 8, 5, 6.25F};
  const ElementCompare found = CompareElements(got, want, DType::kF32, 0, 6, 0.125, 0, 0);
  EXPECT_EQ(found.mismatches, 3);
  EXPECT_EQ(found.first_bad, 1);
  EXPECT_EQ(found.worst_index, 3);
  EXPECT_EQ(found.error_max, 32);
  EXPECT_EQ(found.abs_error_max, 4);
  EXPECT_EQ(CompareElements(got, want, DType::kF32, 2, 6, 0.125, 0, 0).first_bad, 3);
  EXPECT_EQ(CompareElements(got, want, DType::kF32, 4, 5, 0.125, 0, 0).mismatches, 0);
  got[4] = std::numeric_limits<float>::quiet_NaN();
  const ElementCompare with_nan = CompareElements(got, want, DType::kF32, 0, 6, 0.125, 0, 0);
  EXPECT_EQ(with_nan.mismatches, 4);
  EXPECT_EQ(with_nan.worst_index, 4);
  EXPECT_TRUE(std::isnan(with_nan.error_max) && std::isnan(with_nan.abs_error_max));
}

TEST(CompareElements, APoisonedElementIsUnwrittenAndNeverRight) {
  for (const DType dtype : kAll) {
    const std::uint64_t poison = PoisonPattern(dtype, 0x55);
    const std::uint64_t zero = 0;
    const std::int64_t elements = 8 / SizeOf(dtype);
    const ElementCompare unwritten =
        CompareElements(&poison, &zero, dtype, 0, elements, 0, 0, poison);
    EXPECT_EQ(unwritten.mismatches, elements) << Name(dtype);
    EXPECT_EQ(unwritten.unwritten, elements) << Name(dtype);
    // Written by neither: for floats no NaN that is due.
    const ElementCompare neither =
        CompareElements(&poison, &poison, dtype, 0, elements, 0, 0, poison);
    EXPECT_EQ(neither.mismatches, IsFloat(dtype) ? elements : 0) << Name(dtype);
  }
}

TEST(PoisonBytes, KeepsThePhaseOfTheMapping) {
  unsigned char bytes[64] = {};
  PoisonBytes(bytes, 3, 61, 0x0807060504030201ULL);
  EXPECT_EQ(bytes[2], 0);
  EXPECT_EQ(bytes[3], 4);
  EXPECT_EQ(bytes[8], 1);
  EXPECT_EQ(bytes[60], 5);
  EXPECT_EQ(bytes[61], 0);
  EXPECT_EQ(BytesChanged(bytes, 3, 61, 0x0807060504030201ULL), 0);
  bytes[10] = 99;
  bytes[60] = 99;
  EXPECT_EQ(BytesChanged(bytes, 3, 61, 0x0807060504030201ULL), 2);
}

TEST(HashBytes, SeesEveryByteAlsoOfATailThatIsNoWord) {
  unsigned char bytes[21] = {};
  const std::uint64_t before = HashBytes(bytes, sizeof bytes);
  for (std::size_t i = 0; i < sizeof bytes; ++i) {
    bytes[i] = 1;
    EXPECT_NE(HashBytes(bytes, sizeof bytes), before) << i;
    bytes[i] = 0;
  }
  EXPECT_EQ(HashBytes(bytes, sizeof bytes), before);
}

TEST(MarkElements, MarksWhatComparesWrong) {
  std::vector<double> want(200, 1.0), got = want;
  for (const std::size_t wrong : {0U, 63U, 64U, 130U, 199U}) got[wrong] = 2;
  const auto mark = [&](std::int64_t from, std::int64_t count) {
    return MarkElements(got.data(), want.data(), DType::kF64, from, count, 0.5, 0, 0);
  };
  EXPECT_EQ(mark(0, 200), (std::vector<std::uint64_t>{1 | std::uint64_t{1} << 63, 1, 4, 128}));
  EXPECT_EQ(mark(64, 100), (std::vector<std::uint64_t>{1, 4}));
  EXPECT_EQ(mark(192, 8), (std::vector<std::uint64_t>{128}));
}

}  // namespace
}  // namespace caesar
