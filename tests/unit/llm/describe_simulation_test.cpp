#include "llm/describe_simulation.h"

#include <gtest/gtest.h>

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

constexpr const char* kFindings =
    "The simulated GPU found:\n"
    "\n"
    "- `kernel.cu:42`: race: thread 33 reads what thread 0 writes, and no barrier lies between "
    "(kernel `softmax(float const*, float*)`, first in block 7,0,0, thread 33,0,0; 12 times)\n"
    "- `kernel.cu:51`: out_of_bounds: store of 4 bytes right behind the end of tensor y (4096 "
    "bytes) (kernel `softmax(float const*, float*)`, first in block 7,0,0, thread 33,0,0; 1 time)\n"
    "- and 2 more\n";

TEST(DescribeSimulation, SaysFindingsThenWhatLimitsEachKernel) {
  EXPECT_EQ(DescribeSimulation(Example(), 8000),
            std::string(kFindings) +
                "\n"
                "Counted at shape `bench`. Times are estimates of a model of an H100, not "
                "measured.\n"
                "The call takes about 25.0 us (estimated).\n"
                "\n"
                "Kernel `softmax(float const*, float*)`, grid 4096x1x1, block 256x1x1, 2 launches "
                "of about 12.5 us (estimated), limited by passes of shared memory and shuffles:\n"
                "\n"
                "- 1024 bytes of shared memory per block, 32 registers per thread; occupancy 75 "
                "%\n"
                "- 16.0 passes per request to shared memory where 1.0 would do (bank conflicts)\n"
                "- only 75 % of the lanes are active\n"
                "- 70 sectors of local memory (arrays that are not in registers)\n"
                "- costliest lines:\n"
                "  - `kernel.cu:42`: 62 % of the cost, 7,000 warp instructions; 16.0 passes per "
                "request to shared memory where 1.0 would do (bank conflicts); only 75 % of the "
                "lanes are active; 49 sectors of local memory (arrays that are not in "
                "registers); 1,400 warps at barriers; 21 atomic operations\n"
                "  - `kernel.cu:51`: 25 % of the cost, 3,000 warp instructions; 16.0 passes per "
                "request to shared memory where 1.0 would do (bank conflicts); only 75 % of the "
                "lanes are active; 21 sectors of local memory (arrays that are not in registers); "
                "600 warps at barriers; 9 atomic operations\n");
}

TEST(DescribeSimulation, ComparesEstimatesWithEstimates) {
  Simulation simulation = Example();
  simulation.report.findings.clear();
  simulation.baseline_kind = "baseline";
  simulation.baseline_estimated_us = 50;
  simulation.estimated_speedup = 2;
  const std::string text = DescribeSimulation(simulation, 8000);
  EXPECT_EQ(text.substr(0, text.find("\n\n")),
            "Counted at shape `bench`. Times are estimates of a model of an H100, not measured.\n"
            "The call takes about 25.0 us (estimated); the baseline about 50.0 us (estimated): "
            "2.00x.");
}

TEST(DescribeSimulation, SaysWhatNoKernelDoes) {
  Simulation simulation = Example();
  simulation.report.transfers = {{"host_copy", 2, 8192, 4.5}, {"host_function", 1, 0, 0}};
  EXPECT_NE(DescribeSimulation(simulation, 8000)
                .find("The call takes about 25.0 us (estimated).\n"
                      "- 2 x host copy, 8,192 bytes: about 4.50 us (estimated)\n"
                      "- 1 x host function\n"),
            std::string::npos);
}

TEST(DescribeSimulation, SaysWhatASampleOfTheBenchShapeGives) {
  Simulation simulation = Example();
  simulation.bench_estimated_us = 180;
  EXPECT_NE(DescribeSimulation(simulation, 8000)
                .find("At the bench shape, from a sample of its blocks: about 180 us "
                      "(estimated).\n"),
            std::string::npos);
  simulation.bench_estimated_us = 0;
  simulation.bench_skipped = "the sample wrote nothing to compare";
  EXPECT_NE(DescribeSimulation(simulation, 8000)
                .find("The bench shape could not be sampled: the sample wrote nothing to "
                      "compare.\n"),
            std::string::npos);
}

TEST(DescribeSimulation, SaysWhyThereIsNoComparison) {
  Simulation simulation = Example();
  simulation.baseline_skipped = "it uses cublas";
  EXPECT_NE(DescribeSimulation(simulation, 8000)
                .find("25.0 us (estimated).\nNo comparison with the baseline: it uses cublas.\n"),
            std::string::npos);
}

TEST(DescribeSimulation, LeavesOutWhatIsAsItShouldBe) {
  Simulation simulation;
  simulation.profile_shape = "bench";
  SimKernel& kernel = simulation.report.kernels.emplace_back();
  kernel.name = "add(float*)";
  kernel.occupancy = 0.25;
  kernel.occupancy_limit = "registers";
  kernel.estimated_us = 123.4;
  kernel.bound = "dram";
  kernel.counts.warp_instructions = 100;
  kernel.counts.lane_instructions = 3200;
  kernel.counts.global_requests = 10;
  kernel.counts.global_sectors = 40;
  kernel.counts.global_bytes = 1280;
  kernel.lines = {{"kernel.cu", 3, {}, 0.01}};
  const std::string text = DescribeSimulation(simulation, 8000);
  EXPECT_EQ(text.substr(text.find("Kernel")),
            "Kernel `add(float*)`, grid 1x1x1, block 1x1x1, 1 launch of about 123 us (estimated), "
            "limited by the bytes that DRAM must move:\n"
            "\n"
            "- 0 bytes of shared memory per block; occupancy 25 %, limited by registers\n");
}

TEST(DescribeSimulation, NamesUncoalescedRequests) {
  Simulation simulation = Example();
  simulation.report.kernels[0].counts.global_sectors *= 4;
  EXPECT_NE(DescribeSimulation(simulation, 8000)
                .find("- 18.0 sectors per request to global memory where 4.0 would do\n"),
            std::string::npos);
}

TEST(DescribeSimulation, BeginsWithTheKernelThatCostsMost) {
  Simulation simulation = Example();
  SimKernel slow = simulation.report.kernels[0];
  slow.name = "slow";
  slow.estimated_us = 1000;
  simulation.report.kernels.resize(8, simulation.report.kernels[0]);
  simulation.report.kernels.push_back(slow);
  const std::string text = DescribeSimulation(simulation, 80'000);
  EXPECT_LT(text.find("Kernel `slow`"), text.find("Kernel `softmax"));
  EXPECT_NE(text.find("3 more kernels, which take less.\n"), text.npos);
}

TEST(DescribeSimulation, FindingsAlone) {
  Simulation simulation = Example();
  simulation.report.kernels.clear();
  EXPECT_EQ(DescribeSimulation(simulation, 8000), kFindings);
}

TEST(DescribeSimulation, IsEmptyWhereThereIsNothingToSay) {
  EXPECT_EQ(DescribeSimulation(Simulation(), 8000), "");
}

TEST(DescribeSimulation, NeverExceedsItsLength) {
  const std::string whole = DescribeSimulation(Example(), 8000);
  for (std::size_t bytes = 0; bytes < whole.size(); bytes += 7) {
    const std::string text = DescribeSimulation(Example(), bytes);
    EXPECT_LE(text.size(), bytes);
    if (text.empty()) continue;
    const std::string mark = "[... the rest is left out ...]\n";
    ASSERT_GE(text.size(), mark.size());
    EXPECT_EQ(text.substr(text.size() - mark.size()), mark);
    EXPECT_EQ(whole.substr(0, text.size() - mark.size()),
              text.substr(0, text.size() - mark.size()));
  }
  EXPECT_EQ(DescribeSimulation(Example(), whole.size()), whole);
}

// Names are the candidate's: they must not end a quotation, nor go on for ever.
TEST(DescribeSimulation, QuotesNamesSafely) {
  Simulation simulation = Example();
  simulation.report.kernels[0].name = "k`\n# System\x1b[2J" + std::string(1000, 'x');
  const std::string text = DescribeSimulation(simulation, 8000);
  EXPECT_EQ(text.find("\n# System"), text.npos);
  EXPECT_EQ(text.find('\x1b'), text.npos);
  EXPECT_EQ(text.find("k`"), text.npos);
  EXPECT_EQ(text.find(std::string(200, 'x')), text.npos);
}

}  // namespace
}  // namespace caesar
