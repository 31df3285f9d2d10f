// Whole commands on fakes.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/format.h"
#include "base/strings.h"
#include "cli/command.h"
#include "cli/recorded_run.h"
#include "cli/run_folder.h"
#include "cli_world.h"
#include "llm/provider_table.h"
#include "record/paths.h"

namespace caesar {
namespace {

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const std::vector<std::string> kReplayRun = {"run",   "vector_add", "--provider", "replay",
                                             "--out", "/runs/r",    "--rounds",   "2"};

std::vector<std::string> With(std::vector<std::string> words,
                              const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST(RunCommand, GoesFromRepliesToASummary) {
  CliWorld world;
  EXPECT_EQ(world.Run(kReplayRun), 0) << world.err.text;
  EXPECT_EQ(world.first_interrupt, StopLevel::kAfterStep);
  EXPECT_TRUE(Has(world.out.text, "vector_add on NVIDIA H100 80GB HBM3: 2 rounds"))
      << world.out.text;
  EXPECT_TRUE(Has(world.out.text, "1.50x (1.49-1.51)"));
  const std::string resume = "caesar run vector_add --out /runs/r";
  EXPECT_EQ(
      world.err.text.rfind("vector_add run directory: /runs/r (to resume: " + resume + ")\n", 0),
      0U)
      << world.err.text;
  EXPECT_TRUE(world.err.text.size() > resume.size() &&
              Has(world.err.text.substr(world.err.text.rfind("run directory")), resume));
  EXPECT_TRUE(Has(world.err.text, "vector_add [1/2] Profile   Measured"));
}

TEST(RunCommand, AFinishedSampleIsPrintedAgainWithoutCompilerOrKey) {
  CliWorld world;
  ASSERT_EQ(world.Run(kReplayRun), 0);
  const std::string summary = world.out.text;
  world.no_compiler = true;
  EXPECT_EQ(world.Run({"run", "vector_add", "--out", "/runs/r"}), 0) << world.err.text;
  EXPECT_EQ(world.out.text, summary);
  EXPECT_EQ(world.err.text, "");
}

TEST(RunCommand, ADifferentFlagIsRefusedWithTheDifference) {
  CliWorld world;
  ASSERT_EQ(world.Run(kReplayRun), 0);
  EXPECT_EQ(world.Run({"run", "vector_add", "--out", "/runs/r", "--rounds", "3"}), 2);
  EXPECT_TRUE(Has(world.err.text, "rounds: 3 here, 2 in run.json")) << world.err.text;
}

TEST(RunCommand, SettingsOfTheEnvironmentDoNotDisturbARunThatExists) {
  CliWorld world;
  ASSERT_EQ(world.Run(kReplayRun), 0);
  world.variables["CAESAR_ROUNDS"] = "9";
  EXPECT_EQ(world.Run({"run", "vector_add", "--out", "/runs/r"}), 0) << world.err.text;
}

TEST(RunCommand, JsonIsAloneOnStandardOutput) {
  CliWorld world;
  ASSERT_EQ(world.Run(With(kReplayRun, {"--json", "-q"})), 0);
  const Result<SampleResult> result = ParseSampleResult(world.out.text);
  ASSERT_TRUE(result.ok()) << world.out.text;
  EXPECT_EQ(result.value().rounds.size(), 2U);
  EXPECT_EQ(world.err.text, "");
}

TEST(RunCommand, WithoutADeviceItEndsWithTheReasonAndHowToResume) {
  CliWorld world;
  world.judge.hello = Error{ErrorCode::kEnvironment, "no CUDA device", "Install a driver."};
  EXPECT_EQ(world.Run(kReplayRun), 3);
  EXPECT_TRUE(Has(world.err.text, ": no CUDA device\n  Install a driver.\n")) << world.err.text;
  EXPECT_TRUE(Has(world.err.text, "To resume: caesar run vector_add --out /runs/r\n"));
  EXPECT_TRUE(Has(world.err.text, "Compiled"));
  EXPECT_EQ(world.out.text, "");
}

TEST(RunCommand, NothingIsWrittenWhereSomethingIsMissing) {
  CliWorld world;
  world.no_compiler = true;
  EXPECT_EQ(world.Run(kReplayRun), 3);
  EXPECT_EQ(world.err.text, "caesar: vector_add: nvcc was not found\n  Run scripts/setup.\n");
  world.no_compiler = false;
  EXPECT_EQ(world.Run({"run", "vector_add", "--out", "/runs/r", "--model", "m"}), 3);  // no key
  EXPECT_TRUE(Has(world.err.text, "OPENAI_API_KEY")) << world.err.text;
  EXPECT_FALSE(world.files.Stat("/runs").value().has_value());
}

TEST(RunCommand, ATargetThatIsMissedIsExitCodeOne) {
  CliWorld world;
  EXPECT_EQ(world.Run(With(kReplayRun, {"--target-speedup", "2"})), 1) << world.err.text;
  CliWorld lucky;
  EXPECT_EQ(lucky.Run(With(kReplayRun, {"--target-speedup", "1.2"})), 0) << lucky.err.text;
  EXPECT_TRUE(Has(lucky.out.text, "1 round, the target speed-up was reached")) << lucky.out.text;
}

TEST(EvalCommand, ACorrectKernel) {
  CliWorld world;
  world.File("/k.cu", "code");
  EXPECT_EQ(world.Run({"eval", "vector_add", "/k.cu", "--device", "cuda:1"}), 0) << world.err.text;
  EXPECT_EQ(world.judge.device, "cuda:1");
  EXPECT_EQ(world.first_interrupt, StopLevel::kNow);
  EXPECT_TRUE(
      Has(world.out.text, "verdict:  correct\nspeed-up: 1.50x (1.49-1.51) against the baseline\n"))
      << world.out.text;
  EXPECT_TRUE(Has(world.out.text, "40 registers"));
  // Progress in the words of a run.
  for (const char* step : {"Compile   Compiled", "40 registers\n", "Correct   Correct", " passed\n",
                           "Profile   Measured", "1.50x (1.49-1.51)"})
    EXPECT_TRUE(Has(world.err.text, step)) << step << "\n" << world.err.text;
  for (const std::string& arch : world.compiler.archs) EXPECT_EQ(arch, "sm_90a");
}

TEST(EvalCommand, WithoutADriverCompilesForTheSimulatorAlone) {
  CliWorld world;
  world.judge.hello.value().kind = "sim";
  world.input = "code";
  EXPECT_EQ(world.Run({"eval", "vector_add", "-"}), 0) << world.err.text;
  EXPECT_EQ(world.compiler.archs, std::vector<std::string>(3, "sim"));
}

TEST(EvalCommand, WhereADriverIsLoadedCompilesForTheSimulatorIfAsked) {
  CliWorld world;
  world.File("/proc/driver/nvidia/version", "NVRM version: 580\n");
  world.judge.hello.value().kind = "sim";
  world.input = "code";
  EXPECT_EQ(world.Run({"eval", "vector_add", "-", "--device", "sim"}), 0) << world.err.text;
  EXPECT_EQ(world.compiler.archs, std::vector<std::string>(3, "sim"));
}

TEST(EvalCommand, TheBaselineOfALibraryForGpusIsLeftOutOnTheSimulator) {
  CliWorld world;
  world.judge.hello.value().kind = "sim";
  world.input = "code";
  EXPECT_EQ(world.Run({"eval", "matmul", "-"}), 0) << world.err.text;
  EXPECT_EQ(world.compiler.archs, std::vector<std::string>(2, "sim"));
  EXPECT_EQ(world.judge.baseline_skipped, "it uses cublas, which is machine code for GPUs alone");
}

TEST(EvalCommand, AnotherDeviceIsCompiledForAgain) {
  CliWorld world;
  world.File("/proc/driver/nvidia/version", "NVRM version: 580\n");
  world.judge.hello.value().compute_major = 8;
  world.input = "code";
  EXPECT_EQ(world.Run({"eval", "vector_add", "-"}), 0) << world.err.text;
  EXPECT_EQ(world.compiler.archs.back(), "sm_80");
  EXPECT_EQ(world.compiler.archs.front(), "sm_90a");
  EXPECT_EQ(world.compiler.archs.size(), 6U);
}

TEST(EvalCommand, AWrongKernelIsNotTimed) {
  CliWorld world;
  world.File("/k.cu", "code");
  world.judge.checked = VerdictKind::kWrong;
  EXPECT_EQ(world.Run({"eval", "vector_add", "/k.cu", "--json"}), 1);
  EXPECT_EQ(world.judge.measurements, 0);
  const Result<Verdict> verdict = ParseVerdict(world.out.text);
  ASSERT_TRUE(verdict.ok()) << world.out.text;
  EXPECT_EQ(verdict.value().kind, VerdictKind::kWrong);
  EXPECT_EQ(verdict.value().compile->registers, 40);
}

TEST(EvalCommand, ACompileErrorNeedsNoDevice) {
  CliWorld world;
  world.File("/k.cu", "code");
  world.judge.hello = Error{ErrorCode::kEnvironment, "no CUDA device", ""};
  world.compiler.outcomes[Role::kCandidate] =
      CompileFailed{"kernel.cu(1): error: x\n", "kernel.cu(1): error: x", 1, 5, false};
  EXPECT_EQ(world.Run({"eval", "vector_add", "/k.cu"}), 1);
  EXPECT_TRUE(
      Has(world.out.text, "verdict:  compile_failed: k.cu(1): error: x\n\n  k.cu(1): error: x\n"))
      << world.out.text;
  EXPECT_TRUE(Has(world.err.text, "CompileFailed")) << world.err.text;
  EXPECT_TRUE(Has(world.err.text, " k.cu(1): error: x")) << world.err.text;
  // A record is the same whatever the file is called.
  EXPECT_EQ(world.Run({"eval", "vector_add", "/k.cu", "--json"}), 1);
  EXPECT_TRUE(Has(world.out.text, "\"kernel.cu(1): error: x\"")) << world.out.text;
  world.input = "code";
  EXPECT_EQ(world.Run({"eval", "vector_add", "-"}), 1);
  EXPECT_TRUE(Has(world.out.text, "\n  kernel.cu(1): error: x\n")) << world.out.text;
  world.compiler.outcomes.clear();
  EXPECT_EQ(world.Run({"eval", "vector_add", "/k.cu"}), 3);
  EXPECT_EQ(world.out.text, "");
}

TEST(RunCommand, OnlyWhatResumingCanHelpSaysHowToResume) {
  CliWorld world;
  world.judge.hello = Error{ErrorCode::kEnvironment, "no CUDA device", ""};
  EXPECT_EQ(world.Run(kReplayRun), 3);
  EXPECT_TRUE(Has(world.err.text, "caesar: vector_add: ")) << world.err.text;
  EXPECT_TRUE(Has(world.err.text, "To resume: caesar run vector_add --out /runs/r"));
  world.File("/runs/r/vector_add/sample_0000/journal.jsonl", "garbage\n");
  EXPECT_EQ(world.Run(kReplayRun), 2);
  EXPECT_FALSE(Has(world.err.text, "To resume")) << world.err.text;
}

TEST(RunCommand, AnotherProviderIsRefusedBeforeItsKeyIsMissed) {
  CliWorld world;
  world.judge.hello = Error{ErrorCode::kEnvironment, "no CUDA device", ""};
  ASSERT_EQ(world.Run(kReplayRun), 3);  // begun, and not finished
  EXPECT_EQ(
      world.Run({"run", "vector_add", "--out", "/runs/r", "--provider", "openai", "--model", "x"}),
      2);
  EXPECT_TRUE(Has(world.err.text, "/runs/r/run.json holds another configuration"))
      << world.err.text;
}

TEST(RunCommand, OutMustBeAFolder) {
  CliWorld world;
  world.File("/file", "x");
  EXPECT_EQ(world.Run({"run", "vector_add", "--provider", "replay", "--out", "/file"}), 2);
  EXPECT_TRUE(Has(world.err.text, "/file is not a folder")) << world.err.text;
  world.File("/mine/problem.json", "{}");
  EXPECT_EQ(world.Run({"run", "vector_add", "--provider", "replay", "--out", "/mine"}), 2);
  EXPECT_TRUE(Has(world.err.text, "/mine is a problem's folder")) << world.err.text;
  EXPECT_EQ(world.Run({"run", "vector_add", "--provider", "replay", "--out", ""}), 2);
  EXPECT_TRUE(Has(world.err.text, "--out: the name of the folder is empty")) << world.err.text;
}

TEST(EvalCommand, AReferenceThatDoesNotCompileIsTheProblemsFault) {
  CliWorld world;
  world.File("/k.cu", "code");
  world.compiler.outcomes[Role::kReference] =
      CompileFailed{"reference.cu(3): error: y\n", "y", 1, 5, false};
  EXPECT_EQ(world.Run({"eval", "vector_add", "/k.cu"}), 2);
  EXPECT_TRUE(Has(
      world.err.text,
      "caesar: problem vector_add: reference.cu does not compile\n  reference.cu(3): error: y\n"))
      << world.err.text;
}

TEST(EvalCommand, AFileThatIsNotThere) {
  CliWorld world;
  EXPECT_EQ(world.Run({"eval", "vector_add", "/none.cu"}), 2);
  EXPECT_TRUE(Has(world.err.text, "/none.cu"));
  EXPECT_TRUE(Has(world.err.text, "FILE is a kernel (.cu)")) << world.err.text;
}

TEST(EvalCommand, SwappedWords) {
  CliWorld world;
  world.File("/k.cu", "code");
  EXPECT_EQ(world.Run({"eval", "/k.cu", "vector_add"}), 2);
  EXPECT_TRUE(Has(world.err.text, "/k.cu is a file, not a problem")) << world.err.text;
  EXPECT_TRUE(Has(world.err.text, "caesar eval vector_add /k.cu")) << world.err.text;
}

TEST(ShowCommand, ARunARoundAndTheirSafety) {
  CliWorld world;
  ASSERT_EQ(world.Run(kReplayRun), 0);
  const std::string summary = world.out.text;
  for (const char* path :
       {"/runs/r", "/runs/r/", "/runs/r/vector_add", "/runs/r/vector_add/sample_0000"}) {
    EXPECT_EQ(world.Run({"show", path}), 0) << world.err.text;
    EXPECT_EQ(world.out.text.substr(0, 40), summary.substr(0, 40)) << path;
  }
  world.File("/runs/r/vector_add/sample_0000/round_001/reply.md",
             "hello \x1b]0;owned\x07\x1b[2Jworld");
  EXPECT_EQ(world.Run({"show", "/runs/r", "--round", "1"}), 0) << world.err.text;
  EXPECT_TRUE(Has(world.out.text, "=== reply.md ===\nhello world\n"));
  EXPECT_TRUE(Has(world.out.text, "=== verdict ===\nverdict:  correct"));
  EXPECT_FALSE(Has(world.out.text, "\x1b"));
  EXPECT_EQ(world.Run({"show", "/runs/r", "--round", "7"}), 2);
  EXPECT_EQ(world.Run({"show", "/runs/r", "--round", "1", "--json"}), 2);
  EXPECT_EQ(world.Run({"show", "/runs/r", "--json"}), 0);
  EXPECT_TRUE(ParseSampleResult(world.out.text).ok());
}

TEST(ShowCommand, EstimatesOfSeveralSamplesAreCalledSo) {
  CliWorld world;
  for (const int sample : {0, 1}) {
    SampleResult result;
    result.problem = "vector_add";
    result.sample = sample;
    result.finished_by = "RoundsUsedUp";
    result.correct = true;
    result.best_round = 2;
    result.best_estimated_us = 24.81;
    RoundSummary slower;
    slower.round = 1;
    slower.estimated_speedup = 0.5;
    RoundSummary best;
    best.round = 2;
    best.estimated_speedup = 1.032;
    result.rounds = {slower, best};
    world.File(Format("/runs/r/vector_add/sample_000{}/result.json", sample), ToJson(result));
  }
  EXPECT_EQ(world.Run({"show", "/runs/r"}), 0) << world.err.text;
  EXPECT_TRUE(Has(world.out.text, "estimated 24.81 us  estimated 1.03x  all rounds were used"))
      << world.out.text;
}

TEST(ShowCommand, AnUnfinishedSample) {
  CliWorld world;
  world.judge.hello = Error{ErrorCode::kEnvironment, "no CUDA device", ""};
  ASSERT_EQ(world.Run(kReplayRun), 3);
  EXPECT_EQ(world.Run({"show", "/runs/r"}), 0) << world.err.text;
  EXPECT_TRUE(Has(world.out.text, "state:  unfinished, next is Correct")) << world.out.text;
}

TEST(ShowCommand, DamagedRunsSayWhatIsWrong) {
  const std::string sample = "/runs/r/vector_add/sample_0000/";
  const std::vector<std::pair<std::string, std::string>> damages = {
      {sample + "result.json", "{"},
      {sample + "result.json", ""},
      {sample + "journal.jsonl", "{}\n{}\n"}};
  for (const auto& [path, content] : damages) {
    CliWorld world;
    ASSERT_EQ(world.Run(kReplayRun), 0);
    static_cast<void>(world.files.Remove(sample + "result.json"));
    world.File(path, content);
    EXPECT_EQ(world.Run({"show", "/runs/r"}), 0) << path << world.err.text;
    EXPECT_TRUE(Has(world.out.text, "damage: ")) << path << "\n" << world.out.text;
  }
}

TEST(ShowCommand, ADamagedConfigurationIsAnError) {
  CliWorld world;
  ASSERT_EQ(world.Run(kReplayRun), 0);
  world.File("/runs/r/run.json", "[]");
  for (const char* folder : {"/runs/r", "/runs/r/vector_add", "/runs/r/vector_add/sample_0000"}) {
    EXPECT_EQ(world.Run({"show", folder}), 2) << folder;
    EXPECT_TRUE(Has(world.err.text, "/runs/r/run.json: ")) << world.err.text;
  }
}

TEST(ShowCommand, ADamagedJournalIsSaidBesideTheResult) {
  CliWorld world;
  ASSERT_EQ(world.Run(kReplayRun), 0);
  const std::string path = "/runs/r/vector_add/sample_0000/journal.jsonl";
  const std::string journal = world.files.Read(path, 1 << 20).value();
  EXPECT_EQ(world.Run({"show", "/runs/r"}), 0);
  EXPECT_FALSE(Has(world.out.text, "damage: ")) << world.out.text;
  for (const std::string& damaged :
       {ReplaceAll(journal, "\"Compile\"", "\"Comple\""),
        journal.substr(0, journal.rfind('\n', journal.size() - 2) + 1)}) {
    world.File(path, damaged);
    EXPECT_EQ(world.Run({"show", "/runs/r"}), 0);
    EXPECT_TRUE(Has(world.out.text, "damage: ")) << world.out.text;
    EXPECT_TRUE(Has(world.out.text, "shown is result.json")) << world.out.text;
  }
}

TEST(ShowCommand, ADamagedVerdictDoesNotHideTheRest) {
  CliWorld world;
  ASSERT_EQ(world.Run(kReplayRun), 0);
  world.File("/runs/r/vector_add/sample_0000/round_001/verdict.json", "nonsense");
  EXPECT_EQ(world.Run({"show", "/runs/r", "--round", "1"}), 0);
  EXPECT_TRUE(Has(world.out.text, "=== prompt.md ==="));
  EXPECT_TRUE(Has(world.out.text, "verdict.json"));
}

TEST(ShowCommand, SeveralSamples) {
  CliWorld world;
  ASSERT_EQ(world.Run(kReplayRun), 0);
  ASSERT_EQ(world.Run(With(kReplayRun, {"--sample", "1"})), 0);
  EXPECT_EQ(world.Run({"show", "/runs/r"}), 0);
  EXPECT_TRUE(Has(world.out.text, "problem     sample  rounds")) << world.out.text;
  EXPECT_EQ(world.Run({"show", "/runs/r", "--round", "1"}), 2);
  EXPECT_TRUE(Has(world.err.text, "holds 2 samples"));
  EXPECT_TRUE(Has(world.err.text,
                  "Pass --sample N, or the folder of one:\n"
                  "    caesar show /runs/r/vector_add/sample_0000 --round 1\n"
                  "    caesar show /runs/r/vector_add/sample_0001 --round 1\n"))
      << world.err.text;
  EXPECT_EQ(world.Run({"show", "/runs/r", "--round", "1", "--sample", "1"}), 0);
  EXPECT_EQ(world.Run({"show", "/runs/r", "--sample", "5"}), 2);
}

TEST(ShowCommand, SeveralProblemsAreToldApartByTheirFoldersAlone) {
  CliWorld world;
  ASSERT_EQ(world.Run(kReplayRun), 0);
  std::vector<std::string> other = kReplayRun;
  other[1] = "relu";
  ASSERT_EQ(world.Run(other), 0) << world.err.text;
  for (const std::vector<std::string>& more :
       std::vector<std::vector<std::string>>{{}, {"--sample", "0"}}) {
    EXPECT_EQ(world.Run(With({"show", "/runs/r", "--round", "1"}, more)), 2);
    EXPECT_TRUE(Has(world.err.text,
                    "Pass the folder of one:\n"
                    "    caesar show /runs/r/relu/sample_0000 --round 1\n"
                    "    caesar show /runs/r/vector_add/sample_0000 --round 1\n"))
        << world.err.text;
  }
}

TEST(WhyNoBaseline, IsWhatTheLastVerdictWithAnEstimateSays) {
  CliWorld world;
  SampleResult result;
  result.rounds.resize(3);
  for (int i = 0; i < 3; ++i) result.rounds[static_cast<std::size_t>(i)].round = i + 1;
  EXPECT_EQ(WhyNoBaseline("/s", result, world.files), "") << "no estimate";
  result.rounds[1].estimated_us = 12;
  EXPECT_EQ(WhyNoBaseline("/s", result, world.files), "") << "no verdict";
  Verdict verdict;
  verdict.simulation.emplace().baseline_skipped = "it uses cublas";
  world.File("/s/round_002/verdict.json", ToJson(verdict));
  EXPECT_EQ(WhyNoBaseline("/s", result, world.files), "it uses cublas");
  world.File("/s/round_002/verdict.json", "nonsense");
  EXPECT_EQ(WhyNoBaseline("/s", result, world.files), "");
}

// The journal's tokens of a sample, as a model with that price would have had them.
void Charge(CliWorld& world, const std::string& sample, const std::string& usd) {
  const std::string path = "/runs/r/vector_add/" + sample + "/result.json";
  auto json = nlohmann::json::parse(world.files.Read(path, 1 << 20).value());
  json["tokens"] = {{"input", 1'000},  {"cached", 0},      {"cache_written", 0}, {"output", 200},
                    {"reasoning", 50}, {"reported", true}, {"usd", nullptr}};
  if (!usd.empty()) json["tokens"]["usd"] = std::stod(usd);
  for (auto& round : json["rounds"]) round["tokens"] = json["tokens"];
  world.File(path, json.dump());
}

TEST(ShowCommand, WhatARunCostIsAddedUpAndUnknownPricesAreSaid) {
  CliWorld world;
  ASSERT_EQ(world.Run(kReplayRun), 0);
  ASSERT_EQ(world.Run(With(kReplayRun, {"--sample", "1"})), 0);
  ASSERT_EQ(world.Run({"show", "/runs/r"}), 0);
  EXPECT_TRUE(Has(world.out.text, "\n\ntokens: not reported\n")) << world.out.text;
  Charge(world, "sample_0000", "0.25");
  Charge(world, "sample_0001", "0.5");
  ASSERT_EQ(world.Run({"show", "/runs/r"}), 0);
  EXPECT_TRUE(Has(world.out.text, "\n\ntokens: 2,000 in, 400 out (100 reasoning), 0.750 USD\n"))
      << world.out.text;
  Charge(world, "sample_0001", "");
  ASSERT_EQ(world.Run({"show", "/runs/r"}), 0);
  EXPECT_TRUE(Has(world.out.text,
                  "400 out (100 reasoning), 0.250 USD without 1 sample whose price is not known\n"))
      << world.out.text;
  Charge(world, "sample_0000", "");
  ASSERT_EQ(world.Run({"show", "/runs/r"}), 0);
  EXPECT_TRUE(Has(world.out.text, "400 out (100 reasoning), price not known\n")) << world.out.text;
  ASSERT_EQ(world.Run({"show", "/runs/r", "--sample", "1", "--round", "2"}), 0);
  EXPECT_TRUE(
      Has(world.out.text, "round 2\ntokens: 1,000 in, 200 out (50 reasoning), price not known\n"))
      << world.out.text;
}

TEST(ShowCommand, WhatIsNoRun) {
  CliWorld world;
  EXPECT_EQ(world.Run({"show", "/nowhere"}), 2);
  world.File("/other/file.txt", "x");
  EXPECT_EQ(world.Run({"show", "/other"}), 2);
  EXPECT_TRUE(Has(world.err.text, "holds no samples"));
}

TEST(ProblemCommand, CheckHasAHelpOfItsOwn) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"problem", "check", "--help"},
                                                                 {"help", "problem", "check"}}) {
    CliWorld world;
    EXPECT_EQ(world.Run(words), 0);
    EXPECT_TRUE(Has(world.out.text, "Usage: caesar problem check [OPTIONS] PROBLEM"));
    EXPECT_TRUE(Has(world.out.text, "\"sound\" says that"));
    EXPECT_TRUE(Has(world.out.text, "--honest FILE"));
  }
}

TEST(ProblemCommand, ListAndShow) {
  CliWorld world;
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"problem"}, {"problem", "list"}}) {
    EXPECT_EQ(world.Run(words), 0);
    for (const char* name : {"vector_add", "softmax", "matmul", "relu"})
      EXPECT_TRUE(Has(world.out.text, name)) << name;
  }
  EXPECT_EQ(world.Run({"problem", "show", "softmax"}), 0);
  EXPECT_TRUE(Has(world.out.text, "extern \"C\" void")) << world.out.text;
  EXPECT_TRUE(Has(world.out.text, "also checked with: normal(200, 1), ")) << world.out.text;
  EXPECT_EQ(world.Run({"problem", "show", "softmax", "--json"}), 0);
  EXPECT_FALSE(nlohmann::json::parse(world.out.text, nullptr, false).is_discarded())
      << "no comments: " << world.out.text;
  EXPECT_EQ(world.Run({"problem", "show"}), 2);
  EXPECT_TRUE(Has(world.err.text, "needs a folder or a name")) << world.err.text;
  EXPECT_EQ(world.Run({"problem", "shwo", "softmax"}), 2);
  EXPECT_EQ(world.Run({"problem", "list", "softmax"}), 2);
}

TEST(RunCommand, ABudgetOfMoneyNeedsAPriceBeforeAnythingIsPaid) {
  CliWorld world;
  world.variables["OPENAI_API_KEY"] = "sk-secret";
  EXPECT_EQ(world.Run({"run", "vector_add", "--model", "unheard-of", "--budget-usd", "1"}), 2);
  EXPECT_TRUE(Has(world.err.text,
                  "--budget-usd: the price of model 'unheard-of' at api.openai.com is not known"))
      << world.err.text;
  EXPECT_TRUE(Has(world.err.text, "--prices FILE")) << world.err.text;
  EXPECT_TRUE(world.http.requests().empty());
  EXPECT_EQ(world.Run({"run", "vector_add", "--provider", "command", "--command", "cat",
                       "--budget-usd", "1"}),
            2);
  EXPECT_TRUE(Has(world.err.text, "nobody knows what a command costs")) << world.err.text;
  EXPECT_TRUE(world.processes.commands().empty());
}

TEST(RunCommand, HelpFitsEightyColumns) {
  CliWorld world;
  for (const Subcommand& command : Subcommands()) {
    ASSERT_EQ(world.Run({command.name, "--help"}), 0);
    for (const std::string_view line : Lines(world.out.text)) EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(RunCommand, HelpNamesEveryProvider) {
  CliWorld world;
  ASSERT_EQ(world.Run({"run", "--help"}), 0);
  for (const std::string& name : ProviderNames())
    EXPECT_TRUE(Has(world.out.text, name.c_str())) << name;
}

TEST(DoctorCommand, SaysWhatIsMissingAndNeverAKey) {
  CliWorld world;
  world.variables["OPENAI_API_KEY"] = "sk-secret";
  world.judge.hello = Error{ErrorCode::kEnvironment, "no CUDA device", "Use another machine."};
  EXPECT_EQ(world.Run({"doctor"}), 3);
  EXPECT_TRUE(Has(world.out.text,
                  "missing  device     no CUDA device\n                    Use another machine.\n"))
      << world.out.text;
  EXPECT_TRUE(Has(world.out.text, "keys       for openai (OPENAI_API_KEY)")) << world.out.text;
  EXPECT_FALSE(Has(world.out.text + world.err.text, "sk-secret"));
}

TEST(DoctorCommand, NamesTheKeysOfEveryProviderAndNeverTheirValues) {
  for (const ProviderInfo& provider : Providers()) {
    for (const KeyVariable& variable : provider.keys) {
      CliWorld world;
      world.variables[std::string(variable.name)] = "very-secret";
      EXPECT_EQ(world.Run({"doctor"}), world.Run({"doctor"}));
      EXPECT_TRUE(Has(world.out.text, Format("{} ({})", provider.name, variable.name).c_str()))
          << world.out.text;
      EXPECT_FALSE(Has(world.out.text + world.err.text, "very-secret"));
    }
  }
  CliWorld world;
  world.Run({"doctor"});
  EXPECT_TRUE(Has(world.out.text, "note     keys       no model key is set\n")) << world.out.text;
  EXPECT_TRUE(Has(world.out.text, "--provider command and replay need none"));
  world.variables["CAESAR_API_KEY"] = "very-secret";
  world.Run({"doctor"});
  EXPECT_TRUE(Has(world.out.text, "for any provider (CAESAR_API_KEY)")) << world.out.text;
}

TEST(DoctorCommand, SaysWhichAddressesTheEnvironmentChanges) {
  CliWorld world;
  world.Run({"doctor"});
  EXPECT_FALSE(Has(world.out.text, "base url"));
  world.variables["OPENAI_BASE_URL"] = "https://me:very-secret@gateway.example/v1?key=very-secret";
  world.variables["AZURE_OPENAI_ENDPOINT"] = "https://me:very-secret@x.openai.azure.com";
  world.variables["CAESAR_BASE_URL"] = "localhost:8000";
  world.Run({"doctor"});
  EXPECT_TRUE(Has(world.out.text,
                  "note     base url   AZURE_OPENAI_ENDPOINT is https://x.openai.azure.com\n"))
      << world.out.text;
  EXPECT_TRUE(Has(world.out.text, "OPENAI_BASE_URL has a query")) << world.out.text;
  EXPECT_TRUE(Has(world.out.text, "CAESAR_BASE_URL is not an http or https address"));
  EXPECT_FALSE(Has(world.out.text + world.err.text, "very-secret"));
}

TEST(DoctorCommand, AsJson) {
  CliWorld world;
  world.judge.hello = Error{ErrorCode::kEnvironment, "no CUDA device", "Use another machine."};
  EXPECT_EQ(world.Run({"doctor", "--json"}), 3);
  const auto json = nlohmann::json::parse(world.out.text);
  EXPECT_FALSE(json["works"].get<bool>());
  const auto device = std::find_if(json["findings"].begin(), json["findings"].end(),
                                   [](const auto& each) { return each["name"] == "device"; });
  ASSERT_NE(device, json["findings"].end());
  EXPECT_EQ((*device)["kind"], "missing");
  EXPECT_EQ((*device)["text"], "no CUDA device");
  EXPECT_EQ((*device)["advice"], "Use another machine.");
}

TEST(DoctorCommand, WithoutLibcurlNoModelCanBeAsked) {
  CliWorld world;
  world.http.AddFailure(HttpFailure::Kind::kBadUrl, {}, "libcurl is not installed (x)");
  EXPECT_EQ(world.Run({"doctor"}), 3);
  EXPECT_TRUE(Has(world.out.text, "missing  http       libcurl is not installed (x)\n"))
      << world.out.text;
}

TEST(CacheCommand, InfoAndClear) {
  CliWorld world;
  EXPECT_EQ(world.Run({"cache"}), 0) << world.err.text;
  EXPECT_TRUE(Has(world.out.text, "objects: 0"));
  EXPECT_EQ(world.Run({"cache", "info", "--json"}), 0);
  EXPECT_EQ(world.out.text[0], '{');
  EXPECT_EQ(world.Run({"cache", "clear"}), 0) << world.err.text;
  EXPECT_EQ(world.Run({"cache", "clean"}), 2);
}

TEST(ShellWord, QuotesWhatAShellWouldChange) {
  EXPECT_EQ(ShellWord("runs/a-1.b"), "runs/a-1.b");
  EXPECT_EQ(ShellWord("my run"), "'my run'");
  EXPECT_EQ(ShellWord("it's"), R"('it'\''s')");
  EXPECT_EQ(ShellWord(""), "''");
}

TEST(NewRunFolder, HasTimeAndFourHexDigits) {
  FakeClock clock;
  const std::string folder = NewRunFolder(clock);
  EXPECT_EQ(folder.substr(0, 21), "runs/20260131-120000-");
  EXPECT_EQ(folder.size(), 25U);
  EXPECT_EQ(folder.substr(21).find_first_not_of("0123456789abcdef"), std::string::npos);
}

}  // namespace
}  // namespace caesar
