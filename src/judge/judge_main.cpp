// The judge's process: opens the device, answers the driver's requests one after the other, ends
// when the driver does.
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <thread>

#include "base/format.h"
#include "device/gpu_lock.h"
#include "judge/arguments.h"
#include "judge/evaluator.h"
#include "judge/line_socket.h"
#include "judge/main.h"
#include "judge/messages.h"
#include "judge/runner_policy.h"
#include "record/paths.h"

namespace caesar {
namespace {

// What a runner needs of the environment to find the driver, and nothing else.
std::vector<std::string> RunnerEnvironment() {
  std::vector<std::string> environment = {"LC_ALL=C", "CUDA_CACHE_DISABLE=1"};
  for (const char* name : {"PATH", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER",
                           "NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES"}) {
    if (const char* value = std::getenv(name)) environment.push_back(Format("{}={}", name, value));
  }
#if defined(__SANITIZE_ADDRESS__)
  // To look for leaks it would clone and trace the runner at its end, which the sandbox refuses.
  environment.emplace_back("ASAN_OPTIONS=detect_leaks=0");
#endif
  return environment;
}

// Our own program, whatever has become of its file, and also where a runner of root, who has no
// capability, may not pass the folders above it.
constexpr const char* kOwnProgram = "/proc/self/exe";

// Says "alive" to the driver every few seconds while a request is being answered.
class Heart {
 public:
  explicit Heart(LineSocket& socket) : socket_(socket), thread_([this] { Beat(); }) {}
  ~Heart() {
    {
      const std::lock_guard<std::mutex> guard(mutex_);
      ended_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

  void Begin(std::int64_t id) { id_ = id; }
  void End() { id_ = 0; }
  Status Write(const JudgeMessage& message) {
    const std::lock_guard<std::mutex> guard(write_mutex_);
    return socket_.Write(ToLine(message));
  }

 private:
  void Beat() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!wake_.wait_for(lock, std::chrono::seconds(5), [this] { return ended_; })) {
      JudgeMessage alive;
      alive.id = id_;
      if (alive.id != 0 && !Write(alive).ok()) return;
    }
  }

  LineSocket& socket_;
  std::mutex write_mutex_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ended_ = false;
  std::atomic<std::int64_t> id_{0};
  std::thread thread_;  // last: it uses the others
};

class JudgeProcess {
 public:
  JudgeProcess(Arguments arguments, DeviceFactory& devices, LineSocket& socket)
      : arguments_(std::move(arguments)), devices_(devices), socket_(socket), heart_(socket) {}

  int Run();

 private:
  Status Open();
  Status ChooseSandbox(EvaluatorConfig& config);
  Result<DeviceInfo> Measured();
  Result<JudgeMessage> Answer(const DriverMessage& message);
  std::string Argument(const char* name) const {
    const auto found = arguments_.find(name);
    return found == arguments_.end() ? "" : found->second;
  }

  Arguments arguments_;
  DeviceFactory& devices_;
  LineSocket& socket_;
  Heart heart_;
  std::int64_t current_ = 0;
  std::unique_ptr<JudgeDevice> device_;
  std::optional<Evaluator> evaluator_;
  DeviceInfo info_;  // with what was measured
  std::string sandbox_label_;
};

// Measured once per device and driver, and kept.
Result<DeviceInfo> JudgeProcess::Measured() {
  Files& files = RealFiles();
  const DeviceInfo& info = device_->info();
  const std::string folder = Argument("--cache");
  const std::string path = folder + "/device-" + PathComponent(info.uuid) + ".json";
  if (!folder.empty()) {
    if (const auto content = files.Read(path, 1 << 16); content.ok()) {
      const auto known = ParseDeviceInfo(content.value());
      if (known.ok() && known.value().driver == info.driver && known.value().bandwidth_gbs > 0 &&
          known.value().read_gbs > 0)
        return known;
    }
  }
  DeviceInfo measured = info;
  {
    const auto lock = TRY(
        LockGpu(info.uuid, LockMode::kExclusive, Milliseconds(600'000), files, RealClock(), {}));
    measured.bandwidth_gbs = TRY(device_->MeasureBandwidth());
    TRY(device_->MeasureCeilings(measured));
  }
  if (!folder.empty() && measured.bandwidth_gbs > 0 && files.MakeFolders(folder).ok()) {
    if (const auto kept = files.Write(path, ToJson(measured)); !kept.ok())
      std::fprintf(stderr, "%s\n", kept.error().message.c_str());
  }
  return measured;
}

// Best effort unless the driver says otherwise.
Status JudgeProcess::ChooseSandbox(EvaluatorConfig& config) {
  const SandboxMode mode = SandboxModeOf(Argument("--sandbox")).value_or(SandboxMode::kBestEffort);
  const SandboxSupport support = ProbeSandbox();
  sandbox_label_ = SandboxLabel(mode, support);
  if (mode == SandboxMode::kOff) return {};
  TRY(CheckSandbox(mode, support));
  const char* library_path = std::getenv("LD_LIBRARY_PATH");
  config.sandbox = RunnerPolicy(OwnLibraries(), config.toolkit,
                                library_path == nullptr ? "" : library_path, RealFiles());
  return {};
}

Status JudgeProcess::Open() {
  if (evaluator_.has_value()) return {};
  EvaluatorConfig config;
  config.program = kOwnProgram;
  config.toolkit = Argument("--toolkit");
  config.environment = RunnerEnvironment();
  config.uuid = TRY(devices_.Uuid(Argument("--device")));
  TRY(ChooseSandbox(config));
  auto runners = TRY(StartRunners(config, RealProcesses()));
  device_ = TRY(devices_.OpenJudge(Argument("--device"), config.toolkit));
  info_ = TRY(Measured());
  evaluator_.emplace(*device_, config, std::move(runners), RealFiles(), RealProcesses(),
                     RealClock(), [this](const std::string& text) {
                       JudgeMessage progress;
                       progress.reply = JudgeMessage::Reply::kProgress;
                       progress.id = current_;
                       progress.text = text;
                       const Status told = heart_.Write(
                           progress);  // a driver that is gone is noticed at the next read
                       if (!told.ok()) std::fprintf(stderr, "%s\n", told.error().message.c_str());
                     });
  return {};
}

Result<JudgeMessage> JudgeProcess::Answer(const DriverMessage& message) {
  TRY(Open());
  JudgeMessage answer;
  answer.reply = JudgeMessage::Reply::kVerdict;
  switch (message.verb) {
    case DriverMessage::Verb::kHello:
      answer.reply = JudgeMessage::Reply::kHello;
      answer.device = info_;
      return answer;
    case DriverMessage::Verb::kWarm:
      evaluator_->AllowLibraries(!message.order.problem.libraries.empty());
      TRY(evaluator_->Warm(message.order));
      answer.reply = JudgeMessage::Reply::kWarmed;
      return answer;
    case DriverMessage::Verb::kCheck:
      evaluator_->AllowLibraries(!message.order.problem.libraries.empty());
      answer.verdict = TRY(evaluator_->Check(message.order));
      break;
    case DriverMessage::Verb::kMeasure: {
      Verdict checked = message.checked;
      checked.device = info_;
      answer.verdict = TRY(evaluator_->Measure(message.order, std::move(checked)));
      break;
    }
  }
  answer.verdict.sandbox = sandbox_label_;
  answer.verdict.device = info_;
  return answer;
}

int JudgeProcess::Run() {
  for (;;) {
    auto line = socket_.Read(Milliseconds(3'600'000), {});
    if (!line.ok()) return 1;
    if (!line.value().has_value()) continue;
    if (line.value()->closed) return 0;
    const auto message = ParseDriverMessage(line.value()->text);
    if (!message.ok()) {
      std::fprintf(stderr, "%s\n", message.error().message.c_str());
      return 1;
    }
    current_ = message.value().id;
    heart_.Begin(current_);
    auto answer = Answer(message.value());
    heart_.End();
    JudgeMessage reply;
    if (answer.ok()) {
      reply = std::move(answer).value();
    } else {
      reply.reply = JudgeMessage::Reply::kError;
      reply.error = answer.error();
    }
    reply.id = current_;
    if (!heart_.Write(reply).ok()) return 0;
  }
}

}  // namespace

int JudgeMain(int argc, char** argv, DeviceFactory& devices) {
  auto arguments = ParsePairs(argc, argv);
  if (!arguments.has_value() || arguments->count("--socket") == 0) {
    std::fputs("caesar judge: started by caesar itself, not by people\n", stderr);
    return 2;
  }
  LineSocket socket(Fd(std::atoi(arguments->at("--socket").c_str())));
  return JudgeProcess(std::move(*arguments), devices, socket).Run();
}

}  // namespace caesar
