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

inline Simulation FullSimulation() {
  SimCounts counts{100, 3000, {{"integer", 60}, {"load_global", 40}}, 40, 160, 5120, 8, 16, 8, 4,
                   2,   1};
  SimKernel kernel;
  kernel.name = "void k<int>(float*)";
  kernel.launches = 2;
  kernel.grid[0] = kernel.blocks = kernel.blocks_run = 64;
  kernel.block[0] = 256;
  kernel.shared_bytes = 1024;
  kernel.registers = 40;
  kernel.occupancy = 0.75;
  kernel.occupancy_limit = "registers";
  kernel.counts = counts;
  kernel.lines = {{"kernel.cu", 12, counts}};
  kernel.estimated_us = 11.5;
  kernel.bound = "dram";
  Simulation simulation;
  simulation.report.findings = {
      {"race", "two threads", "k", "kernel.cu", 12, {1, 0, 0}, {32, 0, 0}, 7, false}};
  simulation.report.findings_dropped = 3;
  simulation.report.kernels = {kernel};
  simulation.report.transfers = {{"set", 1, 4096, 2.5}};
  simulation.report.estimated_us = 11.5;
  simulation.profile_shape = "bench";
  simulation.bench_estimated_us = 110;
  simulation.bench_skipped = "blocks need each other";
  simulation.baseline_kind = "baseline";
  simulation.baseline_skipped = "it uses cublas";
  simulation.baseline_estimated_us = 23;
  simulation.estimated_speedup = 2;
  return simulation;
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
  verdict.timing = Timing{
      "bench",
      Stats(12.5),
      Stats(9),
      30.5,
      14.25,
      64,
      true,
      {{"void k<int>(float*)", 12.25, 2, 40, 1024, "4096x1x1", "256x1x1"}},
      8.5,
      {{"time_slicing", 2}, {"throttled", 1}, {"doubtful", 1}},
      ClockReadings{40, {1965, 1980, 1980}, {2619, 2619, 2619}, 41, 312.5, {"software_power_cap"}},
      CallCost{4.5, 6.5, 1.5, 30.5, 130.5, 5.5, 40.5},
      TrustedCall{13.5, 14.5, 2.25, 420.5, 3.75}};
  verdict.comparison = BestComparison{Change::kImproved, "", Ratio{1.1, 1.09, 1.11},
                                      Ratio{1.1, 1.08, 1.12}, Stats(13.75)};
  verdict.baseline = BaselineTiming{"baseline", Stats(20), std::nullopt, Stats(19.5), {}};
  verdict.speedup = Ratio{1.6, 1.55, 1.65};
  verdict.sol_us = 10;
  verdict.simulation = FullSimulation();
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
  result.best_estimated_us = 10.5;
  result.tokens = {.input = 100,
                   .cached = 20,
                   .cache_written = 10,
                   .output = 300,
                   .reasoning = 50,
                   .reported = true,
                   .usd = 0.25};
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
                        Change::kImproved,
                        10.5,
                        1.25,
                        "counted",
                        true,
                        {{"leak", "4096 bytes"}},
                        {100, 20, 10, 300, 50, true, true, 0.25, true},
                        2000,
                        1312,
                        5000};
  result.rounds = {failed, measured};
  return result;
}

}  // namespace caesar::test
