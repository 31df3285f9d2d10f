#include "device/elementwise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <vector>

#include "device/device.h"

namespace caesar::element {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
const Key kKey{0x0123456789ABCDEFULL, 0xFEDCBA9876543210ULL};

std::vector<U32> Words(std::size_t count) {
  std::vector<U32> words;
  for (U64 block = 0; words.size() < count; ++block) {
    for (const U32 word : Philox(kKey, block).word) words.push_back(word);
  }
  return words;
}

// --- conversions

// A binary16 value from the definition of the format, without the code under test.
double HalfByDefinition(unsigned bits) {
  const double sign = (bits & 0x8000U) != 0 ? -1 : 1;
  const int exponent = static_cast<int>(bits >> 10 & 31U);
  const int mantissa = static_cast<int>(bits & 1023U);
  if (exponent == 31) return mantissa != 0 ? kNan : sign * kInfinity;
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  return sign * std::ldexp(1024 + mantissa, exponent - 25);
}

double Bf16ByDefinition(unsigned bits) {
  const double sign = (bits & 0x8000U) != 0 ? -1 : 1;
  const int exponent = static_cast<int>(bits >> 7 & 255U);
  const int mantissa = static_cast<int>(bits & 127U);
  if (exponent == 255) return mantissa != 0 ? kNan : sign * kInfinity;
  if (exponent == 0) return sign * std::ldexp(mantissa, -133);
  return sign * std::ldexp(128 + mantissa, exponent - 134);
}

TEST(Half, AllValuesWidenExactlyAndComeBack) {
  for (unsigned bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<U16>(bits);
    const double expected = HalfByDefinition(bits);
    const float widened = FloatOfHalf(half);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(widened)) << bits;
      ASSERT_TRUE(std::isnan(FloatOfHalf(HalfOf(widened)))) << bits;
      continue;
    }
    ASSERT_EQ(static_cast<double>(widened), expected) << bits;
    ASSERT_EQ(std::signbit(widened), bits >= 0x8000U) << bits;
    ASSERT_EQ(HalfOf(widened), half) << bits;
  }
}

TEST(Bf16, AllValuesWidenExactlyAndComeBack) {
  for (unsigned bits = 0; bits < 65536; ++bits) {
    const auto narrow = static_cast<U16>(bits);
    const double expected = Bf16ByDefinition(bits);
    const float widened = FloatOfBf16(narrow);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(widened)) << bits;
      ASSERT_TRUE(std::isnan(FloatOfBf16(Bf16Of(widened)))) << bits;
      continue;
    }
    ASSERT_EQ(static_cast<double>(widened), expected) << bits;
    ASSERT_EQ(Bf16Of(widened), narrow) << bits;
  }
}

// Between each two neighbours: what lies nearer wins, and in the middle the even one. Source: IEEE
// 754, 4.3.1.
template <class Narrow, class ByDefinition>
void RoundsToNearestEven(Narrow narrow, ByDefinition by_definition, unsigned largest) {
  for (unsigned bits = 0; bits < largest; ++bits) {
    const double low = by_definition(bits);
    const double high = by_definition(bits + 1);
    const auto middle = static_cast<float>((low + high) / 2);
    ASSERT_EQ(static_cast<double>(middle), (low + high) / 2);
    const unsigned even = bits % 2 == 0 ? bits : bits + 1;
    ASSERT_EQ(narrow(middle), even) << bits;
    ASSERT_EQ(narrow(-middle), even | 0x8000U) << bits;
    ASSERT_EQ(narrow(std::nextafter(middle, 0.0F)), bits) << bits;
    ASSERT_EQ(narrow(std::nextafter(middle, INFINITY)), bits + 1) << bits;
  }
}

TEST(Half, RoundsToNearestEven) { RoundsToNearestEven(HalfOf, HalfByDefinition, 0x7BFFU); }
TEST(Bf16, RoundsToNearestEven) { RoundsToNearestEven(Bf16Of, Bf16ByDefinition, 0x7F7FU); }

TEST(Half, LargeValuesBecomeInfinite) {
  EXPECT_EQ(HalfOf(65504.0F), 0x7BFF);
  EXPECT_EQ(HalfOf(std::nextafter(65520.0F, 0.0F)), 0x7BFF);
  EXPECT_EQ(HalfOf(65520.0F), 0x7C00);
  EXPECT_EQ(HalfOf(-1e30F), 0xFC00);
  EXPECT_EQ(HalfOf(INFINITY), 0x7C00);
  EXPECT_EQ(HalfOf(1e-30F), 0);
  EXPECT_EQ(Bf16Of(3.4e38F), 0x7F80);
  EXPECT_EQ(Bf16Of(-INFINITY), 0xFF80);
}

// --- random numbers

// Known answers of Philox4x32-7, from Random123's kat_vectors.
TEST(Philox, KnownAnswers) {
  const auto answer = [](const Key& key, U64 block) {
    const Random4 random = Philox(key, block);
    return std::vector<U32>(random.word, random.word + 4);
  };
  EXPECT_EQ(answer({0, 0}, 0), (std::vector<U32>{0x5F6FB709, 0x0D893F64, 0x4F121F81, 0x4F730A48}));
  EXPECT_EQ(answer({~0ULL, ~0ULL}, ~0ULL),
            (std::vector<U32>{0x5207DDC2, 0x45165E59, 0x4D8EE751, 0x8C52F662}));
}

TEST(Normal, HasTheMomentsOfANormal) {
  double sum = 0, square = 0, cube = 0, fourth = 0;
  constexpr std::size_t kCount = 1 << 20;
  for (const U32 word : Words(kCount)) {
    const double value = Normal(word, NormalBins());
    ASSERT_LT(std::abs(value), 5.5);
    sum += value;
    square += value * value;
    cube += value * value * value;
    fourth += value * value * value * value;
  }
  const double n = kCount;
  // Bounds: five standard errors of the moments of n standard normals: sqrt(1, 2, 15, 96) /
  // sqrt(n).
  EXPECT_NEAR(sum / n, 0, 5 * 1.0 / std::sqrt(n));
  EXPECT_NEAR(square / n, 1, 5 * std::sqrt(2.0 / n));
  EXPECT_NEAR(cube / n, 0, 5 * std::sqrt(15.0 / n));
  EXPECT_NEAR(fourth / n, 3, 5 * std::sqrt(96.0 / n));
}

TEST(Normal, IsTheInverseOfItsDistribution) {
  // P(X < Normal(word)) is the middle of the word's interval: (word / 512 + 1/2) / 2^23.
  for (U64 step = 0; step < 10'000; ++step) {
    const auto word = static_cast<U32>(step * 429'497);
    const double p = (static_cast<double>(word >> 9) + 0.5) * 0x1p-23;
    const double x = ExactNormal(word);
    ASSERT_NEAR(0.5 * std::erfc(-x / std::sqrt(2.0)), p, 1e-6) << word;
  }
  EXPECT_LT(ExactNormal(0), -5.0F);
  EXPECT_GT(ExactNormal(~0U), 5.0F);
  EXPECT_EQ(ExactNormal(0), -ExactNormal(~0U));
}

TEST(Normal, IsInEachBinALineBetweenExactQuantiles) {
  const NormalBin* bins = NormalBins();
  for (U32 bin = 1; bin + 1 < kNormalBins; ++bin) {
    const U32 first = bin << kNormalBinShift;
    const U32 last = first + (1U << kNormalBinShift) - 1;
    EXPECT_EQ(Normal(first, bins), ExactNormal(first));
    // The exact one goes in steps of 2^-23 over the density, which is 0.0033 at the least.
    EXPECT_NEAR(Normal(last, bins), ExactNormal(last), 5e-5);
    const U32 middle = first + (1U << (kNormalBinShift - 1));
    // The second bin is the widest: 0.21.
    EXPECT_NEAR(Normal(middle, bins), ExactNormal(middle), 0.03) << bin;
    EXPECT_NEAR(Normal(middle, bins), bins[bin].low + bins[bin].width / 2, 1e-6);
  }
  for (const U32 word : {0U, 1U << 20, ~0U, ~0U - (1U << 20)})
    EXPECT_EQ(Normal(word, bins), ExactNormal(word)) << "a tail";
}

TEST(Log, IsWithinTwoUlps) {
  for (U64 bits = 0x00800000; bits < 0x7F800000; bits += 9973) {
    const float value = FloatOf(static_cast<U32>(bits));
    const double expected = std::log(static_cast<double>(value));
    ASSERT_NEAR(Log(value), expected, std::max(1e-7, std::abs(expected) * 2.4e-7)) << value;
  }
  EXPECT_EQ(Log(1.0F), 0.0F);
}

TEST(Uniform, StaysInRangeWithTheRightMean) {
  EXPECT_EQ(Uniform01(0), 0.0F);
  EXPECT_LT(Uniform01(~0U), 1.0F);
  double sum = 0;
  for (const U32 word : Words(1 << 18)) sum += Uniform01(word);
  EXPECT_NEAR(sum / (1 << 18), 0.5, 5 * std::sqrt(1.0 / 12 / (1 << 18)));
}

TEST(Integer, ReachesBothEndsAndNothingElse) {
  const auto range = [](I64 low, I64 high) {
    std::set<I64> seen;
    const auto words = Words(4000);
    for (std::size_t i = 0; i + 1 < words.size(); ++i)
      seen.insert(Integer(words[i], words[i + 1], low, high));
    return seen;
  };
  EXPECT_EQ(range(7, 7), (std::set<I64>{7}));
  EXPECT_EQ(range(-2, 2), (std::set<I64>{-2, -1, 0, 1, 2}));
  EXPECT_EQ(range(0, 1), (std::set<I64>{0, 1}));
  EXPECT_EQ(range(-101, -100), (std::set<I64>{-101, -100}));
  constexpr I64 kLow = std::numeric_limits<I64>::min();
  constexpr I64 kHigh = std::numeric_limits<I64>::max();
  EXPECT_GT(range(kLow, kHigh).size(), 3900u);
  EXPECT_EQ(range(kHigh - 1, kHigh), (std::set<I64>{kHigh - 1, kHigh}));
  EXPECT_EQ(range(kLow, kLow), (std::set<I64>{kLow}));
  const auto half = range(0, kHigh);
  EXPECT_GE(*half.begin(), 0);
  const auto wide = range(-(I64{1} << 40), I64{1} << 40);
  EXPECT_GE(*wide.begin(), -(I64{1} << 40));
  EXPECT_LE(*wide.rbegin(), I64{1} << 40);
  EXPECT_LT(*wide.begin(), 0);
  EXPECT_EQ(Integer(0, 0, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()),
            std::numeric_limits<int>::min());
  EXPECT_EQ(Integer(~0U, 0, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()),
            std::numeric_limits<int>::max());
}

TEST(PowerOfTen, IsExactWhereItCanBe) {
  EXPECT_EQ(PowerOfTen(0), 1);
  EXPECT_EQ(PowerOfTen(22), 1e22);
  EXPECT_NEAR(PowerOfTen(-6) / 1e-6, 1, 1e-14);
}

TEST(Permuted, IsAPermutationOfEverySize) {
  std::vector<I64> sizes = {1000, 1023, 1024, 1025, 4096, 4097, 65536, 100'003};
  for (I64 size = 1; size <= 130; ++size) sizes.push_back(size);
  for (const I64 size : sizes) {
    std::vector<bool> hit(static_cast<std::size_t>(size));
    for (I64 i = 0; i < size; ++i) {
      const I64 image = Permuted(kKey, i, size);
      ASSERT_TRUE(image >= 0 && image < size) << size;
      ASSERT_FALSE(hit[static_cast<std::size_t>(image)]) << size;
      hit[static_cast<std::size_t>(image)] = true;
    }
  }
}

TEST(Permuted, DependsOnTheKeyAndLeavesFewInPlace) {
  int fixed = 0;
  int same = 0;
  for (I64 i = 0; i < 10'000; ++i) {
    fixed += Permuted(kKey, i, 10'000) == i;
    same += Permuted(kKey, i, 10'000) == Permuted({1, 2}, i, 10'000);
  }
  EXPECT_LT(fixed, 10);  // one is expected
  EXPECT_LT(same, 10);
}

// --- fills

FillOrder Order(int kind, double a, double b, I64 row, I64 elements) {
  FillOrder order;
  order.kind = kind;
  order.a = a;
  order.b = b;
  order.key = kKey;
  order.row = row;
  order.elements = elements;
  return order;
}

double ValueAt(const FillOrder& order, I64 index) {
  return WideValue(order, index, Philox(order.key, static_cast<U64>(index / 4)), NormalBins());
}

TEST(OneHot, HasExactlyOneInEachRow) {
  for (const I64 row : {1, 2, 3, 41, 128}) {
    const FillOrder order = Order(kOneHot, 2.5, 0, row, row * 100);
    std::set<I64> places;
    for (I64 r = 0; r < 100; ++r) {
      int hot = 0;
      for (I64 i = 0; i < row; ++i) {
        const double value = ValueAt(order, r * row + i);
        ASSERT_TRUE(value == 0 || value == 2.5);
        hot += value != 0;
        if (value != 0) places.insert(i);
      }
      ASSERT_EQ(hot, 1) << row;
    }
    EXPECT_GE(places.size(), static_cast<std::size_t>(std::min<I64>(row, 10)));
  }
}

TEST(Fills, ConstantRampAndMixedScale) {
  EXPECT_EQ(ValueAt(Order(kConstant, -1.5, 0, 1, 10), 7), -1.5);
  EXPECT_EQ(ValueAt(Order(kRamp, 2, 0.5, 1, 10), 6), 5.0);
  double low = kInfinity;
  double high = 0;
  for (I64 i = 0; i < 10'000; ++i) {
    const double magnitude = std::abs(ValueAt(Order(kMixedScale, -6, 4, 1, 10'000), i));
    low = std::min(low, magnitude);
    high = std::max(high, magnitude);
  }
  EXPECT_LT(low, 1e-6);
  EXPECT_GT(high, 1e4);
  EXPECT_LT(high, 6e4);
}

TEST(Fills, RowScaleHasOnePowerForEachRow) {
  constexpr I64 kRow = 64;
  constexpr I64 kRows = 200;
  FillOrder order = Order(kRowScale, -3, 2, kRow, kRow * kRows);
  FillOrder normal = order;
  normal.kind = kNormal;
  normal.a = 0;
  normal.b = 1;
  std::set<I64> powers;
  for (I64 row = 0; row < kRows; ++row) {
    const double scale = ValueAt(order, row * kRow) / ValueAt(normal, row * kRow);
    const I64 power = std::lround(std::log10(scale));
    powers.insert(power);
    for (I64 i = row * kRow; i < (row + 1) * kRow; ++i)
      ASSERT_NEAR(ValueAt(order, i) / PowerOfTen(power), ValueAt(normal, i), 1e-6) << row;
  }
  EXPECT_EQ(powers, (std::set<I64>{-3, -2, -1, 0, 1, 2}));
}

TEST(Fills, TheWideAndTheShortWayAgreeUpToRounding) {
  for (const int kind : {kNormal, kUniform, kIntegers, kConstant, kRamp, kOneHot, kPermutation,
                         kMixedScale, kRowScale}) {
    const FillOrder order = Order(kind, -2, 3, 10, 1000);
    for (I64 i = 0; i < 1000; ++i) {
      const Random4 random = Philox(order.key, static_cast<U64>(i / 4));
      const double wide = WideValue(order, i, random, NormalBins());
      ASSERT_NEAR(static_cast<double>(FloatValue(order, i, random, NormalBins())), wide,
                  1e-6 + std::abs(wide) * 1e-6)
          << kind;
    }
  }
}

TEST(Fills, AllValuesOfAFillWithAnotherKeyDiffer) {
  FillOrder other = Order(kNormal, 0, 1, 1, 1000);
  other.key.high ^= 1;
  int same = 0;
  for (I64 i = 0; i < 1000; ++i)
    same += ValueAt(other, i) == ValueAt(Order(kNormal, 0, 1, 1, 1000), i);
  EXPECT_EQ(same, 0);
}

// --- comparing

TEST(Compare, FollowsTheRuleForFloats) {
  EXPECT_TRUE(Compare(1.0, 1.0, 0, 0).passes);
  EXPECT_FALSE(Compare(1.0, std::nextafter(1.0, 2.0), 0, 0).passes);
  EXPECT_TRUE(Compare(10.5, 10.0, 0.5, 0).passes);
  EXPECT_TRUE(Compare(9.5, 10.0, 0.5, 0).passes);
  EXPECT_FALSE(Compare(10.51, 10.0, 0.5, 0).passes);
  EXPECT_TRUE(Compare(-11.0, -10.0, 0, 0.1).passes);  // relative to |want|
  EXPECT_FALSE(Compare(-10.0, -9.0, 0, 0.1).passes);  // not to |got|
  EXPECT_TRUE(Compare(0.0, -0.0, 0, 0).passes);
  const Difference difference = Compare(12.0, 10.0, 1.0, 0.25);
  EXPECT_EQ(difference.error, 2.0);
  EXPECT_EQ(difference.bound, 3.5);
}

TEST(Compare, NanAndInfinityPassOnlyWhereTheyAreDue) {
  for (const double tolerance : {0.0, 1.0, 1e300}) {
    EXPECT_TRUE(Compare(kNan, kNan, tolerance, tolerance).passes);
    EXPECT_FALSE(Compare(kNan, 1.0, tolerance, tolerance).passes);
    EXPECT_FALSE(Compare(1.0, kNan, tolerance, tolerance).passes);
    EXPECT_TRUE(Compare(kInfinity, kInfinity, tolerance, tolerance).passes);
    EXPECT_TRUE(Compare(-kInfinity, -kInfinity, tolerance, tolerance).passes);
    EXPECT_FALSE(Compare(-kInfinity, kInfinity, tolerance, tolerance).passes);
    EXPECT_FALSE(Compare(1e308, kInfinity, tolerance, tolerance).passes);
    EXPECT_FALSE(Compare(kInfinity, 1.0, tolerance, tolerance).passes);
    EXPECT_FALSE(Compare(kInfinity, kNan, tolerance, tolerance).passes);
  }
  EXPECT_TRUE(std::isnan(Compare(kNan, 1.0, 1, 1).error));
  EXPECT_TRUE(std::isnan(Compare(1.0, kNan, 1, 1).error));
}

// --- hash

TEST(Hash, SeesValueAndPlace) {
  EXPECT_NE(HashTerm(0, 1), HashTerm(0, 2));
  EXPECT_NE(HashTerm(0, 1), HashTerm(1, 1));
  EXPECT_NE(HashTerm(0, 1) + HashTerm(1, 2), HashTerm(0, 2) + HashTerm(1, 1));
  std::set<U64> seen;
  for (U64 i = 0; i < 10'000; ++i) seen.insert(Mix(i));
  EXPECT_EQ(seen.size(), 10'000u);
}

}  // namespace
}  // namespace caesar::element
