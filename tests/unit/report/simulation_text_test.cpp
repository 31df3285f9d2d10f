#include "report/simulation_text.h"

#include <gtest/gtest.h>

#include "golden.h"
#include "unit/record/sim_report_example.h"

namespace caesar {
namespace {

Simulation Example() {
  Simulation simulation;
  simulation.report = test::FullSimReport();
  simulation.report.transfers.clear();
  simulation.profile_shape = "bench";
  return simulation;
}

TEST(SimulationText, Full) {
  Simulation simulation = Example();
  SimKernel& second = simulation.report.kernels.emplace_back();
  second.name = "void scan<float, 256>(float*)";
  second.grid[0] = 8;
  second.block[0] = 128;
  second.occupancy = 1;
  second.occupancy_limit = "threads";
  second.counts.warp_instructions = 1'234'567;
  second.counts.lane_instructions = 1'234'567 * 32;
  second.estimated_us = 75;
  second.bound = "latency";
  ExpectGolden("simulation_full.txt", SimulationText(simulation, {.cut = true}));
}

TEST(SimulationText, FindingsAlone) {
  Simulation simulation = Example();
  simulation.report.kernels.clear();
  EXPECT_EQ(SimulationText(simulation, {.cut = true}),
            "found by the simulator:\n"
            "  race at kernel.cu:42: thread 33 reads what thread 0 writes, and no barrier lies "
            "between\n"
            "    in softmax(float const*, float*), first in block 7,0,0, thread 33,0,0; 12 times\n"
            "  out_of_bounds at kernel.cu:51: store of 4 bytes right behind the end of tensor y "
            "(4096 bytes)\n"
            "    in softmax(float const*, float*), first in block 7,0,0, thread 33,0,0; 1 time\n"
            "  and 2 more\n");
}

TEST(SimulationText, IsEmptyWhereThereIsNothingToSay) {
  EXPECT_EQ(SimulationText(Simulation(), {}), "");
}

TEST(SimulationText, SaysWhatNoKernelDoes) {
  Simulation simulation = Example();
  simulation.report.transfers = {{"copy", 2, 8192, 4.5}, {"host_function", 1, 0, 0}};
  EXPECT_NE(SimulationText(simulation, {.cut = true})
                .find("  2 x copy, 8.19 kB, ~4.50 us\n"
                      "  1 x host_function\n"
                      "\n"
                      "  counted, all launches"),
            std::string::npos);
  simulation.report.kernels.clear();
  simulation.report.findings.clear();
  simulation.report.findings_dropped = 0;
  EXPECT_EQ(SimulationText(simulation, {.cut = true}),
            "  2 x copy, 8.19 kB, ~4.50 us\n"
            "  1 x host_function\n");
}

TEST(SimulationText, ShowsTheCostliestOfMany) {
  Simulation simulation = Example();
  SimReport& report = simulation.report;
  SimKernel& kernel = report.kernels[0];
  kernel.lines.clear();
  for (int i = 1; i <= 32; ++i) kernel.lines.push_back({"kernel.cu", i, {}, i / 1000.0});
  report.kernels.resize(20, kernel);
  report.findings.resize(30, report.findings[0]);
  const std::string text = SimulationText(simulation, {.cut = true});
  EXPECT_NE(text.find("  and 12 more\n\n  counted"), text.npos) << text;
  EXPECT_NE(text.find("  and 16 more\n"), text.npos) << text;
  EXPECT_NE(text.find("kernel.cu:32 "), text.npos);
  EXPECT_NE(text.find("kernel.cu:21 "), text.npos);
  EXPECT_EQ(text.find("kernel.cu:20 "), text.npos);
}

// Everything in a report is a claim of a program that nobody trusts.
TEST(SimulationText, IsFitForATerminal) {
  Simulation simulation = Example();
  const std::string evil = "\x1b[2J\nkernel";
  simulation.profile_shape = evil;
  for (SimFinding& finding : simulation.report.findings) {
    finding.kind = finding.text = finding.kernel = finding.file = evil;
  }
  SimKernel& kernel = simulation.report.kernels[0];
  kernel.name = kernel.bound = kernel.occupancy_limit = evil;
  for (SimLine& line : kernel.lines) line.file = evil;
  EXPECT_EQ(SimulationText(simulation, {.cut = true}).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace caesar
