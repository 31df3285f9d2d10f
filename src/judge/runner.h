// The judge's handle on one runner process: starts it, speaks the runner protocol, and turns
// everything that can happen to a runner (crash, hang, exit, nonsense) into a value.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/result.h"
#include "device/device.h"
#include "judge/channel.h"
#include "judge/runner_protocol.h"
#include "sys/clock.h"
#include "sys/process.h"

namespace caesar {

// kBest: the best kernel so far, timed beside the candidate and trusted as little.
enum class RunnerRole { kOracle, kBaseline, kCandidate, kBest };
inline constexpr std::size_t kRunnerRoles = 4;
// Runs code that came with the problem, not with a reply.
constexpr bool IsProblemsOwn(RunnerRole role) {
  return role == RunnerRole::kOracle || role == RunnerRole::kBaseline;
}
std::string_view Name(RunnerRole role);

// How a runner failed. It is unusable afterwards.
struct RunnerFailure {
  enum class Kind {
    kCrashed,  // died by a signal, or the device faulted
    kExited,   // ended by itself
    kTimedOut,
    kLaunchError,  // the launcher returned with an error of its runtime: still alive, and still not
                   // usable
    kNotReady,     // no context, no CUPTI: the environment's fault
    kUnloadable,   // the shared object does not load
  } kind = Kind::kCrashed;
  std::string text;     // one sentence
  std::string printed;  // the tail of what it printed, if anything
  std::string report;   // of the simulated GPU, if anything
};

// What a call brought.
struct CallResult {
  CallClaim claim;
  SteadyTime go;       // when it was ordered, by the judge's clock
  std::string report;  // of the simulated GPU, if anything
};

// What the processes of one untrusted kernel may still take of a measurement, all of them together:
// loading, calls, whatever lies between. Each wait has a limit of its own; a kernel that knows a
// fresh process could use up all of them, one after the other.
struct TimeAccount {
  Milliseconds left = Milliseconds::max();
};

struct RunnerConfig {
  std::string program;  // our own binary
  std::string uuid;
  std::string toolkit;
  RunnerRole role = RunnerRole::kCandidate;
  std::vector<std::string> environment;
  std::optional<SandboxPolicy> sandbox = std::nullopt;  // empty: none
  // What a candidate's process may take, all in all, for orders that are no calls: there are some
  // hundred in a verdict, of less than a millisecond each.
  Milliseconds between_calls_max{60'000};
};

class Runner {
 public:
  // Returns at once; the process creates its context meanwhile.
  static Result<std::unique_ptr<Runner>> Start(const RunnerConfig& config, Processes& processes);
  ~Runner();

  template <class T>
  using Outcome = std::variant<T, RunnerFailure>;
  struct Done {};

  // Waits until the context exists, then hands over the device's image. Once.
  Outcome<Done> Prepare(const std::string& image, Milliseconds timeout);
  Outcome<Done> Load(const std::string& object,
                     Milliseconds timeout);  // content of the shared object
  Outcome<Done> Map(std::uint32_t set, std::uint32_t tensor, bool writable,
                    const TensorMemory& memory);
  Outcome<Done> UnmapAll();
  Outcome<Done> SetArguments(const std::vector<RunnerArgument>& arguments);

  // One call. Returns when the work is done; the claim has no records yet. The simulated GPU is
  // told to end the call itself a little before, since it can say where it was
  // (CallOrder::time_limit_ms).
  Outcome<CallResult> Call(CallOrder order, Milliseconds timeout);
  // Wakes the process and makes a null call that nobody times. One that slept for some milliseconds
  // takes up to 200 us to launch its first kernel, and 10 us for the next; to the judge's clock the
  // difference would look like work. A failure shows in the call that follows.
  void Rehearse(Milliseconds timeout);
  // Completes the claim of the last call with what was recorded since the last Collect.
  Outcome<Done> Collect(CallResult& result, Milliseconds timeout);

  // Stops the process (SIGSTOP) until it is asked for something again. What it has put on the
  // device goes on.
  void Rest();

  // From here on; it must live as long as the runner does.
  void ChargeTo(TimeAccount& account) { account_ = &account; }

  RunnerRole role() const { return role_; }
  bool failed() const { return failure_.has_value(); }  // and will not do anything again
  int pid() const { return child_->pid(); }
  // Of its process, counted from outside; 0 where it is gone.
  int Threads() const;

 private:
  Runner(const RunnerConfig& config, Fd socket, SharedControl control, std::unique_ptr<Child> child)
      : role_(config.role),
        between_calls_left_(config.between_calls_max),
        socket_(std::move(socket)),
        control_(std::move(control)),
        child_(std::move(child)) {}

  Outcome<Done> Exchange(const RunnerMessage& message, int fd, Milliseconds timeout);
  Outcome<Done> Answered(RunnerVerb verb, Milliseconds timeout, RunnerFailure::Kind refused);
  // Gives the order and waits until it is carried out.
  void WakeUp();
  std::string Report() const;
  Outcome<Done> Carry(const CallOrder& order, SteadyTime deadline);
  Outcome<Done> CarryBetweenCalls(const CallOrder& order, Milliseconds timeout);
  Milliseconds Allowed(Milliseconds timeout) const;  // of a wait that may take as long
  void Spend(SteadyTime begin, bool between_calls);
  RunnerFailure Ended(const ProcessEnd& end);
  RunnerFailure Kill(RunnerFailure::Kind kind, std::string text);
  RunnerFailure Keep(RunnerFailure failure);

  RunnerRole role_;
  Milliseconds between_calls_left_;
  TimeAccount* account_ = nullptr;
  Fd socket_;
  SharedControl control_;
  std::unique_ptr<Child> child_;
  Fd process_;  // a pidfd: a signal can hit no other process
  bool resting_ = false;
  bool prepared_ = false;
  std::optional<RunnerFailure> failure_;  // the first one: what comes after it is our own killing
  std::uint32_t generation_ = 0;
};

}  // namespace caesar
