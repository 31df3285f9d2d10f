// Processes that end, hang, multiply or chatter.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>

#include "candidate.h"

inline void Segfaults(Call&) { *static_cast<volatile int*>(nullptr) = 1; }

inline void Aborts(Call&) { std::abort(); }

inline void Exits(Call& call) {
  AddOne(call);
  std::exit(0);
}

inline void ExitsQuickly(Call& call) {
  AddOne(call);
  _exit(0);
}

inline void Throws(Call&) { throw std::runtime_error("thrown by the candidate"); }

inline void Spins(Call&) {
  for (volatile bool forever = true; forever;) {
  }
}

inline void Sleeps(Call& call) {
  AddOne(call);
  std::fputs("about to sleep\n", stderr);
  for (;;) pause();
}

inline void IgnoresSignals(Call&) {
  for (int number = 1; number < NSIG; ++number) std::signal(number, SIG_IGN);
  for (;;) pause();
}

// Daemons in sessions of their own, which keep every descriptor and mapping of the runner.
inline void LeavesDaemons(Call& call) {
  AddOne(call);
  static bool done = false;
  if (std::exchange(done, true)) return;
  for (int i = 0; i < 3; ++i) {
    if (fork() != 0) continue;
    setsid();
    if (fork() != 0) _exit(0);
    std::signal(SIGTERM, SIG_IGN);
    for (;;) pause();
  }
}

inline void Chatters(Call& call) {
  AddOne(call);
  const std::string line(65535, 'x');
  for (int i = 0; i < 32; ++i) {
    std::fprintf(stdout, "%s\n", line.c_str());
    std::fprintf(stderr, "\033[31m%s\n", line.c_str());
  }
}

inline void ClosesAll(Call& call) {
  AddOne(call);
  for (int fd = 0; fd < 1024; ++fd) close(fd);
}

CAESAR_CANDIDATE(BEHAVE)
