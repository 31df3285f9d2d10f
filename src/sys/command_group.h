// A cgroup (version 2) for each command in a sandbox, where the system lets us make one. It ends
// all processes of the command in one step, however fast they multiply and whoever adopted them,
// and where the controllers are ours to use it limits what they have together. Without it nothing
// else changes: the supervisor then ends the descendants alone.
//
// A group lies below our own, is called "caesar-PID-N", and lives as long as the command. A lock on
// its cgroup.kill, which a process in a sandbox cannot open, says that it is in use: the kernel
// frees it when we and the supervisor are dead, and whoever finds a group without one ends what is
// in there and removes it.
//
// Facts: Documentation/admin-guide/cgroup-v2.rst. Internal to src/sys, but for ProbeGroups().
#pragma once

#include <sys/types.h>

#include <string>

#include "sys/fd.h"
#include "sys/sandbox.h"

namespace caesar {

class Processes;

// A group as the supervisor sees it: borrowed descriptors and a name. Async-signal-safe.
struct GroupHandle {
  int parent = -1;  // the folder that the group's lies in
  int folder = -1;  // -1: there is no group
  int kill = -1;    // cgroup.kill, locked
  const char* name = "";

  // Like fork(), but the child is in the group from its first instruction on. Where the kernel
  // refuses that, or there is no group, it is a plain fork.
  pid_t Fork() const;
  // Kills whatever is in the group.
  void Kill() const;
  // Whether something in it was killed because it used more than the limit of memory.
  bool RanOutOfMemory() const;
  // Waits for those that were killed to leave the group, 0.1 s at most.
  void Remove() const;
};

class CommandGroup {
 public:
  CommandGroup() = default;  // none
  CommandGroup(CommandGroup&&) = default;
  CommandGroup& operator=(CommandGroup&&) = delete;
  ~CommandGroup();  // ends and removes what is left

  // None where it cannot be had.
  static CommandGroup Make(const GroupLimits& limits);

  GroupHandle handle() const;

 private:
  UniqueFd folder_;
  UniqueFd kill_;
  std::string name_;
};

// What holds here; tried with a process.
struct GroupSupport {
  bool kills = false;
  bool tasks = false;     // limits
  bool memory = false;    // limits
  std::string why_not;    // where it does not kill
  std::string no_limits;  // where it kills, and does not limit both: why
};
GroupSupport ProbeGroups(Processes& processes);

}  // namespace caesar
