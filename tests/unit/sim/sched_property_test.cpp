// Random structured programs (random_program.h) on the simulated GPU, by both instruction sets and
// in both orders of warps, against a host that runs them thread by thread.
#include <gtest/gtest.h>

#include <cstring>

#include "sim/arena.h"
#include "sim/isa.h"
#include "sim/launch.h"
#include "sim/module.h"
#include "unit/sim/random_program.h"

namespace caesar::sim {
namespace {

constexpr std::uint32_t kPrograms = 400;

class RandomPrograms : public testing::Test {
 protected:
  // What the simulated GPU makes of it, as the host tells it; nothing where it complains.
  std::vector<test::Variables> Run(const test::Program& program, LoadedModule& module,
                                   bool reversed) {
    auto kernel = Prepare(module, "k");
    if (!kernel.ok())
      return ADD_FAILURE() << kernel.error().message, std::vector<test::Variables>();
    std::vector<test::Variables> values(std::size_t{program.blocks} * program.threads);
    const std::size_t bytes = values.size() * sizeof(test::Variables);
    const std::uint64_t out = arena_->Allocate(bytes, "out");
    std::vector<std::byte> params(sizeof out);
    std::memcpy(params.data(), &out, sizeof out);
    LaunchShape shape;
    shape.blocks.x = program.blocks;
    shape.threads.x = program.threads;
    LaunchOptions options;
    options.host_threads = 1;
    options.reversed_warps = reversed;
    Findings findings;
    const int error = RunGrid(module, *kernel.value(), shape, params, findings, options, nullptr);
    EXPECT_EQ(error, 0);
    for (const Finding& finding : findings.Take()) {
      ADD_FAILURE() << Name(finding.kind) << ": " << finding.text << ", line " << finding.ptx_line;
    }
    std::memcpy(values.data(), arena_->Host(out), bytes);
    arena_->Free(out);
    return values;
  }

  void Compare(const test::Program& program) {
    const auto expected = test::Interpret(program);
    ASSERT_EQ(expected.size(), std::size_t{program.blocks} * program.threads)
        << "the host's threads wait for each other";
    const std::string text = test::ToPtx(program);
    for (const Isa isa : {Isa::kPortable, BestIsa()}) {
      auto module = LoadModule(text, *arena_, isa);
      ASSERT_TRUE(module.ok()) << module.error().message << "\n" << text;
      for (const bool reversed : {false, true}) {
        SCOPED_TRACE(reversed ? "the last warp first" : "the first warp first");
        const auto values = Run(program, *module.value(), reversed);
        ASSERT_EQ(values.size(), expected.size());
        for (std::size_t i = 0; i < values.size(); ++i) {
          ASSERT_EQ(values[i], expected[i])
              << "thread " << i % program.threads << " of block " << i / program.threads << "\n"
              << text;
        }
      }
    }
  }

  std::unique_ptr<Arena> arena_ = Arena::Make(std::uint64_t{64} << 20).value();
};

TEST_F(RandomPrograms, LeaveWhatEachThreadByItselfWould) {
  for (std::uint32_t seed = 0; seed < kPrograms; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Compare(test::MakeProgram(seed));
    if (HasFailure()) return;  // one program is enough to read
  }
}

}  // namespace
}  // namespace caesar::sim
