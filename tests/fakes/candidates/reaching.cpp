// Reaches for what is not the candidate's, and fails if it gets anything; the error names it.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

#include "candidate.h"

namespace {

bool Opens(const std::string& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

bool Socket(int family) {
  const int fd = socket(family, SOCK_STREAM, 0);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

bool Forks() {
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  if (pid > 0) waitpid(pid, nullptr, 0);
  return pid >= 0;
}

// The supervisor is a copy of the judge: whoever reads its memory reads the judge's.
bool ReadsJudge() {
  static char byte = 0;
  iovec here{&byte, 1};
  iovec there{&byte, 1};
  if (process_vm_readv(getppid(), &here, 1, &there, 1, 0) >= 0) return true;
  return errno == EFAULT;  // it may, and guessed a wrong address
}

std::string OfJudge(const char* file) { return "/proc/" + std::to_string(getppid()) + "/" + file; }

// Holds up every program that is started on this machine.
bool Leases() {
  const int fd = open("/etc/ld.so.cache", O_RDONLY | O_CLOEXEC);
  const bool leased = fd >= 0 && fcntl(fd, F_SETLEASE, F_RDLCK) == 0;
  if (fd >= 0) close(fd);
  return leased;
}

// All things that a sandbox must keep from it: the first one that it gets, or null.
const char* FirstReached() {
  if (Opens("/etc/passwd", O_RDONLY)) return "a file of the system";
  if (Opens("/", O_RDONLY | O_DIRECTORY)) return "a folder";
  if (Opens("/tmp/caesar-reached", O_CREAT | O_WRONLY)) return "a new file";
  if (Opens(OfJudge("mem"), O_RDONLY)) return "the judge's memory through /proc";
  if (Opens(OfJudge("environ"), O_RDONLY)) return "the judge's environment";
  if (ReadsJudge()) return "the judge's memory";
  if (Socket(AF_INET)) return "the network";
  if (Socket(AF_UNIX)) return "a socket";
  if (kill(getppid(), 0) == 0) return "the supervisor";
  if (kill(-1, 0) == 0) return "all processes";
  if (chmod("/proc/self/exe", 0755) == 0) return "the rights of the judge's program";
  if (Forks()) return "a process of its own";
  if (Leases()) return "a lease on a file of the system";
  if (prctl(PR_SET_PDEATHSIG, 0) == 0) return "a life without its supervisor";
  return nullptr;
}

// Descriptors that it did not open: standard streams, socket and control block are no news.
int ForeignDescriptors() {
  int count = 0;
  for (int fd = 5; fd < 64; ++fd) count += fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
  return count;
}

}  // namespace

inline void Reaches(Call& call) {
  AddOne(call);
  if (const char* reached = FirstReached()) {
    *call.error_name = reached;
    call.error = 1;
  }
}

// From another thread, and from one that was there before this object was loaded there is none.
inline void ReachesFromAThread(Call& call) {
  AddOne(call);
  const char* reached = nullptr;
  std::thread([&] { reached = FirstReached(); }).join();
  if (reached != nullptr) {
    *call.error_name = reached;
    call.error = 1;
  }
}

// While it is loaded, before any call.
static const char* const reached_at_load = FirstReached();
static const int descriptors_at_load = ForeignDescriptors();

inline void ReachedAtLoad(Call& call) {
  AddOne(call);
  // The object itself is the one descriptor that the runner holds meanwhile.
  if (reached_at_load == nullptr && descriptors_at_load <= 1) return;
  *call.error_name = reached_at_load != nullptr ? reached_at_load : "a descriptor of the runner";
  call.error = 1;
}

// What an honest candidate may do behind the seal.
inline void UsesItsOwn(Call& call) {
  std::thread([&] { AddOne(call); }).join();
  std::free(std::malloc(std::size_t{64} << 20));
  if (!Opens("/proc/self/status", O_RDONLY) || !Opens("/dev/null", O_RDWR)) call.error = 1;
}

CAESAR_CANDIDATE(BEHAVE)
