// What a child process may do: a value that a Command carries (process.h), enforced by the kernel
// through Landlock (files), seccomp (system calls), resource limits, and the loss of every
// capability. It needs neither root nor a helper program, and the child cannot take it off.
//
// Everything that allocates happens here, before the fork (sandbox_plan.h); the child only makes
// system calls.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace caesar {

// What to do where the kernel lacks something: refuse to start, do without it, or try nothing.
enum class SandboxMode { kRequired, kBestEffort, kOff };
std::string_view Name(SandboxMode mode);  // required | best-effort | off
std::optional<SandboxMode> SandboxModeOf(std::string_view name);

// Of all processes of a command together, where the system lets us make a cgroup for it
// (command_group.h). 0: no limit.
struct GroupLimits {
  std::uint64_t tasks = 0;         // processes and threads
  std::uint64_t memory_bytes = 0;  // no swap beside it
};

// What no honest command comes near to, and what leaves enough to others on this machine.
GroupLimits LimitsOfHost();

// Paths that do not exist are skipped; a folder stands for everything beneath it. Links are
// followed now, and the files that they lead to count: a link changed later opens nothing.
struct SandboxPolicy {
  std::vector<std::string> read;     // files and folders
  std::vector<std::string> execute;  // the same, also as programs. The command's own is one anyway
  std::vector<std::string> write;    // folders to read and write in, to make and remove files in
  std::vector<std::string> devices;  // nodes to read, write and control
  // The process's own folder of /proc, to read and to write, and of the rest of /proc all that is
  // not another process's.
  bool own_proc = false;
  bool unix_sockets = false;  // until SealProcess(); other sockets never

  // Resource limits; 0: as they are. No core is ever written, no priority ever raised, and where
  // memory runs out the system ends these processes first.
  std::uint64_t cpu_seconds_max = 0;          // of each process
  std::uint64_t file_bytes_max = 0;           // of a file that is written
  std::uint64_t address_space_bytes_max = 0;  // of each process

  GroupLimits together;

  bool required = false;  // an Error where the kernel cannot enforce all of it
};

// What this kernel can enforce, here (containers may forbid what their kernel could).
struct SandboxSupport {
  int landlock_abi = 0;         // 0: none
  std::string why_no_landlock;  // "the kernel has no Landlock (it came with Linux 5.13)"
  bool seccomp = false;
  std::string why_no_seccomp;

  bool full() const { return landlock_abi > 0 && seccomp; }
};
SandboxSupport ProbeSandbox();

// A sentence for each thing that cannot be enforced, and what that means. Empty where full().
std::vector<std::string> Lacking(const SandboxSupport& support);

// What a verdict says: "full", "partial: no Landlock" or "off".
std::string SandboxLabel(SandboxMode mode, const SandboxSupport& support);

// Error (kEnvironment) if the mode is kRequired and something is lacking.
Status CheckSandbox(SandboxMode mode, const SandboxSupport& support);

// From now on no thread of this process gets a socket, a program, a child or a signal to another
// process, nor outlives its supervisor, nor changes rights, owners or times of files. To be called before the first code of
// others is loaded. Without seccomp it does nothing. Error (kEnvironment): the kernel refused it.
Status SealProcess();

}  // namespace caesar
