#include "record/usd.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

TEST(FormatUsd, HasTheDigitsThatMatter) {
  EXPECT_EQ(FormatUsd(0), "0 USD");
  EXPECT_EQ(FormatUsd(0.00001), "less than 0.0001 USD");
  EXPECT_EQ(FormatUsd(0.00123), "0.0012 USD");
  EXPECT_EQ(FormatUsd(0.0471), "0.047 USD");
  EXPECT_EQ(FormatUsd(0.5), "0.500 USD");
  EXPECT_EQ(FormatUsd(12.3456), "12.35 USD");
  EXPECT_EQ(FormatUsd(1234.567), "1234.57 USD");
  EXPECT_EQ(FormatUsd(1e300), "1e+300 USD");
}

}  // namespace
}  // namespace caesar
