// A compiler that reads the kind of a source from its own text, and never starts a process:
//
//   // kind: syntax error         CompileFailed
//   // kind: endless templates    CompileTimedOut
//   // kind: anything else        Compiled; the object's path ends in that kind, where FakeJudge
//   finds it
#pragma once

#include <algorithm>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/strings.h"
#include "build/compile.h"

namespace caesar {

inline std::string KindOfSource(std::string_view source) {
  constexpr std::string_view kMark = "// kind: ";
  const std::size_t begin = source.find(kMark);
  if (begin == std::string_view::npos) return "correct";
  source.remove_prefix(begin + kMark.size());
  return std::string(source.substr(0, source.find('\n')));
}

class FakeCompiler : public Compiler {
 public:
  // The next `times` compiles of that role fail.
  void Fail(Role role, Error error, int times = 1) {
    const std::lock_guard lock(mutex_);
    role_ = role;
    error_ = std::move(error);
    failures_left_ = times;
  }
  // Called at the beginning of every compile, on the thread that asked.
  void OnCompile(std::function<void(const CompileRequest&, StopToken)> hook) {
    const std::lock_guard lock(mutex_);
    on_compile_ = std::move(hook);
  }
  std::vector<CompileRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  int Count(Role role) const {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(std::count_if(requests_.begin(), requests_.end(),
                                          [&](const CompileRequest& r) { return r.role == role; }));
  }

  Result<CompileOutcome> Compile(const CompileRequest& request, StopToken stop) override {
    std::function<void(const CompileRequest&, StopToken)> hook;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
      if (failures_left_ > 0 && request.role == role_) {
        --failures_left_;
        return error_;
      }
      hook = on_compile_;
    }
    if (hook) hook(request, stop);
    if (stop.now()) return Error{ErrorCode::kInterrupted, "interrupted while compiling", ""};
    return Outcome(request);
  }

 private:
  static CompileOutcome Outcome(const CompileRequest& request) {
    const std::string kind = KindOfSource(request.source);
    if (kind == "syntax error") {
      CompileFailed failed;
      failed.log = "candidate.cu(3): error: expected a \";\"\n";
      failed.headline = "expected a \";\"";
      failed.errors = 1;
      failed.ms = 700;
      return failed;
    }
    if (kind == "endless templates") return CompileTimedOut{request.timeout, "killed\n"};
    Compiled compiled;
    compiled.key = HashHex(request.source);
    compiled.object = "cache/" + compiled.key + "/" + kind;
    compiled.info.ms = 1200;
    compiled.info.registers = 32;
    compiled.info.arch = request.arch;
    compiled.log = "ptxas info: Used 32 registers\n";
    return compiled;
  }

  mutable std::mutex mutex_;
  Role role_ = Role::kCandidate;
  Error error_;
  int failures_left_ = 0;
  std::function<void(const CompileRequest&, StopToken)> on_compile_;
  std::vector<CompileRequest> requests_;
};

}  // namespace caesar
