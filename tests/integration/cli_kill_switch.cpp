// Preloaded into caesar: ends it with SIGKILL right before its n-th change of a file, or in the
// middle of it where that is a write. CAESAR_TEST_KILL is n; CAESAR_TEST_CHANGES names a file that
// gets one line for each change, so that a test knows how many there are and where it was killed.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>

namespace {

std::atomic<int> changes{0};

// Logs the change; true if it is the one to die in.
bool Dies(const char* what, const char* path) {
  const int number = ++changes;
  if (const char* log = std::getenv("CAESAR_TEST_CHANGES")) {
    const int fd = ::open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    char line[4200];
    const int bytes = std::snprintf(line, sizeof line, "%s %s\n", what, path);
    static_cast<void>(!::syscall(SYS_write, fd, line, static_cast<std::size_t>(bytes)));
    ::close(fd);
  }
  const char* wanted = std::getenv("CAESAR_TEST_KILL");
  return wanted != nullptr && std::atoi(wanted) == number;
}

void Die() { ::syscall(SYS_kill, ::getpid(), SIGKILL); }

// The file behind a descriptor; nothing for standard streams, sockets and pipes.
bool PathOf(int fd, char (&path)[4096]) {
  struct stat info {};
  if (fd <= 2 || ::fstat(fd, &info) != 0 || !(S_ISREG(info.st_mode) || S_ISDIR(info.st_mode)))
    return false;
  char link[64];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t bytes = ::readlink(link, path, sizeof path - 1);
  if (bytes < 0) return false;
  path[bytes] = '\0';
  return true;
}

template <class Function>
Function Real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

ssize_t write(int fd, const void* data, std::size_t bytes) {
  char path[4096];
  if (PathOf(fd, path) && Dies("write", path)) {
    ::syscall(SYS_write, fd, data, bytes / 2);
    Die();
  }
  return ::syscall(SYS_write, fd, data, bytes);
}

int fdatasync(int fd) {
  char path[4096];
  if (PathOf(fd, path) && Dies("fdatasync", path)) Die();
  return Real<int (*)(int)>("fdatasync")(fd);
}

int rename(const char* from, const char* to) noexcept {
  if (Dies("rename", to)) Die();
  return Real<int (*)(const char*, const char*)>("rename")(from, to);
}

int link(const char* from, const char* to) noexcept {
  if (Dies("link", to)) Die();
  return Real<int (*)(const char*, const char*)>("link")(from, to);
}

int unlink(const char* path) noexcept {
  if (Dies("unlink", path)) Die();
  return Real<int (*)(const char*)>("unlink")(path);
}

int mkdir(const char* path, mode_t mode) noexcept {
  if (Dies("mkdir", path)) Die();
  return Real<int (*)(const char*, mode_t)>("mkdir")(path, mode);
}
}
#pragma GCC visibility pop
