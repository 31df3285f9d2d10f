#include "sys/seccomp_filter.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace caesar {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "seccomp_filter.cpp does not know this architecture's name"
#endif

constexpr std::uint32_t kX32Bit = 0x40000000;

// Numbers that older headers lack. From 424 on they are the same on every architecture.
constexpr int kPidfdSendSignal = 424;
constexpr int kIoUringSetup = 425;
constexpr int kIoUringEnter = 426;
constexpr int kIoUringRegister = 427;
constexpr int kOpenTree = 428;
constexpr int kMoveMount = 429;
constexpr int kFsopen = 430;
constexpr int kFsconfig = 431;
constexpr int kFsmount = 432;
constexpr int kFspick = 433;
constexpr int kPidfdOpen = 434;
constexpr int kClone3 = 435;
constexpr int kPidfdGetfd = 438;
constexpr int kProcessMadvise = 440;
constexpr int kMountSetattr = 442;
constexpr int kQuotactlFd = 443;
constexpr int kProcessMrelease = 448;
constexpr int kFchmodat2 = 452;
constexpr int kSetxattrat = 463;
constexpr int kRemovexattrat = 466;
constexpr std::uint32_t kNewestKnown = kRemovexattrat;  // Linux 6.13

// An argument of which the lower 32 bits decide, as they do in the kernel (int, pid_t, unsigned).
enum class If : std::uint8_t {
  kAlways,
  kIs,       // argument == number
  kIsNot,    // argument != number
  kHas,      // argument & number
  kLacks,    // !(argument & number)
  kNotSelf,  // a process that is not this one; 0, where it means this one, is `number` == 0
};

struct Refused {
  int call;
  If condition = If::kAlways;
  unsigned argument = 0;
  std::uint32_t number = 0;
  int error_number = EPERM;
};

constexpr std::uint32_t kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                      CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME;
constexpr std::uint32_t kZeroIsSomethingElse = 1;  // for kNotSelf: 0 does not mean this process
constexpr std::uint32_t kAskPersonality = 0xffffffff;

constexpr std::array kAtStart = std::to_array<Refused>({
    // Other processes' memory and descriptors.
    {SYS_ptrace},
    {SYS_process_vm_readv},
    {SYS_process_vm_writev},
    {SYS_kcmp},
    {kPidfdGetfd},
    {kPidfdSendSignal},
    {kPidfdOpen},
    {kProcessMadvise},
    {kProcessMrelease},
    // Mounts and namespaces, which would bring back capabilities.
    {SYS_mount},
    {SYS_umount2},
    {SYS_pivot_root},
    {SYS_chroot},
    {kOpenTree},
    {kMoveMount},
    {kFsopen},
    {kFsconfig},
    {kFsmount},
    {kFspick},
    {kMountSetattr},
    {SYS_unshare},
    {SYS_setns},
    {SYS_clone, If::kHas, 0, kNamespaces},
    {kClone3, If::kAlways, 0, 0, ENOSYS},
    // What is shared by all processes of a user or of the machine.
    {SYS_add_key},
    {SYS_request_key},
    {SYS_keyctl},
    {SYS_shmget},
    {SYS_shmat},
    {SYS_shmctl},
    {SYS_shmdt},
    {SYS_semget},
    {SYS_semop},
    {SYS_semtimedop},
    {SYS_semctl},
    {SYS_msgget},
    {SYS_msgsnd},
    {SYS_msgrcv},
    {SYS_msgctl},
    {SYS_mq_open},
    {SYS_mq_unlink},
    {SYS_syslog},
    {SYS_acct},
    {SYS_quotactl},
    {kQuotactlFd},
    // Parts of the kernel that no candidate and no compiler needs, and that had many holes.
    {SYS_bpf},
    {SYS_perf_event_open},
    {SYS_userfaultfd},
    {kIoUringSetup},
    {kIoUringEnter},
    {kIoUringRegister},
    {SYS_name_to_handle_at},
    {SYS_open_by_handle_at},
    {SYS_fanotify_init},
    {SYS_personality, If::kIsNot, 0, kAskPersonality},
    {SYS_ioctl, If::kIs, 1, TIOCSTI},  // types into a terminal
    {SYS_ioctl, If::kIs, 1, 0x541C},   // TIOCLINUX
    {SYS_truncate},                    // Landlock alone refuses it from Linux 6.2 on
    // A lease on a file that can be read, such as /etc/ld.so.cache, holds up whoever opens it for
    // writing, and with CAP_LEASE or as its owner whoever opens it at all: every program on this
    // machine, 45 s each time. News of folders needs no lease, and nothing here needs either.
    {SYS_fcntl, If::kIs, 1, 1024},  // F_SETLEASE
    {SYS_fcntl, If::kIs, 1, 1026},  // F_NOTIFY
    {SYS_fcntl, If::kIs, 1, 1040},  // F_SETDELEG, the same for folders, from Linux 6.19 on
});

constexpr std::array kSocketsButUnix =
    std::to_array<Refused>({{SYS_socket, If::kIsNot, 0, AF_UNIX}});
constexpr std::array kSockets = std::to_array<Refused>({
    {SYS_socket},
    {SYS_socketpair},
    {SYS_connect},
    {SYS_bind},
    {SYS_listen},
    {SYS_accept},
    {SYS_accept4},
});

constexpr std::array kOnceSealed = std::to_array<Refused>({
    {SYS_execve},
    {SYS_execveat},
#ifdef SYS_fork
    {SYS_fork},
    {SYS_vfork},
#endif
    {SYS_clone, If::kLacks, 0, CLONE_THREAD},
    // Signals to others, also those that the kernel sends in our name.
    {SYS_kill, If::kNotSelf, 0, kZeroIsSomethingElse},
    {SYS_tgkill, If::kNotSelf, 0, kZeroIsSomethingElse},
    {SYS_tkill},
    {SYS_rt_sigqueueinfo, If::kNotSelf, 0, kZeroIsSomethingElse},
    {SYS_rt_tgsigqueueinfo, If::kNotSelf, 0, kZeroIsSomethingElse},
    {SYS_fcntl, If::kIs, 1, F_SETOWN},
    {SYS_fcntl, If::kIs, 1, 15},      // F_SETOWN_EX
    {SYS_fcntl, If::kIs, 1, 10},      // F_SETSIG
    {SYS_ioctl, If::kIs, 1, 0x8901},  // FIOSETOWN
    {SYS_ioctl, If::kIs, 1, 0x8902},  // SIOCSPGRP
    // It ends with its supervisor, also if that is killed.
    {SYS_prctl, If::kIs, 0, PR_SET_PDEATHSIG},
    // Speed and limits of others.
    {SYS_prlimit64, If::kNotSelf, 0},
    {SYS_sched_setaffinity, If::kNotSelf, 0},
    {SYS_sched_setscheduler, If::kNotSelf, 0},
    {SYS_sched_setparam, If::kNotSelf, 0},
    {SYS_sched_setattr, If::kNotSelf, 0},
    {SYS_setpriority, If::kIsNot, 0, PRIO_PROCESS},
    {SYS_setpriority, If::kNotSelf, 1},
    {SYS_ioprio_set},
    {SYS_migrate_pages, If::kNotSelf, 0},
    {SYS_move_pages, If::kNotSelf, 0},
// What Landlock leaves open: rights, owners and times of files, and news of what others do.
#ifdef SYS_chmod
    {SYS_chmod},
    {SYS_chown},
    {SYS_lchown},
    {SYS_utime},
    {SYS_utimes},
    {SYS_futimesat},
    {SYS_inotify_init},
#endif
    {SYS_fchmod},
    {SYS_fchmodat},
    {kFchmodat2},
    {SYS_fchown},
    {SYS_fchownat},
    {SYS_utimensat},
    {SYS_setxattr},
    {SYS_lsetxattr},
    {SYS_fsetxattr},
    {kSetxattrat},
    {SYS_removexattr},
    {SYS_lremovexattr},
    {SYS_fremovexattr},
    {kRemovexattrat},
    {SYS_inotify_init1},
});

// ---- The assembler. A row is at most eight instructions, and jumps stay within it.

constexpr std::uint32_t kNumberAt = offsetof(seccomp_data, nr);
constexpr std::uint32_t kArchitectureAt = offsetof(seccomp_data, arch);

constexpr std::uint32_t LowerHalfAt(unsigned argument) {
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args)) + argument * 8;
}

constexpr sock_filter Load(std::uint32_t at) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at); }
constexpr sock_filter Return(std::uint32_t action) { return BPF_STMT(BPF_RET | BPF_K, action); }
constexpr sock_filter Fail(int error_number) {
  return Return(SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error_number));
}
// Goes on `yes` or `no` instructions behind the next one.
constexpr sock_filter Jump(int test, std::uint32_t value, int yes, int no) {
  return BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | test | BPF_K), value,
                  static_cast<std::uint8_t>(yes), static_cast<std::uint8_t>(no));
}

class Assembler {
 public:
  Assembler() {
    Add({Load(kArchitectureAt), Jump(BPF_JEQ, kArchitecture, 1, 0),
         Return(SECCOMP_RET_KILL_PROCESS), Load(kNumberAt)});
    if (kArchitecture == AUDIT_ARCH_X86_64)
      Add({Jump(BPF_JGE, kX32Bit, 0, 1), Return(SECCOMP_RET_KILL_PROCESS)});
    Add({Jump(BPF_JGT, kNewestKnown, 0, 1), Fail(ENOSYS)});
  }

  void Refuse(std::span<const Refused> rows, pid_t self = 0) {
    for (const Refused& row : rows) Refuse(row, static_cast<std::uint32_t>(self));
  }

  std::vector<sock_filter> Finish() {
    Add({Return(SECCOMP_RET_ALLOW)});
    return std::move(program_);
  }

 private:
  void Add(std::initializer_list<sock_filter> instructions) {
    program_.insert(program_.end(), instructions);
  }

  // Between rows the accumulator holds the call's number.
  void Refuse(const Refused& row, std::uint32_t self) {
    const auto call = static_cast<std::uint32_t>(row.call);
    if (row.condition == If::kAlways) {
      Add({Jump(BPF_JEQ, call, 0, 1), Fail(row.error_number)});
      return;
    }
    const sock_filter argument = Load(LowerHalfAt(row.argument));
    const sock_filter fail = Fail(row.error_number);
    const sock_filter again = Load(kNumberAt);
    switch (row.condition) {
      case If::kAlways:
        break;
      case If::kIs:
        Add({Jump(BPF_JEQ, call, 0, 4), argument, Jump(BPF_JEQ, row.number, 0, 1), fail, again});
        break;
      case If::kIsNot:
        Add({Jump(BPF_JEQ, call, 0, 4), argument, Jump(BPF_JEQ, row.number, 1, 0), fail, again});
        break;
      case If::kHas:
        Add({Jump(BPF_JEQ, call, 0, 4), argument, Jump(BPF_JSET, row.number, 0, 1), fail, again});
        break;
      case If::kLacks:
        Add({Jump(BPF_JEQ, call, 0, 4), argument, Jump(BPF_JSET, row.number, 1, 0), fail, again});
        break;
      case If::kNotSelf: {
        const std::uint32_t also = row.number == kZeroIsSomethingElse ? self : 0;
        Add({Jump(BPF_JEQ, call, 0, 5), argument, Jump(BPF_JEQ, self, 2, 0),
             Jump(BPF_JEQ, also, 1, 0), fail, again});
        break;
      }
    }
  }

  std::vector<sock_filter> program_;
};

}  // namespace

std::vector<sock_filter> MakeFilter(const StartFilter& filter) {
  Assembler assembler;
  assembler.Refuse(kAtStart);
  assembler.Refuse(filter.unix_sockets ? std::span<const Refused>(kSocketsButUnix)
                                       : std::span<const Refused>(kSockets));
  return assembler.Finish();
}

std::vector<sock_filter> MakeFilter(const SealFilter& filter) {
  Assembler assembler;
  assembler.Refuse(kSockets);
  assembler.Refuse(kOnceSealed, filter.self);
  return assembler.Finish();
}

}  // namespace caesar
