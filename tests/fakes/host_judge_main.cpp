// caesar's two hidden programs, judge and runner, on the device in host memory.
#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>

#include "fakes/host_device.h"
#include "judge/main.h"

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
