#include "sys/sandbox_plan.h"

#include <dirent.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/format.h"
#include "sys/file_error.h"
#include "sys/landlock.h"
#include "sys/seccomp_filter.h"

namespace caesar {
namespace {

constexpr std::uint64_t kRead = landlock::kReadFile | landlock::kReadDir;
constexpr std::uint64_t kRun = kRead | landlock::kExecute;
constexpr std::uint64_t kChange = landlock::kWriteFile | landlock::kTruncate;
constexpr std::uint64_t kOwn = kRead | kChange | landlock::kRemoveDir | landlock::kRemoveFile |
                               landlock::kMakeDir | landlock::kMakeReg | landlock::kMakeSym |
                               landlock::kRefer;
constexpr std::uint64_t kDevice = kRead | landlock::kWriteFile | landlock::kIoctlDev;

Error CannotPrepare(const std::string& what, int error_number) {
  return Error{ErrorCode::kEnvironment,
               Format("cannot prepare a sandbox: {}: {}", what, SystemMessage(error_number)), ""};
}

// A set of Landlock's rules in the making.
class Rules {
 public:
  explicit Rules(int abi) : handled_(landlock::HandledFiles(abi)) {
    const landlock::RulesetAttributes attributes{handled_, landlock::HandledNet(abi),
                                                 landlock::Scoped(abi)};
    ruleset_.Reset(landlock::CreateRuleset(attributes, abi));
  }

  bool made() const { return ruleset_.open(); }
  std::uint64_t handled() const { return handled_; }
  UniqueFd Take() { return std::move(ruleset_); }

  // A path that is not there, or that we may not reach ourselves, needs no rule.
  Status Allow(const std::string& path, std::uint64_t rights) {
    const UniqueFd opened(::open(path.c_str(), O_PATH | O_CLOEXEC));
    if (!opened.open()) return {};
    struct stat info {};
    if (::fstat(opened.get(), &info) != 0) return CannotPrepare(path, errno);
    rights &= handled_;
    if (!S_ISDIR(info.st_mode)) rights &= landlock::kOfFiles;
    if (!landlock::Allow(ruleset_.get(), opened.get(), rights)) return CannotPrepare(path, errno);
    return {};
  }

  Status Allow(const std::vector<std::string>& paths, std::uint64_t rights) {
    for (const std::string& path : paths) TRY(Allow(path, rights));
    return {};
  }

 private:
  const std::uint64_t handled_;
  UniqueFd ruleset_;
};

// All of /proc that belongs to no process. Links there lead to processes.
std::vector<std::string> ProcWithoutProcesses() {
  std::vector<std::string> entries;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
  if (folder == nullptr) return entries;
  while (const dirent* entry = ::readdir(folder.get())) {
    const char first = entry->d_name[0];
    if (first == '.' || (first >= '0' && first <= '9') || entry->d_type == DT_LNK) continue;
    entries.push_back(std::string("/proc/") + entry->d_name);
  }
  return entries;
}

// The loader that starts programs like us: the name in our own header.
std::string OwnLoader() {
  std::string loader;
  ::dl_iterate_phdr(
      [](dl_phdr_info* program, std::size_t, void* result) {
        for (int i = 0; i < program->dlpi_phnum; ++i) {
          const auto& header = program->dlpi_phdr[i];
          if (header.p_type != PT_INTERP) continue;
          const auto at = program->dlpi_addr + header.p_vaddr;
          const auto* name =
              reinterpret_cast<const char*>(at);  // NOLINT(performance-no-int-to-ptr)
          *static_cast<std::string*>(result) = name;
        }
        return 1;  // the first one is the program itself
      },
      &loader);
  return loader;
}

Status AddRules(const SandboxPolicy& policy, const std::string& program, SandboxPlan& plan,
                int abi) {
  Rules rules(abi);
  if (!rules.made()) return CannotPrepare("Landlock", errno);
  TRY(rules.Allow(policy.read, kRead));
  TRY(rules.Allow(policy.execute, kRun));
  TRY(rules.Allow({program, OwnLoader()}, kRun));
  TRY(rules.Allow(policy.write, kOwn));
  TRY(rules.Allow(policy.devices, kDevice));
  if (policy.own_proc) {
    TRY(rules.Allow(ProcWithoutProcesses(), kRead));
    plan.own_proc = (kRead | kChange) & rules.handled();
  }
  plan.ruleset = rules.Take();
  return {};
}

std::vector<SandboxLimit> Limits(const SandboxPolicy& policy) {
  std::vector<SandboxLimit> limits = {{RLIMIT_CORE, 0}, {RLIMIT_RTPRIO, 0}, {RLIMIT_NICE, 0}};
  const auto add = [&](int resource, std::uint64_t most) {
    if (most != 0) limits.push_back({resource, most});
  };
  add(RLIMIT_CPU, policy.cpu_seconds_max);
  add(RLIMIT_FSIZE, policy.file_bytes_max);
  add(RLIMIT_AS, policy.address_space_bytes_max);
  return limits;
}

// ---- In the child: system calls only.

bool Limit(const SandboxLimit& limit) {
  rlimit now{};
  if (::getrlimit(static_cast<__rlimit_resource_t>(limit.resource), &now) != 0) return false;
  now.rlim_max = now.rlim_max < limit.most ? now.rlim_max : limit.most;
  now.rlim_cur = now.rlim_cur < limit.most ? now.rlim_cur : limit.most;
  return ::setrlimit(static_cast<__rlimit_resource_t>(limit.resource), &now) == 0;
}

// Nothing is left to a process of root but the files that root owns. The bounding set goes as far
// as we may take it away; with no_new_privs no program can bring anything back anyway.
bool DropCapabilities() {
  for (unsigned long capability = 0; capability < 64; ++capability) {
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) break;  // EINVAL: behind the last one
  }
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  return ::syscall(SYS_capset, &header, none) == 0;
}

bool RestrictFiles(const SandboxPlan& plan) {
  if (plan.own_proc != 0) {
    const int own = ::open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (own < 0) return false;
    const bool allowed = landlock::Allow(plan.ruleset.get(), own, plan.own_proc);
    ::close(own);
    if (!allowed) return false;
  }
  return landlock::RestrictSelf(plan.ruleset.get());
}

// Where memory runs out, the system ends this process before the judge or anybody else's. Written
// with CAP_SYS_RESOURCE, the number is also the least that the process may ever give itself;
// without it, the process can take it back. Without /proc there is nothing to be done.
void EndMeFirst() {
  const int fd = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  [[maybe_unused]] const ssize_t written = ::write(fd, "1000", 4);
  ::close(fd);
}

}  // namespace

Result<SandboxPlan> MakeSandboxPlan(const SandboxPolicy& policy, const std::string& program,
                                    const SandboxSupport& support) {
  TRY(CheckSandbox(policy.required ? SandboxMode::kRequired : SandboxMode::kBestEffort, support));
  SandboxPlan plan;
  if (support.landlock_abi > 0) TRY(AddRules(policy, program, plan, support.landlock_abi));
  if (support.seccomp) plan.filter = MakeFilter(StartFilter{policy.unix_sockets});
  plan.limits = Limits(policy);
  return plan;
}

bool EnterSandbox(const SandboxPlan& plan) {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  for (const SandboxLimit& limit : plan.limits) {
    if (!Limit(limit)) return false;
  }
  EndMeFirst();  // before the capability that makes it last is gone
  if (!DropCapabilities()) return false;
  if (plan.ruleset.open() && !RestrictFiles(plan)) return false;
  if (plan.filter.empty()) return true;
  const sock_fprog program{static_cast<unsigned short>(plan.filter.size()),
                           const_cast<sock_filter*>(plan.filter.data())};
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

}  // namespace caesar
