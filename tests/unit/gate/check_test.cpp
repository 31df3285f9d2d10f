#include "gate/check.h"

#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "base/format.h"
#include "base/strings.h"
#include "fakes/fake_clock.h"
#include "gate/trials.h"
#include "unit/gate/gate_problem.h"

namespace caesar {
namespace {

// Compiles by the kind of source; records the roles.
class RoleCompiler final : public Compiler {
 public:
  Result<CompileOutcome> Compile(const CompileRequest& request, StopToken) override {
    const std::lock_guard lock(mutex_);
    const std::string kind = KindOf(request);
    compiled_[kind] = request.role;
    if (kind == broken) {
      CompileFailed failed;
      failed.headline = "expected a \";\"";
      failed.log = "kernel.cu(3): error: " + failed.headline;
      return CompileOutcome(failed);
    }
    if (kind == lost) return Error{ErrorCode::kEnvironment, "nvcc is gone", ""};
    Compiled compiled;
    compiled.object = kind;
    return CompileOutcome(compiled);
  }
  std::map<std::string, Role> compiled() const { return compiled_; }

  std::string broken, lost;

 private:
  static std::string KindOf(const CompileRequest& request) {
    const std::string& source = request.source;
    if (source.find("#define double float") != std::string::npos) return "floats";
    if (source.find("namespace caesar_gate") != std::string::npos) return "trials";
    if (source.find("caesar_reference") != std::string::npos) return "trial reference";
    if (request.role == Role::kBaseline) return "baseline";
    return request.role == Role::kCandidate ? source : "reference";
  }
  std::mutex mutex_;
  std::map<std::string, Role> compiled_;
};

// Passes what is honest and fails what is not, but for what a test says by the candidate's name.
class GateJudge final : public Judge {
 public:
  Result<DeviceInfo> Hello(StopToken) override {
    DeviceInfo device;
    device.name = "Fake";
    device.kind = kind;
    return device;
  }
  void Warm(const JudgeRequest&) override {}
  Result<Verdict> Check(const JudgeRequest& request, const JudgeProgress&, StopToken) override {
    const std::string name = NameOf(request);
    requests[name] = request;
    references[name] = request.reference;
    if (name == failing) return error;
    const bool honest = !trial_.has_value() || trial_->kind == std::string(kHonest);
    clock.Advance(takes);
    const int draw = draws[name]++;
    const double error_max = series.count(name) > 0   ? series.at(name).at(draw)
                             : errors.count(name) > 0 ? errors.at(name)
                             : honest                 ? 0.01
                                                      : 50;
    Verdict verdict;
    verdict.kind = error_max <= 1 ? VerdictKind::kCorrect : VerdictKind::kWrong;
    verdict.reason = error_max <= 1 ? "" : "y differs";
    for (const char* shape : {"odd", "large"}) {
      caesar::Check check;
      check.shape = shape;
      check.fill = "as declared";
      check.passed = error_max <= 1;
      OutputCheck output;
      output.output = "y";
      output.error_max = error_max;
      output.mismatches = error_max <= 1 ? 0 : 1;
      check.outputs.push_back(output);
      verdict.correctness.push_back(check);
    }
    return verdict;
  }
  Result<Verdict> Measure(const JudgeRequest&, const Verdict& checked, const JudgeProgress&,
                          StopToken) override {
    ADD_FAILURE() << "nothing is timed";
    return checked;
  }

  std::string kind = "cuda";
  std::map<std::string, double> errors;
  std::map<std::string, std::map<int, double>> series;  // errors of one draw after the other
  std::map<std::string, int> draws;
  FakeClock clock;
  Milliseconds takes{10};
  std::string failing;
  Error error;
  std::map<std::string, JudgeRequest> requests;
  std::map<std::string, std::string> references;

 private:
  // "zeros", "baseline", "floats"; the number is in the text that the judge parses.
  std::string NameOf(const JudgeRequest& request) {
    trial_.reset();
    if (request.candidate != "trials") return request.candidate;
    const auto problem = ParseProblem(request.problem->json, "twice");
    EXPECT_TRUE(problem.ok());
    const auto number = std::get<std::int64_t>(problem.value().scalars.back().value);
    for (const Trial& trial : TrialsOf(test::GateProblem())) {
      if (trial.number == number) trial_ = trial;
    }
    EXPECT_TRUE(trial_.has_value()) << number;
    return trial_.has_value() ? trial_->name : "?";
  }
  std::optional<Trial> trial_;
};

class GateCheck : public testing::Test {
 protected:
  GateCheck() { problem_.baseline = "// a baseline"; }
  Result<GateReport> Run(const std::vector<HonestKernel>& kernels = {}) {
    GateWorld world{compiler_, judge_, judge_.clock, [](const std::string&) {}, {}};
    return CheckProblem(problem_, kernels, RunConfig(), world);
  }
  GateReport Report(const std::vector<HonestKernel>& kernels = {}) {
    auto report = Run(kernels);
    EXPECT_TRUE(report.ok()) << report.error().message;
    return report.ok() ? report.value() : GateReport();
  }
  static std::string Errors(const GateReport& report) {
    std::string text;
    for (const GateFinding& finding : report.findings)
      text += finding.level == "error" ? finding.text + "\n" : "";
    return text;
  }

  Problem problem_ = test::GateProblem();
  RoleCompiler compiler_;
  GateJudge judge_;
};

TEST_F(GateCheck, ASoundProblemPasses) {
  const GateReport report = Report();
  EXPECT_TRUE(report.sound) << Errors(report);
  EXPECT_EQ(report.device, "Fake");
  EXPECT_EQ(report.trials.size(), 2 + TrialsOf(problem_).size());
  EXPECT_EQ(compiler_.compiled(),
            (std::map<std::string, Role>{{"reference", Role::kReference},
                                         {"trial reference", Role::kReference},
                                         {"trials", Role::kReference},
                                         {"floats", Role::kReference},
                                         {"baseline", Role::kBaseline}}));
  EXPECT_EQ(judge_.references["baseline"], "reference");
  EXPECT_EQ(judge_.references["zeros"], "trial reference");
}

TEST_F(GateCheck, WhatPassesIsNamed) {
  judge_.errors = {{"copy_x", 0.4}};
  const GateReport report = Report();
  EXPECT_FALSE(report.sound);
  EXPECT_NE(Errors(report).find("a copy of input x passes at every shape"), std::string::npos);
}

TEST_F(GateCheck, ErrorsComeBeforeWarnings) {
  problem_.baseline.reset();
  judge_.errors = {{"copy_x", 0.4}};
  const GateReport report = Report();
  ASSERT_EQ(report.findings.size(), 2U);
  EXPECT_EQ(report.findings[0].level, "error");
  EXPECT_EQ(report.findings[1].level, "warning");
}

TEST_F(GateCheck, HonestOnesMustPass) {
  judge_.errors = {{"baseline", 4}};
  EXPECT_NE(Errors(Report()).find("the baseline does not agree"), std::string::npos);
  judge_.errors = {{"reference", 4}};
  EXPECT_NE(Errors(Report()).find("the reference disagrees with itself"), std::string::npos);
}

// One draw of inputs says little.
TEST_F(GateCheck, HonestMarginsAreTheLargestOfSeveralDraws) {
  judge_.series = {{"baseline", {{0, 0.3}, {1, 0.7}, {2, 0.2}, {3, 0.4}, {4, 0.6}}}};
  const GateReport report = Report();
  EXPECT_EQ(judge_.draws["baseline"], 5);
  ASSERT_EQ(report.trials[1].calls.size(), 2U) << "one for each shape";
  EXPECT_EQ(report.trials[1].calls[0].error, 0.7);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_NE(report.findings[0].text.find("comes to 0.7 of the tolerance"), std::string::npos);
  EXPECT_EQ(judge_.draws["zeros"], 1) << "a cheat fails at the first";
}

TEST_F(GateCheck, ADrawThatFailsIsTheLast) {
  judge_.series = {{"baseline", {{0, 0.3}, {1, 1.5}}}};
  const GateReport report = Report();
  EXPECT_EQ(judge_.draws["baseline"], 2);
  EXPECT_EQ(report.trials[1].outcome, "wrong");
  EXPECT_FALSE(report.sound);
}

TEST_F(GateCheck, SmallErrorsAndSlowKernelsAreDrawnOnce) {
  judge_.errors = {{"baseline", 0.04}, {"floats", 0.06}};
  Report();
  EXPECT_EQ(judge_.draws["baseline"], 1);
  EXPECT_EQ(judge_.draws["floats"], 5);
  judge_.draws.clear();
  judge_.takes = Milliseconds(2'000);
  Report();
  EXPECT_EQ(judge_.draws["floats"], 2) << "a third one would end after 6 s";
  judge_.draws.clear();
  judge_.takes = Milliseconds(9'000);
  Report();
  EXPECT_EQ(judge_.draws["floats"], 1);
}

// Each of them counts, not the last one alone.
TEST_F(GateCheck, EveryHonestKernelMustPass) {
  std::vector<HonestKernel> kernels;
  for (const char* name : {"a.cu", "b.cu", "c.cu"})
    kernels.push_back({name, std::string("// kernel of ") + name});
  judge_.errors = {{"// kernel of b.cu", 4}};
  const GateReport report = Report(kernels);
  EXPECT_NE(Errors(report).find("the honest kernel b.cu does not agree"), std::string::npos)
      << Errors(report);
  ASSERT_EQ(report.trials.size(), 5 + TrialsOf(problem_).size());
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    EXPECT_EQ(report.trials[2 + i].name, kernels[i].name);
    EXPECT_EQ(report.trials[2 + i].outcome, i == 1 ? "wrong" : "correct");
  }
  compiler_.broken = "// kernel of c.cu";
  EXPECT_NE(Errors(Report(kernels)).find("the honest kernel c.cu does not compile: expected"),
            std::string::npos);
}

TEST_F(GateCheck, AReferenceThatFailsMakesTheProblemUnusable) {
  judge_.failing = "floats";
  judge_.error = {ErrorCode::kBadInput, "the reference of problem twice failed at shape odd",
                  "kernel.cu:3: out of bounds"};
  const auto report = Run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, ErrorCode::kBadInput);
  EXPECT_EQ(report.error().message, judge_.error.message);
  EXPECT_EQ(report.error().detail, judge_.error.detail);
}

TEST_F(GateCheck, ADeviceThatFailsIsAnError) {
  judge_.failing = "zeros";
  judge_.error = {ErrorCode::kEnvironment, "the GPU is gone", ""};
  const auto report = Run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, ErrorCode::kEnvironment);
}

// As `caesar eval` has it.
TEST_F(GateCheck, AProblemsFilesThatDoNotCompileMakeItUnusable) {
  for (const char* file : {"reference", "baseline"}) {
    compiler_.broken = file;
    const auto report = Run();
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().code, ErrorCode::kBadInput);
    EXPECT_EQ(report.error().message,
              Format("problem twice: {}.cu does not compile: expected a \";\"", file));
    EXPECT_EQ(report.error().detail, "kernel.cu(3): error: expected a \";\"");
  }
  EXPECT_TRUE(judge_.requests.empty());
}

TEST_F(GateCheck, WhatDoesNotCompileIsSaid) {
  compiler_.broken = "trials";
  EXPECT_EQ(Errors(Report()), "the trials do not compile behind reference.cu: expected a \";\"\n");
  compiler_.broken = "floats";  // the text was not made for that
  EXPECT_TRUE(Report().sound);
}

TEST_F(GateCheck, ACompilerThatIsGoneIsAnError) {
  compiler_.lost = "trials";
  const auto report = Run();
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().message, "nvcc is gone");
}

// At the bench shape of a GPU cheats must fail too; the simulator has no time for more than the
// first.
TEST_F(GateCheck, AGpuMakesAllCallsTheSimulatorThoseOfTheTable) {
  Report();
  EXPECT_TRUE(judge_.requests["zeros"].thorough);
  EXPECT_TRUE(judge_.requests["lower_inputs"].thorough);
  judge_.kind = "sim";
  Report();
  EXPECT_FALSE(judge_.requests["zeros"].thorough);
  EXPECT_TRUE(judge_.requests["lower_inputs"].thorough);
  problem_.outputs.push_back(problem_.outputs[0]);  // where the first one fails, the second may not
  problem_.outputs[1].name = "z";
  Report();
  EXPECT_TRUE(judge_.requests["zeros"].thorough);
}

TEST_F(GateCheck, WithoutABaselineItIsSkippedWithAWarning) {
  problem_.baseline.reset();
  const GateReport report = Report();
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].level, "warning");
  EXPECT_EQ(report.findings[0].text, "there is no baseline.cu: the reference stands in for it");
  EXPECT_TRUE(report.sound);
  EXPECT_EQ(report.trials[1].name, "baseline");
  EXPECT_EQ(report.trials[1].outcome, "skipped");
  EXPECT_EQ(report.trials[1].reason, "there is none");
}

}  // namespace
}  // namespace caesar
