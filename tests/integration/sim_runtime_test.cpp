// Objects as nvcc makes them for the simulated GPU, loaded into a program that exports our CUDA
// runtime; and that objects for a real GPU are none of its business.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <set>

#include "base/strings.h"
#include "build/compile.h"
#include "build/nvcc_command.h"
#include "fakes/temp_folder.h"
#include "problem/signature.h"
#include "record/device_info.h"
#include "sim/runtime/device.h"

namespace caesar {
namespace {

using Entry = int (*)(void* const* arguments, void* stream, const char** error_name);

constexpr std::int64_t kCount = 1000;

Problem Addition() {
  Problem problem;
  problem.name = "addition";
  problem.launcher = "solve";
  problem.dims = {"n"};
  for (const char* name : {"a", "b"}) problem.inputs.emplace_back().name = name;
  problem.outputs.emplace_back().name = "c";
  return problem;
}

constexpr const char* kKernel = R"(
__global__ void add(const float* a, const float* b, float* c, int64_t n) {
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  if (i < n) c[i] = a[i] + b[i];
}
)";

// A tensor of floats in memory that the judge would share.
class Tensor {
 public:
  explicit Tensor(const char* name, bool writable)
      : fd_(::memfd_create(name, MFD_CLOEXEC)), bytes_(kCount * sizeof(float)) {
    EXPECT_EQ(::ftruncate(fd_, 8192), 0);
    void* at = ::mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    values_ = reinterpret_cast<float*>(static_cast<char*>(at) + 4096 - 256);
    const auto mapped =
        Device().MapTensor(fd_, 8192, 4096 - 256, bytes_, writable, std::string("tensor ") + name);
    EXPECT_TRUE(mapped.ok());
    if (mapped.ok()) address_ = mapped.value();
  }
  ~Tensor() { ::close(fd_); }
  static sim::Device& Device() { return *sim::Device::Open(std::uint64_t{256} << 20).value(); }
  float& operator[](std::int64_t i) { return values_[i]; }
  void** address() { return &address_; }

 private:
  int fd_;
  std::uint64_t bytes_;
  float* values_ = nullptr;
  void* address_ = nullptr;
};

class SimRuntime : public testing::Test {
 protected:
  void SetUp() override {
    const Result<Toolkit> toolkit = FindToolkit(RealFiles(), RealProcesses());
    if (!toolkit.ok()) GTEST_SKIP() << toolkit.error().message << "\n" << toolkit.error().detail;
    compiler_ = MakeCompiler(toolkit.value(), {folder_ / "cache", std::uint64_t{1} << 30},
                             ScratchFiles(), RealProcesses());
    for (std::int64_t i = 0; i < kCount; ++i) {
      a_[i] = static_cast<float>(i);
      b_[i] = 0.5F;
    }
  }
  void TearDown() override { Tensor::Device().UnmapTensors(); }

  CompileOutcome Compile(const std::string& source, const char* arch = kSimArch) {
    CompileRequest request;
    request.problem = &problem_;
    request.source = source;
    request.arch = arch;
    auto outcome = compiler_->Compile(request, StopToken());
    EXPECT_TRUE(outcome.ok()) << outcome.error().message << outcome.error().detail;
    return outcome.ok() ? std::move(outcome).value() : CompileOutcome(CompileFailed{});
  }

  // Compiles, loads and calls; what the entry returned, or -1.
  int Call(const std::string& source) {
    const CompileOutcome outcome = Compile(source);
    const Compiled* compiled = std::get_if<Compiled>(&outcome);
    if (compiled == nullptr) {
      ADD_FAILURE() << std::get<CompileFailed>(outcome).log;
      return -1;
    }
    registers_ = compiled->info.registers;
    void* object = ::dlopen(compiled->object.c_str(), RTLD_NOW | RTLD_LOCAL);
    EXPECT_NE(object, nullptr) << ::dlerror();
    if (object == nullptr) return -1;
    const auto entry = reinterpret_cast<Entry>(::dlsym(object, kEntrySymbol));
    std::int64_t count = kCount;
    void* arguments[] = {a_.address(), b_.address(), c_.address(), &count};
    Tensor::Device().BeginCall();
    const char* name = nullptr;
    const int error = entry(arguments, Tensor::Device().stream(), &name);
    if (name != nullptr) error_name_ = name;
    report_ = Tensor::Device().EndCall();
    return error;
  }

  void ExpectSum() {
    for (std::int64_t i = 0; i < kCount; ++i) {
      ASSERT_EQ(c_[i], static_cast<float>(i) + 0.5F) << "element " << i;
    }
  }

  TempFolder folder_;
  Problem problem_ = Addition();
  std::unique_ptr<Compiler> compiler_;
  Tensor a_{"a", false}, b_{"b", false}, c_{"c", true};
  sim::CallReport report_;
  std::string error_name_;
  int registers_ = 0;
};

TEST_F(SimRuntime, AddsTwoVectors) {
  ASSERT_EQ(Call(std::string(kKernel) + R"(
void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  add<<<(n + 255) / 256, 256, 0, stream>>>(a, b, c, n);
})"),
            0)
      << error_name_;
  ExpectSum();
  EXPECT_GT(registers_, 0) << "from ptxas";
  ASSERT_EQ(report_.kernels.size(), 1U);
  EXPECT_EQ(report_.kernels[0].record.blocks_run, 4U);
  EXPECT_FALSE(report_.kernels[0].other_stream);
  EXPECT_TRUE(report_.findings.empty());
}

TEST_F(SimRuntime, RunsStreamsEventsGraphsAndSymbols) {
  ASSERT_EQ(Call(std::string(kKernel) + R"(
__device__ float table[4];
__constant__ float half;
__managed__ int runs;
__global__ void scale(float* x, int64_t n) {
  extern __shared__ float staged[];
  const int64_t i = blockIdx.x * int64_t{blockDim.x} + threadIdx.x;
  staged[threadIdx.x] = half * table[3];
  __syncthreads();
  if (i < n) x[i] *= staged[threadIdx.x];
  if (i == 0) ++runs;
}
void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  const float four[4] = {0, 0, 0, 4}, one_half = 0.5f;
  float* copy = nullptr;
  cudaStream_t side;
  cudaEvent_t fork, join;
  cudaGraph_t graph;
  cudaGraphExec_t exec;
  runs = 0;
  cudaMemcpyToSymbolAsync(table, four, sizeof four, 0, cudaMemcpyHostToDevice, stream);
  cudaMemcpyToSymbol(half, &one_half, sizeof half);
  cudaMallocAsync(&copy, n * sizeof(float), stream);
  cudaStreamCreateWithFlags(&side, cudaStreamNonBlocking);
  cudaEventCreateWithFlags(&fork, cudaEventDisableTiming);
  cudaEventCreateWithFlags(&join, cudaEventDisableTiming);
  cudaFuncSetAttribute(scale, cudaFuncAttributeMaxDynamicSharedMemorySize, 100000);
  cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal);
  cudaMemsetAsync(copy, 0, n * sizeof(float), stream);
  cudaEventRecord(fork, stream);
  cudaStreamWaitEvent(side, fork);
  add<<<(n + 255) / 256, 256, 0, side>>>(a, b, copy, n);
  cudaEventRecord(join, side);
  cudaStreamWaitEvent(stream, join);
  scale<<<(n + 127) / 128, 128, 100000, stream>>>(copy, n);  // by two
  cudaStreamEndCapture(stream, &graph);
  cudaGraphInstantiate(&exec, graph, 0);
  cudaGraphLaunch(exec, stream);
  cudaGraphLaunch(exec, stream);
  cudaMemcpyToSymbolAsync(table, &one_half, sizeof(float), 3 * sizeof(float), cudaMemcpyHostToDevice, stream);
  scale<<<(n + 127) / 128, 128, 512, stream>>>(copy, n);  // by a quarter
  cudaMemcpyAsync(c, copy, n * sizeof(float), cudaMemcpyDeviceToDevice, stream);
  add<<<(n + 255) / 256, 256, 0, stream>>>(c, c, c, n);
  cudaFreeAsync(copy, stream);
  cudaGraphExecDestroy(exec);
  cudaGraphDestroy(graph);
  cudaEventDestroy(fork);
  cudaEventDestroy(join);
  cudaStreamSynchronize(stream);
  cudaStreamDestroy(side);
  if (runs != 3) add<<<1, 2000>>>(a, b, c, n);
})"),
            0)
      << error_name_;
  ExpectSum();
  ASSERT_EQ(report_.kernels.size(), 3U) << "add, and scale with two sizes of shared memory";
  EXPECT_EQ(report_.kernels[0].launches, 3U);
}

TEST_F(SimRuntime, ReturnsTheErrorsOfTheHardware) {
  EXPECT_EQ(Call(std::string(kKernel) + R"(
void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  add<<<1, 2048, 0, stream>>>(a, b, c, n);
})"),
            1);
  EXPECT_TRUE(StartsWith(error_name_, "cudaErrorInvalidValue: invalid argument")) << error_name_;
  ASSERT_EQ(report_.findings.size(), 1U);
  EXPECT_EQ(report_.findings[0].kind, sim::FindingKind::kLaunchFailed);
}

TEST_F(SimRuntime, NamesWhatItCannotDo) {
  EXPECT_EQ(Call(R"(
void solve(const float*, const float*, float*, int64_t, cudaStream_t) {
  cudaArray_t array;
  cudaChannelFormatDesc format = cudaCreateChannelDesc<float>();
  cudaMallocArray(&array, &format, 16, 16);
})"),
            801);
  ASSERT_EQ(report_.findings.size(), 1U);
  EXPECT_EQ(report_.findings[0].text, "not simulated: cudaMallocArray (CUDA arrays)");
}

TEST_F(SimRuntime, LeavesNothingElseUndefined) {
  const CompileOutcome outcome = Compile(R"(
extern "C" void missing();
void solve(const float*, const float*, float*, int64_t, cudaStream_t) { missing(); }
)");
  const CompileFailed* failed = std::get_if<CompileFailed>(&outcome);
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->headline, "link: error: undefined reference to `missing'");
}

// Names that an object wants from outside.
std::set<std::string> Wanted(const std::string& object) {
  std::set<std::string> names;
  FILE* pipe = ::popen(("nm -D --undefined-only " + object).c_str(), "r");
  if (pipe == nullptr) return names;
  std::array<char, 4096> line{};
  while (std::fgets(line.data(), line.size(), pipe) != nullptr) {
    std::string_view text = Trim(line.data());
    text.remove_prefix(std::min(text.size(), text.rfind(' ') + 1));
    names.emplace(text.substr(0, text.find('@')));
  }
  ::pclose(pipe);
  return names;
}

TEST_F(SimRuntime, IsNothingToAnObjectForAGpu) {
  const std::string source = std::string(kKernel) + R"(
void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  void* memory = nullptr;
  if (cudaMalloc(&memory, 64) == cudaSuccess) cudaFree(memory);
  add<<<(n + 255) / 256, 256, 0, stream>>>(a, b, c, n);
})";
  const CompileOutcome simulated = Compile(source);
  const CompileOutcome real = Compile(source, "sm_90a");
  ASSERT_TRUE(std::holds_alternative<Compiled>(simulated));
  ASSERT_TRUE(std::holds_alternative<Compiled>(real));
  const std::set<std::string> ours = Wanted(std::get<Compiled>(simulated).object);
  const std::set<std::string> theirs = Wanted(std::get<Compiled>(real).object);
  EXPECT_EQ(ours.count("cudaMalloc"), 1U);
  EXPECT_FALSE(theirs.empty());
  const std::string options = RuntimeOptions();
  for (const std::string_view line : Lines(options)) {
    const std::string name(line.substr(line.find('=') + 1));
    EXPECT_EQ(theirs.count(name), 0U) << name;
    EXPECT_NE(::dlsym(RTLD_DEFAULT, name.c_str()), nullptr) << name << " is exported here";
  }
}

}  // namespace
}  // namespace caesar
