// Child processes as a seam. A command is an argv, never a shell line. When a command ends, is
// stopped or passes its deadline, every descendant of it is killed, also those that left its
// process group or were orphaned; the same when our own process dies, by whatever signal. The
// command leads a session of its own, so the terminal's Ctrl-C is ours alone; it starts with
// default signal handlers. A Child belongs to one thread at a time.
//
// Not covered: a command that kills its supervisor on purpose (same user) takes its own process
// group with it, and other descendants may stay. Untrusted code gets a sandbox, in which it cannot.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sys/clock.h"
#include "sys/sandbox.h"
#include "sys/stop.h"

namespace caesar {

struct InheritedFd {
  int ours = -1;    // stays open here
  int theirs = -1;  // number in the child; every other descriptor above 2 is closed there
};

struct Command {
  std::vector<std::string>
      argv;  // argv[0] is a path (relative to our folder), or a name looked up on our PATH
  std::vector<std::string> environment;  // complete: "NAME=value"; nothing of ours is inherited
  std::string folder;                    // working folder; empty: ours
  std::string input;                     // standard input, as a file in memory; empty: /dev/null
  std::size_t output_bytes_max =
      std::size_t{1} << 20;  // kept of each of stdout and stderr; the rest is read and dropped
  std::vector<InheritedFd> inherited;
  std::optional<SandboxPolicy> sandbox;  // empty: it may do what we may
};

struct ProcessEnd {
  enum class How { kExited, kSignaled, kTimedOut, kStopped } how = How::kExited;
  int exit_code = 0;  // kExited
  int signal = 0;     // kSignaled
  std::string output;
  std::string errors;
  bool output_cut = false;     // some of output or errors was dropped
  bool out_of_memory = false;  // the kernel killed something for want of memory; only where
                               // SandboxPolicy::together.memory_bytes holds
  Milliseconds wall{0};
};

// A running child. The destructor kills it and all its descendants, and waits for them.
class Child {
 public:
  virtual ~Child() = default;
  virtual int pid() const = 0;
  // Reads what the child prints while waiting. Empty if it still runs after `timeout`. If `stop`
  // says kNow, kills the child (kStopped). After the end, returns the same end again.
  virtual Result<std::optional<ProcessEnd>> Wait(Milliseconds timeout, StopToken stop) = 0;
  // Returns when all descendants are gone (waits 30 s at most for those that hang in the kernel).
  // Then Wait() tells how.
  virtual void Kill() = 0;
};

class Processes {
 public:
  virtual ~Processes() = default;
  // Errors (kEnvironment): the program does not exist or cannot be started. A non-zero exit is a
  // value.
  virtual Result<std::unique_ptr<Child>> Start(const Command& command) = 0;
  // Start, Wait, and at the deadline Kill (kTimedOut); kStopped if `stop` says kNow.
  virtual Result<ProcessEnd> Run(const Command& command, Milliseconds timeout, StopToken stop) = 0;
};

Processes& RealProcesses();

}  // namespace caesar
