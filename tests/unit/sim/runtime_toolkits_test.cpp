// Objects of CUDA 12 and 13 on the simulated GPU, without either toolkit: PTX that nvcc 12.4
// and 13.0 wrote, registered and launched as the host code does that they write, and the calls
// whose forms differ between them. The kernels: data/device_calls.cu.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "sim/runtime/abi.h"
#include "sim/runtime/device.h"
#include "sim/runtime/properties.h"
#include "unit/sim/fat_binary.h"

namespace caesar::sim {
namespace {

// An entry point in the form that one of the toolkits declares.
template <class Function>
Function* Entry(const char* name) {
  void* found = ::dlsym(RTLD_DEFAULT, name);
  EXPECT_NE(found, nullptr) << name;
  return reinterpret_cast<Function*>(found);
}

struct Toolkit {
  int cuda;  // 12 or 13
  std::uint16_t ptx_major, ptx_minor;
  int version;  // cudaRuntimeGetVersion
};

class Toolkits : public testing::TestWithParam<Toolkit> {
 protected:
  // Host functions that stand for the kernels.
  static constexpr const char* kNames[] = {"print",      "allocate",       "overrun",
                                           "free_twice", "use_after_free", "check"};
  static inline const char kHosts[std::size(kNames)] = {};
  static const char* HostOf(std::string_view name) {
    const auto* found = std::find(std::begin(kNames), std::end(kNames), name);
    return &kHosts[found - std::begin(kNames)];
  }

  static void SetUpTestSuite() { ASSERT_TRUE(Device::Open(std::uint64_t{256} << 20).ok()); }

  // What constructors of the object do.
  void SetUp() override {
    std::ifstream file(CAESAR_SIM_TEST_DATA "/device_calls.cuda" + std::to_string(cuda()) + ".ptx");
    const std::string text(std::istreambuf_iterator<char>(file), {});
    ASSERT_FALSE(text.empty());
    image_ = test::FatBinary(text, GetParam().ptx_major, GetParam().ptx_minor);
    wrapper_.data = image_.data();
    handle_ = Entry<void**(void*)>("__cudaRegisterFatBinary")(&wrapper_);
    for (const char* name : kNames) {
      Entry<void(void**, const char*, char*, const char*, int, void*, void*, void*, void*, int*)>(
          "__cudaRegisterFunction")(handle_, HostOf(name), nullptr, name, -1, nullptr, nullptr,
                                    nullptr, nullptr, nullptr);
    }
    Entry<void(void**)>("__cudaRegisterFatBinaryEnd")(handle_);
    device().BeginCall();
  }
  void TearDown() override {
    device().EndCall();
    Entry<void(void**)>("__cudaUnregisterFatBinary")(handle_);
  }

  int cuda() const { return GetParam().cuda; }
  static Device& device() { return *Device::Current(); }

  // kernel<<<grid, block, shared, stream>>>(args), as crt/host_runtime.h of each toolkit spells it.
  int Launch(const char* kernel, abi::Dim grid, abi::Dim block, void** args) {
    const char* host = HostOf(kernel);
    if (Entry<unsigned(abi::Dim, abi::Dim, std::size_t, void*)>("__cudaPushCallConfiguration")(
            grid, block, 0, nullptr) != 0) {
      return -1;
    }
    abi::Dim popped_grid{}, popped_block{};
    std::size_t shared = 0;
    void* stream = nullptr;
    if (Entry<int(abi::Dim*, abi::Dim*, std::size_t*, void*)>("__cudaPopCallConfiguration")(
            &popped_grid, &popped_block, &shared, &stream) != 0) {
      return -1;
    }
    using Launcher = int(const void*, abi::Dim, abi::Dim, void**, std::size_t, void*);
    if (cuda() == 12) {
      return Entry<Launcher>("cudaLaunchKernel")(host, popped_grid, popped_block, args, shared,
                                                 stream);
    }
    void* found = nullptr;
    if (const int error = Entry<int(void**, const void*)>("__cudaGetKernel")(&found, host)) {
      return error;
    }
    return Entry<Launcher>("__cudaLaunchKernel")(found, popped_grid, popped_block, args, shared,
                                                 stream);
  }
  std::vector<int> Numbers(void* from, std::size_t count) {
    std::vector<int> numbers(count);
    EXPECT_EQ(Entry<int(void*, const void*, std::size_t, int)>("cudaMemcpy")(
                  numbers.data(), from, count * sizeof(int), abi::kDeviceToHost),
              0);
    return numbers;
  }
  void* Malloc(std::size_t bytes) {
    void* address = nullptr;
    EXPECT_EQ(Entry<int(void**, std::size_t)>("cudaMalloc")(&address, bytes), 0);
    return address;
  }
  void Free(void* address) { Entry<int(void*)>("cudaFree")(address); }
  int Synchronize() { return Entry<int()>("cudaDeviceSynchronize")(); }
  // A kernel that faults leaves a device that answers nothing more: it has a process of its own.
  // What is found there, as "kind: text".
  std::string FindsWhenRun(const char* kernel, void** args) {
    int ends[2] = {};
    EXPECT_EQ(::pipe(ends), 0);
    if (const pid_t child = ::fork(); child == 0) {
      Launch(kernel, {1, 1, 1}, {1, 1, 1}, args);
      const int error = Synchronize();
      std::string text = std::to_string(error);
      for (const Finding& finding : device().EndCall().findings) {
        text += " " + std::string(Name(finding.kind)) + ": " + finding.text;
      }
      const auto written = ::write(ends[1], text.data(), text.size());
      ::_exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
    } else {
      int status = 0;
      ::waitpid(child, &status, 0);
      EXPECT_EQ(status, 0);
    }
    char text[4096] = {};
    EXPECT_GT(::read(ends[0], text, sizeof text - 1), 0);
    ::close(ends[0]);
    ::close(ends[1]);
    return text;
  }

  std::vector<std::byte> image_;
  abi::FatBinaryWrapper wrapper_{abi::FatBinaryWrapper::kMagic, 1, nullptr, nullptr};
  void** handle_ = nullptr;
};

TEST_P(Toolkits, PrintWhatDeviceCodePrints) {
  void* text = Malloc(8);
  Entry<int(void*, const void*, std::size_t, int)>("cudaMemcpy")(text, "word", 5,
                                                                 abi::kHostToDevice);
  double real = 2.5;
  long long wide = 0x123456789abLL;
  int n = 42;
  void* args[] = {&text, &real, &wide, &n};
  testing::internal::CaptureStdout();
  ASSERT_EQ(Launch("print", {1, 1, 1}, {2, 1, 1}, args), 0);
  EXPECT_EQ(Synchronize(), 0);
  const std::string line = "42     7|42  |+2.50 2.500000e+00 word x 123456789ab %\n";
  EXPECT_EQ(testing::internal::GetCapturedStdout(), line + line + "no arguments\n");
  Free(text);
}

TEST_P(Toolkits, AllocateFromAHeapThatHasAnEnd) {
  const auto set_limit = Entry<int(int, std::size_t)>("cudaDeviceSetLimit");
  constexpr unsigned kThreads = 64;
  void* out = Malloc(2 * kThreads * sizeof(int));
  int bytes = 100;
  void* args[] = {&out, &bytes};
  ASSERT_EQ(Launch("allocate", {2, 1, 1}, {kThreads, 1, 1}, args), 0);
  std::vector<int> numbers = Numbers(out, 2 * kThreads);
  for (int i = 0; i < static_cast<int>(numbers.size()); ++i)
    EXPECT_EQ(numbers[std::size_t(i)], i * 3);
  // Room for ten blocks of 112 bytes.
  ASSERT_EQ(set_limit(abi::kLimitHeap, 1120), 0);
  ASSERT_EQ(Launch("allocate", {1, 1, 1}, {kThreads, 1, 1}, args), 0);
  numbers = Numbers(out, kThreads);
  EXPECT_EQ(std::count(numbers.begin(), numbers.end(), -1), kThreads - 10);
  ASSERT_EQ(Launch("allocate", {1, 1, 1}, {10, 1, 1}, args), 0);
  numbers = Numbers(out, 10);
  EXPECT_EQ(std::count(numbers.begin(), numbers.end(), -1), 0) << "what was freed is free again";
  EXPECT_EQ(set_limit(abi::kLimitHeap, std::size_t{8} << 20), 0);
  EXPECT_TRUE(device().EndCall().findings.empty());
  Free(out);
}

TEST_P(Toolkits, PrintAsMuchAsTheLimitSays) {
  const auto set_limit = Entry<int(int, std::size_t)>("cudaDeviceSetLimit");
  void* text = Malloc(8);
  double real = 0;
  long long wide = 0;
  int n = 1;
  void* args[] = {&text, &real, &wide, &n};
  ASSERT_EQ(set_limit(abi::kLimitPrintf, 100), 0);
  testing::internal::CaptureStdout();
  ASSERT_EQ(Launch("print", {1, 1, 1}, {32, 1, 1}, args), 0);
  EXPECT_EQ(Synchronize(), 0);
  EXPECT_LE(testing::internal::GetCapturedStdout().size(), 100U);
  const CallReport report = device().EndCall();
  ASSERT_FALSE(report.findings.empty());
  EXPECT_EQ(report.findings[0].kind, FindingKind::kPrintfOverflow);
  EXPECT_EQ(report.findings[0].count, 1U) << "once it is full";
  ASSERT_EQ(set_limit(abi::kLimitPrintf, std::size_t{4} << 20), 0);
  device().BeginCall();
  testing::internal::CaptureStdout();
  ASSERT_EQ(Launch("print", {40, 1, 1}, {1024, 1, 1}, args), 0);
  EXPECT_EQ(Synchronize(), 0);
  EXPECT_GT(testing::internal::GetCapturedStdout().size(), std::size_t{1} << 20);
  EXPECT_TRUE(device().EndCall().findings.empty());
  EXPECT_EQ(set_limit(abi::kLimitPrintf, std::size_t{1} << 20), 0);
  Free(text);
}

TEST_P(Toolkits, FindWhatIsWrongWithTheHeapAndAssertions) {
  void* out = Malloc(64);
  void* args[] = {&out};
  EXPECT_NE(FindsWhenRun("overrun", args).find("700 out_of_bounds"), std::string::npos);
  EXPECT_NE(FindsWhenRun("free_twice", args).find("which malloc did not return"),
            std::string::npos);
  int n = 4;
  void* loop[] = {&out, &n};
  EXPECT_NE(FindsWhenRun("use_after_free", loop).find("which has been freed"), std::string::npos);
  n = 100;
  void* number[] = {&n};
  const std::string failed = FindsWhenRun("check", number);
  EXPECT_NE(failed.find("710 assert"), std::string::npos) << failed;
  EXPECT_NE(failed.find("n < 100 && \"too many\""), std::string::npos) << failed;
  EXPECT_NE(failed.find("device_calls.cu:34"), std::string::npos) << failed;
  n = 99;
  EXPECT_EQ(FindsWhenRun("check", number), "0");
  Free(out);
}

TEST_P(Toolkits, KnowWhichOneItIs) {
  int version = 0;
  ASSERT_EQ(Entry<int(int*)>("cudaRuntimeGetVersion")(&version), 0);
  EXPECT_EQ(version, GetParam().version);
  // cudaDeviceProp is another structure in each, and CUDA 12 asks for its own by another name.
  const char* call = cuda() == 12 ? "cudaGetDeviceProperties_v2" : "cudaGetDeviceProperties";
  const std::size_t bytes = cuda() == 12 ? 1032 : 1008;
  const std::size_t processors = cuda() == 12 ? 388 : 384;  // offset of multiProcessorCount
  std::vector<char> properties(bytes + 8, 'x');
  ASSERT_EQ(Entry<int(void*, int)>(call)(properties.data(), 0), 0);
  int count = 0;
  std::memcpy(&count, properties.data() + processors, sizeof count);
  EXPECT_EQ(count, 132);
  EXPECT_EQ(properties[bytes], 'x') << "nothing behind it";
}

TEST_P(Toolkits, WriteNothingBehindItsStructures) {
  struct Attributes12 {  // cudaPointerAttributes of CUDA 12; CUDA 13 has reserved words behind it
    int type, device;
    void *device_pointer, *host_pointer;
    char guard[64];
  } attributes;
  std::memset(&attributes, 'x', sizeof attributes);
  void* memory = Malloc(64);
  ASSERT_EQ(Entry<int(void*, const void*)>("cudaPointerGetAttributes")(&attributes, memory), 0);
  EXPECT_EQ(attributes.type, abi::kDevice);
  EXPECT_EQ(attributes.device_pointer, memory);
  EXPECT_EQ(attributes.host_pointer, nullptr);
  EXPECT_EQ(std::count(std::begin(attributes.guard), std::end(attributes.guard), 'x'), 64);
  Free(memory);
}

// One name, with data of edges in CUDA 13 and without in CUDA 12.
TEST_P(Toolkits, PassDependenciesInTheirOwnForm) {
  void *graph = nullptr, *nodes[2] = {}, *from[2] = {}, *to[2] = {}, *found = nullptr;
  ASSERT_EQ(Entry<int(void**, unsigned)>("cudaGraphCreate")(&graph, 0), 0);
  for (void*& node : nodes) {
    ASSERT_EQ(Entry<int(void**, void*, void* const*, std::size_t)>("cudaGraphAddEmptyNode")(
                  &node, graph, nullptr, 0),
              0);
  }
  std::size_t count = 2, needed = 1;
  if (cuda() == 12) {
    using Connect = int(void*, void* const*, void* const*, std::size_t);
    using Edges = int(void*, void**, void**, std::size_t*);
    using Needed = int(void*, void**, std::size_t*);
    ASSERT_EQ(Entry<Connect>("cudaGraphAddDependencies")(graph, &nodes[0], &nodes[1], 1), 0);
    ASSERT_EQ(Entry<Edges>("cudaGraphGetEdges")(graph, from, to, &count), 0);
    ASSERT_EQ(Entry<Needed>("cudaGraphNodeGetDependencies")(nodes[1], &found, &needed), 0);
  } else {
    using Connect = int(void*, void* const*, void* const*, const void*, std::size_t);
    using Edges = int(void*, void**, void**, void*, std::size_t*);
    using Needed = int(void*, void**, void*, std::size_t*);
    ASSERT_EQ(Entry<Connect>("cudaGraphAddDependencies")(graph, &nodes[0], &nodes[1], nullptr, 1),
              0);
    ASSERT_EQ(Entry<Edges>("cudaGraphGetEdges")(graph, from, to, nullptr, &count), 0);
    ASSERT_EQ(Entry<Needed>("cudaGraphNodeGetDependencies")(nodes[1], &found, nullptr, &needed), 0);
  }
  EXPECT_EQ(count, 1U);
  EXPECT_EQ(from[0], nodes[0]);
  EXPECT_EQ(to[0], nodes[1]);
  EXPECT_EQ(needed, 1U);
  EXPECT_EQ(found, nodes[0]);
  EXPECT_EQ(Entry<int(void*)>("cudaGraphDestroy")(graph), 0);
}

TEST_P(Toolkits, AskForACaptureInTheirOwnForm) {
  void *stream = nullptr, *captured = nullptr, *graph = nullptr;
  int status = 0;
  unsigned long long id = 0;
  ASSERT_EQ(Entry<int(void**)>("cudaStreamCreate")(&stream), 0);
  ASSERT_EQ(Entry<int(void*, int)>("cudaStreamBeginCapture")(stream, abi::kCaptureGlobal), 0);
  if (cuda() == 12) {
    using Info = int(void*, int*, unsigned long long*);
    using Info2 = int(void*, int*, unsigned long long*, void**, const void**, std::size_t*);
    ASSERT_EQ(Entry<Info>("cudaStreamGetCaptureInfo")(stream, &status, &id), 0);
    ASSERT_EQ(Entry<Info2>("cudaStreamGetCaptureInfo_v2")(stream, &status, &id, &captured, nullptr,
                                                          nullptr),
              0);
  } else {
    using Info =
        int(void*, int*, unsigned long long*, void**, const void**, const void**, std::size_t*);
    ASSERT_EQ(Entry<Info>("cudaStreamGetCaptureInfo")(stream, &status, &id, &captured, nullptr,
                                                      nullptr, nullptr),
              0);
  }
  EXPECT_EQ(status, abi::kCaptureActive);
  EXPECT_NE(id, 0U);
  ASSERT_EQ(Entry<int(void*, void**)>("cudaStreamEndCapture")(stream, &graph), 0);
  EXPECT_EQ(graph, captured);
  Entry<int(void*)>("cudaGraphDestroy")(graph);
  Entry<int(void*)>("cudaStreamDestroy")(stream);
}

INSTANTIATE_TEST_SUITE_P(All, Toolkits,
                         testing::Values(Toolkit{12, 8, 4, 12040}, Toolkit{13, 9, 0, 13000}),
                         [](const auto& test) { return "Cuda" + std::to_string(test.param.cuda); });

}  // namespace
}  // namespace caesar::sim
