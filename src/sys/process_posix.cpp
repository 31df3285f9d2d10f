// RealProcesses(): our side of a child process. The other side is supervisor.cpp.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/check.h"
#include "base/format.h"
#include "base/log.h"
#include "sys/command_group.h"
#include "sys/fd.h"
#include "sys/file_error.h"
#include "sys/group_place.h"
#include "sys/process.h"
#include "sys/program_path.h"
#include "sys/sandbox_plan.h"
#include "sys/supervisor.h"

namespace caesar {
namespace {

using std::chrono::steady_clock;

constexpr int kInheritedNumberMax = 1023;
constexpr Milliseconds kWaitMax = std::chrono::hours(24 * 365);
constexpr Milliseconds kKillMax{30'000};  // longer than the supervisor's own limit
constexpr std::size_t kLeftInPipesMax = std::size_t{4} << 20;  // more than a pipe holds

Error CannotStart(std::string_view what, int error_number) {
  return Error{ErrorCode::kEnvironment,
               Format("cannot start a process: {}: {}", what, SystemMessage(error_number)), ""};
}

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> MakeOutputPipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return CannotStart("pipe", errno);
  Pipe pipe{UniqueFd(fds[0]), UniqueFd(fds[1])};
  ::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK);  // our end only: each end has its own flags
  return pipe;
}

Result<UniqueFd> MakeInput(const std::string& input) {
  if (input.empty()) {
    UniqueFd null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!null.open()) return CannotStart("/dev/null", errno);
    return null;
  }
  // A file in memory needs nobody to feed it, so that no order of reads and writes can block.
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif
  UniqueFd file(::memfd_create("input", MFD_CLOEXEC | MFD_NOEXEC_SEAL));
  if (!file.open() && errno == EINVAL)
    file.Reset(::memfd_create("input", MFD_CLOEXEC));  // before Linux 6.3
  if (!file.open() || !WriteAll(file.get(), input) || ::lseek(file.get(), 0, SEEK_SET) != 0) {
    return CannotStart("its standard input", errno);
  }
  return file;
}

// Null-terminated, as execve() wants it. Valid while `strings` is.
std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (const std::string& text : strings) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<InheritedFd> SortedInherited(const Command& command) {
  std::vector<InheritedFd> sorted = command.inherited;
  std::sort(sorted.begin(), sorted.end(), [](auto a, auto b) { return a.theirs < b.theirs; });
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    CHECK(sorted[i].ours >= 0);
    CHECK(sorted[i].theirs > STDERR_FILENO && sorted[i].theirs <= kInheritedNumberMax);
    CHECK(i == 0 || sorted[i - 1].theirs != sorted[i].theirs);
  }
  return sorted;
}

Error StartError(const SupervisorMessage& message, const Command& command,
                 const std::string& program) {
  using Step = SupervisorMessage::Step;
  const char* if_denied = command.sandbox && message.value == EACCES
                              ? "In the sandbox root is a user like any other: the file and the "
                                "folders above it must be open to it. --sandbox off does without."
                              : "";
  switch (message.step) {
    case Step::kFolder:
      return Error{ErrorCode::kEnvironment,
                   Format("cannot run {} in the folder {}: {}", program, command.folder,
                          SystemMessage(message.value)),
                   if_denied};
    case Step::kExec:
      return Error{ErrorCode::kEnvironment,
                   Format("cannot run {}: {}", program, SystemMessage(message.value)),
                   message.value == ENOENT
                       ? "The file exists, but the interpreter or loader that it names does not."
                   : message.value == ENOEXEC
                       ? "It is neither a program for this machine nor a script with a #! line."
                       : if_denied};
    case Step::kFork:
      return CannotStart("fork", message.value);
    case Step::kSandbox:
      return Error{ErrorCode::kEnvironment,
                   Format("the kernel refused the sandbox for {}: {}", program,
                          SystemMessage(message.value)),
                   "--sandbox off does without, for code that you trust."};
    case Step::kDescriptors:
      return CannotStart("its file descriptors", message.value);
    case Step::kNone:
    case Step::kSupervisor:
      break;
  }
  return CannotStart("its supervisor", message.value);
}

// One of the command's two output streams.
struct Stream {
  UniqueFd fd;
  std::string* text;
};

class PosixChild : public Child {
 public:
  PosixChild(steady_clock::time_point start, pid_t supervisor, CommandGroup group, UniqueFd control,
             UniqueFd output, UniqueFd errors, std::size_t bytes_max)
      : start_(start),
        supervisor_(supervisor),
        group_(std::move(group)),
        control_(std::move(control)),
        streams_{{std::move(output), &end_.output}, {std::move(errors), &end_.errors}},
        bytes_max_(bytes_max) {}

  ~PosixChild() override { Kill(); }

  // The first message: the command runs, or why not.
  Result<SupervisorMessage> AwaitStart() {
    const std::optional<SupervisorMessage> message = Receive();
    if (!message) {
      ReapSupervisor();
      return CannotStart("its supervisor was killed", EINTR);
    }
    if (message->kind == SupervisorMessage::Kind::kStarted) {
      pid_ = message->value;
    } else {
      ReapSupervisor();
    }
    return *message;
  }

  int pid() const override { return pid_; }

  Result<std::optional<ProcessEnd>> Wait(Milliseconds timeout, StopToken stop) override {
    const auto deadline = steady_clock::now() + std::min(timeout, kWaitMax);
    while (!ended_) {
      if (stop.now()) {
        Kill();
        end_.how = ProcessEnd::How::kStopped;
        break;
      }
      const auto left = std::chrono::ceil<Milliseconds>(deadline - steady_clock::now());
      PollOnce(std::max(left, Milliseconds(0)), stop.wake_fd());
      if (!ended_ && left <= Milliseconds(0)) return std::optional<ProcessEnd>();
    }
    return std::optional(end_);
  }

  void Kill() override {
    if (ended_) return;
    ::shutdown(control_.get(), SHUT_WR);
    const auto deadline = steady_clock::now() + kKillMax;
    while (!ended_ && steady_clock::now() < deadline + kKillMax) {
      PollOnce(Milliseconds(1'000), -1);
      if (steady_clock::now() > deadline)
        ::kill(supervisor_, SIGKILL);  // somebody stopped it; its socket now ends
    }
    // A judge that was killed leaves the groups of its runners, though nobody in them.
    RemoveStaleGroups(OwnGroupPlace().folder.get());
  }

  // For a child that Run() had to kill.
  ProcessEnd KillAtDeadline() {
    Kill();
    end_.how = ProcessEnd::How::kTimedOut;
    return std::move(end_);
  }

 private:
  // Waits for output, the end or `wake_fd`, and handles what came.
  void PollOnce(Milliseconds timeout, int wake_fd) {
    pollfd waits[] = {{.fd = control_.get(), .events = POLLIN, .revents = 0},
                      {.fd = streams_[0].fd.get(), .events = POLLIN, .revents = 0},
                      {.fd = streams_[1].fd.get(), .events = POLLIN, .revents = 0},
                      {.fd = wake_fd, .events = POLLIN, .revents = 0}};
    constexpr Milliseconds kPollMax{3'600'000};
    if (::poll(waits, 4, static_cast<int>(std::min(timeout, kPollMax).count())) <= 0) return;
    if (waits[1].revents != 0) ReadSome(streams_[0]);
    if (waits[2].revents != 0) ReadSome(streams_[1]);
    if (waits[0].revents != 0) Finish(Receive());
  }

  // Reads once; closes the stream at its end. The number of bytes read.
  std::size_t ReadSome(Stream& stream) {
    char buffer[64 * 1024];
    const ssize_t count =
        Uninterrupted([&] { return ::read(stream.fd.get(), buffer, sizeof buffer); });
    if (count < 0 && errno == EAGAIN) return 0;
    if (count <= 0) {
      stream.fd.Reset();
      return 0;
    }
    const auto bytes = static_cast<std::size_t>(count);
    const std::size_t kept = std::min(bytes, bytes_max_ - stream.text->size());
    stream.text->append(buffer, kept);
    end_.output_cut |= kept < bytes;
    return bytes;
  }

  std::optional<SupervisorMessage> Receive() {
    SupervisorMessage message{};
    const ssize_t count =
        Uninterrupted([&] { return ::recv(control_.get(), &message, sizeof message, 0); });
    if (count != static_cast<ssize_t>(sizeof message)) return std::nullopt;
    return message;
  }

  void Finish(const std::optional<SupervisorMessage>& message) {
    if (!message) {
      // Somebody killed the supervisor; the command died with it, and its groups are the best we
      // can still reach.
      ::kill(-pid_, SIGKILL);
      group_.handle().Kill();
      LogWarning("the supervisor of process {} was killed; descendants of it may be left", pid_);
    } else if (message->survivors != 0) {
      LogWarning("descendants of process {} could not be killed and may still run", pid_);
    }
    ReapSupervisor();
    // No writer is left, so what the pipes hold now is all. The limit is for a pipe that was handed
    // to a stranger.
    for (Stream& stream : streams_) {
      for (std::size_t total = 0, count = 1;
           stream.fd.open() && count > 0 && total < kLeftInPipesMax; total += count) {
        count = ReadSome(stream);
      }
      stream.fd.Reset();
    }
    const int status = message ? message->value : SIGKILL;
    end_.how = WIFEXITED(status) ? ProcessEnd::How::kExited : ProcessEnd::How::kSignaled;
    end_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    end_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    end_.out_of_memory = message && message->out_of_memory != 0;
    end_.wall = std::chrono::duration_cast<Milliseconds>(steady_clock::now() - start_);
  }

  void ReapSupervisor() {
    Uninterrupted([&] { return ::waitpid(supervisor_, nullptr, 0); });
    ended_ = true;
  }

  const steady_clock::time_point start_;
  const pid_t supervisor_;
  const CommandGroup group_;
  const UniqueFd control_;
  ProcessEnd end_;
  Stream streams_[2];
  const std::size_t bytes_max_;
  pid_t pid_ = -1;
  bool ended_ = false;
};

// Forks the supervisor. All signals are blocked meanwhile: a handler of ours must not run in the
// copy.
pid_t ForkSupervisor(const SupervisorPlan& plan) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = ::fork();
  if (pid == 0) Supervise(plan);
  const int error_number = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error_number;
  return pid;
}

Result<std::unique_ptr<PosixChild>> StartChild(const Command& command) {
  CHECK(!command.argv.empty());
  const std::string program = TRY(FindProgram(command.argv[0]));
  Pipe output = TRY(MakeOutputPipe());
  Pipe errors = TRY(MakeOutputPipe());
  const UniqueFd input = TRY(MakeInput(command.input));
  int sockets[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) != 0)
    return CannotStart("socketpair", errno);
  UniqueFd control(sockets[0]);
  UniqueFd supervisor_control(sockets[1]);

  const std::vector<char*> argv = Pointers(command.argv);
  const std::vector<char*> environment = Pointers(command.environment);
  const std::vector<InheritedFd> inherited = SortedInherited(command);
  std::vector<int> scratch(inherited.size());
  SandboxPlan sandbox;
  if (command.sandbox) sandbox = TRY(MakeSandboxPlan(*command.sandbox, program));
  OwnGroupPlace();  // before our first child, also where that one gets no group
  CommandGroup group =
      command.sandbox ? CommandGroup::Make(command.sandbox->together) : CommandGroup();
  SupervisorPlan plan;
  plan.sandbox = command.sandbox ? &sandbox : nullptr;
  plan.group = group.handle();
  plan.program = program.c_str();
  plan.argv = argv.data();
  plan.environment = environment.data();
  plan.folder = command.folder.empty() ? nullptr : command.folder.c_str();
  plan.input = input.get();
  plan.output = output.write.get();
  plan.errors = errors.write.get();
  plan.inherited = inherited;
  plan.scratch = scratch;
  plan.control = supervisor_control.get();
  plan.parent = ::getpid();
  const auto start = steady_clock::now();
  const pid_t pid = ForkSupervisor(plan);
  if (pid < 0) return CannotStart("fork", errno);

  supervisor_control.Reset();  // or the death of the supervisor would not end its socket
  auto child = std::make_unique<PosixChild>(start, pid, std::move(group), std::move(control),
                                            std::move(output.read), std::move(errors.read),
                                            command.output_bytes_max);
  const SupervisorMessage message = TRY(child->AwaitStart());
  if (message.kind != SupervisorMessage::Kind::kStarted)
    return StartError(message, command, program);
  return child;
}

class PosixProcesses : public Processes {
 public:
  Result<std::unique_ptr<Child>> Start(const Command& command) override {
    return std::unique_ptr<Child>(TRY(StartChild(command)));
  }

  Result<ProcessEnd> Run(const Command& command, Milliseconds timeout, StopToken stop) override {
    const std::unique_ptr<PosixChild> child = TRY(StartChild(command));
    std::optional<ProcessEnd> end = TRY(child->Wait(timeout, stop));
    return end ? *std::move(end) : child->KillAtDeadline();
  }
};

}  // namespace

Processes& RealProcesses() {
  static PosixProcesses processes;
  return processes;
}

}  // namespace caesar
