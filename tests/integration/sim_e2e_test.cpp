// The real program on the simulated GPU: real nvcc, real judge, real runners, no GPU.
//
// Candidates lie in sim_candidates/, each with what must become of it in its first line:
// "// expect: <verdict>, <finding or ->, <part of reason, evidence or finding>[, <flag>]", and
// "// here" behind the line that the finding must name.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/strings.h"
#include "build/toolkit.h"
#include "integration/cli_machine.h"
#include "record/verdict.h"
#include "unit/record/json_schema.h"

namespace caesar {
namespace {

namespace fs = std::filesystem;

const std::string kCandidates =
    std::string(CAESAR_SOURCE_DIR) + "/tests/integration/sim_candidates";
constexpr const char* kSample = "R/softmax/sample_0000/";

std::string ReadSource(const std::string& path) {
  std::ifstream file(CAESAR_SOURCE_DIR + ("/" + path), std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string ReadCandidate(const std::string& name) {
  return ReadSource("tests/integration/sim_candidates/" + name);
}

class SimE2e : public testing::Test {
 protected:
  void SetUp() override {
    const auto toolkit = FindToolkit(RealFiles(), RealProcesses());
    if (!toolkit.ok()) GTEST_SKIP() << toolkit.error().message << "\n" << toolkit.error().detail;
    nvcc_ = toolkit.value().nvcc;
    Prepare(machine_);
  }
  // No judge but the real one; what one test has compiled, the next one finds.
  void Prepare(Machine& machine) const {
    static const TempFolder cache;
    machine.Unset("CAESAR_JUDGE");
    machine.Set("CAESAR_NVCC", nvcc_);
    machine.Set("CAESAR_CACHE_DIR", cache / "cache");
  }
  static std::string Violations(const std::string& schema, const std::string& json) {
    return Join(
        test::SchemaChecker(test::ReadSchema(schema)).Violations(nlohmann::json::parse(json)),
        "\n");
  }
  static Verdict VerdictOf(const std::string& json) {
    auto verdict = ParseVerdict(json);
    EXPECT_TRUE(verdict.ok()) << verdict.error().message << "\n" << json;
    return verdict.ok() ? std::move(verdict).value() : Verdict();
  }

  std::string nvcc_;
  Machine machine_;
};

std::vector<std::string> Outcomes(const SampleResult& result) {
  std::vector<std::string> outcomes;
  for (const RoundSummary& round : result.rounds) outcomes.push_back(round.outcome);
  return outcomes;
}

void ExpectStory(const SampleResult& result) {
  EXPECT_EQ(Outcomes(result),
            (std::vector<std::string>{"CompileFailed", "Wrong", "Measured", "Measured"}));
  ASSERT_EQ(result.rounds.size(), 4U);
  EXPECT_GT(result.best_estimated_us, 0);
  EXPECT_EQ(result.best_us, 0) << "an estimate is no time";
  EXPECT_FALSE(result.best_speedup.has_value());
  EXPECT_FALSE(result.target_met);
  for (const RoundSummary& round : result.rounds) {
    EXPECT_EQ(round.median_us, 0);
    EXPECT_FALSE(round.verified || round.speedup.has_value());
    EXPECT_EQ(round.estimated_us > 0, round.outcome == "Measured");
    EXPECT_GE(round.estimated_us, round.correct ? result.best_estimated_us : 0);
  }
}

TEST_F(SimE2e, ABundledStoryOnTheDeviceThatAutoFinds) {
  const Ended ended =
      machine_.Run({"run", "softmax", "--provider", "replay", "--out", "R", "--json"});
  ASSERT_EQ(ended.code, 0) << ended;
  if (machine_.Result(ended.out).device.find("simulated") == std::string::npos)
    GTEST_SKIP() << "there is a GPU";
  EXPECT_HAS(ended.err, "simulated");
  ExpectStory(machine_.Result(ended.out));
  EXPECT_EQ(Violations("result", ended.out), "");
  for (const char* round : {"round_002", "round_003", "round_004"}) {
    const std::string json = machine_.Read(std::string(kSample) + round + "/verdict.json");
    EXPECT_EQ(Violations("verdict", json), "");
    const Verdict verdict = VerdictOf(json);
    EXPECT_FALSE(verdict.timing.has_value() || verdict.baseline.has_value() ||
                 verdict.speedup.has_value());
    EXPECT_EQ(verdict.device.kind, "sim");
  }
  const Verdict best = VerdictOf(machine_.Read(std::string(kSample) + "round_004/verdict.json"));
  ASSERT_TRUE(best.simulation.has_value());
  EXPECT_FALSE(best.simulation->report.kernels.empty());
  EXPECT_TRUE(best.simulation->report.findings.empty());
  EXPECT_GT(best.simulation->report.estimated_us, 0);

  const Ended show = machine_.Run({"show", "R", "--round", "4"});
  EXPECT_EQ(show.code, 0) << show;
  EXPECT_HAS(show.out, "estimate");
  EXPECT_HAS(show.out, "simulated");

  // The same run with the device named finds everything finished.
  const Ended again = machine_.Run({"run", "softmax", "--out", "R", "--json"});
  EXPECT_EQ(again.out, ended.out);
}

TEST_F(SimE2e, AWrongBaselineIsTheProblemsFault) {
  for (const char* file : {"problem.json", "statement.md", "reference.cu", "baseline.cu"})
    machine_.Write(std::string("P/") + file,
                   ReadSource(std::string("problems/vector_add/") + file));
  machine_.Write("kernel.cu", machine_.Read("P/reference.cu"));
  EXPECT_EQ(machine_.Run({"eval", "P", "kernel.cu", "--device", "sim"}).code, 0);
  std::string baseline = machine_.Read("P/baseline.cu");
  baseline.replace(baseline.find("x.w + y.w"), 9, "x.w - y.w");
  machine_.Write("P/baseline.cu", baseline);
  const Ended ended = machine_.Run({"eval", "P", "kernel.cu", "--device", "sim"});
  EXPECT_EQ(ended.code, 2) << ended;
  EXPECT_HAS(ended.err, "the baseline of problem vector_add disagrees with its reference");

  // With the line, as a candidate's author is told it.
  baseline.replace(baseline.find("x.w - y.w"), 9, "a[int64_t{1} << 40]");
  machine_.Write("P/baseline.cu", baseline);
  const Ended faulty = machine_.Run({"eval", "P", "kernel.cu", "--device", "sim"});
  EXPECT_EQ(faulty.code, 2) << faulty;
  EXPECT_HAS(faulty.err, "the baseline of problem vector_add failed at shape counted");
  EXPECT_HAS(faulty.err, "out_of_bounds: baseline.cu:");
  machine_.Write("P/reference.cu", baseline);
  const Ended reference = machine_.Run({"eval", "P", "kernel.cu", "--device", "sim"});
  EXPECT_EQ(reference.code, 2) << reference;
  EXPECT_HAS(reference.err, "out_of_bounds: reference.cu:");
}

TEST_F(SimE2e, LastRepliesAreCorrect) {
  for (const char* problem : {"vector_add", "relu", "matmul"}) {
    std::string kernel = ReadSource("problems/" + std::string(problem) + "/replies/004.md");
    kernel.erase(0, kernel.find("```cuda\n") + 8);
    kernel.erase(kernel.rfind("```"));
    machine_.Write("kernel.cu", kernel);
    const Ended ended = machine_.Run({"eval", problem, "kernel.cu", "--device", "sim", "--json"});
    EXPECT_EQ(ended.code, 0) << ended;
    const Verdict verdict = VerdictOf(ended.out);
    EXPECT_EQ(verdict.kind, VerdictKind::kCorrect) << problem << ": " << verdict.reason;
    ASSERT_TRUE(verdict.simulation.has_value()) << problem;
    EXPECT_EQ(verdict.simulation->bench_skipped, "") << problem;
    EXPECT_EQ(verdict.simulation->profile_shape, "counted") << problem;
    EXPECT_GT(verdict.simulation->bench_estimated_us, verdict.simulation->report.estimated_us)
        << problem;
    EXPECT_EQ(Violations("verdict", ended.out), "");
  }
}

TEST_F(SimE2e, ATargetNeedsAGpu) {
  for (const char* device : {"sim", "auto"}) {
    const Ended ended = machine_.Run({"run", "softmax", "--provider", "replay", "--out", "T",
                                      "--device", device, "--target-speedup", "1.5"});
    if (std::string(device) == "auto" && ended.code == 0) GTEST_SKIP() << "there is a GPU";
    EXPECT_EQ(ended.code, 2) << device << ended;
    EXPECT_HAS(ended.err, "target speed-up");
    EXPECT_HAS(ended.err, "estimates");
    EXPECT_FALSE(machine_.Has("T")) << "refused before anything is written";
  }
}

TEST_F(SimE2e, AKilledRunGoesOn) {
  const Words command = {"run", "softmax",  "--provider", "replay", "--out",
                         "R",   "--device", "sim",        "--json"};
  {
    Running running = machine_.Start(command);
    EXPECT_TRUE(Eventually([&] {
      return running.ended() || machine_.Has(std::string(kSample) + "round_003/kernel.cu");
    }));
    running.Signal(SIGKILL);
    EXPECT_EQ(running.Wait().signal, SIGKILL);
  }
  const Ended ended = machine_.Run(command);
  ASSERT_EQ(ended.code, 0) << ended;
  ExpectStory(machine_.Result(ended.out));
}

TEST_F(SimE2e, TwoRunsAtOnce) {
  const auto command = [](const char* out) {
    return Words{"run", "vector_add", "--provider", "replay", "--out",
                 out,   "--device",   "sim",        "--json"};
  };
  Running one = machine_.Start(command("A")), two = machine_.Start(command("B"));
  const Ended first = one.Wait(), second = two.Wait();
  EXPECT_EQ(first.code, 0) << first;
  EXPECT_EQ(second.code, 0) << second;
  const SampleResult a = machine_.Result(first.out), b = machine_.Result(second.out);
  EXPECT_EQ(Outcomes(a), Outcomes(b));
  EXPECT_EQ(a.best_estimated_us, b.best_estimated_us) << "the same counts whoever else is there";
}

struct Expected {
  std::string verdict, finding, text, flag;
  int line = 0;  // 0: not said
};

Expected ExpectedOf(const std::string& source) {
  const std::vector<std::string_view> lines = Lines(source);
  constexpr std::string_view kMark = "// expect: ";
  Expected expected;
  if (lines.empty() || !StartsWith(lines[0], kMark)) return expected;
  std::string rest(lines[0].substr(kMark.size()));
  for (std::string* field :
       {&expected.verdict, &expected.finding, &expected.text, &expected.flag}) {
    const std::size_t end = std::min(rest.find(", "), rest.size());
    *field = std::string(Trim(rest.substr(0, end)));
    rest.erase(0, std::min(end + 2, rest.size()));
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].find("// here") != std::string_view::npos) expected.line = static_cast<int>(i) + 1;
  }
  return expected;
}

// Whether any of these says it.
bool Says(const Verdict& verdict, const std::string& text) {
  bool found = (verdict.reason + "\n" + verdict.detail).find(text) != std::string::npos;
  for (const Flag& flag : verdict.flags)
    found = found || flag.evidence.find(text) != std::string::npos;
  if (!verdict.simulation.has_value()) return found;
  found = found || verdict.simulation->bench_skipped.find(text) != std::string::npos;
  for (const SimFinding& finding : verdict.simulation->report.findings)
    found = found || finding.text.find(text) != std::string::npos;
  return found;
}

bool Finds(const Verdict& verdict, const std::string& kind, int line) {
  if (!verdict.simulation.has_value()) return false;
  const auto& findings = verdict.simulation->report.findings;
  return std::any_of(findings.begin(), findings.end(), [&](const SimFinding& finding) {
    return finding.kind == kind &&
           (line == 0 || (finding.file == "kernel.cu" && finding.line == line));
  });
}

void ExpectVerdict(const Ended& ended, const Expected& expected) {
  EXPECT_EQ(ended.code, expected.verdict == "correct" ? 0 : 1) << ended;
  auto parsed = ParseVerdict(ended.out);
  ASSERT_TRUE(parsed.ok()) << ended;
  const Verdict& verdict = parsed.value();
  EXPECT_EQ(Name(verdict.kind), expected.verdict) << ended;
  EXPECT_TRUE(Says(verdict, expected.text)) << expected.text << " in " << ended;
  if (expected.finding == "-") {
    EXPECT_FALSE(verdict.simulation && !verdict.simulation->report.findings.empty()) << ended;
  } else {
    EXPECT_TRUE(Finds(verdict, expected.finding, expected.line))
        << expected.finding << " at line " << expected.line << " in " << ended;
  }
  EXPECT_EQ(verdict.flags.empty(), expected.flag.empty()) << ended;
  for (const Flag& flag : verdict.flags) EXPECT_EQ(flag.name, expected.flag) << flag.evidence;
}

// Side by side, as many as there are cores: compiling them takes the time.
TEST_F(SimE2e, FaultyAndHostileCandidates) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kCandidates)) {
    if (entry.path().extension() == ".cu" && entry.path().stem() != "reference")
      names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  ASSERT_GE(names.size(), 25U);

  std::vector<std::promise<Ended>> ends(names.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = 0; (i = next++) < names.size();) {
      Machine machine;
      Prepare(machine);
      ends[i].set_value(machine.Run({"eval", kCandidates, kCandidates + "/" + names[i] + ".cu",
                                     "--device", "sim", "--json", "--call-timeout", "500ms"}));
    }
  };
  std::vector<std::jthread> workers;
  // Two more than there are cores: some of them sleep.
  for (unsigned i = 0; i < std::clamp(std::thread::hardware_concurrency(), 1U, 8U) + 2; ++i)
    workers.emplace_back(work);
  for (std::size_t i = 0; i < names.size(); ++i) {
    SCOPED_TRACE(names[i]);
    ExpectVerdict(ends[i].get_future().get(), ExpectedOf(ReadCandidate(names[i] + ".cu")));
  }
}

// One judge, one candidate after the other: what one of them did to its runner ends with it.
TEST_F(SimE2e, OneCandidateDoesNotHarmTheNext) {
  machine_.Write("add/problem.json", ReadCandidate("problem.json"));
  machine_.Write("add/statement.md", "Write c = a + b.\n");
  machine_.Write("add/reference.cu", ReadCandidate("reference.cu"));
  int reply = 0;
  for (const char* name : {"texture", "trap", "exits", "reference"}) {
    machine_.Write("add/replies/00" + std::to_string(++reply) + ".md",
                   "```cuda\n" + ReadCandidate(std::string(name) + ".cu") + "```\n");
  }
  const Ended ended = machine_.Run(
      {"run", "add", "--provider", "replay", "--out", "R", "--device", "sim", "--json"});
  ASSERT_EQ(ended.code, 0) << ended;
  EXPECT_EQ(Outcomes(machine_.Result(ended.out)),
            (std::vector<std::string>{"NotSimulated", "Crashed", "Crashed", "Measured"}));
}

}  // namespace
}  // namespace caesar
