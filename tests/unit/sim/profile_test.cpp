#include "sim/profile.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sim/device_limits.h"

namespace caesar::sim {
namespace {

// A kernel of four operations on three lines of kernel.cu, one of them in a device function, and a
// matrix product that is two operations.
class Profile : public testing::Test {
 protected:
  Profile() {
    module_.source.files = {"", "/tmp/w/kernel.cu", "/usr/include/x.h"};
    module_.source.locations = {{1, 10, 1, -1}, {1, 11, 1, -1}, {1, 3, 1, 1}, {2, 99, 1, -1}};
    source_.body.resize(2);
    source_.body[0].line = 50;
    source_.body[1].line = 51;
    source_.body[1].modifiers = {"sync", "aligned", "m16n8k16", "f32", "f16", "f16", "f32"};

    kernel_.name = "_Z3addPKfPf";
    kernel_.kernel = kernel_.decoded = true;
    kernel_.source = &source_;
    kernel_.callees = {&helper_, &unknown_};
    Add(kernel_, OpClass::kLoadGlobal, 0, 49);
    Add(kernel_, OpClass::kStoreGlobal, 1, 50);
    Add(kernel_, OpClass::kTensor, -1, 51);
    Add(kernel_, OpClass::kTensor, -1, 51);
    helper_.name = "helper";
    helper_.decoded = true;
    helper_.callees = {&kernel_};  // a circle
    helper_.first_op = 10;
    Add(helper_, OpClass::kFloat32, 2, 70);

    record_.kernel = kernel_.name;
    record_.function = &kernel_;
    record_.shape.blocks = {100, 2, 1};
    record_.shape.threads = {256, 1, 1};
    record_.shape.dynamic_shared_bytes = 1000;
    record_.static_shared_bytes = 24;
    record_.blocks_run = 200;
    record_.counts.resize(11);
    record_.touched.resize(11);
    Run(0, 1600, 4, {4096, 4096 + 1600 * 4 * 32});
    Run(1, 1600, 4, {1 << 20, (1 << 20) + 1600 * 4 * 32});
    Run(2, 1600, 0, {});
    Run(3, 1600, 0, {});
    Run(10, 3200, 0, {});
  }

  static void Add(Function& function, OpClass op_class, int location, int line) {
    Op op;
    op.op_class = op_class;
    function.ops.push_back(op);
    function.locations.push_back(location);
    function.lines.push_back(line);
  }
  void Run(std::size_t index, std::uint64_t warps, std::uint64_t sectors, TouchedMemory touched) {
    OpCounts& counts = record_.counts[index];
    counts.warps = warps;
    counts.lanes = warps * 32;
    counts.sectors = warps * sectors;
    counts.bytes = warps * sectors * 32;
    record_.touched[index] = touched;
  }
  SimKernel Described(std::uint64_t launches = 1, std::size_t lines = 32) {
    return KernelOf(record_, module_, launches, lines);
  }

  LoadedModule module_;
  ptx::Function source_;
  Function kernel_, helper_, unknown_;
  LaunchRecord record_;
};

TEST_F(Profile, DescribesTheLaunch) {
  module_.resources["_Z3addPKfPf"].registers = 64;
  const SimKernel kernel = Described();
  EXPECT_EQ(kernel.name, "add(float const*, float*)");
  EXPECT_EQ(kernel.launches, 1);
  EXPECT_EQ(kernel.grid[0], 100);
  EXPECT_EQ(kernel.grid[1], 2);
  EXPECT_EQ(kernel.block[0], 256);
  EXPECT_EQ(kernel.blocks, 200);
  EXPECT_EQ(kernel.blocks_run, 200);
  EXPECT_EQ(kernel.shared_bytes, 1024);
  EXPECT_EQ(kernel.registers, 64);
  EXPECT_EQ(kernel.occupancy, 0.5);
  EXPECT_EQ(kernel.occupancy_limit, "registers");
}

TEST_F(Profile, AddsUpTheKernelAndWhatItCalls) {
  const SimCounts counts = Described().counts;
  EXPECT_EQ(counts.warp_instructions, 4 * 1600 + 3200);
  EXPECT_EQ(counts.lane_instructions, 32 * counts.warp_instructions);
  EXPECT_EQ(counts.global_requests, 3200);
  EXPECT_EQ(counts.global_sectors, 12800);
}

TEST_F(Profile, AddsUpBySourceLine) {
  const SimKernel kernel = Described();
  ASSERT_EQ(kernel.lines.size(), 3U);  // what no line is known of is in the kernel's sums alone
  EXPECT_EQ(kernel.lines[0].file, "kernel.cu");
  EXPECT_EQ(kernel.lines[0].line, 3);  // where it was written, not where it was inlined
  EXPECT_EQ(kernel.lines[0].counts.warp_instructions, 3200);
  EXPECT_EQ(kernel.lines[1].line, 10);
  EXPECT_EQ(kernel.lines[1].counts.global_sectors, 6400);
  EXPECT_EQ(kernel.lines[2].line, 11);
  EXPECT_DOUBLE_EQ(kernel.lines[1].share, kernel.lines[2].share);
  const double named = kernel.lines[0].share + kernel.lines[1].share + kernel.lines[2].share;
  EXPECT_GT(named, 0.5);
  EXPECT_LT(named, 1);  // the matrix product is on no line
}

TEST_F(Profile, KeepsTheCostliestLines) {
  record_.counts[1].sectors *= 8;
  const SimKernel kernel = Described(1, 2);
  ASSERT_EQ(kernel.lines.size(), 2U);
  EXPECT_EQ(kernel.lines[0].line, 10);
  EXPECT_EQ(kernel.lines[1].line, 11);
}

TEST_F(Profile, ScalesUpSampledBlocks) {
  const SimKernel all = Described();
  record_.blocks_run = 20;
  for (OpCounts& counts : record_.counts) {
    counts.warps /= 10;
    counts.lanes /= 10;
    counts.sectors /= 10;
    counts.bytes /= 10;
  }
  const SimKernel sampled = Described();
  EXPECT_EQ(sampled.blocks_run, 20);
  EXPECT_EQ(sampled.blocks, 200);
  EXPECT_EQ(sampled.counts.warp_instructions, all.counts.warp_instructions);
  EXPECT_EQ(sampled.lines[1].counts.global_sectors, all.lines[1].counts.global_sectors);
  EXPECT_DOUBLE_EQ(sampled.estimated_us, all.estimated_us);
}

TEST_F(Profile, EstimatesOneLaunchOfSeveral) {
  const SimKernel once = Described();
  record_.blocks_run *= 3;
  for (OpCounts& counts : record_.counts) {
    counts.warps *= 3;
    counts.lanes *= 3;
    counts.sectors *= 3;
  }
  const SimKernel thrice = Described(3);
  EXPECT_EQ(thrice.launches, 3);
  EXPECT_EQ(thrice.counts.global_sectors, 3 * once.counts.global_sectors);
  EXPECT_DOUBLE_EQ(thrice.estimated_us, once.estimated_us);
}

TEST_F(Profile, CountsMemoryThatIsReadAgainOnce) {
  for (const std::size_t index : {0U, 1U}) {
    record_.counts[index].sectors *= 10'000;
    record_.counts[index].warps *= 10'000;
  }
  record_.touched[0].end = 4096 + 1600 * 4 * 32 * 10'000ULL;
  record_.touched[1].end = (1 << 20) + 1600 * 4 * 32 * 10'000ULL;
  const SimKernel streaming = Described();
  EXPECT_EQ(streaming.bound, "dram");
  record_.touched[0].end = record_.touched[0].begin + 4096;
  EXPECT_LT(Described().estimated_us, 0.8 * streaming.estimated_us);
  record_.touched.clear();  // nothing known: as if nothing were read again
  EXPECT_NEAR(Described().estimated_us, streaming.estimated_us, 1e-3);
}

// As if each request went to DRAM: of how many went where nothing is known.
TEST_F(Profile, DoesNotCreditOneAllocationWithTheRequestsOfSeveral) {
  record_.counts[0].sectors *= 10'000;
  record_.touched[0].end = record_.touched[0].begin + 4096;
  const double again = Described().estimated_us;
  record_.touched[0].several = true;
  const double several = Described().estimated_us;
  EXPECT_GT(several, 1.5 * again);
  record_.touched[0] = {};
  EXPECT_DOUBLE_EQ(Described().estimated_us, several);
}

// Atomics on memory that is large take as long as loads and stores of it; those on few bytes do not
// reach DRAM.
TEST_F(Profile, CountsAtomicsAsTrafficOfTheirMemory) {
  kernel_.ops[0].op_class = OpClass::kInteger;
  record_.counts[0] = {};
  record_.counts[1].sectors *= 100'000;
  record_.counts[1].lanes = 0;
  record_.touched[1].end = record_.touched[1].begin + record_.counts[1].sectors * 32;
  const double stores = Described().estimated_us;
  kernel_.ops[1].op_class = OpClass::kAtomic;
  const SimKernel atomics = Described();
  EXPECT_EQ(atomics.bound, "dram");
  EXPECT_GT(atomics.estimated_us, 1.9 * stores);
  record_.touched[1].end = record_.touched[1].begin + 4096;
  EXPECT_EQ(Described().bound, "atomics");
}

TEST_F(Profile, CountsAProductOnceHoweverManyOperationsItIs) {
  record_.counts[2].warps = record_.counts[3].warps = 1'000'000'000;
  const SimKernel kernel = Described();
  EXPECT_EQ(kernel.bound, "tensor");
  const double us = 1e9 * 4096 / (989.4e6 * 0.62);
  EXPECT_NEAR(kernel.estimated_us, us * (std::ceil(200 / 132.0) / (200 / 132.0)), 0.1 * us);
}

TEST_F(Profile, ToleratesARecordThatFitsNothing) {
  record_.counts.resize(1);
  record_.touched.clear();
  record_.blocks_run = 0;
  kernel_.locations = {77, -5};
  kernel_.lines.clear();
  const SimKernel kernel = Described(0);
  EXPECT_TRUE(std::isfinite(kernel.estimated_us));
  EXPECT_TRUE(kernel.lines.empty());
  EXPECT_TRUE(ParseSimReport(ToJson(SimReport{{}, 0, {kernel}, {}, 0, 1})).ok());
}

CallReport Call() {
  CallReport call;
  Finding finding;
  finding.kind = FindingKind::kOutOfBounds;
  finding.text = "reads 4 bytes right behind the end of tensor x";
  finding.kernel = "_Z3addPKfPf";
  finding.file = "kernel.cu";
  finding.line = 42;
  finding.block[1] = 3;
  finding.thread[0] = 255;
  finding.count = 7;
  call.findings.push_back(finding);
  finding.kind = FindingKind::kRace;
  call.findings.push_back(finding);
  return call;
}

TEST_F(Profile, ReportsFindings) {
  const SimReport report = ReportOf(Call(), false);
  ASSERT_EQ(report.findings.size(), 2U);
  const SimFinding& first = report.findings[0];
  EXPECT_EQ(first.kind, "out_of_bounds");
  EXPECT_EQ(first.text, "reads 4 bytes right behind the end of tensor x");
  EXPECT_EQ(first.kernel, "add(float const*, float*)");
  EXPECT_EQ(first.file, "kernel.cu");
  EXPECT_EQ(first.line, 42);
  EXPECT_EQ(first.block[1], 3);
  EXPECT_EQ(first.thread[0], 255);
  EXPECT_EQ(first.count, 7);
  EXPECT_TRUE(first.fatal);
  EXPECT_FALSE(report.findings[1].fatal);
}

TEST_F(Profile, ReportsKernelsWhereAsked) {
  CallReport call;
  call.kernels.push_back({record_, &module_, 2, false});
  call.kernels.push_back({record_, &module_, 1, false});
  EXPECT_TRUE(ReportOf(call, false).kernels.empty());
  const SimReport report = ReportOf(call, true);
  ASSERT_EQ(report.kernels.size(), 2U);
  EXPECT_DOUBLE_EQ(report.estimated_us,
                   2 * report.kernels[0].estimated_us + report.kernels[1].estimated_us);
  EXPECT_TRUE(ParseSimReport(ToJson(report)).ok());
}

// Of what a candidate chooses: names, files, findings, kernels and lines without end.
TEST_F(Profile, ReportsWhatNoKernelDoes) {
  CallReport call;
  call.copies = {2, 3'006'000};
  call.sets = {1, 3'006'000};
  call.host_copies = {1, 55'000};
  call.host_functions = 3;
  call.dropped = 7;
  const SimReport report = ReportOf(call, true);
  EXPECT_EQ(report.launches_dropped, 7);
  ASSERT_EQ(report.transfers.size(), 4U);
  const auto expect = [&](std::size_t i, const char* kind, int count, int bytes, double us) {
    EXPECT_EQ(report.transfers[i].kind, kind);
    EXPECT_EQ(report.transfers[i].count, count);
    EXPECT_EQ(report.transfers[i].bytes, bytes);
    EXPECT_DOUBLE_EQ(report.transfers[i].estimated_us, us);
  };
  // At 3006 GB/s of DRAM and 55 GB/s from the host, and 2 us for each.
  expect(0, "copy", 2, 3'006'000, 2 * 2 + 2.0);  // is read and written
  expect(1, "set", 1, 3'006'000, 2 + 1.0);
  expect(2, "host_copy", 1, 55'000, 2 + 1.0);
  expect(3, "host_function", 3, 0, 0);
  EXPECT_DOUBLE_EQ(report.estimated_us, 12);
  EXPECT_TRUE(ReportOf(call, false).transfers.empty());
}

TEST_F(Profile, FitsTheRunnersAnswer) {
  CallReport call = Call();
  const std::string endless(2000, '\n');
  for (Finding& finding : call.findings) finding.text = finding.kernel = finding.file = endless;
  call.findings.resize(100, call.findings[0]);
  call.findings_dropped = ~std::uint64_t{0};
  module_.source.files[1] = endless;
  module_.source.locations.clear();
  for (int i = 0; i < 1000; ++i) module_.source.locations.push_back({1, i + 1, 1, -1});
  for (int i = 0; i < 1000; ++i) Add(kernel_, OpClass::kInteger, i, i);
  kernel_.first_op = 20;
  record_.counts.assign(2000, OpCounts{1, 1, 1, 1, 1, 1});
  record_.kernel = endless;
  call.kernels.assign(80, {record_, &module_, 1, false});
  const SimReport report = ReportOf(call, true);
  EXPECT_EQ(report.findings.size(), 64U);
  EXPECT_EQ(report.kernels.size(), 64U);
  EXPECT_EQ(report.kernels[0].lines.size(), 8U);
  const std::string json = ToJson(report);
  EXPECT_LT(json.size(), 1U << 20);
  const auto read = ParseSimReport(json);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(ToJson(read.value()), json);
}

}  // namespace
}  // namespace caesar::sim
