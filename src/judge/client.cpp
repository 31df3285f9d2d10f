#include "judge/client.h"

#include <sys/socket.h>

#include <cstdlib>
#include <mutex>
#include <optional>
#include <utility>

#include "base/format.h"
#include "base/log.h"
#include "base/strings.h"
#include "judge/line_socket.h"
#include "judge/messages.h"

namespace caesar {
namespace {

// The judge may see where the driver and the toolkit are; keys and the rest of the environment stay
// here.
std::vector<std::string> JudgeEnvironment() {
  std::vector<std::string> environment = {"LC_ALL=C"};
  for (const char* name :
       {"PATH", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER",
        "NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES", "ASAN_OPTIONS", "TSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) environment.push_back(Format("{}={}", name, value));
  }
  return environment;
}

class JudgeClient final : public Judge {
 public:
  JudgeClient(JudgeClientConfig config, Processes& processes, Clock& clock)
      : config_(std::move(config)), processes_(processes), clock_(clock) {}

  Result<DeviceInfo> Hello(StopToken stop) override;
  void Warm(const JudgeRequest& request) override;
  Result<Verdict> Check(const JudgeRequest& request, const JudgeProgress& progress,
                        StopToken stop) override;
  Result<Verdict> Measure(const JudgeRequest& request, const Verdict& checked,
                          const JudgeProgress& progress, StopToken stop) override;

 private:
  struct Running {
    std::unique_ptr<Child> child;
    LineSocket socket;
  };

  Status Start();
  Error Died(const std::string& how);
  // Sends one request and waits for its reply. A judge that dies is started again, once.
  Result<JudgeMessage> Ask(DriverMessage::Verb verb, const JudgeRequest* request,
                           const Verdict* checked, const JudgeProgress& progress, StopToken stop);
  Result<JudgeMessage> AskOnce(DriverMessage::Verb verb, const JudgeRequest* request,
                               const Verdict* checked, const JudgeProgress& progress,
                               StopToken stop, bool& died);

  JudgeClientConfig config_;
  Processes& processes_;
  Clock& clock_;
  std::mutex mutex_;  // Warm comes from a thread of its own
  std::optional<Running> running_;
  std::optional<DeviceInfo> device_;
  std::int64_t id_ = 0;
};

Status JudgeClient::Start() {
  if (running_.has_value()) return {};
  constexpr int kSocket = 3;
  auto sockets = TRY(MakeSocketPair(SOCK_STREAM));
  Command command;
  command.argv = {config_.program, "judge",        "--socket",  std::to_string(kSocket),
                  "--device",      config_.device, "--toolkit", config_.toolkit,
                  "--cache",       config_.cache,  "--sandbox", std::string(Name(config_.sandbox))};
  command.environment = JudgeEnvironment();
  command.output_bytes_max = std::size_t{1} << 16;
  command.inherited = {{sockets.theirs.get(), kSocket}};
  auto child = TRY(processes_.Start(command));
  running_.emplace(Running{std::move(child), LineSocket(std::move(sockets.ours))});
  return {};
}

Error JudgeClient::Died(const std::string& how) {
  std::string detail =
      "This is a fault of the environment or of caesar, not of the candidate. The same command "
      "repeats the step.";
  if (running_.has_value()) {
    running_->child->Kill();
    const auto end = running_->child->Wait(Milliseconds(5000), {});
    if (end.ok() && end.value().has_value()) {
      const ProcessEnd& ended = *end.value();
      if (ended.how == ProcessEnd::How::kExited)
        detail += Format("\nIts exit code was {}.", ended.exit_code);
      if (!ended.errors.empty())
        detail += "\nIt printed: " + Shorten(ForTerminal(ended.errors), 2000);
    }
    running_.reset();
  }
  return Error{ErrorCode::kEnvironment, how, detail};
}

Result<JudgeMessage> JudgeClient::AskOnce(DriverMessage::Verb verb, const JudgeRequest* request,
                                          const Verdict* checked, const JudgeProgress& progress,
                                          StopToken stop, bool& died) {
  const SteadyTime asked = clock_.Now();
  bool began = false;
  TRY(Start());
  const std::int64_t id = ++id_;
  if (!running_->socket.Write(ToLine(verb, id, request, checked)).ok()) {
    died = true;
    return Died("the judge ended before it was asked");
  }
  for (;;) {
    auto line = running_->socket.Read(config_.silence_max, stop);
    if (!line.ok()) {
      running_.reset();  // interrupted in the middle of a step, or nonsense: nothing of it is used
                         // again
      return std::move(line).error();
    }
    if (!line.value().has_value()) {
      died = true;
      return Died(Format("the judge has been silent for {} s",
                         static_cast<double>(config_.silence_max.count()) / 1000));
    }
    if (line.value()->closed) {
      died = true;
      return Died("the judge died");
    }
    auto message = ParseJudgeMessage(line.value()->text);
    if (!message.ok()) return Died(message.error().message);
    JudgeMessage& reply = message.value();
    if (reply.id != id) continue;  // of a Warm that nobody waited for
    if (reply.reply == JudgeMessage::Reply::kAlive) continue;
    if (reply.reply == JudgeMessage::Reply::kProgress) {
      if (!std::exchange(began, true)) {
        const std::chrono::duration<double, std::milli> waited = clock_.Now() - asked;
        LogDebug("the judge began {:.1f} ms after it was asked to {}", waited.count(),
                 verb == DriverMessage::Verb::kCheck ? "check" : "measure");
      }
      if (progress) progress(reply.text);
      continue;
    }
    if (reply.reply == JudgeMessage::Reply::kError) return reply.error;
    return std::move(reply);
  }
}

Result<JudgeMessage> JudgeClient::Ask(DriverMessage::Verb verb, const JudgeRequest* request,
                                      const Verdict* checked, const JudgeProgress& progress,
                                      StopToken stop) {
  const std::lock_guard<std::mutex> guard(mutex_);
  bool died = false;
  auto reply = AskOnce(verb, request, checked, progress, stop, died);
  if (!died) return reply;
  return AskOnce(verb, request, checked, progress, stop, died);
}

Result<DeviceInfo> JudgeClient::Hello(StopToken stop) {
  if (device_.has_value()) return *device_;
  const JudgeMessage reply = TRY(Ask(DriverMessage::Verb::kHello, nullptr, nullptr, {}, stop));
  device_ = reply.device;
  return *device_;
}

void JudgeClient::Warm(const JudgeRequest& request) {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (!Start().ok()) return;
  const Status asked =
      running_->socket.Write(ToLine(DriverMessage::Verb::kWarm, ++id_, &request, nullptr));
  if (!asked.ok()) running_.reset();  // Check starts another one, and says what is wrong
}

Result<Verdict> JudgeClient::Check(const JudgeRequest& request, const JudgeProgress& progress,
                                   StopToken stop) {
  JudgeMessage reply = TRY(Ask(DriverMessage::Verb::kCheck, &request, nullptr, progress, stop));
  return std::move(reply.verdict);
}

Result<Verdict> JudgeClient::Measure(const JudgeRequest& request, const Verdict& checked,
                                     const JudgeProgress& progress, StopToken stop) {
  JudgeMessage reply = TRY(Ask(DriverMessage::Verb::kMeasure, &request, &checked, progress, stop));
  return std::move(reply.verdict);
}

}  // namespace

std::unique_ptr<Judge> MakeJudgeClient(JudgeClientConfig config, Processes& processes,
                                       Clock& clock) {
  return std::make_unique<JudgeClient>(std::move(config), processes, clock);
}

}  // namespace caesar
