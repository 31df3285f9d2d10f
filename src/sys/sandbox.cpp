#include "sys/sandbox.h"

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "base/check.h"
#include "base/format.h"
#include "base/strings.h"
#include "sys/file_error.h"
#include "sys/host_memory.h"
#include "sys/landlock.h"
#include "sys/seccomp_filter.h"

namespace caesar {
namespace {

std::string WhyNoLandlock(int error_number) {
  switch (error_number) {
    case ENOSYS:
      return "the kernel has no Landlock (it came with Linux 5.13)";
    case EOPNOTSUPP:
      return "Landlock is not in the kernel's list of security modules (boot parameter lsm=)";
    default:
      return Format("Landlock cannot be used here: {} (a container may forbid it)",
                    SystemMessage(error_number));
  }
}

bool HasSeccompAction(std::uint32_t action) {
  return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

// CUDA has about ten threads, nvcc tens of processes; the simulated GPU has one thread for each
// core. A user's limit is often no more than some ten thousand.
constexpr std::uint64_t kTasksMax = 1024;
constexpr std::uint64_t kTasksPerCore = 4;
// nvcc's parts may have 8 GiB each and were never seen to need one. What is left keeps the judge
// and the rest of the machine alive.
constexpr std::uint64_t kMemoryLeastBytes = std::uint64_t{4} << 30;

}  // namespace

GroupLimits LimitsOfHost() {
  const std::uint64_t cores = std::thread::hardware_concurrency();
  return {std::max(kTasksMax, kTasksPerCore * cores),
          std::max(kMemoryLeastBytes, HostMemoryBytes() / 4 * 3)};
}

std::string_view Name(SandboxMode mode) {
  switch (mode) {
    case SandboxMode::kRequired:
      return "required";
    case SandboxMode::kBestEffort:
      return "best-effort";
    case SandboxMode::kOff:
      return "off";
  }
  CHECK(false);
}

std::optional<SandboxMode> SandboxModeOf(std::string_view name) {
  for (const SandboxMode mode :
       {SandboxMode::kRequired, SandboxMode::kBestEffort, SandboxMode::kOff}) {
    if (Name(mode) == name) return mode;
  }
  return std::nullopt;
}

SandboxSupport ProbeSandbox() {
  SandboxSupport support;
  const int abi = landlock::Version();
  if (abi > 0) {
    support.landlock_abi = abi;
  } else {
    support.why_no_landlock = WhyNoLandlock(errno);
  }
  support.seccomp =
      HasSeccompAction(SECCOMP_RET_ERRNO) && HasSeccompAction(SECCOMP_RET_KILL_PROCESS);
  if (!support.seccomp) {
    support.why_no_seccomp = Format(
        "seccomp filters cannot be used here: {} (they need Linux 4.14 and "
        "CONFIG_SECCOMP_FILTER; a container may forbid them)",
        SystemMessage(errno));
  }
  return support;
}

std::vector<std::string> Lacking(const SandboxSupport& support) {
  std::vector<std::string> lacking;
  if (support.landlock_abi == 0) {
    lacking.push_back(support.why_no_landlock +
                      ": a candidate can read and change what you can, files and the memory of "
                      "the judge included, and so its verdict");
  }
  if (!support.seccomp) {
    lacking.push_back(support.why_no_seccomp +
                      ": a candidate can use the network, start programs and end other processes");
  }
  return lacking;
}

std::string SandboxLabel(SandboxMode mode, const SandboxSupport& support) {
  if (mode == SandboxMode::kOff) return "off";
  if (support.full()) return "full";
  std::vector<std::string> without;
  if (support.landlock_abi == 0) without.emplace_back("no Landlock");
  if (!support.seccomp) without.emplace_back("no seccomp");
  return "partial: " + Join(without, ", ");
}

Status CheckSandbox(SandboxMode mode, const SandboxSupport& support) {
  if (mode != SandboxMode::kRequired || support.full()) return {};
  return Error{ErrorCode::kEnvironment, "the sandbox that is required cannot be had on this system",
               Join(Lacking(support), "\n") +
                   "\n--sandbox best-effort does without, for code that you trust."};
}

Status SealProcess() {
  if (!ProbeSandbox().seccomp) return {};
  std::vector<sock_filter> filter = MakeFilter(SealFilter{::getpid()});
  const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
  const auto failed = [](const char* step) {
    return Error{ErrorCode::kEnvironment,
                 Format("the sandbox could not be closed: {}: {}", step, SystemMessage(errno)), ""};
  };
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no_new_privs");
  const long sealed =
      ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
  if (sealed > 0) errno = EBUSY;  // the thread that has other filters than we
  return sealed == 0 ? Status() : failed("seccomp");
}

}  // namespace caesar
