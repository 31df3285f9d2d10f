#include "cli/values.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

TEST(Values, Integers) {
  EXPECT_EQ(IntegerValue("8", 1, 999).value(), 8);
  EXPECT_EQ(IntegerValue("-5", INT64_MIN, INT64_MAX).value(), -5);
  for (const char* bad : {"", "0", "1000", "8x", " 8", "8.0", "99999999999999999999"}) {
    const auto value = IntegerValue(bad, 1, 999);
    ASSERT_FALSE(value.ok()) << bad;
    EXPECT_EQ(value.error().message,
              std::string("'") + bad + "' is not a whole number from 1 to 999");
  }
}

TEST(Values, Numbers) {
  EXPECT_DOUBLE_EQ(NumberValue("1.5", 0, 10).value(), 1.5);
  for (const char* bad : {"", "nan", "inf", "-1", "11", "1,5", "1.5x"})
    EXPECT_FALSE(NumberValue(bad, 0, 10).ok()) << bad;
}

TEST(Values, Times) {
  EXPECT_EQ(MillisecondsValue("500ms").value(), 500);
  EXPECT_EQ(MillisecondsValue("10s").value(), 10'000);
  EXPECT_EQ(MillisecondsValue("10").value(), 10'000);
  EXPECT_EQ(MillisecondsValue("0.5").value(), 500);
  EXPECT_EQ(MillisecondsValue("2min").value(), 120'000);
  for (const char* bad : {"", "s", "0", "-1s", "2d", "nan", "25000min", "1e300"})
    EXPECT_FALSE(MillisecondsValue(bad).ok()) << bad;
}

TEST(Values, Feedback) {
  const FeedbackChoice some = FeedbackValue("compile, timing").value();
  EXPECT_TRUE(some.compile);
  EXPECT_FALSE(some.correct);
  EXPECT_TRUE(some.timing);
  const FeedbackChoice none = FeedbackValue("none").value();
  EXPECT_FALSE(none.compile || none.correct || none.timing);
  EXPECT_FALSE(FeedbackValue("").ok());
  EXPECT_FALSE(FeedbackValue("compile,none").ok());
}

TEST(Values, ChoicesSuggestTheNearest) {
  EXPECT_EQ(ChoiceValue("last", {"last", "all"}).value(), "last");
  const auto wrong = ChoiceValue("lst", {"last", "all"});
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().message, "'lst' is not one of last, all");
  EXPECT_EQ(wrong.error().detail, "Did you mean last?");
}

TEST(Values, Devices) {
  for (const char* good : {"auto", "cuda", "cuda:0", "cuda:7"})
    EXPECT_EQ(DeviceValue(good).value(), good);
  for (const char* bad : {"", "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1 "})
    EXPECT_FALSE(DeviceValue(bad).ok()) << bad;
}

TEST(Values, EscapesInBadValuesAreNotShown) {
  EXPECT_EQ(IntegerValue("\x1b[2J7x", 0, 9).error().message,
            "'7x' is not a whole number from 0 to 9");
}

}  // namespace
}  // namespace caesar
