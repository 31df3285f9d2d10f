// A SandboxPolicy made ready for a child that may make nothing but system calls. Internal to
// src/sys: process_posix.cpp makes the plan, supervisor.cpp carries it out.
#pragma once

#include <linux/filter.h>
#include <sys/resource.h>

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "sys/fd.h"
#include "sys/sandbox.h"

namespace caesar {

struct SandboxLimit {
  int resource;  // RLIMIT_...
  rlim_t most;   // soft and hard, where they are not lower already
};

struct SandboxPlan {
  UniqueFd ruleset;                 // of Landlock; closed where the kernel has none
  std::uint64_t own_proc = 0;       // Landlock's rights on the child's own folder of /proc; 0: none
  std::vector<sock_filter> filter;  // empty where the kernel has no seccomp
  std::vector<SandboxLimit> limits;
};

// `program` may be executed, with its loader, whatever the policy says. `support`: for the kernel
// that runs here, or a part of what it can do.
Result<SandboxPlan> MakeSandboxPlan(const SandboxPolicy& policy, const std::string& program,
                                    const SandboxSupport& support = ProbeSandbox());

// In the child, single-threaded, just before exec. False with errno set if the kernel refused a
// step; the child must not go on then. Async-signal-safe.
bool EnterSandbox(const SandboxPlan& plan);

}  // namespace caesar
