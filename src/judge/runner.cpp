#include "judge/runner.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <utility>

#include "base/format.h"
#include "base/strings.h"

namespace caesar {
namespace {

constexpr std::size_t kPrintedBytesMax = 4096;
constexpr Milliseconds kMessageTimeout{30'000};
constexpr const char* kLateBetweenCalls = "the process did not answer in time between its calls";
constexpr const char* kLateInAll =
    "its processes took all the time that there is to measure a kernel";

// Whether it is sent where the candidate's code runs already, which may take its time.
bool IsForLoaded(RunnerVerb verb) {
  return verb == RunnerVerb::kMap || verb == RunnerVerb::kUnmapAll ||
         verb == RunnerVerb::kArguments;
}

// A runner's text, bounded and made printable.
template <std::size_t kSize>
std::string TextOf(const char (&text)[kSize]) {
  return ForTerminal(std::string_view(text, strnlen(text, kSize)));
}

double Sane(double us) { return std::isfinite(us) && us >= 0 && us < 1e12 ? us : 0; }

// A claim is copied out of shared memory once, then bounded; afterwards the runner cannot change
// it.
CallClaim Copy(const CallClaim& shared) {
  CallClaim claim;
  std::memcpy(&claim, &shared, sizeof claim);
  claim.envelope_us = Sane(claim.envelope_us);
  claim.wall_us = Sane(claim.wall_us);
  claim.launcher_us = Sane(claim.launcher_us);
  claim.kernel_count = std::clamp(claim.kernel_count, 0, 1'000'000);
  claim.text[sizeof claim.text - 1] = '\0';
  for (KernelClaim& kernel : claim.kernels) {
    kernel.name[sizeof kernel.name - 1] = '\0';
    kernel.us = Sane(kernel.us);
  }
  return claim;
}

std::string SignalText(int signal) {
  const char* name = sigabbrev_np(signal);
  const char* text = sigdescr_np(signal);
  return Format("signal {} (SIG{}: {})", signal, name != nullptr ? name : "?",
                text != nullptr ? text : "unknown");
}

std::string Printed(const ProcessEnd& end) {
  std::string printed = end.output;
  if (!end.errors.empty()) printed += (printed.empty() ? "" : "\n") + end.errors;
  return Shorten(ForTerminal(printed), kPrintedBytesMax);
}

}  // namespace

std::string_view Name(RunnerRole role) {
  switch (role) {
    case RunnerRole::kOracle:
      return "oracle";
    case RunnerRole::kBaseline:
      return "baseline";
    case RunnerRole::kCandidate:
      return "candidate";
    case RunnerRole::kBest:
      return "best";
  }
  return "?";
}

Result<std::unique_ptr<Runner>> Runner::Start(const RunnerConfig& config, Processes& processes) {
  constexpr int kSocket = 3;
  constexpr int kControl = 4;
  auto sockets = TRY(MakeSocketPair(SOCK_SEQPACKET));
  auto control = TRY(SharedControl::Make());
  // A candidate shall not know itself as the best one, or it could be right until then.
  const RunnerRole told = config.role == RunnerRole::kBest ? RunnerRole::kCandidate : config.role;
  Command command;
  command.argv = {config.program, "runner",
                  "--role",       std::string(Name(told)),
                  "--uuid",       config.uuid,
                  "--toolkit",    config.toolkit,
                  "--socket",     std::to_string(kSocket),
                  "--control",    std::to_string(kControl),
                  "--sandbox",    config.sandbox ? "on" : "off"};
  command.environment = config.environment;
  command.folder = "/";
  command.output_bytes_max = 16 * kPrintedBytesMax;
  command.inherited = {{sockets.theirs.get(), kSocket}, {control.fd(), kControl}};
  command.sandbox = config.sandbox;
  auto child = TRY(processes.Start(command));
  return std::unique_ptr<Runner>(
      new Runner(config, std::move(sockets.ours), std::move(control), std::move(child)));
}

Runner::~Runner() = default;

int Runner::Threads() const {
  std::error_code gone;
  int threads = 0;
  for (std::filesystem::directory_iterator task(Format("/proc/{}/task", pid()), gone), end;
       !gone && task != end; task.increment(gone)) {
    ++threads;
  }
  return threads;
}

void Runner::Rest() {
  if (failure_.has_value()) return;
  if (process_.get() < 0)
    process_ = Fd(static_cast<int>(::syscall(SYS_pidfd_open, child_->pid(), 0)));
  // Where the kernel refuses, it does not rest: its idleness is proved before each call all the
  // same.
  resting_ = ::syscall(SYS_pidfd_send_signal, process_.get(), SIGSTOP, nullptr, 0) == 0;
}

void Runner::WakeUp() {
  if (!std::exchange(resting_, false)) return;
  ::syscall(SYS_pidfd_send_signal, process_.get(), SIGCONT, nullptr, 0);
}

std::string Runner::Report() const {
  // Read once: the runner may write it at any time.
  const std::uint32_t claimed = control_->report_bytes.load();
  const std::uint32_t bytes = std::min(claimed, kReportBytesMax);
  return std::string(control_->report, bytes);
}

RunnerFailure Runner::Keep(RunnerFailure failure) {
  if (failure.report.empty()) failure.report = Report();
  if (!failure_.has_value()) failure_ = std::move(failure);
  return *failure_;
}

RunnerFailure Runner::Ended(const ProcessEnd& end) {
  RunnerFailure failure;
  failure.printed = Printed(end);
  if (end.how == ProcessEnd::How::kSignaled) {
    failure.kind = RunnerFailure::Kind::kCrashed;
    failure.text = end.out_of_memory
                       ? Format("the process was killed because memory ran out: it may use {} GiB",
                                LimitsOfHost().memory_bytes >> 30)
                       : "the process died by " + SignalText(end.signal);
  } else {
    failure.kind = RunnerFailure::Kind::kExited;
    failure.text = Format("the process ended by itself with exit code {} before the work was done",
                          end.exit_code);
  }
  return Keep(std::move(failure));
}

RunnerFailure Runner::Kill(RunnerFailure::Kind kind, std::string text) {
  RunnerFailure failure;
  failure.kind = kind;
  failure.text = std::move(text);
  child_->Kill();
  if (const auto end = child_->Wait(Milliseconds(5000), {}); end.ok() && end.value().has_value()) {
    failure.printed = Printed(*end.value());
  }
  return Keep(std::move(failure));
}

Runner::Outcome<Runner::Done> Runner::Answered(RunnerVerb verb, Milliseconds timeout,
                                               RunnerFailure::Kind refused) {
  const SteadyTime deadline = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    RunnerAnswer answer;
    const auto received = ReceiveMessage(socket_.get(), &answer, sizeof answer, Milliseconds(20));
    if (received.ok() && received.value().has_value()) {
      if (received.value()->bytes == sizeof answer && answer.verb == verb) {
        if (answer.ok != 0) return Done{};
        return Kill(refused, TextOf(answer.text));
      }
      if (received.value()->bytes != 0)
        return Kill(RunnerFailure::Kind::kExited, "the process sent nonsense to the judge");
    }
    // Also drains what the runner prints: a full pipe would stop it.
    const auto end = child_->Wait(Milliseconds(0), {});
    if (end.ok() && end.value().has_value()) return Ended(*end.value());
    if (std::chrono::steady_clock::now() >= deadline) {
      return Kill(RunnerFailure::Kind::kTimedOut,
                  IsForLoaded(verb) ? kLateBetweenCalls
                                    : Format("no answer within {} s", timeout.count() / 1000));
    }
  }
}

Runner::Outcome<Runner::Done> Runner::Exchange(const RunnerMessage& message, int fd,
                                               Milliseconds timeout) {
  if (failure_.has_value()) return *failure_;
  const bool loaded = IsForLoaded(message.verb);
  const SteadyTime begin = std::chrono::steady_clock::now();
  timeout = Allowed(loaded ? std::min(timeout, between_calls_left_) : timeout);
  WakeUp();
  control_->order.mode = CallMode::kMessage;
  if (const Status sent = SendMessage(socket_.get(), &message, sizeof message, fd); !sent.ok()) {
    const auto end = child_->Wait(Milliseconds(1000), {});
    if (end.ok() && end.value().has_value()) return Ended(*end.value());
    return Kill(RunnerFailure::Kind::kExited, sent.error().message);
  }
  control_->go.store(++generation_, std::memory_order_release);
  WakeWaiters(control_->go);
  auto answered = Answered(message.verb, timeout,
                           message.verb == RunnerVerb::kLoad ? RunnerFailure::Kind::kUnloadable
                                                             : RunnerFailure::Kind::kNotReady);
  Spend(begin, loaded);
  return answered;
}

Runner::Outcome<Runner::Done> Runner::Prepare(const std::string& image, Milliseconds timeout) {
  if (prepared_) return Done{};
  auto ready = Answered(RunnerVerb::kHello, timeout, RunnerFailure::Kind::kNotReady);
  if (std::holds_alternative<RunnerFailure>(ready)) return ready;
  auto memory = SealedMemory("caesar-image", image);
  if (!memory.ok()) return Kill(RunnerFailure::Kind::kNotReady, memory.error().message);
  RunnerMessage message;
  message.verb = RunnerVerb::kImage;
  auto given = Exchange(message, memory.value().get(), kMessageTimeout);
  prepared_ = std::holds_alternative<Done>(given);
  return given;
}

Runner::Outcome<Runner::Done> Runner::Load(const std::string& object, Milliseconds timeout) {
  auto memory = SealedMemory("caesar-object", object);
  if (!memory.ok()) return Kill(RunnerFailure::Kind::kNotReady, memory.error().message);
  RunnerMessage message;
  message.verb = RunnerVerb::kLoad;
  return Exchange(message, memory.value().get(), timeout);
}

Runner::Outcome<Runner::Done> Runner::Map(std::uint32_t set, std::uint32_t tensor, bool writable,
                                          const TensorMemory& memory) {
  RunnerMessage message;
  message.verb = RunnerVerb::kMap;
  message.set = set;
  message.tensor = tensor;
  message.writable = writable ? 1 : 0;
  message.mapped_bytes = memory.mapped_bytes;
  message.offset = memory.offset;
  message.bytes = memory.bytes;
  memory.name.copy(message.name, sizeof message.name - 1);
  return Exchange(message, memory.fd, kMessageTimeout);
}

Runner::Outcome<Runner::Done> Runner::UnmapAll() {
  RunnerMessage message;
  message.verb = RunnerVerb::kUnmapAll;
  return Exchange(message, -1, kMessageTimeout);
}

Runner::Outcome<Runner::Done> Runner::SetArguments(const std::vector<RunnerArgument>& arguments) {
  RunnerMessage message;
  message.verb = RunnerVerb::kArguments;
  message.argument_count = static_cast<std::uint32_t>(arguments.size());
  std::copy(arguments.begin(), arguments.end(), message.arguments);
  return Exchange(message, -1, kMessageTimeout);
}

Runner::Outcome<Runner::Done> Runner::Carry(const CallOrder& order, SteadyTime deadline) {
  if (failure_.has_value()) return *failure_;  // whatever it left in shared memory
  WakeUp();
  control_->order = order;
  control_->report_bytes = 0;
  const std::uint32_t wanted = ++generation_;
  control_->go.store(wanted, std::memory_order_release);
  WakeWaiters(control_->go);
  for (;;) {
    const std::uint32_t now = control_->done.load(std::memory_order_acquire);
    if (now == wanted || WaitForChange(control_->done, now, SpinTime(), Milliseconds(5))) {
      if (control_->done.load(std::memory_order_acquire) == wanted) return Done{};
    }
    const auto end = child_->Wait(Milliseconds(0), {});
    if (end.ok() && end.value().has_value()) return Ended(*end.value());
    if (std::chrono::steady_clock::now() >= deadline) {
      return Kill(RunnerFailure::Kind::kTimedOut, kLateBetweenCalls);
    }
  }
}

Runner::Outcome<Runner::Done> Runner::CarryBetweenCalls(const CallOrder& order,
                                                        Milliseconds timeout) {
  const SteadyTime begin = std::chrono::steady_clock::now();
  auto done = Carry(order, begin + Allowed(std::min(timeout, between_calls_left_)));
  Spend(begin, true);
  return done;
}

Milliseconds Runner::Allowed(Milliseconds timeout) const {
  return account_ == nullptr ? timeout : std::min(timeout, account_->left);
}

void Runner::Spend(SteadyTime begin, bool between_calls) {
  if (IsProblemsOwn(role_)) return;
  const auto took =
      std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begin);
  if (between_calls) between_calls_left_ -= std::min(took, between_calls_left_);
  if (account_ != nullptr) account_->left -= std::min(took, account_->left);
}

Runner::Outcome<CallResult> Runner::Call(CallOrder order, Milliseconds timeout) {
  order.time_limit_ms = static_cast<std::uint32_t>(
      std::clamp<Milliseconds::rep>((timeout - timeout / 8).count(), 1, UINT32_MAX));
  CallResult result;
  result.go = std::chrono::steady_clock::now();
  const Milliseconds allowed = Allowed(timeout);
  auto done = Carry(order, result.go + allowed);
  Spend(result.go, false);
  if (auto* failure = std::get_if<RunnerFailure>(&done)) {
    if (failure->kind == RunnerFailure::Kind::kTimedOut) {
      failure->text = allowed < timeout
                          ? kLateInAll
                          : Format("the call did not end within {} ms", timeout.count());
    }
    return *failure;
  }
  result.claim = Copy(control_->claim);
  result.report = Report();
  switch (result.claim.status) {
    case CallStatus::kOk:
      return result;
    case CallStatus::kLaunchError:
      return Kill(RunnerFailure::Kind::kLaunchError, TextOf(result.claim.text));
    case CallStatus::kDeviceError:
      return Kill(RunnerFailure::Kind::kCrashed, TextOf(result.claim.text));
  }
  return Kill(RunnerFailure::Kind::kCrashed, "the process reported a state that does not exist");
}

void Runner::Rehearse(Milliseconds timeout) {
  CallOrder order;
  order.mode = CallMode::kNull;
  order.delay_us = kLeastDelayUs;
  order.work_kernels = 1;
  order.work_us = 1;
  CarryBetweenCalls(order, timeout);
}

Runner::Outcome<Runner::Done> Runner::Collect(CallResult& result, Milliseconds timeout) {
  CallOrder order;
  order.mode = CallMode::kCollect;
  auto done = CarryBetweenCalls(order, timeout);
  if (std::holds_alternative<RunnerFailure>(done)) return done;
  result.claim = Copy(control_->claim);
  return Done{};
}

}  // namespace caesar
