#include "record/sim_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "unit/record/corrupt.h"
#include "unit/record/sim_report_example.h"

namespace caesar {
namespace {

using test::FullSimReport;
using test::Replaced;

TEST(SimReport, RoundTripsWithEveryField) {
  const std::string json = ToJson(FullSimReport());
  const auto read = ParseSimReport(json);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(ToJson(read.value()), json);
  const SimReport& report = read.value();
  EXPECT_EQ(report.findings.at(0).thread[0], 33);
  EXPECT_TRUE(report.findings.at(1).fatal);
  EXPECT_EQ(report.kernels.at(0).grid[0], 4096);
  EXPECT_EQ(report.kernels.at(0).lines.at(1).counts.shared_waves, 4800);
  EXPECT_EQ(report.kernels.at(0).counts.classes.at(0),
            (std::pair<std::string, std::int64_t>("float32", 5000)));
  EXPECT_EQ(report.estimated_us, 25);
}

TEST(SimCounts, HasRatios) {
  const SimCounts counts = test::FullCounts(1);
  EXPECT_EQ(counts.SimdEfficiency(), 0.75);
  EXPECT_EQ(counts.SectorsPerRequest(), 4.5);
  EXPECT_EQ(counts.SectorsPerRequestIdeal(), 4);
  EXPECT_EQ(counts.WavesPerRequest(), 16);
  EXPECT_EQ(counts.WavesPerRequestIdeal(), 1);
  EXPECT_EQ(SimCounts().SimdEfficiency() + SimCounts().SectorsPerRequest() +
                SimCounts().WavesPerRequest(),
            0);
}

TEST(SimReport, RoundTripsWithNothing) {
  const std::string json = ToJson(SimReport());
  EXPECT_EQ(
      json,
      R"({"findings":[],"findings_dropped":0,"kernels":[],"transfers":[],"launches_dropped":0,"estimated_us":0.0})");
  const auto read = ParseSimReport(json);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(ToJson(read.value()), json);
}

TEST(SimReport, WhatOlderVersionsDidNotCountIsNothing) {
  const auto read =
      ParseSimReport(R"({"findings":[],"findings_dropped":2,"kernels":[],"estimated_us":1.5})");
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_TRUE(read.value().transfers.empty());
  EXPECT_EQ(read.value().launches_dropped, 0);
  EXPECT_EQ(read.value().estimated_us, 1.5);
}

TEST(SimReport, DropsWhatIsBeyondItsBounds) {
  SimReport report = FullSimReport();
  report.findings[0].text.assign(100'000, 'x');
  report.findings.resize(500, report.findings[0]);
  report.kernels[0].lines.resize(500, report.kernels[0].lines[0]);
  report.kernels.resize(100, report.kernels[0]);
  // Smaller than what is refused as a whole.
  for (SimFinding& finding : report.findings) finding.text.resize(1000, 'y');
  for (std::size_t i = 1; i < report.kernels.size(); ++i) report.kernels[i].lines.resize(2);
  report.kernels[0].counts.classes.resize(40, {"more", 1});
  for (std::size_t i = 0; i < 40; ++i) {
    report.kernels[0].counts.classes[i].first += std::to_string(i);
  }
  const auto read = ParseSimReport(ToJson(report));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read.value().findings.size(), 64U);
  EXPECT_LE(read.value().findings[0].text.size(), 400U);
  EXPECT_EQ(read.value().kernels.size(), 64U);
  EXPECT_EQ(read.value().kernels[0].lines.size(), 64U);
  EXPECT_EQ(read.value().kernels[0].counts.classes.size(), 32U);
}

TEST(SimReport, RefusesCountsThatAreNone) {
  const std::string json = ToJson(FullSimReport());
  const auto refusal = [&](const std::string& from, const std::string& to) {
    const auto read = ParseSimReport(Replaced(json, from, to));
    return read.ok() ? "accepted" : read.error().message;
  };
  EXPECT_EQ(refusal("\"launches\":2", "\"launches\":-2"),
            "simulator report: field kernels[0].launches must be at least 0");
  EXPECT_EQ(refusal("\"launches\":2", "\"launches\":1000000000000001"),
            "simulator report: field kernels[0].launches must be at most 1000000000000000");
  EXPECT_EQ(refusal("\"grid\":[4096,1,1]", "\"grid\":[4096,1]"),
            "simulator report: field kernels[0].grid must be [x, y, z], each at least 0");
  EXPECT_EQ(refusal("\"occupancy\":0.75", "\"occupancy\":null,\"occupancy_reason\":\"inf\""),
            "simulator report: field kernels[0].occupancy must be finite and at least 0");
  EXPECT_EQ(refusal("\"float32\":5000", "\"float32\":-1"),
            "simulator report: field kernels[0].counts.classes must hold counts");
  EXPECT_EQ(refusal(",\"fatal\":false", ""),
            "simulator report: field findings[0].fatal is missing");
}

TEST(SimReport, RefusesADocumentThatIsTooLarge) {
  const auto read = ParseSimReport(std::string((16 << 20) + 1, ' '));
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::kBadInput);
}

TEST(SimReport, SurvivesDamage) {
  const std::string json = ToJson(FullSimReport());
  test::ForEachTruncation(
      json, [](const std::string& text) { EXPECT_FALSE(ParseSimReport(text).ok()) << text; });
  test::ForEachChangedByte(json, [](const std::string& text) {
    const auto read = ParseSimReport(text);
    // What is accepted can be written and read again.
    if (!read.ok()) return;
    EXPECT_TRUE(ParseSimReport(ToJson(read.value())).ok()) << text;
  });
}

}  // namespace
}  // namespace caesar
