// A verdict in short, as tables and progress show it.
#include "session/judged.h"

#include <gtest/gtest.h>

#include <cmath>

namespace caesar {
namespace {

Verdict Wrong(const OutputCheck& output) {
  Verdict verdict;
  verdict.kind = VerdictKind::kWrong;
  verdict.correctness = {{"odd", {{"n", 9}}, "as declared", "s", false, {output}, {}}};
  return verdict;
}

TEST(JudgedHeadline, SaysWhatIsWrong) {
  OutputCheck output;
  output.output = "y";
  output.elements = 9;
  output.mismatches = 4;
  output.abs_error_max = 0.15;
  EXPECT_EQ(Summarize(Wrong(output)).headline, "4 of 9 wrong on shape odd, max error 0.15");
  output.where = "column 3";
  EXPECT_EQ(Summarize(Wrong(output)).headline,
            "4 of 9 wrong on shape odd, max error 0.15: column 3");
  output.where.clear();
  output.abs_error_max = std::nan("");
  EXPECT_EQ(Summarize(Wrong(output)).headline, "4 of 9 wrong on shape odd, NaN");
  output.unwritten = 3;
  EXPECT_EQ(Summarize(Wrong(output)).headline, "4 of 9 wrong on shape odd, 3 not written");
  output.unwritten = 4;
  EXPECT_EQ(Summarize(Wrong(output)).headline, "4 of 9 wrong on shape odd, not written");
}

TEST(JudgedHeadline, TakesTheCheckThatTellsMost) {
  OutputCheck output;
  output.elements = output.mismatches = 1;
  output.abs_error_max = 0.5;
  output.where = "every element is wrong";
  Verdict verdict = Wrong(output);
  output.elements = 7;
  output.mismatches = 3;
  output.where = "only columns 4 to 6";
  output.where_patterns = 2;
  verdict.correctness.push_back({"seven", {}, "as declared", "s", false, {output}, {}});
  EXPECT_EQ(Summarize(verdict).headline,
            "3 of 7 wrong on shape seven, max error 0.5: only columns 4 to 6");
  // What the simulated GPU found says more than what came of it.
  SimFinding race;
  race.kind = "race";
  verdict.simulation.emplace().report.findings = {race};
  verdict.reason = "race: kernel.cu:8: writes";
  EXPECT_EQ(Summarize(verdict).headline, "race: kernel.cu:8: writes");
}

TEST(JudgedHeadline, NamesTheShapeOfAnEstimate) {
  Verdict verdict;
  verdict.kind = VerdictKind::kCorrect;
  Simulation& simulation = verdict.simulation.emplace();
  simulation.profile_shape = "counted";
  simulation.report.estimated_us = 24.81;
  simulation.estimated_speedup = 1.0;
  const Judged judged = Summarize(verdict);
  EXPECT_EQ(judged.headline, "estimated 24.8 us at shape counted, estimated 1.00x");
  EXPECT_EQ(judged.estimated_shape, "counted");
}

TEST(JudgedHeadline, GivesRatiosAsTablesDo) {
  Verdict verdict;
  verdict.kind = VerdictKind::kCorrect;
  verdict.timing.emplace().cold = TimeStats{};
  verdict.timing->cold->median_us = 175.5;
  verdict.timing->verified = true;
  verdict.speedup = Ratio{1, 0.998, 12.34};
  EXPECT_EQ(Summarize(verdict).headline, "176 us, 1.00x (1.00-12.3)");
}

}  // namespace
}  // namespace caesar
