#include "report/units.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace caesar {
namespace {

TEST(Units, MicrosKeepFourDigits) {
  EXPECT_EQ(FormatMicros(1.23456), "1.235 us");
  EXPECT_EQ(FormatMicros(12.3456), "12.35 us");
  EXPECT_EQ(FormatMicros(295.94), "295.9 us");
  EXPECT_EQ(FormatMicros(4312.4), "4.312 ms");
  EXPECT_EQ(FormatMicros(1.2041e6), "1.204 s");
  EXPECT_EQ(FormatMicros(std::nan("")), "NaN");
}

TEST(Units, DurationsGrowCoarser) {
  EXPECT_EQ(FormatDuration(8), "8 ms");
  EXPECT_EQ(FormatDuration(1312), "1.3 s");
  EXPECT_EQ(FormatDuration(42'900), "42 s");
  EXPECT_EQ(FormatDuration(187'000), "3 min 07 s");
  EXPECT_EQ(FormatDuration(7'500'000), "2 h 05 min");
}

TEST(Units, BytesArePowersOfThousand) {
  EXPECT_EQ(FormatBytes(999), "999 B");
  EXPECT_EQ(FormatBytes(1'000), "1.00 kB");
  EXPECT_EQ(FormatBytes(81'234), "81.2 kB");
  EXPECT_EQ(FormatBytes(999'999), "1.00 MB");
  EXPECT_EQ(FormatBytes(std::uint64_t{85} * 1'000'000'000), "85.0 GB");
}

TEST(Units, RatiosShowTheirInterval) {
  EXPECT_EQ(FormatRatio({1.3249, 1.3101, 1.3399}), "1.32x (1.31-1.34)");
  EXPECT_EQ(FormatRatio({12.04, 11.99, 12.1}), "12.0x (12.0-12.1)");
  EXPECT_EQ(FormatRatio({127.3, 120, 130}), "127x (120-130)");
}

TEST(Units, ValuesThatAreNoNumbersAreNamed) {
  EXPECT_EQ(FormatValue(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(FormatValue(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(FormatValue(std::nan("")), "NaN");
  EXPECT_EQ(FormatValue(0.000123456789), "0.000123457");
}

TEST(Units, OneIsSingular) {
  EXPECT_EQ(Plural(1, "round"), "1 round");
  EXPECT_EQ(Plural(0, "round"), "0 rounds");
  EXPECT_EQ(Plural(1'234, "byte"), "1,234 bytes");
}

}  // namespace
}  // namespace caesar
