// A judge that decides by the kind of the candidate, which FakeCompiler put into the object's path:
//
//   wrong, crashed, timed out, cheated    Check gives that verdict
//   wrong later, crashed later, ...       Check passes, Measure gives it
//   ambiguous, untimed                    Check passes, Measure cannot say a time
//   unverified <us>                       a time that does not stand
//   correct <us>                          a time that does; the baseline takes 40 us
//
// A best one is compared with by these times.
#pragma once

#include <cstdlib>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "judge/client.h"

namespace caesar {

class FakeJudge : public Judge {
 public:
  FakeJudge() {
    device_.name = "Fake H100";
    device_.uuid = "GPU-fake";
    device_.compute_major = 9;
    device_.sm_count = 132;
    device_.memory_bytes = std::int64_t{80} << 30;
    device_.l2_bytes = std::int64_t{50} << 20;
    device_.shared_bytes_per_block_max = 232448;
    device_.shared_bytes_per_sm = 233472;
    device_.registers_per_sm = 65536;
    device_.threads_per_sm_max = 2048;
    device_.clock_mhz = 1980;
    device_.bandwidth_gbs = 3000;
  }

  DeviceInfo& device() { return device_; }
  // The next `times` calls whose name is `call` ("Hello", "Check", "Measure") fail.
  void Fail(std::string call, Error error, int times = 1) {
    fail_call_ = std::move(call);
    error_ = std::move(error);
    failures_left_ = times;
  }
  // Called at the beginning of Check and Measure, with their name.
  void OnCall(std::function<void(const std::string&)> hook) { on_call_ = std::move(hook); }

  // "Hello", "Warm reference baseline", "Check <candidate>", ...
  std::vector<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  int Count(std::string_view call) const {
    int count = 0;
    for (const std::string& each : calls()) count += StartsWith(each, call) ? 1 : 0;
    return count;
  }
  const JudgeRequest& last_request() const { return last_request_; }

  Result<DeviceInfo> Hello(StopToken stop) override {
    TRY(Enter("Hello", "", stop));
    return device_;
  }

  void Warm(const JudgeRequest& request) override {
    const std::lock_guard lock(mutex_);
    calls_.push_back("Warm " + request.reference + " " + request.baseline);
  }

  Result<Verdict> Check(const JudgeRequest& request, const JudgeProgress& progress,
                        StopToken stop) override {
    TRY(Enter("Check", request.candidate, stop));
    last_request_ = request;
    progress("checking shape odd");
    const std::string kind = KindOf(request);
    Verdict verdict = About(kind);
    if (EndsWith(kind, " later") || verdict.kind == VerdictKind::kAmbiguous)
      verdict = About("correct 0");
    return verdict;
  }

  Result<Verdict> Measure(const JudgeRequest& request, const Verdict& checked,
                          const JudgeProgress& progress, StopToken stop) override {
    TRY(Enter("Measure", request.candidate, stop));
    last_request_ = request;
    progress("30 samples");
    const std::string kind = KindOf(request);
    Verdict verdict = About(kind);
    verdict.correctness = checked.correctness;
    verdict.flags.insert(verdict.flags.end(), checked.flags.begin(), checked.flags.end());
    if (verdict.kind == VerdictKind::kCorrect && kind != "untimed") {
      AddTiming(verdict, kind);
      if (!request.best.empty()) Compare(verdict, request.best);
    }
    return verdict;
  }

 private:
  Status Enter(const std::string& call, const std::string& candidate, StopToken stop) {
    {
      const std::lock_guard lock(mutex_);
      calls_.push_back(candidate.empty() ? call : call + " " + candidate);
    }
    if (call != "Hello" && on_call_) on_call_(call);
    if (stop.now()) return Error{ErrorCode::kInterrupted, "interrupted while judging", ""};
    if (failures_left_ > 0 && call == fail_call_) {
      --failures_left_;
      return error_;
    }
    return {};
  }

  static std::string KindOf(const JudgeRequest& request) {
    return request.candidate.substr(request.candidate.rfind('/') + 1);
  }

  Verdict About(const std::string& kind) const {
    Verdict verdict;
    verdict.device = device_;
    verdict.kind = VerdictKind::kCorrect;
    caesar::Check check;
    check.shape = "odd";
    check.dims = {{"n", 37}};
    check.fill = "as declared";
    check.seed_id = "1";
    check.passed = true;
    check.outputs.push_back({.output = "y", .first_bad = {}, .worst = {}});
    check.outputs.back().elements = 37;
    const auto bad = [&](VerdictKind verdict_kind, const char* reason) {
      verdict.kind = verdict_kind;
      verdict.reason = reason;
    };
    if (StartsWith(kind, "wrong")) {
      bad(VerdictKind::kWrong, "shape odd: 2 elements of y are wrong");
      check.passed = false;
      check.outputs.back().mismatches = 2;
      check.outputs.back().error_max = 100;
      check.outputs.back().abs_error_max = 0.5;
      check.outputs.back().first_bad = {{{3}, 1.0, 1.5}, {{4}, 2.0, 2.5}};
      check.outputs.back().worst = {{3}, 1.0, 1.5};
    } else if (StartsWith(kind, "crashed")) {
      bad(VerdictKind::kCrashed, "an illegal memory access was encountered");
    } else if (StartsWith(kind, "timed out")) {
      bad(VerdictKind::kTimedOut, "the call did not end within 10 s");
    } else if (StartsWith(kind, "cheated")) {
      bad(VerdictKind::kCheated, "an input was changed");
      verdict.flags.push_back({"input_changed", "x differs after the call"});
    } else if (StartsWith(kind, "ambiguous")) {
      bad(VerdictKind::kAmbiguous, "the clock was not steady");
    } else if (StartsWith(kind, "infra")) {
      bad(VerdictKind::kInfra, "the reference crashed");
    }
    verdict.correctness.push_back(std::move(check));
    return verdict;
  }

  static void AddTiming(Verdict& verdict, const std::string& kind) {
    constexpr double kBaselineUs = 40;
    const double us = TimeOf(kind);
    const auto stats = [](double median_us) {
      return TimeStats{median_us,        median_us,        median_us, median_us,
                       median_us * 0.99, median_us * 1.01, 30,        0};
    };
    Timing timing;
    timing.shape = "bench";
    timing.cold = stats(us);
    timing.trusted_us = us;
    timing.verified = StartsWith(kind, "correct");
    verdict.timing = timing;
    verdict.baseline = BaselineTiming{"baseline", stats(kBaselineUs), {}, {}, {}};
    verdict.speedup = Ratio{kBaselineUs / us, kBaselineUs / us * 0.98, kBaselineUs / us * 1.02};
  }

  static double TimeOf(const std::string& kind) {
    return std::atof(kind.substr(kind.rfind(' ') + 1).c_str());
  }

  static void Compare(Verdict& verdict, const std::string& best) {
    const double ratio = TimeOf(best) / verdict.timing->cold->median_us;
    BestComparison comparison;
    comparison.ratio = Ratio{ratio, ratio * 0.999, ratio * 1.001};
    comparison.change = !verdict.timing->verified ? Change::kUndecided
                        : ratio > 1.006           ? Change::kImproved
                        : ratio < 0.994           ? Change::kSlower
                                                  : Change::kSame;
    verdict.comparison = comparison;
  }

  DeviceInfo device_;
  std::string fail_call_;
  Error error_;
  int failures_left_ = 0;
  std::function<void(const std::string&)> on_call_;
  JudgeRequest last_request_;
  mutable std::mutex mutex_;
  std::vector<std::string> calls_;
};

}  // namespace caesar
