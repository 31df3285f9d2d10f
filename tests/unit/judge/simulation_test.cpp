// What the simulated GPU's findings make of a verdict.
#include "judge/simulation.h"

#include <gtest/gtest.h>

#include "judge/evaluator.h"
#include "unit/record/sim_report_example.h"

namespace caesar {
namespace {

SimFinding Found(const std::string& kind, bool fatal, int line = 7) {
  SimFinding finding;
  finding.kind = kind;
  finding.text = "what happened";
  finding.kernel = "add(float*)";
  finding.file = "kernel.cu";
  finding.line = line;
  finding.block[0] = 3;
  finding.thread[1] = 2;
  finding.fatal = fatal;
  return finding;
}

SimReport ReportOf(const std::vector<SimFinding>& findings) {
  SimReport report;
  report.findings = findings;
  return report;
}

Verdict VerdictAfter(const std::vector<SimFinding>& findings,
                     VerdictKind kind = VerdictKind::kCorrect) {
  Verdict verdict;
  verdict.kind = kind;
  AddFindings(verdict, ReportOf(findings));
  return verdict;
}

TEST(Sentence, NamesLineAndThread) {
  EXPECT_EQ(Sentence(Found("race", false)),
            "kernel.cu:7: what happened (block 3,0,0, thread 0,2,0)");
  SimFinding finding = Found("deadlock", true);
  EXPECT_EQ(Sentence(finding), "kernel.cu:7: what happened") << "it is about all threads";
  finding = Found("race", false);
  finding.file.clear();
  finding.kernel.clear();
  EXPECT_EQ(Sentence(finding), "what happened");
}

TEST(AddFindings, WhatIsUndefinedIsWrong) {
  for (const char* kind : {"race", "divergent_barrier", "barrier_after_exit"}) {
    const Verdict verdict = VerdictAfter({Found(kind, false)});
    EXPECT_EQ(verdict.kind, VerdictKind::kWrong) << kind;
    EXPECT_EQ(verdict.reason,
              std::string(kind) + ": kernel.cu:7: what happened (block 3,0,0, thread 0,2,0)");
  }
  for (const char* kind : {"uninitialized_shared", "printf_overflow", "launch_failed"})
    EXPECT_EQ(VerdictAfter({Found(kind, false)}).kind, VerdictKind::kCorrect) << kind;
}

TEST(WorstFinding, IsThatOfABarrierBeforeTheRaceThatComesOfIt) {
  const auto worst = [](const std::vector<SimFinding>& findings) {
    return WorstFinding(VerdictAfter(findings)).substr(0, 18);
  };
  EXPECT_EQ(worst({Found("race", false), Found("barrier_after_exit", false),
                   Found("divergent_barrier", false)}),
            "divergent_barrier:");
  EXPECT_EQ(worst({Found("race", false), Found("barrier_after_exit", false)}),
            "barrier_after_exit");
  EXPECT_EQ(worst({Found("uninitialized_shared", false), Found("race", false, 7),
                   Found("race", false, 8)}),
            "race: kernel.cu:7:");
  EXPECT_EQ(worst({Found("uninitialized_shared", false)}), "");
  EXPECT_EQ(WorstFinding(Verdict()), "");
}

TEST(AddFindings, LeavesAVerdictThatStands) {
  for (const VerdictKind kind :
       {VerdictKind::kWrong, VerdictKind::kCrashed, VerdictKind::kCheated}) {
    const Verdict verdict = VerdictAfter({Found("race", false)}, kind);
    EXPECT_EQ(verdict.kind, kind);
    EXPECT_EQ(verdict.reason, "");
    EXPECT_EQ(verdict.simulation->report.findings.size(), 1U);
  }
}

TEST(AddFindings, AddsUpOverCalls) {
  Verdict verdict = VerdictAfter({Found("race", false), Found("race", false, 8)});
  SimFinding again = Found("race", false);
  again.count = 41;
  AddFindings(verdict, ReportOf({again}));
  ASSERT_EQ(verdict.simulation->report.findings.size(), 2U);
  EXPECT_EQ(verdict.simulation->report.findings[0].count, 42);
  EXPECT_EQ(verdict.simulation->report.findings[1].count, 1);
}

TEST(AddFindings, IsBounded) {
  Verdict verdict;
  verdict.kind = VerdictKind::kCorrect;
  for (int line = 1; line <= 70; ++line)
    AddFindings(verdict, ReportOf({Found("uninitialized_shared", false, line)}));
  EXPECT_EQ(verdict.simulation->report.findings.size(), 64U);
  EXPECT_EQ(verdict.simulation->report.findings_dropped, 6);
}

TEST(ReadReport, FlagsWhatIsNone) {
  Verdict verdict;
  verdict.kind = VerdictKind::kCorrect;
  static_cast<void>(ReadReport("", verdict));
  EXPECT_FALSE(verdict.simulation.has_value()) << "a device that reports nothing";
  static_cast<void>(ReadReport("{\"findings\": 7", verdict));
  ASSERT_EQ(verdict.flags.size(), 1U);
  EXPECT_EQ(verdict.flags[0].name, "unreadable_report");
  EXPECT_EQ(verdict.kind, VerdictKind::kCorrect);
}

TEST(BlameFinding, TheFirstThatEndedAKernelDecides) {
  const std::pair<const char*, VerdictKind> kinds[] = {
      {"out_of_bounds", VerdictKind::kCrashed}, {"misaligned", VerdictKind::kCrashed},
      {"assert", VerdictKind::kCrashed},        {"deadlock", VerdictKind::kTimedOut},
      {"watchdog", VerdictKind::kTimedOut},     {"not_simulated", VerdictKind::kNotSimulated}};
  for (const auto& [kind, expected] : kinds) {
    Verdict verdict = VerdictAfter({Found("race", false), Found(kind, true), Found("trap", true)},
                                   VerdictKind::kWrong);
    EXPECT_TRUE(BlameFinding(verdict, "at shape odd"));
    EXPECT_EQ(verdict.kind, expected) << kind;
    const bool said = expected == VerdictKind::kNotSimulated;
    const std::string what = said ? "" : std::string(kind) + " ";
    EXPECT_EQ(verdict.reason.find(what + "at shape odd: kernel.cu:7: what"), 0U) << verdict.reason;
  }
}

TEST(BlameFinding, WhatIsNotSimulatedIsSaidOnce) {
  SimFinding finding = Found("not_simulated", true);
  finding.text = "not simulated: cudaCreateTextureObject (textures)";
  finding.file.clear();
  Verdict verdict = VerdictAfter({finding});
  EXPECT_TRUE(BlameFinding(verdict, "at shape one"));
  EXPECT_EQ(verdict.reason, "at shape one: cudaCreateTextureObject (textures)");
  EXPECT_EQ(verdict.simulation->report.findings[0].text, "cudaCreateTextureObject (textures)");
}

TEST(BlameFinding, NothingFatalNobodyToBlame) {
  Verdict verdict;
  EXPECT_FALSE(BlameFinding(verdict, "anywhere"));
  verdict = VerdictAfter({Found("race", false)});
  const std::string before = verdict.reason;
  EXPECT_FALSE(BlameFinding(verdict, "anywhere"));
  EXPECT_EQ(verdict.reason, before);
}

TEST(Blame, ALaunchThatWasRefusedSaysWhy) {
  RunnerFailure failure;
  failure.kind = RunnerFailure::Kind::kLaunchError;
  failure.text = "cudaErrorInvalidValue";
  Verdict verdict;
  Blame(verdict, failure, "at shape odd");
  EXPECT_EQ(verdict.reason, "launch error at shape odd: cudaErrorInvalidValue");
  failure.report = ToJson(ReportOf({Found("launch_failed", false)}));
  Blame(verdict, failure, "at shape odd");
  EXPECT_EQ(verdict.kind, VerdictKind::kCrashed);
  EXPECT_EQ(verdict.reason, "launch error at shape odd: cudaErrorInvalidValue: what happened");
}

ShapeSpec Shape(bool bench, bool check, bool sim) {
  ShapeSpec shape;
  shape.bench = bench;
  shape.check = check;
  shape.sim = sim;
  return shape;
}

TEST(IsChecked, TheSimulatedGpuTakesItsOwnShapes) {
  Problem problem;
  problem.shapes = {Shape(true, false, false), Shape(false, true, false), Shape(false, true, true),
                    Shape(false, false, true)};
  const auto checked = [&](bool simulated) {
    std::vector<bool> all;
    for (const ShapeSpec& shape : problem.shapes)
      all.push_back(IsChecked(problem, shape, simulated));
    return all;
  };
  EXPECT_EQ(checked(false), (std::vector<bool>{false, true, true, false}));
  EXPECT_EQ(checked(true), (std::vector<bool>{false, false, true, true}));
  problem.shapes.resize(2);  // a problem that declares none
  EXPECT_EQ(checked(true), checked(false));
}

}  // namespace
}  // namespace caesar
