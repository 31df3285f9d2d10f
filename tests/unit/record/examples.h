// Records with every field set.
#pragma once

#include <cmath>
#include <limits>

#include "record/sample_result.h"
#include "record/verdict.h"

namespace caesar::test {

inline TimeStats Stats(double median_us) {
  return {median_us,
          median_us - 0.25,
          median_us + 0.5,
          median_us - 1,
          median_us - 0.125,
          median_us + 0.125,
          30,
          2};
}

inline Verdict FullVerdict() {
  Verdict verdict;
  verdict.kind = VerdictKind::kWrong;
  verdict.reason = "3 of 64 elements of y differ";
  verdict.detail = "a\nb";
  verdict.flags = {{"side_stream", "work on stream 0x7"}, {"leak", "4096 bytes"}};
  verdict.device.name = "NVIDIA H100";
  verdict.device.compute_major = 9;
  verdict.sandbox = "full";
  verdict.compile = CompileInfo{1312, true, 40, 8, 49152, 16, "sm_90a"};
  OutputCheck output{"y",
                     NAN,
                     std::numeric_limits<double>::infinity(),
                     3,
                     64,
                     {{{0, 5}, NAN, 1.5}},
                     {{0, 5}, -INFINITY, 2},
                     1,
                     256};
  verdict.correctness = {
      {"odd", {{"rows", 37}, {"cols", 1021}}, "as declared", "s1", false, {output}, {"x"}}};
  verdict.timing =
      Timing{"bench",  Stats(12.5),
             Stats(9), 30.5,
             14.25,    64,
             true,     {{"void k<int>(float*)", 12.25, 2, 40, 1024, "4096x1x1", "256x1x1"}}};
  verdict.baseline = BaselineTiming{"baseline", Stats(20), std::nullopt, {}};
  verdict.speedup = Ratio{1.6, 1.55, 1.65};
  verdict.sol_us = 10;
  return verdict;
}

inline SampleResult FullResult() {
  SampleResult result;
  result.problem = "softmax";
  result.sample = 3;
  result.finished_by = "TargetReached";
  result.correct = result.target_met = true;
  result.best_round = 2;
  result.best_speedup = Ratio{1.5, 1.4, 1.6};
  result.best_us = 12.5;
  result.tokens = {100, 20, 300, 50, true};
  result.device = "NVIDIA H100";
  RoundSummary failed;
  failed.round = 1;
  failed.outcome = "CompileFailed";
  failed.headline = "2 errors: expected a ';'";
  RoundSummary measured{2,
                        "Measured",
                        "12.5 us",
                        12.5,
                        18.75,
                        Ratio{1.5, 1.4, 1.6},
                        true,
                        true,
                        {{"leak", "4096 bytes"}},
                        {100, 20, 300, 50, true},
                        2000,
                        1312,
                        5000};
  result.rounds = {failed, measured};
  return result;
}

}  // namespace caesar::test
