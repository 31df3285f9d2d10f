// The runner's channels, found from inside its process.
#include "judge/runner_protocol.h"
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <climits>
#include <cstdio>
#include <cstring>
constexpr int kSocket = 3;
static caesar::ControlBlock* control() {
  static caesar::ControlBlock* found = nullptr;
  if (found != nullptr) return found;
  FILE* maps = fopen("/proc/self/maps", "r");
  char line[512];
  while (maps != nullptr && fgets(line, sizeof line, maps) != nullptr) {
    unsigned long begin = 0;
    if (strstr(line, "caesar-control") != nullptr && sscanf(line, "%lx-", &begin) == 1)
      found = reinterpret_cast<caesar::ControlBlock*>(begin);
  }
  if (maps != nullptr) fclose(maps);
  return found;
}
static void say_done(caesar::ControlBlock* block) {
  block->done.store(block->go.load());
  syscall(SYS_futex, &block->done, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}
