#include "sys/command_group.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <string_view>

#include "base/format.h"
#include "base/strings.h"
#include "sys/group_place.h"
#include "sys/process.h"

namespace caesar {
namespace {

constexpr int kNamesMax = 4;  // tried: others may have one, or take it away
constexpr int kRemoveTriesMax = 100;
constexpr int kRemoveRetryMs = 1;

// As of Linux 5.7, so that a binary built with older headers has it too.
struct CloneArguments {
  std::uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid,
      set_tid_size, cgroup;
};
constexpr long kClone3 = 435;
constexpr std::uint64_t kIntoCgroup = 0x200000000;

void Set(int folder, const char* name, const std::string& value) {
  const UniqueFd file(::openat(folder, name, O_WRONLY | O_CLOEXEC));
  if (file.open()) static_cast<void>(WriteAll(file.get(), value));
}

// What is not there, as without a controller, limits nothing.
void Limit(int folder, const GroupPlace& place, const GroupLimits& limits) {
  if (place.tasks && limits.tasks != 0) Set(folder, "pids.max", std::to_string(limits.tasks));
  if (!place.memory || limits.memory_bytes == 0) return;
  Set(folder, "memory.max", std::to_string(limits.memory_bytes));
  Set(folder, "memory.swap.max", "0");   // or the limit would be that of the swap space
  Set(folder, "memory.oom.group", "1");  // half a compiler is of no use
}

}  // namespace

pid_t GroupHandle::Fork() const {
  if (folder >= 0) {
    CloneArguments arguments{};
    arguments.flags = kIntoCgroup;
    arguments.exit_signal = SIGCHLD;
    arguments.cgroup = static_cast<std::uint64_t>(folder);
    const long pid = ::syscall(kClone3, &arguments, sizeof arguments);
    if (pid >= 0) return static_cast<pid_t>(pid);
  }
  return ::_Fork();  // unlike fork(), runs no handlers of other libraries
}

void GroupHandle::Kill() const {
  if (kill >= 0) static_cast<void>(Uninterrupted([&] { return ::write(kill, "1", 1); }));
}

bool GroupHandle::RanOutOfMemory() const {
  if (folder < 0) return false;
  const int file = ::openat(folder, "memory.events", O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  char text[1024];
  const ssize_t count = Uninterrupted([&] { return ::read(file, text, sizeof text); });
  ::close(file);
  constexpr std::string_view kWord = "\noom_kill ";
  const std::string_view events(text, count > 0 ? static_cast<std::size_t>(count) : 0);
  const std::size_t at = events.find(kWord);
  return at != std::string_view::npos && at + kWord.size() < events.size() &&
         events[at + kWord.size()] != '0';
}

void GroupHandle::Remove() const {
  if (folder < 0) return;
  for (int i = 0; i < kRemoveTriesMax; ++i) {
    if (::unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno != EBUSY) return;
    ::poll(nullptr, 0, kRemoveRetryMs);
  }
}

CommandGroup CommandGroup::Make(const GroupLimits& limits) {
  const GroupPlace& place = OwnGroupPlace();
  static std::atomic<unsigned> made;
  for (int i = 0; place.folder.open() && i < kNamesMax; ++i) {
    const std::string name = Format("{}{}-{}", kGroupPrefix, ::getpid(), ++made);
    if (::mkdirat(place.folder.get(), name.c_str(), 0755) != 0) {
      if (errno == EEXIST) continue;
      break;
    }
    CommandGroup group;
    group.name_ = name;
    group.folder_.Reset(
        ::openat(place.folder.get(), name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    group.kill_.Reset(::openat(group.folder_.get(), "cgroup.kill", O_WRONLY | O_CLOEXEC));
    // Another caesar that starts just now may have taken it for a leftover: before we had the lock,
    // or just as we wanted it.
    const bool ours = group.kill_.open() && ::flock(group.kill_.get(), LOCK_EX | LOCK_NB) == 0 &&
                      ::faccessat(group.folder_.get(), "cgroup.procs", W_OK, AT_EACCESS) == 0;
    if (!ours) continue;  // and is removed
    Limit(group.folder_.get(), place, limits);
    return group;
  }
  return {};
}

CommandGroup::~CommandGroup() {
  handle().Kill();
  handle().Remove();
}

GroupHandle CommandGroup::handle() const {
  if (!folder_.open()) return {};
  return {OwnGroupPlace().folder.get(), folder_.get(), kill_.get(), name_.c_str()};
}

GroupSupport ProbeGroups(Processes& processes) {
  GroupSupport support;
  const GroupPlace& place = OwnGroupPlace();
  if (!place.folder.open()) {
    support.why_not = place.why_not;
    return support;
  }
  Command command;
  command.argv = {"/bin/cat", "/proc/self/cgroup"};
  command.environment = {"LC_ALL=C"};
  command.sandbox.emplace();
  command.sandbox->read = {"/etc/ld.so.cache", "/lib", "/lib64", "/usr/lib", "/usr/lib64"};
  command.sandbox->own_proc = true;
  const Result<ProcessEnd> end = processes.Run(command, Milliseconds(10'000), {});
  const std::string said = end.ok() ? end.value().output : "";
  for (const std::string_view line : Lines(said)) {
    const std::string_view group = line.substr(std::min(line.size(), line.rfind('/') + 1));
    if (StartsWith(line, "0::") && StartsWith(group, kGroupPrefix)) support.kills = true;
  }
  if (!support.kills) {
    support.why_not =
        "the kernel puts no process into a group that caesar makes (it needs Linux 5.14; a "
        "container may forbid it)";
    return support;
  }
  support.tasks = place.tasks;
  support.memory = place.memory;
  support.no_limits = place.no_limits;
  return support;
}

}  // namespace caesar
