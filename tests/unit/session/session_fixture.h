// A whole sample on fakes: a small problem, four replies that tell a story, and a world in memory.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "fakes/fake_clock.h"
#include "fakes/fake_compiler.h"
#include "fakes/fake_judge_client.h"
#include "fakes/fake_model.h"
#include "fakes/fake_reviewer.h"
#include "fakes/memory_files.h"
#include "fakes/recording_progress.h"
#include "problem/problem.h"
#include "record/journal.h"
#include "record/paths.h"
#include "session/session.h"

namespace caesar {

inline const Problem& TestProblem() {
  static const Problem problem = [] {
    Problem made = ParseProblem(R"({
      "version": 1, "name": "scale", "summary": "Doubles a vector", "tags": [], "launcher": "solve", "dims": ["n"],
      "inputs": [{ "name": "x", "dtype": "f32", "shape": ["n"], "fill": { "normal": [0, 1] } }],
      "outputs": [{ "name": "y", "dtype": "f32", "shape": ["n"], "atol": 1e-6, "rtol": 1e-5 }],
      "scalars": [],
      "shapes": [{ "name": "bench", "roles": ["bench"], "n": 1048576 }, { "name": "odd", "roles": ["check"], "n": 37 }],
      "flops": "n", "bytes": "8*n", "policy": { "tf32": false, "libraries": [] }, "baseline_libraries": [] })",
                                "scale")
                       .value();
    made.statement = "Write y = 2 x.\n";
    made.reference = "// kind: reference\n";
    made.baseline = "// kind: baseline\n";
    made.origin = "test";
    return made;
  }();
  return problem;
}

// A reply whose kernel FakeCompiler and FakeJudge treat as `kind`.
inline std::string ReplyOf(const std::string& kind) {
  return "Here is my kernel.\n\n```cuda\n// kind: " + kind +
         "\nextern \"C\" void solve(const float* x, float* y, int64_t n, cudaStream_t stream) "
         "{}\n```\n";
}

inline const PromptSet& TestPrompts() {
  static const PromptSet prompts = [] {
    MemoryFiles none;
    return PromptSet::Load("", none).value();
  }();
  return prompts;
}

// The machine at one time: everything but the disk is new in every process.
struct Machine {
  explicit Machine(Files& disk) : files(disk) {
    model.Reply(1, ReplyOf("syntax error"));
    model.Reply(2, ReplyOf("wrong"));
    model.Reply(3, ReplyOf("correct 30"));
    model.Reply(4, ReplyOf("correct 20"));
    spec.problem = &TestProblem();
    spec.run = "runs/a";
    spec.config.caesar_version = "1";
  }

  Result<SampleResult> Run() {
    World world{files,         clock,    model,           compiler, judge,
                TestPrompts(), progress, StopToken(stop), &reviewer};
    return RunSample(spec, world);
  }

  // One reply for all rounds, and as many rounds as it takes.
  void OneRound(const std::string& kind) {
    spec.config.rounds = 1;
    model.Reply(1, ReplyOf(kind));
  }

  Files& files;
  FakeClock clock;
  FakeModel model;
  FakeCompiler compiler;
  FakeJudge judge;
  RecordingProgress progress;
  FakeReviewer reviewer;
  StopSource stop;
  SampleSpec spec;
};

class SessionTest : public testing::Test {
 protected:
  static constexpr const char* kSample = "runs/a/scale/sample_0000/";

  std::string Text(const std::string& path) {
    auto text = disk.Read(kSample + path, 1 << 20);
    EXPECT_TRUE(text.ok()) << path;
    return text.ok() ? text.value() : "";
  }
  bool Exists(const std::string& path) { return disk.Stat(kSample + path).value().has_value(); }
  std::vector<JournalLine> Lines() {
    return ParseJournal(Text("journal.jsonl"), "journal").value().lines;
  }
  // "Start RoundOpened", "Generate Replied", ...
  std::vector<std::string> Steps() {
    std::vector<std::string> steps;
    for (const JournalLine& line : Lines()) steps.push_back(line.from + " " + line.outcome);
    return steps;
  }

  MemoryFiles disk;
};

// Every file and its content, but for the logs of calls: a call that was cut short and made again
// is two.
inline std::map<std::string, std::string> Content(MemoryFiles& disk) {
  std::map<std::string, std::string> content;
  for (const std::string& path : disk.Paths()) {
    if (!path.ends_with("/api.jsonl")) content[path] = disk.Read(path, 1 << 20).value();
  }
  return content;
}

}  // namespace caesar
