#include "sys/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <initializer_list>

#include "sys/fd.h"
#include "sys/sandbox_plan.h"

namespace caesar {
namespace {

using Kind = SupervisorMessage::Kind;
using Step = SupervisorMessage::Step;

constexpr int kKillSecondsMax =
    20;  // a process in the kernel (a driver call) dies only when it comes back
constexpr int kKillRetryMs = 5;

// Closes the descriptors `first` to `last`.
void CloseRange(unsigned first, unsigned last) {
  if (first > last || ::syscall(SYS_close_range, first, last, 0) == 0) return;
  constexpr unsigned kWithoutCloseRange = 1U << 16;  // kernels before 5.9
  for (unsigned fd = first; fd <= std::min(last, kWithoutCloseRange); ++fd)
    ::close(static_cast<int>(fd));
}

// ---- In the command's process, between fork and exec.

struct Failed {
  Step step;
  int error_number;
};

// Gives every descriptor its number and closes all others. Returns the new number of `status`, or
// -1.
int ArrangeDescriptors(const SupervisorPlan& plan, int status) {
  int highest = STDERR_FILENO;
  for (const InheritedFd& fd : plan.inherited) highest = std::max(highest, fd.theirs);
  // First above all final numbers, so that none is overwritten while it is still needed.
  const auto lift = [&](int fd) { return ::fcntl(fd, F_DUPFD_CLOEXEC, highest + 2); };
  const int input = lift(plan.input);
  const int output = lift(plan.output);
  const int errors = lift(plan.errors);
  const int lifted_status = lift(status);
  if (input < 0 || output < 0 || errors < 0 || lifted_status < 0) return -1;
  for (std::size_t i = 0; i < plan.inherited.size(); ++i) {
    plan.scratch[i] = lift(plan.inherited[i].ours);
    if (plan.scratch[i] < 0) return -1;
  }
  if (::dup2(input, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0 ||
      ::dup2(errors, STDERR_FILENO) < 0) {
    return -1;
  }
  unsigned next = STDERR_FILENO + 1;
  for (std::size_t i = 0; i < plan.inherited.size(); ++i) {
    const auto theirs = static_cast<unsigned>(plan.inherited[i].theirs);
    CloseRange(next, theirs - 1);
    if (::dup2(plan.scratch[i], plan.inherited[i].theirs) < 0) return -1;
    next = theirs + 1;
  }
  if (::dup3(lifted_status, highest + 1, O_CLOEXEC) < 0) return -1;
  CloseRange(static_cast<unsigned>(highest) + 2, UINT_MAX);
  return highest + 1;
}

void ResetSignals() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) ::sigaction(signal, &standard, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void BecomeCommand(const SupervisorPlan& plan, int status, pid_t supervisor) {
  const auto fail = [&](Step step) {
    const Failed failed{step, errno};
    [[maybe_unused]] const ssize_t written = ::write(status, &failed, sizeof failed);
    ::_exit(127);
  };
  // A session of its own: the terminal's Ctrl-C and hang-up are for us alone.
  ::setsid();
  // If somebody kills the supervisor, at least the command itself does not outlive it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != supervisor) ::_exit(127);
  if (plan.sandbox != nullptr && !EnterSandbox(*plan.sandbox)) fail(Step::kSandbox);
  const int arranged = ArrangeDescriptors(plan, status);
  if (arranged < 0) fail(Step::kDescriptors);
  status = arranged;
  if (plan.folder != nullptr && ::chdir(plan.folder) != 0) fail(Step::kFolder);
  ResetSignals();
  ::execve(plan.program, plan.argv, plan.environment);
  fail(Step::kExec);
  ::_exit(127);
}

// ---- In the supervisor.

// Closes all descriptors but these, which get new numbers. False if the system has none left; they
// are open then all the same.
bool KeepOnly(std::initializer_list<int*> kept) {
  const int count = static_cast<int>(kept.size());
  for (int* fd : kept) {  // first out of the way of each other
    if (*fd < 0) continue;
    const int lifted = ::fcntl(*fd, F_DUPFD_CLOEXEC, count);
    if (lifted < 0) return false;
    *fd = lifted;
  }
  int next = 0;
  for (int* fd : kept) {
    if (*fd < 0) continue;
    if (::dup3(*fd, next, O_CLOEXEC) < 0) return false;
    *fd = next++;
  }
  CloseRange(static_cast<unsigned>(next), UINT_MAX);
  return true;
}

void Send(int control, const SupervisorMessage& message) {
  // If it cannot be sent, nobody is left to read it.
  Uninterrupted([&] { return ::send(control, &message, sizeof message, MSG_NOSIGNAL); });
}

[[noreturn]] void GiveUp(int control, Step step, int error_number) {
  Send(control, {Kind::kFailed, step, error_number, 0, 0});
  ::_exit(0);
}

// Calls `visit` with the pid of each direct child, in whatever state.
// Only we reap them, so each such pid is really a child's when it is signalled, however fast pids
// are reused.
template <class Visit>
void ForEachChild(Visit visit) {
  // Opened anew each time: the file is not meant for rewinding while children come and go.
  const int fd = ::open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  char buffer[4096];
  pid_t pid = 0;
  for (;;) {
    const ssize_t count = Uninterrupted([&] { return ::read(fd, buffer, sizeof buffer); });
    if (count <= 0) break;
    for (ssize_t i = 0; i < count; ++i) {
      if (buffer[i] >= '0' && buffer[i] <= '9') {
        pid = pid * 10 + (buffer[i] - '0');  // may go on in the next buffer
      } else {
        if (pid > 0) visit(pid);
        pid = 0;
      }
    }
  }
  if (pid > 0) visit(pid);
  ::close(fd);
}

class Supervisor {
 public:
  explicit Supervisor(const SupervisorPlan& plan) : plan_(plan), self_(::getpid()) {}

  [[noreturn]] void Run() {
    ::setsid();
    ::prctl(PR_SET_NAME, "caesar-watch");
    if (::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) GiveUp(plan_.control, Step::kSupervisor, errno);
    CatchSignals();
    Start();
    WaitForEnd();
    const bool all_gone = KillAll();
    const bool out_of_memory = plan_.group.RanOutOfMemory();
    if (all_gone) plan_.group.Remove();
    Send(plan_.control,
         {Kind::kEnded, Step::kNone, wait_status_, all_gone ? 0 : 1, out_of_memory ? 1 : 0});
    ::_exit(0);
  }

 private:
  void CatchSignals() {
    struct sigaction standard {};
    standard.sa_handler =
        SIG_DFL;  // we may have been told to ignore it, and then could not wait for children
    ::sigaction(SIGCHLD, &standard, nullptr);
    // SIGTERM comes also when merely the thread that forked us ends; our parent's pid tells the
    // cases apart. The control socket tells of its death too, unless another child of it still
    // holds a copy.
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigset_t caught;
    ::sigemptyset(&caught);
    ::sigaddset(&caught, SIGCHLD);
    ::sigaddset(&caught, SIGTERM);
    signals_ = ::signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals_ < 0) GiveUp(plan_.control, Step::kSupervisor, errno);
  }

  void Start() {
    int status[2];
    if (::pipe2(status, O_CLOEXEC) != 0) GiveUp(plan_.control, Step::kSupervisor, errno);
    command_ = plan_.group.Fork();
    if (command_ < 0) GiveUp(plan_.control, Step::kFork, errno);
    if (command_ == 0) BecomeCommand(plan_, status[1], self_);
    ::close(status[1]);
    Failed failed{};
    const ssize_t count = Uninterrupted([&] { return ::read(status[0], &failed, sizeof failed); });
    ::close(status[0]);
    if (count == static_cast<ssize_t>(sizeof failed)) {
      ::waitpid(command_, nullptr, 0);
      GiveUp(plan_.control, failed.step, failed.error_number);
    }
    // Now it runs. What it inherited must not stay open here: others wait for the end of these
    // files.
    GroupHandle& group = plan_.group;
    if (!KeepOnly({&plan_.control, &signals_, &group.parent, &group.folder, &group.kill})) {
      KillAll();
      GiveUp(plan_.control, Step::kSupervisor, EMFILE);
    }
    Send(plan_.control, {Kind::kStarted, Step::kNone, command_, 0, 0});
  }

  void WaitForEnd() {
    while (!Reap() && !ended_ && ::getppid() == plan_.parent) {
      pollfd waits[] = {{.fd = plan_.control, .events = POLLIN, .revents = 0},
                        {.fd = signals_, .events = POLLIN, .revents = 0}};
      ::poll(waits, 2, -1);
      if (waits[0].revents != 0) return;
      DrainSignals();
    }
  }

  void DrainSignals() const {
    signalfd_siginfo info[8];
    while (::read(signals_, info, sizeof info) > 0) {
    }
  }

  // Collects the dead. True if no child is left.
  bool Reap() {
    for (;;) {
      int status = 0;
      const pid_t pid = Uninterrupted([&] { return ::waitpid(-1, &status, WNOHANG | __WALL); });
      if (pid <= 0) return pid < 0 && errno == ECHILD;
      if (pid != command_) continue;
      ended_ = true;
      wait_status_ = status;
    }
  }

  // Kills children until there are none. Those of a dead child become ours, so in the end this
  // reaches every descendant, also one that called setsid() or was orphaned long ago.
  bool KillAll() {
    timespec start{};
    ::clock_gettime(CLOCK_MONOTONIC, &start);
    for (;;) {
      plan_.group.Kill();
      if (!ended_)
        ::kill(-command_, SIGKILL);  // while it is not reaped, its group's number is its own
      ForEachChild([](pid_t pid) { ::kill(pid, SIGKILL); });
      if (Reap()) return true;
      timespec now{};
      ::clock_gettime(CLOCK_MONOTONIC, &now);
      if (now.tv_sec - start.tv_sec > kKillSecondsMax) return false;
      pollfd wait{.fd = signals_, .events = POLLIN, .revents = 0};
      ::poll(&wait, 1, kKillRetryMs);
      DrainSignals();
    }
  }

  SupervisorPlan plan_;
  const pid_t self_;
  pid_t command_ = -1;
  int signals_ = -1;
  int wait_status_ = 0;
  bool ended_ = false;
};

}  // namespace

void Supervise(const SupervisorPlan& plan) { Supervisor(plan).Run(); }

}  // namespace caesar
