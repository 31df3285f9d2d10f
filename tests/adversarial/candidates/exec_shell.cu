// Lets a shell do what it may not do itself.
#include "kit/add.cuh"
#include <cstdlib>
#include <spawn.h>
#include <unistd.h>
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  system("touch /tmp/caesar-hostile-shell; (sleep 1000; : caesar-hostile) & :");
  char shell[] = "/bin/sh", flag[] = "-c", words[] = "touch /tmp/caesar-hostile-spawn";
  char* argv[] = {shell, flag, words, nullptr};
  pid_t pid = 0;
  posix_spawn(&pid, shell, nullptr, nullptr, argv, nullptr);
  if (vfork() == 0) {
    execl("/bin/sh", "sh", "-c", "touch /tmp/caesar-hostile-vfork", nullptr);
    _exit(1);
  }
  honest(a, b, c, n, stream);
}
