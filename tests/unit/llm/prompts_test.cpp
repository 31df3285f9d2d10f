#include "llm/prompts.h"

#include <gtest/gtest.h>

#include <cmath>

#include "fakes/memory_files.h"

namespace caesar {
namespace {

Expression Expr(std::string_view text) { return Expression::Parse(text).value(); }

Problem Softmax() {
  Problem problem;
  problem.name = "softmax";
  problem.summary = "Row-wise softmax";
  problem.statement = "Compute y = softmax(x) {{not_a_placeholder}}.";
  problem.launcher = "solve";
  problem.dims = {"rows", "cols"};
  problem.inputs = {{"x", DType::kF32, {Expr("rows"), Expr("cols")}, Fill{}, 0, 0}};
  problem.outputs = {{"y", DType::kF32, {Expr("rows"), Expr("cols")}, Fill{}, 1e-6, 1e-5}};
  problem.scalars = {{"eps", DType::kF32, 0.5}};
  problem.shapes = {
      {.name = "odd", .check = true, .sim = true, .dims = {{"rows", 37}, {"cols", 1021}}},
      {.name = "bench", .bench = true, .dims = {{"rows", 16384}, {"cols", 4096}}}};
  problem.flops = Expr("5*rows*cols");
  problem.bytes = Expr("8*rows*cols");
  return problem;
}

DeviceInfo Hopper() {
  DeviceInfo device;
  device.name = "NVIDIA H100 80GB HBM3";
  device.driver = "13.0";
  device.compute_major = 9;
  device.sm_count = 132;
  device.memory_bytes = std::int64_t{80} << 30;
  device.l2_bytes = std::int64_t{50} << 20;
  device.shared_bytes_per_block_max = 227 * 1024;
  device.shared_bytes_per_sm = 228 * 1024;
  device.registers_per_sm = 65536;
  device.threads_per_sm_max = 2048;
  device.clock_mhz = 1980;
  device.bandwidth_gbs = 3000;
  return device;
}

DeviceInfo Simulated() {
  DeviceInfo device = Hopper();
  device.kind = "sim";
  device.name = "simulated NVIDIA H100";
  return device;
}

class PromptsTest : public testing::Test {
 protected:
  PromptSet Embedded() { return PromptSet::Load("", files_).value(); }
  std::string Round(const RoundPrompt& round) { return Embedded().Round(round).value().text; }
  std::string Judged(const Verdict& verdict, const RoundSummary* best = nullptr,
                     bool with_timing = true) {
    return Embedded().Judged(problem_, verdict, best, with_timing).value();
  }
  static void ExpectSays(const std::string& text, std::initializer_list<const char*> parts) {
    for (const char* part : parts)
      EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in\n" << text;
  }

  MemoryFiles files_;
  Problem problem_ = Softmax();
  DeviceInfo device_ = Hopper();
};

TEST_F(PromptsTest, FirstRound) {
  const std::string prompt = Round({&problem_, &device_, 1, 4, {}, false});
  ExpectSays(prompt,
             {"Row-wise softmax", "softmax(x) {{not_a_placeholder}}.",
              "extern \"C\" void solve(const float* x, float* y, int64_t rows, int64_t cols, float "
              "eps, cudaStream_t stream);",
              "| `x` | `const float*` | [rows, cols] | [16384, 4096] | input, normal(0, 1) |",
              "| `y` | `float*` | [rows, cols] | [16384, 4096] | output, atol 1e-06, rtol 1e-05 |",
              "| `eps` | `float` |  | 0.5 | scalar |", "rows = 16384, cols = 4096",
              "moves at least 512 MiB", "179.0 us", "NVIDIA H100 80GB HBM3", "sm_90a", "132 SMs",
              "227 KiB per block", "L2 cache: 50 MiB", "3000 GB/s", "no cuBLAS", "no TF32",
              "round 1 of 4", "defines `solve`"});
  EXPECT_EQ(prompt.find("Earlier attempts"), std::string::npos);
  EXPECT_EQ(prompt.find("1021"), std::string::npos) << "check shapes are not told";
}

TEST_F(PromptsTest, UnknownDevice) {
  const std::string prompt = Round({&problem_, nullptr, 1, 4, {}, false});
  ExpectSays(prompt, {"is not known here"});
  EXPECT_EQ(prompt.find("bandwidth, moving"), std::string::npos);
}

TEST_F(PromptsTest, SimulatedDeviceClaimsNoMeasurement) {
  device_ = Simulated();
  const std::string prompt = Round({&problem_, &device_, 1, 4, {}, false});
  ExpectSays(prompt, {"The simulated NVIDIA H100, a program", "-O3 -std=c++17", "compute_90",
                      "132 SMs", "227 KiB per block", "3000 GB/s",
                      "At the bandwidth that the estimate assumes, moving the bytes alone takes "
                      "179.0 us",
                      "nothing is measured", "estimate of a model of an H100",
                      "all counts, are real", "Not simulated", "textures and surfaces",
                      "dynamic parallelism", "-rdc=true", "wgmma", "(TMA)", "cuBLAS", "cuDNN"});
  for (const char* lie : {"-arch=sim", "(sim,", "measured copy", "measured bandwidth", "median"})
    EXPECT_EQ(prompt.find(lie), std::string::npos) << lie;
}

TEST_F(PromptsTest, RealDeviceIsTimed) {
  const std::string prompt = Round({&problem_, &device_, 1, 4, {}, false});
  ExpectSays(prompt,
             {"- Timing: median over many calls, from the first to the last", "-arch=sm_90a",
              "measured copy bandwidth: 3000 GB/s", "device's measured bandwidth"});
  for (const char* other : {"simulat", "estimate"})
    EXPECT_EQ(prompt.find(other), std::string::npos) << other;
}

TEST_F(PromptsTest, WhatIsNotSimulatedIsNamedOnce) {
  Verdict verdict;
  verdict.kind = VerdictKind::kNotSimulated;
  verdict.reason = "at shape one: cudaCreateTextureObject (textures)";
  ExpectSays(Judged(verdict), {"cannot run it: at shape one: cudaCreateTextureObject (textures)\n",
                               "nothing about whether the kernel is right"});
}

TEST_F(PromptsTest, PolicyOfTheProblem) {
  problem_.tf32_allowed = true;
  problem_.libraries = {"cub", "cublas"};
  ExpectSays(Round({&problem_, &device_, 1, 4, {}, false}),
             {"TF32 tensor cores may be used", "may be used: cub, cublas."});
}

TEST_F(PromptsTest, HistoryHoldsKernelAndFeedback) {
  const std::string prompt = Round(
      {&problem_,
       &device_,
       3,
       4,
       {{1, "", "No kernel was found.", false}, {2, "// {{x}} ```\nint k;\n", "Too slow.", true}},
       false});
  ExpectSays(prompt,
             {"# Earlier attempts", "## Attempt of round 1\n\nResult:\n\nNo kernel was found.",
              "## Attempt of round 2 (the fastest correct one so far)\n\n````cuda\n// {{x}} "
              "```\nint k;\n````\n\nResult:\n\nToo slow.",
              "round 3 of 4", "not with a diff"});
  EXPECT_LT(prompt.find("round 1\n"), prompt.find("round 2 ("));
}

TEST_F(PromptsTest, Reflect) {
  ExpectSays(Round({&problem_, &device_, 2, 4, {{1, "int k;\n", "", false}}, true}),
             {"as a reviewer would", "round 2 of 4"});
}

TEST_F(PromptsTest, LongTextsAreCutAndSaySo) {
  problem_.statement = std::string(100'000, 's');
  std::vector<PastAttempt> history;
  for (int round = 1; round <= 30; ++round)
    history.push_back({round, std::string(50'000, 'k'), std::string(50'000, 'f'), round == 2});
  const std::string prompt = Round({&problem_, &device_, 31, 40, history, false});
  EXPECT_LT(prompt.size(), 160'000U);
  ExpectSays(prompt, {"bytes left out ...]", "earlier attempts are left out", "Attempt of round 30",
                      "Attempt of round 2 (the fastest"});
  EXPECT_EQ(prompt.find("Attempt of round 3\n"), std::string::npos);
}

TEST_F(PromptsTest, WhatAPersonSaysIsCleanedAndCut) {
  RoundPrompt round{&problem_, &device_, 2, 3, {}, false};
  round.history = {{.round = 1, .kernel = "code", .feedback = "It is slow.\n"}};
  const std::string without = Round(round);
  round.history[0].human = " \n\t\n";
  EXPECT_EQ(Round(round), without);
  round.history[0].human = "\x1b]0;title\x07Use \x1b[31mshared\x1b[0m memory {{kernel}}.\r\n\n";
  EXPECT_NE(Round(round).find("Result:\n\nIt is slow.\n\nA person who looked at this attempt "
                              "says:\n\nUse shared memory {{kernel}}.\n"),
            std::string::npos)
      << Round(round);
  round.history[0].feedback.clear();
  EXPECT_NE(Round(round).find("Result:\n\nA person who"), std::string::npos) << Round(round);
  round.history[0].human = "begin\n" + std::string(200'000, 'x') + "\nend";
  const std::string cut = Round(round);
  EXPECT_NE(cut.find("bytes left out ...]"), std::string::npos);
  EXPECT_NE(cut.find("says:\n\nbegin\n"), std::string::npos);
  EXPECT_LT(cut.size(), without.size() + 20'000);
}

TEST_F(PromptsTest, NoCodeAndCompileFeedback) {
  ExpectSays(Embedded().NoCode(problem_, "The reply is empty.").value(),
             {"The reply is empty.", "extern \"C\" void solve("});
  ExpectSays(
      Embedded().CompileFailed(problem_, "kernel.cu(3): error: expected a \";\"\n", 1).value(),
      {"does not compile: 1 error.", "```text\nkernel.cu(3): error: expected a \";\"\n```",
       "extern \"C\" void solve("});
  ExpectSays(Embedded().CompileFailed(problem_, std::string(50'000, 'x'), 7).value(),
             {"7 errors", "left out"});
  ExpectSays(Embedded().CompileTimedOut(120).value(), {"longer than 120 s"});
}

TEST_F(PromptsTest, Wrong) {
  Verdict verdict;
  verdict.kind = VerdictKind::kWrong;
  verdict.reason = "Output y of shape odd is wrong.";
  OutputCheck output{
      "y", 32000, 0.25, 17, 37777, {{{0, 1020}, 0.5, 0.25}}, {{36, 1020}, std::nan(""), 0.125},
      3,   64};
  output.where = "only rows 0 to 16: every element there is wrong; all zeros";
  verdict.correctness = {
      {"odd", {{"rows", 37}, {"cols", 1021}}, "as declared", "s1", false, {output}, {"x"}},
      {"tall", {{"rows", 9}, {"cols", 1}}, "ones", "s2", true, {}, {}}};
  ExpectSays(
      Judged(verdict),
      {"Output y of shape odd is wrong.",
       "Shape `odd` (rows = 37, cols = 1021), inputs as declared", "17 of 37777 elements are wrong",
       "largest absolute error 0.25", "3.2e+04 times the tolerance",
       "where: only rows 0 to 16: every element there is wrong; all zeros",
       "worst at [36, 1020]: got nan, want 0.125", "[0, 1020]: got 0.5, want 0.25",
       "3 elements were never written", "64 bytes outside the tensor", "input `x` was changed",
       "Passed: 1 of 2 checks."});
}

TEST_F(PromptsTest, SaysNothingOfAWrongResultTwice) {
  Verdict verdict;
  verdict.kind = VerdictKind::kWrong;
  verdict.reason = "output y is wrong; first at [4]: got 0.1, want 0.2; only column 4";
  OutputCheck output;
  output.output = "y";
  output.elements = 7;
  output.mismatches = 2;
  output.where = "only column 4";
  output.dtype = "f32";
  output.first_bad = {{{4}, 0.1F, 0.2F}, {{5}, 0.3F, 0.9F}};
  output.worst = output.first_bad[1];
  verdict.correctness = {{"odd", {{"n", 7}}, "as declared", "s", false, {output}, {}}};
  const std::string text = Judged(verdict);
  for (const char* once :
       {"got 0.1, want 0.2", "[5]: got 0.3, want 0.9 (the worst)", "only column 4"}) {
    ASSERT_NE(text.find(once), std::string::npos) << text;
    EXPECT_EQ(text.find(once), text.rfind(once)) << text;
  }
}

TEST_F(PromptsTest, OneElementThatWasNeverWritten) {
  Verdict verdict;
  verdict.kind = VerdictKind::kWrong;
  OutputCheck output;
  output.output = "y";
  output.error_max = output.abs_error_max = std::nan("");
  output.mismatches = output.elements = output.unwritten = output.guard_bytes_changed = 1;
  output.worst = {{0}, std::nan(""), 1};
  verdict.correctness = {{"one", {{"n", 1}}, "as declared", "s", false, {output}, {}}};
  const std::string text = Judged(verdict);
  ExpectSays(text, {"`y`: 1 of 1 element is wrong\n", "`y`: 1 element was never written\n",
                    "`y`: 1 byte outside the tensor overwritten", "Passed: 0 of 1 check."});
  EXPECT_EQ(text.find("largest"), std::string::npos) << text;
}

TEST_F(PromptsTest, ManyFailedChecksAreCounted) {
  Verdict verdict;
  verdict.kind = VerdictKind::kWrong;
  for (int i = 0; i < 9; ++i)
    verdict.correctness.push_back({"s" + std::to_string(i), {}, "ones", "", false, {}, {}});
  ExpectSays(Judged(verdict), {"`s3`", "5 more checks failed. Passed: 0 of 9 checks."});
}

TEST_F(PromptsTest, CrashedTimedOutCheatedAmbiguous) {
  Verdict verdict;
  verdict.reason = "Because.";
  verdict.detail = "cudaErrorIllegalAddress\x1b[31m";
  verdict.flags = {{"side_stream", "2 launches on another stream"}};
  verdict.kind = VerdictKind::kCrashed;
  ExpectSays(Judged(verdict), {"it crashed. Because.", "```text\ncudaErrorIllegalAddress\n```"});
  verdict.kind = VerdictKind::kTimedOut;
  ExpectSays(Judged(verdict), {"did not end in time. Because."});
  verdict.kind = VerdictKind::kCheated;
  ExpectSays(Judged(verdict), {"broke a rule", "- side_stream: 2 launches on another stream"});
  verdict.kind = VerdictKind::kAmbiguous;
  ExpectSays(Judged(verdict), {"could not be judged reliably. Because."});
  verdict.kind = VerdictKind::kInfra;
  ExpectSays(Judged(verdict), {"could not be judged reliably. Because."});
  verdict.kind = VerdictKind::kCompileFailed;
  ExpectSays(Judged(verdict), {"does not compile: nvcc failed."});
}

class MeasuredTest : public PromptsTest {
 protected:
  MeasuredTest() {
    verdict_.kind = VerdictKind::kCorrect;
    verdict_.correctness = {{"odd", {}, "as declared", "", true, {}, {}},
                            {"odd", {}, "ones", "", true, {}, {}},
                            {"bench", {}, "", "", true, {}, {}}};
    Timing timing;
    timing.shape = "bench";
    timing.cold = TimeStats{200, 199, 202, 198, 199.5, 200.5, 100, 2};
    timing.verified = true;
    timing.kernels = {
        {"softmax_kernel(float const*, float*)", 199.5, 1, 40, 4096, "16384x1x1", "256x1x1"}};
    verdict_.timing = timing;
    verdict_.baseline =
        BaselineTiming{"baseline", TimeStats{300, 299, 301, 298, 299, 301, 100, 0}, {}, {}, {}};
    verdict_.speedup = Ratio{1.5, 1.49, 1.51};
    verdict_.sol_us = 150;
  }
  Verdict verdict_;
};

TEST_F(MeasuredTest, Figures) {
  RoundSummary best;
  best.round = 2;
  best.median_us = 250;
  ExpectSays(Judged(verdict_, &best),
             {"correct on all checked shapes (odd, bench)",
              "`bench`, cold L2: 200.0 us (quartiles 199.0 us to 202.0 us, 100 samples)",
              "baseline: 300.0 us", "speed-up: 1.5x (95 % interval 1.49 to 1.51)",
              "1.25x faster than the best so far (round 2, 250.0 us)",
              "150.0 us at measured bandwidth: the kernel is at 75 % of that bound",
              "| `softmax_kernel(float const*, float*)` | 199.5 us | 1 | 16384x1x1 | 256x1x1 | 40 "
              "| 4096 bytes |"});
}

TEST_F(MeasuredTest, SlowerAndEqual) {
  RoundSummary best;
  best.round = 1;
  best.median_us = 100;
  ExpectSays(Judged(verdict_, &best), {"2x slower than the best so far"});
  best.median_us = 200.5;
  ExpectSays(Judged(verdict_, &best), {"about as fast as the best so far"});
}

TEST_F(MeasuredTest, ReferenceInsteadOfABaseline) {
  verdict_.baseline->kind = "reference";
  ExpectSays(Judged(verdict_), {"reference (there is no baseline): 300.0 us"});
}

TEST_F(MeasuredTest, UnverifiedTimeDoesNotCount) {
  verdict_.timing->verified = false;
  verdict_.timing->trusted_us = 900;
  ExpectSays(Judged(verdict_), {"does not count", "900.0 us"});
}

TEST_F(MeasuredTest, TimingMayBeKeptFromTheModel) {
  const std::string text = Judged(verdict_, nullptr, false);
  ExpectSays(text, {"correct on all checked shapes"});
  EXPECT_EQ(text.find(" us"), std::string::npos);
}

TEST_F(PromptsTest, APriceListBesideTheTemplatesIsNoneOfThem) {
  EXPECT_TRUE(files_.MakeFolders("/q").ok());
  EXPECT_TRUE(files_.Write("/q/prices.json", "not even JSON").ok());
  EXPECT_TRUE(PromptSet::Load("/q", files_).ok());
}

TEST_F(PromptsTest, FolderOverridesSingleFiles) {
  ASSERT_TRUE(files_.MakeFolders("/p").ok());
  ASSERT_TRUE(files_.Write("/p/feedback_compile_timed_out.md", "Zu langsam: {{seconds}}\n").ok());
  ASSERT_TRUE(files_.Write("/p/example.md", "").ok());
  ASSERT_TRUE(files_.Write("/p/.swp", "").ok());
  const PromptSet set = PromptSet::Load("/p", files_).value();
  EXPECT_EQ(set.CompileTimedOut(3).value(), "Zu langsam: 3\n");
  const std::string prompt = set.Round({&problem_, &device_, 1, 4, {}, false}).value().text;
  EXPECT_EQ(prompt.find("ScaleKernel"), std::string::npos);
  ExpectSays(prompt, {"## Device"});
}

TEST_F(PromptsTest, BadFoldersAreFoundAtOnce) {
  const auto message = [&] {
    const auto set = PromptSet::Load("/p", files_);
    return set.ok() ? "fine" : set.error().message + " " + set.error().detail;
  };
  EXPECT_EQ(message(), "The prompts folder /p does not exist. ");
  ASSERT_TRUE(files_.MakeFolders("/p").ok());
  ASSERT_TRUE(files_.Write("/p/tsk.md", "").ok());
  EXPECT_EQ(message(), "/p/tsk.md is no prompt template. Did you mean task.md?");
  ASSERT_TRUE(files_.Remove("/p/tsk.md").ok());
  ASSERT_TRUE(files_.Write("/p/history.md", "{{attempts}}\n{{left}}\n").ok());
  EXPECT_EQ(message(),
            "/p/history.md:2: unknown placeholder {{left}}. Known here: attempts, left_out.");
  ASSERT_TRUE(files_.Write("/p/history.md", "{{attempts}}").ok());
  EXPECT_NE(message().find("{{left_out}} is missing"), std::string::npos);
}

}  // namespace
}  // namespace caesar
