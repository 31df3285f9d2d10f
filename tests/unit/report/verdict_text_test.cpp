#include "report/verdict_text.h"

#include <gtest/gtest.h>

#include <cmath>

#include "golden.h"

namespace caesar {
namespace {

Check PassedCheck(const char* shape) {
  Check check;
  check.shape = shape;
  check.dims = {{"rows", 37}, {"cols", 1021}};
  check.fill = "normal(0, 1)";
  check.passed = true;
  OutputCheck output;
  output.output = "y";
  output.error_max = 0.125;
  output.elements = 37'777;
  check.outputs = {output};
  return check;
}

Verdict Wrong() {
  Verdict verdict;
  verdict.sandbox = "full";
  verdict.kind = VerdictKind::kWrong;
  verdict.reason = "y differs from the reference in shape odd";
  verdict.device.name = "NVIDIA H100 80GB HBM3";
  verdict.compile = CompileInfo{1'312, false, 40, 16, 8'192, 0, "sm_90a"};
  verdict.correctness = {PassedCheck("small"), PassedCheck("odd")};
  Check& failed = verdict.correctness[1];
  failed.passed = false;
  failed.inputs_changed = {"x"};
  OutputCheck& output = failed.outputs[0];
  output.error_max = std::nan("");
  output.mismatches = 1'021;
  output.unwritten = 1'000;
  output.guard_bytes_changed = 4;
  output.first_bad = {{{36, 0}, std::nan(""), 0.5}, {{36, 1}, 1.25, 0.25}};
  output.worst = {{36, 1}, 1.25, 0.25};
  return verdict;
}

Verdict Timed() {
  Verdict verdict;
  verdict.sandbox = "full";
  verdict.kind = VerdictKind::kCorrect;
  verdict.device.name = "NVIDIA H100 80GB HBM3";
  verdict.correctness = {PassedCheck("small")};
  verdict.speedup = Ratio{1.61, 1.60, 1.62};
  verdict.sol_us = 160;
  verdict.flags = {{"legacy_stream", "1 launch on the legacy stream"}};
  Timing timing;
  timing.shape = "bench";
  timing.cold = TimeStats{201.12, 200.5, 202, 199.9, 201, 201.3, 64, 2};
  timing.hot = TimeStats{180, 179, 181, 178, 179.9, 180.1, 64, 0};
  timing.wall_us = 230;
  timing.trusted_us = 204;
  timing.batch = 8;
  timing.verified = true;
  timing.kernels = {{"softmax_rows<float, 256>(float const*, float*, long, long)", 201.1, 1, 40,
                     8'192, "16384x1x1", "256x1x1"}};
  verdict.timing = timing;
  verdict.baseline = BaselineTiming{"baseline",
                                    TimeStats{323.8, 323, 325, 322, 323.5, 324, 64, 0},
                                    std::nullopt,
                                    std::nullopt,
                                    {}};
  return verdict;
}

TEST(VerdictText, WrongShowsTheEvidence) {
  ExpectGolden("report/verdict_wrong.txt", VerdictText(Wrong(), {.cut = true}));
}

TEST(VerdictText, WrongSaysWhere) {
  Verdict verdict = Wrong();
  EXPECT_EQ(VerdictText(verdict, {.cut = true}).find("every 33rd column"), std::string::npos);
  verdict.correctness[1].outputs[0].where = "only every 33rd column (0, 33, 66, ...)";
  EXPECT_NE(
      VerdictText(verdict, {.cut = true}).find("\n  only every 33rd column (0, 33, 66, ...)\n"),
      std::string::npos);
}

TEST(VerdictText, CorrectShowsTheTimes) {
  ExpectGolden("report/verdict_correct.txt", VerdictText(Timed(), {.cut = true}));
}

TEST(VerdictText, SaysWhyAnEstimateIsComparedWithNothing) {
  Simulation simulation;
  simulation.profile_shape = "large";
  simulation.report.estimated_us = 25;
  Verdict verdict = Timed();
  verdict.simulation = simulation;
  EXPECT_EQ(VerdictText(verdict, {.cut = true}).find("no comparison"), std::string::npos);
  simulation.baseline_skipped = "it uses cublas, which is machine code for GPUs alone";
  verdict.simulation = simulation;
  EXPECT_NE(VerdictText(verdict, {.cut = true})
                .find("nothing was timed)\n          no comparison with the baseline: it uses "
                      "cublas, which is machine code for GPUs alone\n"),
            std::string::npos);
}

TEST(VerdictText, SaysWhatTheSandboxLacked) {
  Verdict verdict = Timed();
  verdict.sandbox = "full";
  EXPECT_EQ(VerdictText(verdict, {.cut = true}).find("sandbox"), std::string::npos);
  verdict.sandbox = "off";
  EXPECT_NE(VerdictText(verdict, {.cut = true}).find("\nsandbox:  off\n"), std::string::npos);
  verdict.sandbox = "partial: no Landlock";
  EXPECT_NE(VerdictText(verdict, {.cut = true}).find("\nsandbox:  partial: no Landlock\n"),
            std::string::npos);
}

TEST(VerdictText, UnverifiedTimesSaySo) {
  Verdict verdict = Timed();
  verdict.timing->verified = false;
  EXPECT_NE(VerdictText(verdict, {.cut = true}).find("does NOT confirm"), std::string::npos);
}

TEST(VerdictText, SaysWhatWasTakenAgain) {
  Verdict verdict = Timed();
  verdict.timing->discarded = {{"time_slicing", 2}, {"doubtful", 1}};
  EXPECT_NE(VerdictText(verdict, {.cut = true})
                .find("\n  taken again: 2 (time slicing)\n"
                      "  measured anew in fresh processes, since the first measurement was "
                      "doubtful\n"),
            std::string::npos)
      << VerdictText(verdict, {.cut = true});
}

TEST(VerdictText, HasALineForEachShapeAndIfVerboseForEachCall) {
  Verdict verdict = Timed();
  verdict.correctness = {PassedCheck("small"), PassedCheck("small"), PassedCheck("odd")};
  verdict.correctness[1].outputs[0].error_max = 0.00241523;
  verdict.correctness[1].fill = "ones";
  EXPECT_NE(VerdictText(verdict, {})
                .find("\ncorrectness: 3 of 3 calls passed\n"
                      "  shape  dims               calls  largest error/tolerance\n"
                      "  small  rows=37 cols=1021      2                    0.125  ok\n"
                      "  odd    rows=37 cols=1021      1                    0.125  ok\n\n"),
            std::string::npos)
      << VerdictText(verdict, {});
  EXPECT_NE(VerdictText(verdict, {.verbose = true})
                .find("  small  rows=37 cols=1021  ones                  0.00242  ok\n"),
            std::string::npos)
      << VerdictText(verdict, {.verbose = true});
}

TEST(VerdictText, CutsNoNameWhereThereIsNoTerminal) {
  const char* name = "softmax_rows<float, 256>(float const*, float*, long, long)";
  EXPECT_NE(VerdictText(Timed(), {}).find(name), std::string::npos);
  EXPECT_EQ(VerdictText(Timed(), {.cut = true}).find(name), std::string::npos);
}

TEST(VerdictText, CompileErrorsShowTheLog) {
  Verdict verdict;
  verdict.sandbox = "full";
  verdict.kind = VerdictKind::kCompileFailed;
  verdict.reason = "kernel.cu(3): error: expected a ';'";
  verdict.detail = "kernel.cu(3): error: expected a ';'\n\n\x1b[31m  y[i] = x[i]\n\n\n";
  EXPECT_EQ(VerdictText(verdict, {.cut = true}),
            "verdict:  compile_failed: kernel.cu(3): error: expected a ';'\n"
            "\n"
            "  kernel.cu(3): error: expected a ';'\n"
            "\n"
            "    y[i] = x[i]\n");
}

TEST(VerdictText, AReasonThatTheLogDoesNotSayIsSaid) {
  Verdict verdict;
  verdict.sandbox = "full";
  verdict.kind = VerdictKind::kCompileFailed;
  verdict.reason = "compiling took longer than 2.0 s";
  verdict.detail = "kernel.cu(3): warning: unused\n";
  EXPECT_EQ(VerdictText(verdict, {.cut = true}),
            "verdict:  compile_failed: compiling took longer than 2.0 s\n"
            "\n"
            "  kernel.cu(3): warning: unused\n");
}

TEST(VerdictText, ShowsAFewFailedCallsOfMany) {
  Verdict verdict = Wrong();
  verdict.correctness.assign(100, verdict.correctness[1]);
  const std::string text = VerdictText(verdict, {.cut = true});
  std::size_t mismatches = 0;
  for (std::size_t at = text.find("never written"); at != std::string::npos;
       at = text.find("never written", at + 1))
    ++mismatches;
  EXPECT_EQ(mismatches, 5U);
}

}  // namespace
}  // namespace caesar
