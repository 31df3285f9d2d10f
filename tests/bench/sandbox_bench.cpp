// What a sandbox adds to the start of a child. See scripts/bench.d/sandbox.sh.
//
//   sandbox_bench FOLDER
//
// Prints "what <tab> measured <tab> goal". The child is /bin/true, which needs no more than a
// runner may have; its whole life is timed, with a sandbox and without in turn, and the medians of
// 301 each are compared. Exit code 1: a child could not be started.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "build/nvcc_command.h"
#include "judge/runner_policy.h"
#include "sys/process.h"
#include "sys/sandbox.h"

namespace caesar {
namespace {

constexpr int kRepetitions = 301;

double MillisecondsOfOne(const std::optional<SandboxPolicy>& sandbox) {
  Command command;
  command.argv = {"/bin/true"};
  command.sandbox = sandbox;
  const auto begin = std::chrono::steady_clock::now();
  const auto end = RealProcesses().Run(command, Milliseconds(60'000), {});
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  if (end.ok() && end.value().how == ProcessEnd::How::kExited && end.value().exit_code == 0)
    return took.count();
  std::fprintf(stderr, "sandbox_bench: /bin/true failed: %s%s\n",
               end.ok() ? end.value().errors.c_str() : end.error().message.c_str(),
               end.ok() ? "" : end.error().detail.c_str());
  std::exit(1);
}

double Median(std::vector<double>& values) {
  std::nth_element(values.begin(), values.begin() + kRepetitions / 2, values.end());
  return values[kRepetitions / 2];
}

void Compare(const char* what, const SandboxPolicy& policy) {
  std::vector<double> with;
  std::vector<double> without;
  for (int i = 0; i < kRepetitions; ++i) {
    without.push_back(MillisecondsOfOne(std::nullopt));
    with.push_back(MillisecondsOfOne(policy));
  }
  const double alone = Median(without);
  const double sandboxed = Median(with);
  std::printf(
      "sandbox of %s: added to the start of a child\t%.2f ms (%.2f ms beside %.2f ms)\tat "
      "most 5 ms\n",
      what, sandboxed - alone, sandboxed, alone);
}

int Main(const std::string& folder) {
  const SandboxSupport support = ProbeSandbox();
  if (!support.full()) {
    std::puts(Lacking(support).front().c_str());
    return 77;
  }
  Compare("a runner", RunnerPolicy(OwnLibraries(), "/usr/local/cuda", "", RealFiles()));
  Compare("nvcc",
          NvccPolicy({"/usr/local/cuda/bin/nvcc", "", "/usr/local/cuda"}, "/usr/bin/gcc", folder));
  return 0;
}

}  // namespace
}  // namespace caesar

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  return caesar::Main(argv[1]);
}
