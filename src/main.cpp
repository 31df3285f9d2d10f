// The program: dispatches the two hidden processes of judging, builds the real world, and maps
// every end to an exit code.
#include <fcntl.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigaction is POSIX, not C
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>
#include <vector>

#include "base/format.h"
#include "base/log.h"
#include "base/strings.h"
#include "build/toolkit.h"
#include "cli/cli.h"
#include "cli/context.h"
#include "cuda/factory.h"
#include "judge/main.h"
#include "report/sink.h"
#include "sim/factory.h"
#include "sys/keyboard.h"

namespace caesar {
namespace {

StopSource* stop_source = nullptr;
std::atomic<StopLevel> first_interrupt{StopLevel::kNow};

// Async-signal-safe: an atomic, write(), and Request(), which is.
void OnSignal(int number) {
  const int saved_errno = errno;
  const StopLevel before = stop_source->level();
  const StopLevel asked =
      number == SIGINT && before == StopLevel::kNone ? first_interrupt.load() : StopLevel::kNow;
  stop_source->Request(asked);
  constexpr char kFinishing[] =
      "\ncaesar: finishing this step and saving it; interrupt again to stop at once\n";
  constexpr char kStopping[] = "\ncaesar: stopping\n";
  ssize_t ignored = 0;
  if (asked == StopLevel::kAfterStep) {
    ignored = ::write(STDERR_FILENO, kFinishing, sizeof(kFinishing) - 1);
  } else if (before != StopLevel::kNow) {
    ignored = ::write(STDERR_FILENO, kStopping, sizeof(kStopping) - 1);
  }
  static_cast<void>(ignored);
  errno = saved_errno;
}

void CatchSignals(StopLevel first) {
  first_interrupt = first;
  struct sigaction action {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART;  // waits watch the stop source's descriptor instead
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

std::string FromEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

// Names alone: a value may be a key.
std::vector<std::string> OwnVariables() {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (StartsWith(text, "CAESAR_")) names.emplace_back(text.substr(0, text.find('=')));
  }
  return names;
}

Result<std::string> ReadStandardInput(std::size_t bytes_max) {
  std::string input;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (got == 0) return input;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return Error{ErrorCode::kIo, Format("cannot read standard input: {}", std::strerror(errno)),
                   ""};
    input.append(buffer, static_cast<std::size_t>(got));
    if (input.size() > bytes_max)
      return Error{ErrorCode::kBadInput,
                   Format("standard input is larger than {} bytes", bytes_max), ""};
  }
}

Result<std::unique_ptr<Compiler>> RealCompiler(const RunConfig& config) {
  if (config.sandbox == SandboxMode::kBestEffort) {
    for (const std::string& lacking : Lacking(ProbeSandbox())) LogWarning("sandbox: {}", lacking);
  }
  Toolkit toolkit = TRY(FindToolkit(RealFiles(), RealProcesses()));
  return MakeCompiler(std::move(toolkit), DefaultCache(), ScratchFiles(), RealProcesses(),
                      RealClock(), config.sandbox);
}

// CAESAR_JUDGE names a stand-in for `caesar judge` that speaks its protocol; the tests have one.
std::unique_ptr<Judge> RealJudge(const RunConfig& run) {
  const std::string stand_in = FromEnvironment("CAESAR_JUDGE");
  const Result<Toolkit> toolkit = FindToolkit(RealFiles(), RealProcesses());
  JudgeClientConfig config;
  config.program = stand_in.empty() ? "/proc/self/exe" : stand_in;
  config.device = run.device;
  config.sandbox = run.sandbox;
  if (toolkit.ok()) config.toolkit = toolkit.value().home;
  config.cache = DefaultCache().folder;
  return MakeJudgeClient(std::move(config), RealProcesses(), RealClock());
}

// A caller may have closed them; the next file that is opened would take their place, and get our
// output.
void OpenStandardStreams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    // The lowest free number is `fd`, since the ones below are open by now.
    static_cast<void>(!::open("/dev/null", O_RDWR));
  }
}

int Main(int argc, char** argv) {
  OpenStandardStreams();
  // A reader that goes away, a judge that dies: errors of write(), not our death.
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error like a full disk
  const std::string first = argc > 1 ? argv[1] : "";
  DevicesWithSimulator devices(CudaDevices());
  if (first == "judge") return JudgeMain(argc, argv, devices);
  if (first == "runner") return RunnerMain(argc, argv, devices);

  StopSource stop;
  stop_source = &stop;
  const bool dumb = FromEnvironment("TERM") == "dumb";
  FdSink out(STDOUT_FILENO, "standard output", dumb);
  FdSink err(STDERR_FILENO, "standard error", dumb);
  FdKeyboard keyboard(STDIN_FILENO, STDERR_FILENO);
  CliContext context{RealFiles(),       RealProcesses(), RealHttp(), RealClock(),
                     FromEnvironment,   StopToken(stop), out,        err,
                     ReadStandardInput, CatchSignals,    RealJudge,  RealCompiler,
                     &keyboard,         OwnVariables()};
  const int code = RunCli({argv + 1, argv + argc}, context);
  // A handler may still run: it must not find a dead source.
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGTERM, SIG_IGN);
  return code;
}

}  // namespace
}  // namespace caesar

// The only catch-all: whatever comes here is a bug of ours, or memory that ran out.
int main(int argc, char** argv) {
  try {
    return caesar::Main(argc, argv);
  } catch (const std::exception& error) {
    const std::string text =
        std::string("caesar: internal error: ") + caesar::ForTerminal(error.what()) + "\n";
    static_cast<void>(!::write(STDERR_FILENO, text.data(), text.size()));
    return 4;
  }
}
