// How often the judge takes a kernel for a better or a worse one than itself, and how narrow the
// interval of their ratio is: the same kernel as candidate and as the best so far, again and again,
// through the real judge on a GPU. See scripts/bench.d/compare.sh.
//
//   compare_bench CAESAR CACHE COUNT BUDGET_MS
//
// The kernel takes about 20 us on an H100 (48 MB through memory). Prints "what <tab> measured <tab>
// goal", and a line for each comparison to stderr. Exit code 77: there is no GPU; 1: the judge or
// nvcc failed.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "base/format.h"
#include "build/compile.h"
#include "build/toolkit.h"
#include "judge/client.h"
#include "measure/statistics.h"

namespace caesar {
namespace {

constexpr const char* kProblem = R"({
  "version": 1, "name": "add_one", "summary": "y = x + 1", "tags": [], "launcher": "solve",
  "dims": ["n"],
  "inputs": [{ "name": "x", "dtype": "f32", "shape": ["n"], "fill": { "normal": [0, 1] } }],
  "outputs": [{ "name": "y", "dtype": "f32", "shape": ["n"], "atol": 1e-6, "rtol": 1e-6 }],
  "scalars": [],
  "shapes": [{ "name": "odd", "roles": ["check"], "n": 1021 },
             { "name": "bench", "roles": ["bench"], "n": 6000000 }],
  "flops": "n", "bytes": "8*n", "policy": { "tf32": false, "libraries": [] },
  "baseline_libraries": [] })";

constexpr const char* kKernel = R"(
__global__ void AddOne(const float* x, float* y, int64_t n) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < n) y[i] = x[i] + 1.0f;
}
extern "C" void solve(const float* x, float* y, int64_t n, cudaStream_t stream) {
  AddOne<<<unsigned((n + 255) / 256), 256, 0, stream>>>(x, y, n);
}
)";

[[noreturn]] void Die(const Error& error, int code = 1) {
  std::fprintf(stderr, "compare_bench: %s\n%s\n", error.message.c_str(), error.detail.c_str());
  std::exit(code);
}

template <class T>
T OrDie(Result<T> result) {
  if (!result.ok()) Die(result.error());
  return std::move(result).value();
}

std::string Object(Compiler& compiler, const Problem& problem, const DeviceInfo& device) {
  CompileRequest request;
  request.problem = &problem;
  request.source = kKernel;
  request.arch = device.Arch();
  const CompileOutcome outcome = OrDie(compiler.Compile(request, {}));
  if (const auto* compiled = std::get_if<Compiled>(&outcome)) return compiled->object;
  Die({ErrorCode::kInternal, "the kernel does not compile", ""});
}

struct Tally {
  std::map<std::string, int> changes;
  std::vector<double> half_widths;
  std::vector<double> offsets;    // of the ratio from 1
  std::vector<double> slowdowns;  // of the baseline beside the candidate's process, less 1
  std::map<std::string, int> discarded;
  int unverified = 0;
  double seconds = 0;
};

void Add(const Verdict& verdict, double seconds, Tally& tally) {
  if (verdict.kind != VerdictKind::kCorrect || !verdict.comparison || !verdict.comparison->ratio) {
    ++tally.changes[std::string(Name(verdict.kind)) + ": " + verdict.reason];
    return;
  }
  const BestComparison& comparison = *verdict.comparison;
  ++tally.changes[std::string(Name(comparison.change))];
  tally.half_widths.push_back(RelativeHalfWidth(*comparison.ratio));
  tally.offsets.push_back(std::abs(comparison.ratio->value - 1));
  if (const auto& without = verdict.baseline->without_candidate)
    tally.slowdowns.push_back(verdict.baseline->cold.median_us / without->median_us - 1);
  for (const Discarded& each : verdict.timing->discarded)
    tally.discarded[each.reason] += each.count;
  tally.unverified += verdict.timing->verified ? 0 : 1;
  tally.seconds += seconds;
  std::fprintf(stderr, "%-9s %.4f (%.4f-%.4f) %s, %.2f us, %d samples, %.2f s %s\n",
               std::string(Name(comparison.change)).c_str(), comparison.ratio->value,
               comparison.ratio->ci_low, comparison.ratio->ci_high,
               comparison.again ? Format("again {:.4f} ({:.4f}-{:.4f})", comparison.again->value,
                                         comparison.again->ci_low, comparison.again->ci_high)
                                      .c_str()
                                : "once",
               verdict.timing->cold->median_us, verdict.timing->cold->samples, seconds,
               comparison.reason.c_str());
}

double Least(const std::vector<double>& values) {
  return values.empty() ? 0 : *std::min_element(values.begin(), values.end());
}

double Largest(const std::vector<double>& values) {
  return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}

void Print(const Tally& tally, int count) {
  const auto of = [&](const char* change) {
    const auto found = tally.changes.find(change);
    return found == tally.changes.end() ? 0 : found->second;
  };
  std::printf("a kernel against itself, %d times\t%d improved, %d slower, %d same, %d undecided\t",
              count, of("improved"), of("slower"), of("same"), of("undecided"));
  std::printf("at most 4 of 100 improved or slower\n");
  std::printf("half-width of the ratio's interval\tmedian %.3f %%, most %.3f %%\tat most 0.5 %%\n",
              100 * Median(tally.half_widths), 100 * Largest(tally.half_widths));
  std::printf("ratio off from 1\tmedian %.3f %%, most %.3f %%\t\n", 100 * Median(tally.offsets),
              100 * Largest(tally.offsets));
  std::printf(
      "the baseline beside the candidate's process, over itself without\t"
      "median %+.2f %%, %+.2f to %+.2f %%\t\n",
      100 * Median(tally.slowdowns), 100 * Least(tally.slowdowns), 100 * Largest(tally.slowdowns));
  std::printf("unverified times\t%d\t0\n", tally.unverified);
  std::printf("one comparison\t%.2f s\t\n",
              tally.seconds / std::max<double>(1, static_cast<double>(tally.offsets.size())));
  for (const auto& [reason, times] : tally.discarded)
    std::printf("taken again: %s\t%d\t\n", reason.c_str(), times);
  for (const auto& [change, times] : tally.changes) {
    if (change.find(':') != std::string::npos) std::printf("%s\t%d\t0\n", change.c_str(), times);
  }
}

int Run(const std::string& program, const std::string& cache, int count, std::int64_t budget_ms) {
  Problem problem = OrDie(ParseProblem(kProblem, "add_one"));
  problem.reference = kKernel;
  const Toolkit toolkit = OrDie(FindToolkit(RealFiles(), RealProcesses()));
  const auto compiler =
      MakeCompiler(toolkit, {.folder = cache}, RealFiles(), RealProcesses(), RealClock());
  JudgeClientConfig config;
  config.program = program;
  config.device = "cuda";
  config.toolkit = toolkit.home;
  config.cache = cache;
  const auto judge = MakeJudgeClient(config, RealProcesses(), RealClock());
  const auto device = judge->Hello({});
  if (!device.ok()) Die(device.error(), 77);

  JudgeRequest request;
  request.problem = &problem;
  request.candidate = Object(*compiler, problem, device.value());
  request.reference = request.baseline = request.best = request.candidate;
  request.timing.budget_ms = budget_ms;
  request.timing.check_calls = 2;
  const JudgeProgress silent = [](const std::string&) {};
  const Verdict checked = OrDie(judge->Check(request, silent, {}));
  Tally tally;
  for (int i = 0; i < count; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const Verdict verdict = OrDie(judge->Measure(request, checked, silent, {}));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    Add(verdict, took.count(), tally);
  }
  Print(tally, count);
  return 0;
}

}  // namespace
}  // namespace caesar

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fputs("compare_bench CAESAR CACHE COUNT BUDGET_MS\n", stderr);
    return 2;
  }
  return caesar::Run(argv[1], argv[2], std::atoi(argv[3]), std::atoll(argv[4]));
}
