// caesar's two hidden programs, judge and runner, on the device in host memory.
#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>

#include "fakes/host_device.h"
#include "judge/main.h"

#if defined(__SANITIZE_ADDRESS__)
// Candidates of the tests crash on purpose: the judge is to see the signal. They are loaded and
// never unloaded, and what they leak is theirs.
extern "C" [[gnu::visibility("default")]] const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
  return "handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigfpe=0:handle_sigill=0:detect_"
         "leaks=0";
}
#elif defined(__SANITIZE_THREAD__)
extern "C" [[gnu::visibility("default")]] const char* __tsan_default_options();
extern "C" const char* __tsan_default_options() {
  return "handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigfpe=0:handle_sigill=0";
}
#endif

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::string_view verb = argc > 1 ? argv[1] : "";
  try {
    if (verb == "judge") return caesar::JudgeMain(argc, argv, caesar::HostDevices());
    if (verb == "runner") return caesar::RunnerMain(argc, argv, caesar::HostDevices());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "internal error: %s\n", error.what());
    return 4;
  }
  return 2;
}
