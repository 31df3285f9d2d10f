// A whole command line on fakes: memory for files, a scripted compiler and judge, recorded replies
// for a model.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "cli/context.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"
#include "fakes/fake_keyboard.h"
#include "fakes/fake_processes.h"
#include "fakes/memory_files.h"
#include "unit/report/string_sink.h"

namespace caesar {

// Answers by role; records what it was asked.
class ScriptedCompiler : public Compiler {
 public:
  struct Script {
    std::map<Role, CompileOutcome> outcomes;  // a missing role compiles
    std::mutex mutex;
    std::vector<std::string> archs;
  };
  explicit ScriptedCompiler(Script& script) : script_(script) {}
  Result<CompileOutcome> Compile(const CompileRequest& request, StopToken) override {
    const std::lock_guard lock(script_.mutex);
    script_.archs.push_back(request.arch);
    if (const auto found = script_.outcomes.find(request.role); found != script_.outcomes.end())
      return found->second;
    Compiled compiled;
    compiled.object = "/cache/object.so";
    compiled.info.registers = 40;
    compiled.info.arch = request.arch;
    return CompileOutcome(compiled);
  }

 private:
  Script& script_;
};

class ScriptedJudge : public Judge {
 public:
  struct Script {
    Result<DeviceInfo> hello = DeviceInfo{};
    std::string baseline_skipped;  // of the last request
    VerdictKind checked = VerdictKind::kCorrect;
    VerdictKind measured = VerdictKind::kCorrect;
    std::string device;  // as it was asked for
    int measurements = 0;
  };
  explicit ScriptedJudge(Script& script) : script_(script) {}
  Result<DeviceInfo> Hello(StopToken) override { return script_.hello; }
  void Warm(const JudgeRequest&) override {}
  Result<Verdict> Check(const JudgeRequest& request, const JudgeProgress& progress,
                        StopToken) override {
    if (!script_.hello.ok()) return script_.hello.error();
    script_.baseline_skipped = request.baseline_skipped;
    progress("checking shape odd");
    Verdict verdict;
    verdict.kind = script_.checked;
    verdict.device = script_.hello.value();
    if (verdict.kind != VerdictKind::kCorrect) verdict.reason = "y differs";
    return verdict;
  }
  Result<Verdict> Measure(const JudgeRequest&, const Verdict& checked, const JudgeProgress&,
                          StopToken) override {
    ++script_.measurements;
    Verdict verdict = checked;
    verdict.kind = script_.measured;
    if (verdict.kind != VerdictKind::kCorrect) return verdict;
    const TimeStats candidate{100, 99, 101, 98, 99.8, 100.2, 30, 0};
    const TimeStats baseline{150, 149, 151, 148, 149.8, 150.2, 30, 0};
    Timing& timing = verdict.timing.emplace();
    timing.shape = "bench";
    timing.cold = candidate;
    timing.wall_us = 120;
    timing.trusted_us = 101;
    timing.verified = true;
    verdict.baseline = BaselineTiming{"baseline", baseline, std::nullopt, std::nullopt, {}};
    verdict.speedup = Ratio{1.5, 1.49, 1.51};
    return verdict;
  }

 private:
  Script& script_;
};

struct CliWorld {
  CliWorld() {
    judge.hello.value().name = "NVIDIA H100 80GB HBM3";
    judge.hello.value().uuid = "GPU-0";
    judge.hello.value().compute_major = 9;
  }

  int Run(const std::vector<std::string>& words) {
    out.text.clear();
    err.text.clear();
    CliContext context{
        files,
        processes,
        http,
        clock,
        [this](const std::string& name) {
          return variables.count(name) > 0 ? variables[name] : std::string();
        },
        StopToken(stop),
        out,
        err,
        [this](std::size_t) -> Result<std::string> { return input; },
        [this](StopLevel first) { first_interrupt = first; },
        [this](const RunConfig& config) -> std::unique_ptr<Judge> {
          judge.device = config.device;
          return std::make_unique<ScriptedJudge>(judge);
        },
        [this](const RunConfig&) -> Result<std::unique_ptr<Compiler>> {
          if (no_compiler)
            return Error{ErrorCode::kEnvironment, "nvcc was not found", "Run scripts/setup."};
          return std::unique_ptr<Compiler>(std::make_unique<ScriptedCompiler>(compiler));
        },
        &keyboard,
        {}};
    return RunCli(words, context);
  }

  void File(const std::string& path, const std::string& text) {
    static_cast<void>(files.MakeFolders(path.substr(0, path.rfind('/'))));
    static_cast<void>(files.Write(path, text));
  }

  MemoryFiles files;
  FakeProcesses processes;
  FakeHttp http;
  FakeClock clock;
  StopSource stop;
  StringSink out;
  StringSink err;
  std::map<std::string, std::string> variables;
  std::string input;
  FakeKeyboard keyboard;
  bool no_compiler = false;
  StopLevel first_interrupt = StopLevel::kNone;
  ScriptedCompiler::Script compiler;
  ScriptedJudge::Script judge;
};

}  // namespace caesar
