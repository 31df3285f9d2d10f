// What the tests of the judge share: the real client, judge and runners on the device in host
// memory, problems small enough for it, and a look at which of their processes are alive.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/format.h"
#include "base/strings.h"
#include "fakes/temp_folder.h"
#include "judge/client.h"
#include "record/paths.h"
#include "sys/files.h"

namespace caesar {

inline std::string CandidatePath(const std::string& name) {
  return Format("{}/{}.so", CAESAR_CANDIDATES, name);
}

// y = x + 1. No shape is a multiple of 64 elements: behind every tensor there is slack.
inline const Problem& AddOneProblem() {
  static const Result<Problem> problem = ParseProblem(R"({
    "version": 1, "name": "add_one", "summary": "y = x + 1", "tags": [], "launcher": "solve", "dims": ["n"],
    "inputs": [{ "name": "x", "dtype": "f32", "shape": ["n"], "fill": { "normal": [0, 1] } }],
    "outputs": [{ "name": "y", "dtype": "f32", "shape": ["n"], "atol": 1e-6, "rtol": 1e-6 }],
    "scalars": [],
    "shapes": [{ "name": "small", "roles": ["check"], "n": 5 }, { "name": "odd", "roles": ["check"], "n": 1021 },
               { "name": "bench", "roles": ["bench"], "n": 4099 }],
    "flops": "n", "bytes": "8*n", "policy": { "tf32": false, "libraries": [] }, "baseline_libraries": [] })",
                                                      "add_one");
  EXPECT_TRUE(problem.ok());
  return problem.value();
}

// Integers and halves, two outputs, two scalars.
inline const Problem& MixedProblem() {
  static const Result<Problem> problem = ParseProblem(R"({
    "version": 1, "name": "mixed", "summary": "s = a * k, h = b * w", "tags": [], "launcher": "solve",
    "dims": ["rows", "cols"],
    "inputs": [{ "name": "a", "dtype": "i32", "shape": ["rows", "cols"], "fill": { "integers": [-1000, 1000] } },
               { "name": "b", "dtype": "f16", "shape": ["rows", "cols"], "fill": { "uniform": [1, 2] } }],
    "outputs": [{ "name": "s", "dtype": "i32", "shape": ["rows", "cols"], "atol": 0, "rtol": 0 },
                { "name": "h", "dtype": "f16", "shape": ["rows", "cols"], "atol": 1e-3, "rtol": 1e-3 }],
    "scalars": [{ "name": "k", "dtype": "i32", "value": -3 }, { "name": "w", "dtype": "f32", "value": 0.75 }],
    "shapes": [{ "name": "odd", "roles": ["check"], "rows": 3, "cols": 11 },
               { "name": "bench", "roles": ["bench"], "rows": 5, "cols": 67 }],
    "flops": "rows*cols", "bytes": "rows*cols", "policy": { "tf32": false, "libraries": [] },
    "baseline_libraries": [] })",
                                                      "mixed");
  EXPECT_TRUE(problem.ok());
  return problem.value();
}

inline JudgeRequest RequestFor(const std::string& candidate) {
  JudgeRequest request;
  request.problem = &AddOneProblem();
  request.reference = CandidatePath("Honest");
  request.candidate = CandidatePath(candidate);
  request.timing.samples_min = 6;
  request.timing.samples_max = 8;
  request.timing.ci_target = 0;
  request.timing.budget_ms = 5'000;
  request.timing.check_calls = 2;
  return request;
}

inline JudgeRequest MixedRequest(const std::string& candidate) {
  JudgeRequest request = RequestFor(candidate);
  request.problem = &MixedProblem();
  request.reference = CandidatePath("MixedHonest");
  return request;
}

// One judge behind its client. The program is a copy in a folder of its own: /proc then tells our
// processes from others'.
class JudgeBench {
 public:
  // `kernel`: as tests/fakes/older_kernel.cpp has them; empty: the one that runs here.
  explicit JudgeBench(std::int64_t memory_bytes = std::int64_t{64} << 20,
                      SandboxMode sandbox = SandboxMode::kBestEffort,
                      const std::string& kernel = "") {
    std::filesystem::copy_file(CAESAR_HOST_JUDGE, program());
    const std::string name = std::filesystem::path(folder_.path()).filename().string();
    uuid_ = "HOST-" + name;
    JudgeClientConfig config;
    config.program = program();
    config.device = Format("host:{}:{}", name, memory_bytes);
    config.sandbox = sandbox;
    if (!kernel.empty()) {
      config.program = folder_ / "on_that_kernel";
      std::ofstream(config.program)
          << Format("#!/bin/sh\nexec {} {} {} \"$@\"\n", CAESAR_OLDER_KERNEL, kernel, program());
      std::filesystem::permissions(config.program, std::filesystem::perms::owner_all);
    }
    client_ = MakeJudgeClient(config, RealProcesses(), RealClock());
  }
  ~JudgeBench() {
    client_.reset();
    for (const char* folder : {"/run/lock", "/tmp"}) {
      for (const char* ending : {"gate", "lock"})
        ::unlink(Format("{}/caesar-{}.{}", folder, PathComponent(uuid_), ending).c_str());
    }
  }

  Judge& judge() { return *client_; }
  std::string program() const { return folder_ / "judge"; }

  Verdict Check(const JudgeRequest& request) { return Valued(client_->Check(request, {}, {})); }
  Verdict Check(const std::string& candidate) { return Check(RequestFor(candidate)); }
  Verdict Measure(const JudgeRequest& request) {
    const Verdict checked = Check(request);
    if (checked.kind != VerdictKind::kCorrect) return checked;
    return Valued(client_->Measure(request, checked, {}, {}));
  }

  // Processes that run our program, by pid; the value is their command line. A dead one that nobody
  // has waited for does not count.
  std::map<int, std::string> Alive() const {
    std::map<int, std::string> alive;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      std::error_code gone;
      const auto exe = std::filesystem::read_symlink(entry.path() / "exe", gone);
      if (gone || exe != program()) continue;
      std::ifstream file(entry.path() / "cmdline", std::ios::binary);
      alive[std::atoi(entry.path().filename().c_str())] =
          std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return alive;
  }
  int JudgePid() const {
    for (const auto& [pid, command] : Alive()) {
      // The judge's own supervisors of runners are copies of it, and may have smaller numbers.
      std::string name;
      std::getline(std::ifstream(Format("/proc/{}/comm", pid)) >> std::ws, name);
      if (name == "caesar-watch") continue;
      if (command.find(std::string("judge\0judge", 11)) != std::string::npos) return pid;
    }
    return -1;
  }
  // Ends the client, and returns what its judge leaves behind.
  std::map<int, std::string> Leftovers() {
    client_.reset();
    for (int i = 0; i < 100 && !Alive().empty(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return Alive();
  }

 private:
  static Verdict Valued(Result<Verdict> verdict) {
    if (verdict.ok()) return std::move(verdict).value();
    ADD_FAILURE() << verdict.error().message << "\n" << verdict.error().detail;
    return {};
  }

  TempFolder folder_;
  std::string uuid_;
  std::unique_ptr<Judge> client_;
};

}  // namespace caesar
