#include "llm/wait_time.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace caesar {
namespace {

// 2026-01-31T12:00:00Z
constexpr auto kNow = std::chrono::system_clock::time_point(std::chrono::seconds(1'769'860'800));

TEST(WaitTime, Durations) {
  const std::vector<std::pair<const char*, double>> cases = {{"0", 0},
                                                             {"1.5", 1.5},
                                                             {"30s", 30},
                                                             {"500ms", 0.5},
                                                             {"1m30s", 90},
                                                             {"6m0s", 360},
                                                             {"2m59.56s", 179.56},
                                                             {"1h2m3s", 3723},
                                                             {" 37 seconds ", 37},
                                                             {"1 minute", 60},
                                                             {"12µs", -1},
                                                             {"12us", 12e-6},
                                                             {"1d", 86400},
                                                             {"37.123456789s", 37.123456789}};
  for (const auto& [text, seconds] : cases) {
    const auto parsed = ParseDuration(text);
    if (seconds < 0) {
      EXPECT_FALSE(parsed) << text;
    } else {
      ASSERT_TRUE(parsed) << text;
      EXPECT_NEAR(*parsed, seconds, 1e-9) << text;
    }
  }
}

TEST(WaitTime, WhatIsNoDuration) {
  for (const char* text : {"", " ", "-1", "+1", "s", "1x", "1s2", "1e5", "nan", "inf", "0x10",
                           "soon", "1m30s!", "2026-01-31T12:00:00Z"})
    EXPECT_FALSE(ParseDuration(text)) << text;
  EXPECT_FALSE(ParseDuration(std::string(5000, '9'))) << "too long";
  EXPECT_TRUE(ParseDuration(std::string(60, '9')));
}

TEST(WaitTime, AtTheStartOfASentence) {
  EXPECT_EQ(ParseLeadingDuration("26 seconds. Please"), 26);
  EXPECT_EQ(ParseLeadingDuration("1.2s. Visit the site"), 1.2);
  EXPECT_EQ(ParseLeadingDuration("6m0s."), 360);
  EXPECT_EQ(ParseLeadingDuration("5"), 5);
  EXPECT_FALSE(ParseLeadingDuration("a moment"));
}

TEST(WaitTime, Times) {
  const std::vector<std::pair<const char*, double>> cases = {
      {"Sat, 31 Jan 2026 12:00:42 GMT", 42},
      {"Sat, 31 Jan 2026 11:59:00 GMT", -60},
      {"2026-01-31T12:00:42Z", 42},
      {"2026-01-31T12:00:42.25Z", 42.25},
      {"2026-01-31T13:00:42+01:00", 42},
      {"2026-01-31T07:30:00-04:30", 0},
      {"Thu, 29 Feb 2024 12:00:00 GMT", -60652800}};
  for (const auto& [text, seconds] : cases) {
    const auto parsed = SecondsUntil(text, kNow);
    ASSERT_TRUE(parsed) << text;
    EXPECT_NEAR(*parsed, seconds, 1e-5) << text;
  }
  EXPECT_GT(SecondsUntil("Fri, 31 Dec 9999 23:59:59 GMT", kNow).value(), 2e11)
      << "beyond the system clock's range";
}

TEST(WaitTime, WhatIsNoTime) {
  for (const char* text :
       {"", "soon", "Sat, 31 Xyz 2026 13:00:00 GMT", "Sat, 31 anF 2026 13:00:00 GMT",
        "Sat, 30 Feb 2026 13:00:00 GMT", "Sat, 31 Jan 2026 24:00:00 GMT",
        "Sat, 31 Jan 2026 13:00:00", "Sat, 31 Jan 2026 13:00:00 CET",
        "Sat, -1 Jan 2026 13:00:00 GMT", "2026-01-31", "2026-13-01T00:00:00Z",
        "2026-01-31T12:00:00", "2026-01-31T12:00:00+1", "2026-01-31T12:00:00Zz",
        "2026-01-31 12:00:00Z"})
    EXPECT_FALSE(SecondsUntil(text, kNow)) << text;
}

TEST(WaitTime, AnyTextIsSafe) {
  std::mt19937 random(7);
  const std::string bytes("0123456789.-+:,TZhmsdµ GMTJan\0\xff", 31);
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (std::size_t left = random() % 40; left > 0; --left) text += bytes[random() % bytes.size()];
    for (const auto& seconds : {ParseDuration(text), ParseLeadingDuration(text)})
      EXPECT_TRUE(std::isfinite(seconds.value_or(0)) && seconds.value_or(0) >= 0) << text;
    EXPECT_TRUE(std::isfinite(SecondsUntil(text, kNow).value_or(0))) << text;
  }
}

}  // namespace
}  // namespace caesar
