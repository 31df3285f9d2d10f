// The process between us and a command. It is forked, never exec'ed, and does four things: it
// starts the command, adopts every orphan among the command's descendants (PR_SET_CHILD_SUBREAPER),
// kills them all when the command has ended, when we close our end of the control socket or when we
// die, and only then reports how the command ended.
//
// Our process may have many threads when it forks, so nothing here allocates, locks or throws:
// system calls only.
#pragma once

#include <sys/types.h>

#include <span>

#include "sys/command_group.h"
#include "sys/process.h"

namespace caesar {

struct SandboxPlan;

// All that the supervisor needs, made before the fork. The descriptors are close-on-exec and stay
// ours.
struct SupervisorPlan {
  const char* program = nullptr;
  char* const* argv = nullptr;
  char* const* environment = nullptr;
  const char* folder = nullptr;  // or null
  int input = -1;
  int output = -1;
  int errors = -1;
  std::span<const InheritedFd> inherited;  // sorted by `theirs`, all of them above 2 and different
  std::span<int> scratch;                  // one per inherited descriptor
  int control = -1;                        // the supervisor's end of a SOCK_SEQPACKET pair
  pid_t parent = -1;
  const SandboxPlan* sandbox = nullptr;  // or null
  GroupHandle group;
};

// What the supervisor sends: kStarted or kFailed once, and after kStarted one kEnded.
struct SupervisorMessage {
  enum class Kind : int { kStarted, kFailed, kEnded } kind;
  enum class Step : int {
    kNone,
    kSupervisor,
    kFork,
    kSandbox,
    kFolder,
    kDescriptors,
    kExec
  } step;             // kFailed
  int value;          // kStarted: the command's pid; kFailed: errno; kEnded: its wait status
  int survivors;      // kEnded: 1 if some descendant could not be killed in time
  int out_of_memory;  // kEnded: 1 if one was killed for using more than the limit
};

// Runs in the forked child, with all signals blocked.
[[noreturn]] void Supervise(const SupervisorPlan& plan);

}  // namespace caesar
