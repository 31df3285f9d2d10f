// `caesar problem check` with the real program on the simulated GPU: bundled problems are sound,
// and others are refused with the sentence that says why.
#include <gtest/gtest.h>

#include "base/strings.h"
#include "build/toolkit.h"
#include "integration/cli_machine.h"
#include "problem/problem.h"
#include "record/gate_report.h"

namespace caesar {
namespace {

// y = SCALE x, with a kernel whose body is BODY.
constexpr const char* kProblem = R"({
  "version": 1, "name": "mine", "summary": "y of x", "tags": [], "launcher": "solve", "dims": ["n"],
  "inputs": [{ "name": "x", "dtype": "f32", "shape": ["n"], "fill": FILL }],
  "outputs": [{ "name": "y", "dtype": "f32", "shape": ["n"], "atol": 1e-7, "rtol": RTOL }],
  "scalars": [],
  "shapes": [{ "name": "bench", "roles": ["bench"], "n": 1048576 },
             { "name": "odd", "roles": ["check", "sim"], "n": 1021 },
             { "name": "near", "roles": ["check", "sim"], "n": 4097 },
             { "name": "large", "roles": ["check"], "n": 999999 }],
  "flops": "n", "bytes": "8*n", "policy": { "tf32": false, "libraries": [] }, "baseline_libraries": [] })";

std::string Kernel(const std::string& body) {
  return "#include <cstdint>\n"
         "__global__ void Map(const float* x, float* y, int64_t n) {\n"
         "  const int64_t i = static_cast<int64_t>(blockIdx.x) * 128 + threadIdx.x;\n"
         "  " +
         body +
         "\n}\n"
         "extern \"C\" void solve(const float* x, float* y, int64_t n, cudaStream_t stream) {\n"
         "  Map<<<static_cast<unsigned>((n + 127) / 128), 128, 0, stream>>>(x, y, n);\n}\n";
}

struct Unsound {
  const char* name;
  const char* reference;
  const char* baseline;  // empty: none
  const char* error;     // part of what refuses it; empty: sound
  const char* fill = R"({ "normal": [0, 1] })";
  const char* rtol = "1e-6";
};

void PrintTo(const Unsound& unsound, std::ostream* stream) { *stream << unsound.name; }

class ProblemCheck : public testing::TestWithParam<Unsound> {
 protected:
  void SetUp() override {
    const auto toolkit = FindToolkit(RealFiles(), RealProcesses());
    if (!toolkit.ok()) GTEST_SKIP() << toolkit.error().message << "\n" << toolkit.error().detail;
    machine_.Unset("CAESAR_JUDGE");
    machine_.Set("CAESAR_NVCC", toolkit.value().nvcc);
    static const TempFolder cache;  // what one test has compiled, the next one finds
    machine_.Set("CAESAR_CACHE_DIR", cache / "cache");
  }
  // Folder mine.
  void WriteProblem(const std::string& reference, const std::string& baseline = "",
                    const std::string& fill = R"({ "normal": [0, 1] })",
                    const std::string& rtol = "1e-6") {
    machine_.Write("mine/problem.json",
                   ReplaceAll(ReplaceAll(kProblem, "FILL", fill), "RTOL", rtol));
    machine_.Write("mine/statement.md", "Compute y.\n");
    machine_.Write("mine/reference.cu", Kernel(reference));
    if (!baseline.empty()) machine_.Write("mine/baseline.cu", Kernel(baseline));
  }
  GateReport Check(const std::string& problem, int code) {
    const Ended ended = machine_.Run({"problem", "check", problem, "--device", "sim", "--json"});
    EXPECT_EQ(ended.code, code) << ended;
    auto report = ParseGateReport(ended.out);
    EXPECT_TRUE(report.ok()) << ended;
    return report.ok() ? report.value() : GateReport();
  }
  static std::string Errors(const GateReport& report) {
    std::vector<std::string> errors;
    for (const GateFinding& finding : report.findings) {
      if (finding.level == "error") errors.push_back(finding.text);
    }
    return Join(errors, "\n");
  }

  Machine machine_;
};

TEST_P(ProblemCheck, RefusesWithTheReason) {
  const Unsound& unsound = GetParam();
  WriteProblem(unsound.reference, unsound.baseline, unsound.fill, unsound.rtol);
  const GateReport report = Check("mine", *unsound.error == '\0' ? 0 : 1);
  EXPECT_EQ(report.sound, *unsound.error == '\0');
  EXPECT_HAS(Errors(report), unsound.error);
}

INSTANTIATE_TEST_SUITE_P(
    Problems, ProblemCheck,
    testing::Values(
        Unsound{"sound", "if (i < n) y[i] = static_cast<double>(x[i]) * 3 + 1;",
                "if (i < n) y[i] = x[i] * 3 + 1;", ""},
        Unsound{"loose", "if (i < n) y[i] = x[i] * 3;", "",
                "the exact result, rounded to TF32 or half passes at every shape",
                R"({ "uniform": [1, 2] })", "1e-2"},
        Unsound{"tiny", "if (i < n) y[i] = x[i] * 1e-8f;", "",
                "the tolerance of output y is larger than every result at every shape"},
        Unsound{"identity", "if (i < n) y[i] = x[i];", "",
                "a copy of input x passes at every shape"},
        Unsound{"flat", "if (i < n) y[i] = 7 + 1e-9f * x[i];", "",
                "the mean of the result everywhere passes at every shape"},
        Unsound{"disagrees", "if (i < n) y[i] = x[i] * 3;", "if (i < n) y[i] = x[i] * 2;",
                "the baseline does not agree with the reference: output y is wrong"},
        Unsound{"stale",
                "__shared__ int first; static __device__ int calls; "
                "if (threadIdx.x == 0) first = atomicAdd(&calls, 1) < 64; __syncthreads(); "
                "if (i < n) y[i] = x[i] * 3 + (first ? 1 : 0);",
                "", "the reference disagrees with itself in another process"}),
    [](const auto& each) { return std::string(each.param.name); });

// One cause, one error, though a handful of cheats pass because of it.
TEST_F(ProblemCheck, AToleranceAboveAllResultsIsSaidOnce) {
  const auto integers = [](std::string text) {
    text = ReplaceAll(ReplaceAll(std::move(text), "\"f32\"", "\"i32\""), "float*", "int32_t*");
    return ReplaceAll(std::move(text), "\"atol\": 1e-7", "\"atol\": 5000");
  };
  WriteProblem("if (i < n) y[i] = x[i] * 3;", "", R"({ "integers": [0, 30] })", "0");
  for (const char* file : {"mine/problem.json", "mine/reference.cu"})
    machine_.Write(file, integers(machine_.Read(file)));
  const GateReport report = Check("mine", 1);
  EXPECT_EQ(Errors(report),
            "the tolerance of output y is larger than every result at every shape: atol is 5000, "
            "the largest result 90");
}

// The exit code says that nothing could be judged, as that of `caesar eval` does.
TEST_F(ProblemCheck, AnUnusableProblemIsToldFromARefusedOne) {
  const auto check = [&](const char* reference, const char* message) {
    WriteProblem(reference);
    machine_.Write("kernel.cu", Kernel("if (i < n) y[i] = x[i];"));
    const Ended checked = machine_.Run({"problem", "check", "mine", "--device", "sim"});
    EXPECT_EQ(checked.code, 2) << checked;
    EXPECT_EQ(checked.out, "");
    EXPECT_HAS(checked.err, message);
    EXPECT_EQ(machine_.Run({"eval", "mine", "kernel.cu", "--device", "sim"}).code, 2);
  };
  check("if (i < n) y[i] = x[i]", "problem mine: reference.cu does not compile");
  check("y[i + (int64_t(1) << 40)] = x[i];", "the reference of problem mine failed at shape odd");
}

TEST_F(ProblemCheck, BundledProblemsAreSound) {
  for (const std::string& name : BundledProblems()) {
    const GateReport report = Check(name, 0);
    EXPECT_TRUE(report.sound) << name << ": " << Errors(report);
    for (const GateFinding& finding : report.findings)
      ADD_FAILURE() << name << ": " << finding.text;
    EXPECT_GE(report.trials.size(), 13U) << name;
  }
}

TEST_F(ProblemCheck, ShowsTheMarginsOfAnHonestKernel) {
  machine_.Write("plain.cu", R"(
#include <cstdint>
__global__ void Plain(const float* x, float* y, int64_t rows, int64_t cols) {
  const int64_t row = blockIdx.x * 32 + threadIdx.x;
  if (row >= rows) return;
  float largest = x[row * cols], sum = 0;
  for (int64_t c = 1; c < cols; ++c) largest = fmaxf(largest, x[row * cols + c]);
  for (int64_t c = 0; c < cols; ++c) sum += expf(x[row * cols + c] - largest);
  for (int64_t c = 0; c < cols; ++c) y[row * cols + c] = expf(x[row * cols + c] - largest) / sum;
}
extern "C" void solve(const float* x, float* y, int64_t rows, int64_t cols, cudaStream_t stream) {
  Plain<<<static_cast<unsigned>((rows + 31) / 32), 32, 0, stream>>>(x, y, rows, cols);
})");
  const Ended ended =
      machine_.Run({"problem", "check", "softmax", "--device", "sim", "--honest", "plain.cu"});
  // One running sum of 16411 equal terms is what the tolerance must bear; it leaves little room.
  EXPECT_EQ(ended.code, 0) << ended;
  EXPECT_HAS(ended.out, "problem softmax: sound");
  EXPECT_HAS(ended.out, "plain.cu");
  EXPECT_HAS(ended.out, "at shape long_row (one_hot(1))");
  EXPECT_HAS(ended.out, "! lower_results");
}

// The last one is right, and so is the file of the same name.
TEST_F(ProblemCheck, EveryHonestKernelIsJudged) {
  WriteProblem("if (i < n) y[i] = x[i] * 3;", "if (i < n) y[i] = x[i] * 3;");
  machine_.Write("a/kernel.cu", Kernel("if (i < n) y[i] = x[i] * 2;"));
  machine_.Write("kernel.cu", Kernel("if (i < n) y[i] = 3 * x[i];"));
  machine_.Write("plain.cu", Kernel("if (i < n) y[i] = x[i] + 2 * x[i];"));
  const Ended ended = machine_.Run({"problem", "check", "mine", "--device", "sim", "--json",
                                    "--honest", "a/kernel.cu", "--honest", "kernel.cu", "--honest",
                                    "plain.cu", "--honest", "./plain.cu"});
  EXPECT_EQ(ended.code, 1) << ended;
  const auto report = ParseGateReport(ended.out);
  ASSERT_TRUE(report.ok()) << ended;
  EXPECT_HAS(Errors(report.value()),
             "the honest kernel a/kernel.cu does not agree with the reference");
  std::vector<std::string> named;
  for (const GateTrial& trial : report.value().trials) {
    if (EndsWith(trial.name, ".cu")) named.push_back(trial.name + " " + trial.outcome);
  }
  EXPECT_EQ(named, (std::vector<std::string>{"a/kernel.cu wrong", "./kernel.cu correct",
                                             "plain.cu correct"}));
}

TEST_F(ProblemCheck, WordsThatAreNoProblem) {
  EXPECT_EQ(machine_.Run({"problem", "check"}).code, 2);
  EXPECT_EQ(machine_.Run({"problem", "check", "nothing_of_that_name"}).code, 2);
  EXPECT_EQ(machine_.Run({"problem", "check", "softmax", "--honest", "nowhere.cu"}).code, 2);
  std::vector<std::string> many = {"problem", "check", "softmax"};
  for (int i = 0; i < 17; ++i) {
    many.emplace_back("--honest");
    many.push_back(std::to_string(i) + ".cu");
    machine_.Write(many.back(), "");
  }
  const Ended ended = machine_.Run(many);
  EXPECT_EQ(ended.code, 2);
  EXPECT_HAS(ended.err, "17 kernels, and takes 16 at most");
}

}  // namespace
}  // namespace caesar
