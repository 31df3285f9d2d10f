// The judge proper: owns the device and the runners, schedules calls, decides.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "device/device.h"
#include "judge/cost_meter.h"
#include "judge/idle_proof.h"
#include "judge/runner.h"
#include "judge/schedule.h"
#include "judge/sets.h"
#include "problem/problem.h"
#include "record/run_config.h"
#include "record/verdict.h"
#include "sys/clock.h"
#include "sys/files.h"
#include "sys/process.h"

namespace caesar {

// What the driver asks: paths are shared objects.
struct JudgeOrder {
  Problem problem;
  std::string reference;
  std::string baseline;          // empty: the reference stands in
  std::string baseline_skipped;  // simulated GPU: why the baseline cannot run; nothing stands in
  std::string candidate;
  std::string best;  // the best kernel so far; empty: there is none
  TimingConfig timing;
  Milliseconds call_timeout{10'000};
  int sim_threads = 0;    // see RunConfig
  bool thorough = false;  // see JudgeRequest
};

struct EvaluatorConfig {
  std::string program;  // our own binary, for runners
  std::string uuid;
  std::string toolkit;
  std::vector<std::string> environment;                 // of the runners
  std::optional<SandboxPolicy> sandbox = std::nullopt;  // of the runners; empty: none
  bool candidate_libraries = false;  // the problem lets candidates link libraries of the toolkit
  Milliseconds lock_timeout{3'600'000};
};

// Runner processes by role, before anything is loaded into them.
using FreshRunners = std::array<std::unique_ptr<Runner>, kRunnerRoles>;

// Starts them; they create their contexts while the judge creates its own. The best kernel's runner
// is started when there is one.
Result<FreshRunners> StartRunners(const EvaluatorConfig& config, Processes& processes);

class Evaluator {
 public:
  using Tell = std::function<void(const std::string&)>;

  Evaluator(JudgeDevice& device, EvaluatorConfig config, FreshRunners runners, Files& files,
            Processes& processes, Clock& clock, Tell tell);

  // Whether the problem lets candidates link libraries: their runners may read them only then.
  void AllowLibraries(bool allowed);

  // Loads reference and baseline, compiles the judge's kernels for the problem.
  Status Warm(const JudgeOrder& order);

  // Errors: kBadInput (the problem's own reference or baseline fails), kEnvironment (device,
  // memory, runner without context).
  Result<Verdict> Check(const JudgeOrder& order);
  Result<Verdict> Measure(const JudgeOrder& order, Verdict checked);

 private:
  friend class TimedCalls;
  friend class SimulatedProfile;

  Result<Verdict> MeasureOnDevice(const JudgeOrder& order, Verdict checked);
  // A ready runner with that object loaded; a failure is the object's (the environment's is an
  // Error).
  Result<Runner::Outcome<Runner*>> Ready(RunnerRole role, const std::string& object);
  // The same, with the tensors mapped.
  Result<Runner::Outcome<Runner*>> ReadyWith(RunnerRole role, const std::string& object,
                                             const CallSets& sets);
  // For oracle and baseline: any failure is an Error that blames the problem.
  Result<Runner*> ReadyTrusted(RunnerRole role, const std::string& object);
  Status Restart(RunnerRole role);  // disposes of the process and starts a fresh one

  Result<std::unique_ptr<FileLock>> Lock(LockMode mode);
  // Allocates; if there is no room while others share the GPU, waits for them. If the candidate's
  // own process is in the way, it is started anew, without its code.
  Result<std::unique_ptr<CallSets>> MakeSets(const JudgeOrder& order, const ShapeSpec& shape,
                                             CallSets::Outputs outputs,
                                             std::unique_ptr<FileLock>& lock);
  Error NoRoom(const Problem& problem, const ShapeSpec& shape, std::uint64_t bytes_needed) const;

  // What is expected of the set's inputs, once all that was queued before is done, poison too.
  // Returns what the reference took, in us.
  Result<double> Expect(CallSets& sets, int set, const JudgeOrder& order);

  Result<Verdict> CheckShapes(const JudgeOrder& order);
  // All calls at one shape; false: stop checking (the verdict says why).
  Result<bool> CheckShape(const JudgeOrder& order, const ShapeSpec& shape, Verdict& verdict,
                          std::unique_ptr<FileLock>& lock);
  Status MakeCalls(const JudgeOrder& order, CallSets& sets, Verdict& verdict);
  // Poison, inputs, and what is expected of them.
  Status DrawInputs(const JudgeOrder& order, CallSets& sets, const PlannedCall& plan);
  Status ReferenceWroteAll(const JudgeOrder& order, CallSets& sets);
  struct CheckedCall {
    PlannedCall plan;
    SimReport* profile = nullptr;  // simulated GPU: counts, if they are wanted
  };
  Result<bool> CheckCall(const JudgeOrder& order, CallSets& sets, const CheckedCall& checked,
                         Verdict& verdict);
  // A reference or baseline that fails is the problem's fault, unless the candidate's process left
  // it no memory.
  Result<Verdict> WhoseFault(Error error);
  // What shows of the candidate's process from outside: threads that neither the runner nor the
  // driver made, memory that it kept.
  void FlagProcess(Verdict& verdict);
  bool simulated() const { return device_.info().simulated(); }

  // Of device memory: what a process is blamed for keeping. A context takes half of that.
  static constexpr std::int64_t kHeldMin = std::int64_t{1} << 30;

  // The simulated GPU is slower than any GPU.
  Milliseconds CallTimeout(const JudgeOrder& order) const {
    return order.call_timeout * (simulated() ? 6 : 1);
  }

  // For all processes of one kernel in a measurement: what the slowest honest one may need, whose
  // calls all take half of their time limit and who is timed twice.
  Milliseconds TimeFor(const JudgeOrder& order) const;

  struct Loaded {
    std::unique_ptr<Runner> runner;
    std::string object;
    int threads = 0;  // before the object was loaded
  };
  Loaded& Of(RunnerRole role) { return runners_[static_cast<std::size_t>(role)]; }

  JudgeDevice& device_;
  EvaluatorConfig config_;
  Files& files_;
  Processes& processes_;
  Clock& clock_;
  Tell tell_;
  std::array<TimeAccount, kRunnerRoles> accounts_;  // of candidate and best; outlive the runners
  std::array<Loaded, kRunnerRoles> runners_;
  std::string held_memory_at_;  // the shape that the candidate left no room for
  IdleProof idle_{device_};
  CostMeter cost_;  // of the measurement under way
};

// New inputs for the next call: others, or those of the call before but for a few elements.
Status FillPlanned(CallSets& sets, int set, const PlannedCall& plan);
// A baseline whose outputs failed that check: the problem's fault.
Error BaselineDisagrees(const JudgeOrder& order, const Check& check);
// Turns what happened to the candidate's runner into the verdict.
void Blame(Verdict& verdict, const RunnerFailure& failure, const std::string& where);
void AddFlag(Verdict& verdict, const std::string& name,
             const std::string& evidence);  // once for each name
// What a claim itself shows: other streams, host copies, lost records.
void FlagClaim(Verdict& verdict, const CallClaim& claim);
// Whether all outputs passed; if not, the verdict becomes `wrong` with a reason.
bool Passed(const Check& check);
std::string ReasonOf(const Check& check);

}  // namespace caesar
