// The compiler module with the real nvcc, the real file system and real processes. Needs no GPU.
#include <dirent.h>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "base/format.h"
#include "base/strings.h"
#include "build/compile.h"
#include "build/eviction.h"
#include "fakes/temp_folder.h"
#include "problem/signature.h"

namespace caesar {
namespace {

namespace fs = std::filesystem;

constexpr const char* kGood = R"(
__global__ void add(const float* a, const float* b, float* c, int64_t n) {
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (i < n) c[i] = a[i] + b[i];
}
void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  add<<<(n + 255) / 256, 256, 0, stream>>>(a, b, c, n);
}
)";

// A problem of two inputs, made here so that the bundled ones may change.
Problem Addition() {
  Problem problem;
  problem.name = "addition";
  problem.launcher = "solve";
  problem.dims = {"n"};
  for (const char* name : {"a", "b"}) problem.inputs.emplace_back().name = name;
  problem.outputs.emplace_back().name = "c";
  return problem;
}

// Processes that work below `folder`.
std::vector<int> ProcessesIn(const std::string& folder) {
  std::vector<int> found;
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
    std::error_code error;
    const std::string cwd = fs::read_symlink(entry.path() / "cwd", error).string();
    if (!error && StartsWith(cwd, folder))
      found.push_back(std::atoi(entry.path().filename().c_str()));
  }
  return found;
}

bool Eventually(const std::function<bool()>& condition) {
  for (int i = 0; i < 500; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(Milliseconds(20));
  }
  return false;
}

class Nvcc : public testing::Test {
 protected:
  void SetUp() override {
    const Result<Toolkit> toolkit = FindToolkit(RealFiles(), RealProcesses());
    if (!toolkit.ok()) GTEST_SKIP() << toolkit.error().message << "\n" << toolkit.error().detail;
    toolkit_ = toolkit.value();
  }

  CacheConfig Config() const { return {folder_ / "cache", std::uint64_t{1} << 30}; }
  std::string Root() const { return folder_ / "cache/v1"; }
  std::unique_ptr<Compiler> Make() const {
    return MakeCompiler(toolkit_, Config(), ScratchFiles(), RealProcesses());
  }

  CompileRequest Request(const std::string& source) const {
    CompileRequest request;
    request.problem = &problem_;
    request.source = source;
    request.arch = "sm_90a";
    return request;
  }

  Result<CompileOutcome> Compile(const CompileRequest& request) const {
    return Make()->Compile(request, StopToken());
  }

  CompileFailed Failure(const std::string& source) const {
    const Result<CompileOutcome> outcome = Compile(Request(source));
    EXPECT_TRUE(outcome.ok()) << (outcome.ok() ? ""
                                               : outcome.error().message + outcome.error().detail);
    if (!outcome.ok()) return {};
    const CompileFailed* failed = std::get_if<CompileFailed>(&outcome.value());
    EXPECT_NE(failed, nullptr) << source;
    if (failed == nullptr) return {};
    EXPECT_EQ(failed->log.find(folder_ / "cache"), std::string::npos) << failed->log;
    return *failed;
  }

  TempFolder folder_;
  Toolkit toolkit_;
  Problem problem_ = Addition();
};

TEST_F(Nvcc, BuildsAnObjectThatExportsItsEntryPointAlone) {
  const auto compiler = Make();
  const Result<CompileOutcome> first = compiler->Compile(Request(kGood), StopToken());
  ASSERT_TRUE(first.ok()) << first.error().message << first.error().detail;
  const Compiled* compiled = std::get_if<Compiled>(&first.value());
  ASSERT_NE(compiled, nullptr) << std::get<CompileFailed>(first.value()).log;
  EXPECT_FALSE(compiled->info.cached);
  EXPECT_GT(compiled->info.ms, 0);
  EXPECT_GT(compiled->info.registers, 0);
  EXPECT_EQ(compiled->info.arch, "sm_90a");
  EXPECT_NE(compiled->log.find("add(float const*, float const*, float*, long): "),
            std::string::npos)
      << compiled->log;

  void* const object = ::dlopen(compiled->object.c_str(), RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
  ASSERT_NE(object, nullptr) << ::dlerror();
  EXPECT_NE(::dlsym(object, kEntrySymbol), nullptr);
  EXPECT_EQ(::dlsym(object, "solve"), nullptr);
  EXPECT_EQ(::dlsym(object, "cudaLaunchKernel"), nullptr)
      << "the static runtime must not be bound by others";
  ::dlclose(object);

  const Result<CompileOutcome> second = Make()->Compile(Request(kGood), StopToken());
  const Compiled& again = std::get<Compiled>(second.value());
  EXPECT_TRUE(again.info.cached);
  EXPECT_EQ(again.object, compiled->object);
  EXPECT_EQ(again.log, compiled->log);
  EXPECT_EQ(again.info.registers, compiled->info.registers);
  EXPECT_TRUE(fs::is_empty(Root() + "/tmp")) << "working folders and locks are gone";
}

TEST_F(Nvcc, KeepsFailuresInTheCache) {
  const std::string source = "void solve() { return 1 }\n";
  EXPECT_FALSE(Failure(source).cached);
  const CompileFailed again = Failure(source);
  EXPECT_TRUE(again.cached);
  EXPECT_TRUE(StartsWith(again.headline, "kernel.cu(1): error:")) << again.headline;
  EXPECT_GT(again.errors, 0);
}

TEST_F(Nvcc, ShowsThePrototypeForAWrongLauncher) {
  const std::string prototype = LauncherPrototype(problem_);
  for (const char* source :
       {"", "void other() {}\n", "void solve(float*, cudaStream_t) {}\n",
        "extern \"C\" void solve(const float* a, const float* b, float* c, int n, cudaStream_t "
        "stream) {}\n",
        "namespace mine { void solve(const float*, const float*, float*, int64_t, cudaStream_t) {} "
        "}\n",
        "static void solve(const float*, const float*, float*, int64_t, cudaStream_t) {}\n"}) {
    const CompileFailed failed = Failure(source);
    EXPECT_NE(failed.log.find(prototype), std::string::npos) << source << "\n" << failed.log;
  }
}

TEST_F(Nvcc, NamesTheCandidatesLines) {
  EXPECT_TRUE(StartsWith(Failure("\n\n#error no\n").headline, "kernel.cu:3:")) << "preprocessor";
  EXPECT_TRUE(StartsWith(Failure("int x = nope;\n").headline, "kernel.cu(1): error: identifier"))
      << "front end";
  const CompileFailed shared = Failure(
      std::string(
          "__global__ void big(float* y) { __shared__ float s[100000]; s[threadIdx.x] = y[0];"
          "__syncthreads(); y[1] = s[int(y[2])]; }\n") +
      kGood);
  EXPECT_TRUE(StartsWith(shared.headline,
                         "ptxas: error: Entry function 'big(float*)' uses too much shared data"))
      << shared.headline;
  const CompileFailed undefined = Failure(
      "extern \"C\" void missing();\n"
      "void solve(const float*, const float*, float*, int64_t, cudaStream_t) { missing(); }\n");
  EXPECT_EQ(undefined.headline, "link: error: undefined reference to `missing'");
}

TEST_F(Nvcc, QuotesNothingFromOtherFiles) {
  std::ofstream(folder_ / "secret") << "the_secret_word = 1;\n";
  const CompileFailed failed = Failure(Format("#include \"{}\"\n{}", folder_ / "secret", kGood));
  EXPECT_EQ(failed.log.find("the_secret_word"), std::string::npos) << failed.log;
  EXPECT_TRUE(StartsWith(failed.headline, "kernel.cu: error: it includes a file"))
      << failed.headline;
  // Also where what it says is valid.
  std::ofstream(folder_ / "valid") << "int harmless;\n";
  EXPECT_TRUE(StartsWith(Failure(Format("#include \"{}\"\n{}", folder_ / "valid", kGood)).headline,
                         "kernel.cu: error: it includes a file"));
}

// No way leads to a file that is not a header: neither its words nor its bytes.
TEST_F(Nvcc, BringsNoFileOfOthersIntoAnObject) {
  if (!ProbeSandbox().full()) GTEST_SKIP() << Join(Lacking(ProbeSandbox()), "\n");
  const std::string secret = folder_ / "secret";
  std::ofstream(secret) << "the_secret_word";
  const std::string other = folder_ / "other.so";
  fs::create_symlink(std::get<Compiled>(Compile(Request(kGood)).value()).object, other);
  for (const std::string& file : {secret, std::string("/etc/passwd"), other}) {
    const CompileFailed failed = Failure(Format("asm(\".incbin \\\"{}\\\"\");\n{}", file, kGood));
    EXPECT_NE(failed.log.find("file not found: " + file), std::string::npos) << failed.log;
  }
  const CompileFailed asked =
      Failure(Format("#if __has_include(\"{}\")\n#error is there\n#endif\n{}", secret, kGood));
  EXPECT_EQ(asked.log.find("is there"), std::string::npos) << asked.log;
}

TEST_F(Nvcc, SaysThatAnObjectWouldBeTooLarge) {
  if (!ProbeSandbox().full()) GTEST_SKIP() << Join(Lacking(ProbeSandbox()), "\n");
  const CompileFailed failed = Failure(std::string("char large[1ull << 33] = {1};\n") + kGood);
  EXPECT_NE(failed.headline.find("the object would be larger than 512 MiB"), std::string::npos)
      << failed.headline;
  EXPECT_TRUE(ProcessesIn(folder_.path()).empty());
  EXPECT_TRUE(fs::is_empty(Root() + "/tmp"));
}

TEST_F(Nvcc, LinksTheLibrariesOfTheBaseline) {
  problem_.baseline_libraries = {"cublas", "cub"};
  CompileRequest request = Request(
      "#include <cublas_v2.h>\n#include <cub/version.cuh>\n"
      "void solve(const float*, const float*, float*, int64_t, cudaStream_t) {\n"
      "  cublasHandle_t handle; cublasCreate(&handle); cublasDestroy(handle); }\n");
  request.role = Role::kBaseline;
  const Result<CompileOutcome> outcome = Compile(request);
  if (!outcome.ok() && outcome.error().message.find("has no libcublas.so") != std::string::npos) {
    GTEST_SKIP() << outcome.error().message;
  }
  // A candidate does not get the library.
  EXPECT_NE(Failure(request.source).log.find("undefined reference to `cublasCreate_v2'"),
            std::string::npos);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  const Compiled* compiled = std::get_if<Compiled>(&outcome.value());
  ASSERT_NE(compiled, nullptr) << std::get<CompileFailed>(outcome.value()).log;
  void* const object = ::dlopen(compiled->object.c_str(), RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
  EXPECT_NE(object, nullptr) << ::dlerror();
  if (object != nullptr) ::dlclose(object);
}

TEST_F(Nvcc, StopsATemplateBombWithAllItsProcesses) {
  CompileRequest request = Request(
      "template <int D, long N> struct T { static const long v = T<D - 1, 2 * N>::v + T<D - 1, 2 * "
      "N + 1>::v; };\n"
      "template <long N> struct T<0, N> { static const long v = N; };\n"
      "long bomb() { return T<30, 1>::v; }\n");
  request.timeout = Milliseconds(1500);
  const Result<CompileOutcome> outcome = Compile(request);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  ASSERT_TRUE(std::holds_alternative<CompileTimedOut>(outcome.value()));
  EXPECT_TRUE(ProcessesIn(folder_.path()).empty());
  EXPECT_TRUE(fs::is_empty(Root() + "/tmp"));
  EXPECT_EQ(InspectCache(Config(), RealFiles()).value().entries, 0) << "a time-out is no answer";
}

TEST_F(Nvcc, EndsAnEndlessInclude) {
  CompileRequest request = Request("#include \"/dev/zero\"\n");
  request.timeout = Milliseconds(800);
  const Result<CompileOutcome> outcome = Compile(request);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_FALSE(std::holds_alternative<Compiled>(outcome.value()));
  EXPECT_TRUE(ProcessesIn(folder_.path()).empty());
}

TEST_F(Nvcc, RefusesAnArchitectureThatNvccDoesNotKnowAsAnEnvironmentError) {
  CompileRequest request = Request(kGood);
  request.arch = "sm_99";
  const Result<CompileOutcome> outcome = Compile(request);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kEnvironment);
  EXPECT_NE(outcome.error().detail.find("nvcc fatal"), std::string::npos) << outcome.error().detail;
}

TEST_F(Nvcc, StopsWhenAsked) {
  StopSource stop;
  std::thread user([&] {
    Eventually([&] { return !ProcessesIn(folder_.path()).empty(); });
    stop.Request(StopLevel::kNow);
  });
  const Result<CompileOutcome> outcome = Make()->Compile(Request(kGood), StopToken(stop));
  user.join();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::kInterrupted);
  EXPECT_TRUE(ProcessesIn(folder_.path()).empty());
}

// Runs `work` in a process of its own; the returned pid is to be waited for.
pid_t InAnotherProcess(const std::function<bool()>& work) {
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(work() ? 0 : 1);
  return pid;
}

TEST_F(Nvcc, SurvivesAKillInTheMiddle) {
  const pid_t pid = InAnotherProcess([&] { return Compile(Request(kGood)).ok(); });
  ASSERT_GT(pid, 0);
  ASSERT_TRUE(Eventually([&] { return !ProcessesIn(folder_ / "cache").empty(); }));
  ::kill(pid, SIGKILL);
  int status = 0;
  ::waitpid(pid, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status)) << "the compile was over before the kill";
  EXPECT_TRUE(Eventually([&] { return ProcessesIn(folder_.path()).empty(); }))
      << "nvcc outlived its caesar";
  EXPECT_FALSE(fs::is_empty(Root() + "/tmp"));

  const Result<CompileOutcome> outcome = Compile(Request(kGood));
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_TRUE(std::holds_alternative<Compiled>(outcome.value()));
  ASSERT_TRUE(RemoveLeftovers(Root(), Milliseconds(0), RealFiles(), RealClock()).ok());
  EXPECT_TRUE(fs::is_empty(Root() + "/tmp"));
}

TEST_F(Nvcc, IsSharedByManyProcesses) {
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(InAnotherProcess([&, i] {
      const Result<CompileOutcome> outcome =
          Compile(Request(std::string(kGood) + (i % 2 == 0 ? "" : "// other\n")));
      return outcome.ok() && std::holds_alternative<Compiled>(outcome.value());
    }));
  }
  for (const pid_t pid : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  EXPECT_EQ(InspectCache(Config(), RealFiles()).value().entries, 2);
  EXPECT_TRUE(fs::is_empty(Root() + "/tmp"));
}

TEST_F(Nvcc, ReplacesADamagedObject) {
  const Result<CompileOutcome> first = Compile(Request(kGood));
  const std::string object = std::get<Compiled>(first.value()).object;
  const auto bytes = fs::file_size(object);
  {
    std::fstream file(object, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(bytes / 2));
    file << "damage";
  }
  const Result<CompileOutcome> second = Compile(Request(kGood));
  const Compiled& again = std::get<Compiled>(second.value());
  EXPECT_FALSE(again.info.cached);
  EXPECT_EQ(again.object, object);
  const Result<CompileOutcome> third = Compile(Request(kGood));
  EXPECT_TRUE(std::get<Compiled>(third.value()).info.cached);
}

}  // namespace
}  // namespace caesar
