// What the tests of processes share: shell commands, and the pids that a command wrote down.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "base/strings.h"
#include "sys/files.h"
#include "sys/process.h"

namespace caesar {

inline Command ShellCommand(const std::string& script) {
  Command command;
  command.argv = {"/bin/sh", "-c", script};
  command.environment = {"PATH=/usr/bin:/bin"};
  return command;
}

// Asks `done` until it says yes, at most 20 s.
template <class Done>
bool Eventually(Done done) {
  for (int i = 0; i < 4'000; ++i) {
    if (done()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

inline bool IsGone(int pid) { return ::kill(pid, 0) != 0 && errno == ESRCH; }

// One pid per line.
inline std::vector<int> PidsIn(const std::string& path) {
  std::vector<int> pids;
  const auto content = RealFiles().Read(path, 1 << 20);
  if (!content.ok()) return pids;
  for (const std::string_view line : Lines(content.value())) {
    if (!line.empty()) pids.push_back(std::stoi(std::string(line)));
  }
  return pids;
}

inline bool AwaitPids(const std::string& path, std::size_t count) {
  return Eventually([&] { return PidsIn(path).size() == count; });
}

// A script that starts, in the background, one process of each kind that likes to survive, and
// itself waits forever. Each appends its pid to `path`: 5 lines in all.
inline std::string StubbornFamily(const std::string& path) {
  return ReplaceAll(
      "echo $$ >> FILE\n"
      "sh -c 'echo $$ >> FILE; trap \"\" TERM INT HUP; while :; do sleep 1000; done' &\n"  // ignores
                                                                                           // signals
      "setsid sh -c 'echo $$ >> FILE; exec sleep 1000' &\n"                     // left the group
      "(setsid sh -c '(echo $$ >> FILE; exec sleep 1000) & exec sleep 0' &)\n"  // a daemon's double
                                                                                // fork
      "sh -c 'sh -c \"echo \\$\\$ >> FILE; exec sleep 1000\" & wait' &\n"       // a grandchild
      "while :; do sleep 1000; done\n",
      "FILE", path);
}
constexpr std::size_t kStubbornFamilySize = 5;

}  // namespace caesar
