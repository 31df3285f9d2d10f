// Tries what a sandbox must refuse, or allow: `caesar_forbidden [seal] ACTION[:ARGUMENT]...` prints
// a line for each action: its name and "ok", or the name of the error.
#include <fcntl.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <thread>

#include "sys/sandbox.h"

namespace {

using Text = std::string;

long Open(const Text& path, int flags) { return ::open(path.c_str(), flags | O_CLOEXEC, 0600); }
pid_t Pid(const Text& text) { return std::atoi(text.c_str()); }

// A child that ends at once; the parent gets what `start` says.
long Child(pid_t pid) {
  if (pid == 0) ::_exit(0);
  if (pid > 0) ::waitpid(pid, nullptr, 0);
  return pid;
}

long Thread(const Text&) {
  int done = 0;
  std::thread([&] { done = 1; }).join();
  return done - 1;
}

long Execute(const Text& path) {
  // vfork's child shares our memory, so that errno tells.
  errno = 0;
  const pid_t pid = ::vfork();
  if (pid < 0) return -1;
  if (pid == 0) {
    ::execl(path.c_str(), path.c_str(), "/dev/null", nullptr);
    ::_exit(1);
  }
  ::waitpid(pid, nullptr, 0);
  return errno == 0 ? 0 : -1;
}

// In the place of this process: only its failure is seen.
long ExecuteHere(const Text& path) { return ::execl(path.c_str(), path.c_str(), nullptr); }

long ReadMemory(const Text& pid) {
  char byte = 0;
  iovec here{&byte, 1};
  iovec there{&byte, 1};  // any address that is mapped in a process of the same program
  return ::process_vm_readv(Pid(pid), &here, 1, &there, 1, 0);
}

long Attach(const Text& pid) {
  if (::ptrace(PTRACE_SEIZE, Pid(pid), nullptr, nullptr) != 0) return -1;
  return 0;
}

long Message(const Text& pid) {
  const int fd = static_cast<int>(Open("/dev/null", O_RDONLY));
  return ::fcntl(fd, F_SETOWN, Pid(pid));
}

// An order about the file: F_SETLEASE and the like.
long Order(const Text& path, int command, long argument) {
  const int fd = static_cast<int>(Open(path, O_RDONLY));
  const long result = fd < 0 ? -1 : ::fcntl(fd, command, argument);
  const int error_number = errno;
  if (fd >= 0) ::close(fd);
  errno = error_number;
  return result;
}

// A lock of a part of the file, as CUDA may take some; the whole file's is flock.
long LockRecord(const Text& path) {
  const int fd = static_cast<int>(Open(path, O_RDONLY));
  struct flock lock {};
  lock.l_type = F_RDLCK;
  lock.l_len = 1;
  return fd < 0 || ::fcntl(fd, F_SETLK, &lock) != 0 ? -1 : ::flock(fd, LOCK_SH | LOCK_NB);
}

// Has the system prefer others where memory runs out.
long EndOthersFirst(const Text& score) {
  const int fd = static_cast<int>(Open("/proc/self/oom_score_adj", O_WRONLY));
  return fd < 0 ? -1 : ::write(fd, score.c_str(), score.size());
}

long Affinity(pid_t pid) {
  cpu_set_t all;
  return ::sched_getaffinity(0, sizeof all, &all) < 0 ? -1
                                                      : ::sched_setaffinity(pid, sizeof all, &all);
}

long AttachShared() {
  const int id = ::shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
  if (id >= 0) ::shmctl(id, IPC_RMID, nullptr);
  return id;
}

long Allocate(const Text& megabytes) {
  const std::size_t bytes = std::strtoull(megabytes.c_str(), nullptr, 10) << 20;
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? -1 : 0;
}

// Writes so many bytes into the file.
long Grow(const Text& argument) {
  const std::size_t comma = argument.find(',');
  const int fd = static_cast<int>(Open(argument.substr(comma + 1), O_CREAT | O_WRONLY));
  ::signal(SIGXFSZ, SIG_IGN);
  return fd < 0 ? -1 : ::ftruncate(fd, std::atol(argument.c_str()));
}

// Runs code that was not in this program: what loading an object comes down to.
long MemoryCode(const Text&) {
  const int fd = ::memfd_create("code", MFD_CLOEXEC);
  if (fd < 0 || ::ftruncate(fd, 4096) != 0) return -1;
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  const int again = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (again < 0) return -1;
  void* code = ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, again, 0);
  return code == MAP_FAILED ? -1 : 0;
}

long Type(const Text&) {
  char byte = 'x';
  return ::ioctl(0, TIOCSTI, &byte);
}

using Action = long (*)(const Text&);
// Through syscall(), the C library has no say in what is asked.
const std::map<Text, Action>& Actions() {
  static const std::map<Text, Action> actions = {
      {"read", +[](const Text& p) { return Open(p, O_RDONLY); }},
      {"write", +[](const Text& p) { return Open(p, O_WRONLY); }},
      {"make", +[](const Text& p) { return Open(p, O_CREAT | O_EXCL | O_WRONLY); }},
      {"list", +[](const Text& p) { return Open(p, O_RDONLY | O_DIRECTORY); }},
      {"cut", +[](const Text& p) -> long { return ::truncate(p.c_str(), 0); }},
      {"remove", +[](const Text& p) -> long { return ::unlink(p.c_str()); }},
      {"mkdir", +[](const Text& p) -> long { return ::mkdir(p.c_str(), 0700); }},
      {"rename", +[](const Text& p) -> long { return ::rename(p.c_str(), (p + "2").c_str()); }},
      {"link", +[](const Text& p) -> long { return ::link(p.c_str(), (p + "3").c_str()); }},
      {"symlink", +[](const Text& p) -> long { return ::symlink("/", (p + "4").c_str()); }},
      {"chmod", +[](const Text& p) -> long { return ::chmod(p.c_str(), 0600); }},
      {"chown", +[](const Text& p) -> long { return ::chown(p.c_str(), ::getuid(), ::getgid()); }},
      {"utime", +[](const Text& p) -> long { return ::utime(p.c_str(), nullptr); }},
      {"xattr", +[](const Text& p) -> long { return ::setxattr(p.c_str(), "user.x", "", 0, 0); }},
      {"watch",
       +[](const Text& p) -> long {
         const int fd = ::inotify_init1(IN_CLOEXEC);
         return fd < 0 ? -1 : ::inotify_add_watch(fd, p.c_str(), IN_ALL_EVENTS);
       }},
      {"lease", +[](const Text& p) { return Order(p, F_SETLEASE, F_RDLCK); }},
      {"notify", +[](const Text& p) { return Order(p, F_NOTIFY, DN_MODIFY); }},
      {"lock-record", LockRecord},
      {"outlive", +[](const Text&) -> long { return ::prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0); }},
      {"end-others-first", EndOthersFirst},
      {"unix", +[](const Text&) -> long { return ::socket(AF_UNIX, SOCK_STREAM, 0); }},
      {"inet", +[](const Text&) -> long { return ::socket(AF_INET, SOCK_STREAM, 0); }},
      {"inet6", +[](const Text&) -> long { return ::socket(AF_INET6, SOCK_DGRAM, 0); }},
      {"netlink", +[](const Text&) -> long { return ::socket(AF_NETLINK, SOCK_RAW, 0); }},
      {"pair",
       +[](const Text&) -> long {
         int fds[2];
         return ::socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
       }},
      {"fork", +[](const Text&) { return Child(::fork()); }},
      {"raw-fork",
       +[](const Text&) {
         return Child(static_cast<pid_t>(::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)));
       }},
      {"clone3", +[](const Text&) { return ::syscall(SYS_clone3, nullptr, 0); }},
      {"newuser",
       +[](const Text&) {
         return Child(
             static_cast<pid_t>(::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)));
       }},
      {"thread", Thread},
      {"run", Execute},
      {"exec", ExecuteHere},
      {"kill", +[](const Text& p) -> long { return ::kill(Pid(p), 0); }},
      {"kill-all", +[](const Text&) -> long { return ::kill(-1, 0); }},
      {"kill-self", +[](const Text&) -> long { return ::kill(::getpid(), 0); }},
      {"raise",
       +[](const Text&) -> long { return ::syscall(SYS_tgkill, ::getpid(), ::gettid(), 0); }},
      {"tkill", +[](const Text& p) { return ::syscall(SYS_tkill, Pid(p), 0); }},
      {"tgkill", +[](const Text& p) { return ::syscall(SYS_tgkill, Pid(p), Pid(p), 0); }},
      {"pidfd", +[](const Text& p) { return ::syscall(SYS_pidfd_open, Pid(p), 0); }},
      {"message", Message},
      {"memory", ReadMemory},
      {"attach", Attach},
      {"limit",
       +[](const Text& p) -> long {
         rlimit limit{};
         return ::prlimit(Pid(p), RLIMIT_NOFILE, nullptr, &limit);
       }},
      {"affinity", +[](const Text& p) { return Affinity(Pid(p)); }},
      {"own-affinity", +[](const Text&) { return Affinity(0); }},
      {"nicer",
       +[](const Text& p) -> long {
         return ::setpriority(PRIO_PROCESS, static_cast<id_t>(Pid(p)), 19);
       }},
      {"faster", +[](const Text&) -> long { return ::setpriority(PRIO_PROCESS, 0, -5); }},
      {"realtime",
       +[](const Text&) -> long {
         const sched_param one{1};
         return ::sched_setscheduler(0, SCHED_FIFO, &one);
       }},
      {"unshare", +[](const Text&) -> long { return ::unshare(CLONE_NEWUSER); }},
      {"mount", +[](const Text& p) -> long { return ::mount("none", p.c_str(), "tmpfs", 0, ""); }},
      {"chroot", +[](const Text&) -> long { return ::chroot("/"); }},
      {"keys",
       +[](const Text&) {
         return ::syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_KEYRING, 1);
       }},
      {"shared", +[](const Text&) { return AttachShared(); }},
      {"queue",
       +[](const Text&) -> long {
         return ::mq_open("/caesar-forbidden", O_CREAT | O_RDWR, 0600, nullptr);
       }},
      {"bpf", +[](const Text&) { return ::syscall(SYS_bpf, 0, nullptr, 0); }},
      {"uring", +[](const Text&) { return ::syscall(SYS_io_uring_setup, 0, nullptr); }},
      {"faults", +[](const Text&) { return ::syscall(SYS_userfaultfd, 1); }},
      {"personality", +[](const Text&) -> long { return ::personality(ADDR_NO_RANDOMIZE); }},
      {"ask-personality", +[](const Text&) -> long { return ::personality(0xffffffff); }},
      {"type", Type},
      {"future", +[](const Text&) { return ::syscall(1'000); }},
      {"x32", +[](const Text&) { return ::syscall(0x40000000 + SYS_getpid); }},
      {"allocate", Allocate},
      {"grow", Grow},
      {"code", MemoryCode},
      {"cores",
       +[](const Text&) -> long {
         rlimit limit{};
         ::getrlimit(RLIMIT_CORE, &limit);
         errno = EPERM;
         return limit.rlim_max == 0 ? -1 : 0;
       }},
      {"capability", +[](const Text&) -> long { return ::prctl(PR_CAPBSET_READ, 0, 0, 0, 0) - 1; }},
  };
  return actions;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const Text word = argv[i];
    if (word == "seal") {
      if (!caesar::SealProcess().ok()) return 3;
      continue;
    }
    const Text name = word.substr(0, word.find(':'));
    const auto action = Actions().find(name);
    if (action == Actions().end()) return 2;
    errno = 0;
    const long result = action->second(word.substr(std::min(word.size(), name.size() + 1)));
    std::printf("%s %s\n", name.c_str(), result >= 0 ? "ok" : ::strerrorname_np(errno));
    std::fflush(stdout);
  }
}
