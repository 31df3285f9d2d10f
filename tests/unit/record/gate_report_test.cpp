#include "record/gate_report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "unit/record/json_schema.h"

namespace caesar {
namespace {

GateReport FullReport() {
  GateReport report;
  report.problem = "softmax";
  report.device = "simulated NVIDIA H100";
  report.findings = {{"error", "an output of zeros passes", "Make atol smaller."},
                     {"warning", "no prime", ""}};
  report.trials = {
      {"baseline", kHonest, "the baseline", "skipped", "there is none", {}},
      {"nan",
       kCheat,
       "an output of NaN",
       "wrong",
       "output y is wrong",
       {{"odd", "as declared", "y", NAN, false}, {"odd", "one_hot(1)", "y", INFINITY, false}}},
      {"lower_results",
       kPrecision,
       "rounded",
       "wrong",
       "output y is wrong",
       {{"odd", "as declared", "y", 2.5, false}, {"one", "as declared", "y", 0, true}}}};
  return report;
}

TEST(GateReportJson, IsReadAsItWasWritten) {
  const std::string json = ToJson(FullReport());
  const auto again = ParseGateReport(json);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(ToJson(again.value()), json);
  EXPECT_TRUE(std::isnan(again.value().trials[1].calls[0].error));
  EXPECT_EQ(again.value().trials[2].calls[0].error, 2.5);
}

TEST(GateReportJson, IsWhatTheSchemaSays) {
  for (const GateReport& report : {FullReport(), GateReport()}) {
    EXPECT_EQ(Join(test::SchemaChecker(test::ReadSchema("gate_report"))
                       .Violations(nlohmann::json::parse(ToJson(report))),
                   "\n"),
              "");
  }
}

TEST(GateReportJson, SaysWhatIsMissing) {
  const auto parsed = ParseGateReport(R"({"version": 1, "problem": "p", "device": "d"})");
  ASSERT_FALSE(parsed.ok());
  EXPECT_NE(parsed.error().message.find("sound"), std::string::npos) << parsed.error().message;
}

}  // namespace
}  // namespace caesar
