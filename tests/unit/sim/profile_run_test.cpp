// Counters of kernels that run, against theory.
#include <gtest/gtest.h>

#include <cstring>

#include "sim/profile.h"

namespace caesar::sim {
namespace {

// Two warps a block. Shared memory with a stride of 128 bytes: all lanes of a warp meet one bank.
// Global memory with a stride of 64 bytes: a sector for each lane. A branch that nobody takes.
constexpr const char* kStrided = R"(
.version 8.0
.target sm_90
.address_size 64
.file 1 "kernel.cu"
.visible .entry strided(.param .u64 to)
{
  .reg .pred %p<2>;
  .reg .b32 %r<5>;
  .reg .b64 %rd<5>;
  .shared .align 4 .b8 tile[8192];
  .loc 1 10 1
  ld.param.u64 %rd1, [to];
  mov.u32 %r1, %tid.x;
  setp.gt.u32 %p1, %r1, 1000;
  .loc 1 11 1
  @%p1 bra $DONE;
  mov.u32 %r2, tile;
  mad.lo.u32 %r3, %r1, 128, %r2;
  .loc 1 12 1
  st.shared.u32 [%r3], %r1;
  .loc 1 13 1
  bar.sync 0;
  .loc 1 14 1
  ld.shared.u32 %r4, [%r3];
  mul.wide.u32 %rd2, %r1, 64;
  add.s64 %rd3, %rd1, %rd2;
  .loc 1 15 1
  st.global.u32 [%rd3], %r4;
$DONE:
  ret;
}
)";

class ProfileRun : public testing::Test {
 protected:
  SimKernel Run(std::uint32_t blocks, std::uint64_t sampled) {
    LaunchShape shape;
    shape.blocks.x = blocks;
    shape.threads.x = 64;
    LaunchOptions options;
    options.sampled_blocks = sampled;
    const std::uint64_t to = arena_->Allocate(4096, "to");
    std::vector<std::byte> params(sizeof to);
    std::memcpy(params.data(), &to, sizeof to);
    const auto kernel = Prepare(*module_, "strided");
    EXPECT_TRUE(kernel.ok()) << kernel.error().message;
    Findings findings;
    LaunchRecord record;
    EXPECT_EQ(RunGrid(*module_, *kernel.value(), shape, params, findings, options, &record), 0);
    EXPECT_TRUE(findings.Empty());
    return KernelOf(record, *module_, 1, 32);
  }

  std::unique_ptr<Arena> arena_ = std::move(Arena::Make(1 << 20)).value();
  std::unique_ptr<LoadedModule> module_ =
      std::move(LoadModule(kStrided, *arena_, BestIsa())).value();
};

TEST_F(ProfileRun, CountsWhatTheoryExpects) {
  const SimKernel kernel = Run(10, 0);
  const SimCounts& counts = kernel.counts;
  EXPECT_EQ(counts.warp_instructions, 20 * 13);
  EXPECT_EQ(counts.SimdEfficiency(), 1);  // a branch is carried out by those who do not take it too
  EXPECT_EQ(counts.barriers, 20);         // each warp, not each block
  EXPECT_EQ(counts.global_requests, 20);
  EXPECT_EQ(counts.SectorsPerRequest(), 32);
  EXPECT_EQ(counts.SectorsPerRequestIdeal(), 4);
  EXPECT_EQ(counts.shared_requests, 40);
  EXPECT_EQ(counts.WavesPerRequest(), 32);
  EXPECT_EQ(counts.WavesPerRequestIdeal(), 1);
}

TEST_F(ProfileRun, CountsByLine) {
  const SimKernel kernel = Run(10, 0);
  ASSERT_EQ(kernel.lines.size(), 6U);
  EXPECT_EQ(kernel.lines[2].file, "kernel.cu");
  EXPECT_EQ(kernel.lines[2].line, 12);
  EXPECT_EQ(kernel.lines[2].counts.shared_waves, 640);
  EXPECT_EQ(kernel.lines[3].counts.barriers, 20);
  EXPECT_EQ(kernel.lines[5].counts.global_sectors, 640);
}

TEST_F(ProfileRun, ScalesSamplesToAllBlocks) {
  const SimKernel all = Run(1000, 0), sampled = Run(1000, 10);
  EXPECT_LT(sampled.blocks_run, 100);
  EXPECT_EQ(sampled.counts.warp_instructions, all.counts.warp_instructions);
  EXPECT_EQ(sampled.counts.shared_waves, all.counts.shared_waves);
  EXPECT_EQ(sampled.estimated_us, all.estimated_us);
}

// All blocks write the same 4096 bytes: DRAM sees them once.
TEST_F(ProfileRun, KnowsWhichMemoryIsTouchedAgain) { EXPECT_EQ(Run(100'000, 64).bound, "shared"); }

// Each warp stores to a[lane]; threads from number `from` on to b[lane].
constexpr const char* kTwo = R"(
.version 8.0
.target sm_90
.address_size 64
.visible .entry two(.param .u64 a, .param .u64 b, .param .u32 from)
{
  .reg .pred %p<2>;
  .reg .b32 %r<6>;
  .reg .b64 %rd<5>;
  ld.param.u64 %rd1, [a];
  ld.param.u64 %rd2, [b];
  ld.param.u32 %r1, [from];
  mov.u32 %r2, %tid.x;
  mov.u32 %r3, %ctaid.x;
  mad.lo.u32 %r4, %r3, 32, %r2;
  setp.lt.u32 %p1, %r4, %r1;
  selp.b64 %rd3, %rd1, %rd2, %p1;
  mad.wide.u32 %rd4, %r2, 4, %rd3;
  st.global.u32 [%rd4], %r2;
  ret;
}
)";

// What `blocks` warps did of which the threads behind the first `from` touched another allocation.
TouchedMemory TouchedBy(std::uint32_t blocks, std::uint32_t from, int threads) {
  const auto arena = std::move(Arena::Make(1 << 20)).value();
  const auto module = std::move(LoadModule(kTwo, *arena, BestIsa())).value();
  struct {
    std::uint64_t a, b;
    std::uint32_t from;
  } const args{arena->Allocate(4096, "a"), arena->Allocate(128, "b"), from};
  std::vector<std::byte> params(sizeof args);
  std::memcpy(params.data(), &args, sizeof args);
  const auto kernel = Prepare(*module, "two");
  EXPECT_TRUE(kernel.ok());
  LaunchShape shape;
  shape.blocks.x = blocks;
  shape.threads.x = 32;
  LaunchOptions options;
  options.host_threads = threads;
  Findings findings;
  LaunchRecord record;
  EXPECT_EQ(RunGrid(*module, *kernel.value(), shape, params, findings, options, &record), 0);
  TouchedMemory only;
  for (std::size_t i = 0; i < record.touched.size(); ++i) {
    if (record.counts[i].sectors != 0) only = record.touched[i];
  }
  return only;
}

TEST(TouchedMemory, IsOneAllocationOrSeveral) {
  for (const int threads : {1, 3}) {
    const TouchedMemory all = TouchedBy(64, 64 * 32, threads);
    EXPECT_EQ(all.end - all.begin, 4096U);
    EXPECT_FALSE(all.several);
    EXPECT_TRUE(TouchedBy(64, 63 * 32, threads).several) << "the last warp elsewhere";
    EXPECT_TRUE(TouchedBy(64, 32, threads).several) << "all others elsewhere";
    EXPECT_TRUE(TouchedBy(64, 63 * 32 + 31, threads).several) << "the last lane elsewhere";
    EXPECT_TRUE(TouchedBy(64, 31, threads).several) << "the first lanes elsewhere";
  }
  EXPECT_TRUE(TouchedBy(1, 31, 1).several) << "a single warp in two";
}

}  // namespace
}  // namespace caesar::sim
