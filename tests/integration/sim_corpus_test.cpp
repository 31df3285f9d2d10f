// The simulated GPU against a real one: every case of tests/sim_corpus is compiled, run on the
// simulator with each instruction set and both orders of warps, and compared with what an H100
// computed (tests/sim_corpus/expected, by scripts/record-sim-corpus). Skipped without nvcc.
//
// Each run has a process of its own, as a device that has seen a fault runs nothing any more.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "sim/profile.h"
#include "sim/runtime/device.h"
#include "sim_corpus/corpus.h"

// The entry points under test, as a candidate sees them.
extern "C" {
int cudaMalloc(void** address, std::size_t bytes);
int cudaMemcpy(void* to, const void* from, std::size_t bytes, int kind);
int cudaMemset(void* to, int value, std::size_t bytes);
int cudaStreamSynchronize(void* stream);
const char* cudaGetErrorName(int error);
}

namespace caesar::sim {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<unsigned char>;

constexpr std::size_t kTextMax = 16384;
constexpr unsigned kSecondsMax = 60;  // per run of a case

const fs::path& Corpus() {
  static const fs::path folder = fs::path(CAESAR_SOURCE_DIR) / "tests/sim_corpus";
  return folder;
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(Corpus() / "cases")) {
    if (entry.path().extension() == ".cu") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Bytes ReadBytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(file), {});
}

// Digests of the cases as they were when their results were recorded, by name.
std::map<std::string, std::string> Manifest() {
  std::map<std::string, std::string> digests;
  std::ifstream file(Corpus() / "expected/MANIFEST");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string name;
    words >> name >> digests[name];
  }
  return digests;
}

// Compiles all cases once, on all cores.
class Objects : public testing::Environment {
 public:
  static constexpr int kNoNvcc = 77;
  static int result;
  void SetUp() override {
    const std::string command =
        "'" + (Corpus() / "build-cases").string() + "' '" CAESAR_SIM_CORPUS_OBJECTS "'";
    const int status = std::system(command.c_str());
    result = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
};
int Objects::result = 0;
const auto* const kObjects = testing::AddGlobalTestEnvironment(new Objects);

// What a run leaves for the test: memory that both processes see.
struct Shared {
  bool finished;
  char text[kTextMax];  // what went wrong; empty: nothing
  char finds[kTextMax];
  char counters[kTextMax];  // what a profiler would count, see Counters
  unsigned char output[64 * 1024];
};

void Say(char (&to)[kTextMax], const std::string& text) {
  std::snprintf(to, kTextMax, "%s", text.c_str());
}

std::string Called(const char* what, int error) {
  return error == 0 ? "" : std::string(what) + " answered " + cudaGetErrorName(error) + "\n";
}

// Traffic of a kernel's launches, as a profiler of the hardware counts it.
struct Counters {
  double requests = 0, sectors = 0;   // global loads and stores
  double shared = 0, wavefronts = 0;  // instructions on shared memory, and their passes
};

std::string CountersOf(const CallReport& report) {
  std::map<std::string, Counters> kernels;
  for (const KernelRun& run : report.kernels) {
    if (run.module == nullptr || run.record.function == nullptr) continue;  // refused
    const SimKernel kernel = KernelOf(run.record, *run.module, run.launches, 0);
    Counters& sum = kernels[kernel.name.substr(0, kernel.name.find('('))];
    sum.requests += static_cast<double>(kernel.counts.global_requests);
    sum.sectors += static_cast<double>(kernel.counts.global_sectors);
    sum.shared += static_cast<double>(kernel.counts.shared_requests);
    sum.wavefronts += static_cast<double>(kernel.counts.shared_waves);
  }
  std::ostringstream text;
  for (const auto& [name, sum] : kernels) {
    text << name << ' ' << sum.requests << ' ' << sum.sectors << ' ' << sum.shared << ' '
         << sum.wavefronts << '\n';
  }
  return text.str();
}

std::string Execute(const corpus::Case& c, Device& device, Shared& shared) {
  const std::string object = CAESAR_SIM_CORPUS_OBJECTS "/" + c.name + ".so";
  void* library = dlopen(object.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return dlerror();
  using Run = int (*)(const void*, std::size_t, void*, std::size_t, void*);
  const auto run = reinterpret_cast<Run>(dlsym(library, "corpus_run"));
  if (run == nullptr) return "no corpus_run in " + object;

  const Bytes input = corpus::FillInput(c);
  const std::size_t bytes = corpus::OutBytes(c);
  constexpr int kToDevice = 1;
  constexpr int kToHost = 2;
  void* in = nullptr;
  void* out = nullptr;
  std::string errors = Called("cudaMalloc", cudaMalloc(&in, input.size()));
  errors += Called("cudaMalloc", cudaMalloc(&out, bytes));
  errors += Called("cudaMemcpy", cudaMemcpy(in, input.data(), input.size(), kToDevice));
  errors += Called("cudaMemset", cudaMemset(out, 0, bytes));
  if (!errors.empty()) return errors;
  device.BeginCall();
  errors += Called("corpus_run", run(in, input.size(), out, bytes, device.stream()));
  errors += Called("cudaStreamSynchronize", cudaStreamSynchronize(device.stream()));
  const CallReport report = device.EndCall();
  std::string finds;
  for (const Finding& finding : report.findings) {
    finds += std::string(Name(finding.kind)) + " ";
    if (std::find(c.finds.begin(), c.finds.end(), Name(finding.kind)) != c.finds.end()) continue;
    errors += std::string(Name(finding.kind)) + ": " + finding.text + " (" + finding.file + ":" +
              std::to_string(finding.line) + ", PTX line " + std::to_string(finding.ptx_line) +
              ")\n";
  }
  Say(shared.finds, finds);
  Say(shared.counters, CountersOf(report));
  if (errors.empty()) {
    errors += Called("cudaMemcpy", cudaMemcpy(shared.output, out, bytes, kToHost));
  }
  return errors;
}

[[noreturn]] void Child(const corpus::Case& c, const char* isa, bool reversed, Shared& shared) {
  alarm(kSecondsMax);
  setenv("CAESAR_SIM_ISA", isa, 1);
  if (std::freopen("/dev/null", "w", stdout) == nullptr) _exit(1);  // for what the device prints
  const Result<Device*> device = Device::Open(std::uint64_t{1} << 30);
  if (!device.ok()) {
    Say(shared.text, device.error().message);
  } else {
    LaunchOptions options;
    options.reversed_warps = reversed;
    device.value()->SetLaunchOptions(options);
    Say(shared.text, Execute(c, *device.value(), shared));
  }
  shared.finished = true;
  _exit(0);
}

struct Setting {
  const char* isa;
  bool reversed;
};

class SimCorpusTest : public testing::TestWithParam<std::string> {};

TEST_P(SimCorpusTest, ComputesWhatTheGpuComputes) {
  if (Objects::result == Objects::kNoNvcc) GTEST_SKIP() << "There is no nvcc.";
  const corpus::Case c = corpus::ReadCase(Corpus() / "cases" / (GetParam() + ".cu"));
  Shared* shared = static_cast<Shared*>(
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(shared, MAP_FAILED);
  ASSERT_LE(corpus::OutBytes(c), sizeof shared->output);
  const Bytes want = ReadBytes(Corpus() / "expected" / (c.name + ".bin"));
  static const std::map<std::string, std::string> manifest = Manifest();
  char digest[17];
  std::snprintf(digest, sizeof digest, "%016llx", static_cast<unsigned long long>(c.digest));
  const auto recorded = manifest.find(c.name);
  EXPECT_TRUE(recorded != manifest.end() && recorded->second == digest)
      << "tests/sim_corpus/expected has no results of this case as it is now; record them on a "
         "GPU with scripts/record-sim-corpus.";

  for (const Setting setting : {Setting{"avx2", false}, Setting{"avx2", true},
                                Setting{"portable", false}, Setting{"portable", true}}) {
    SCOPED_TRACE(std::string(setting.isa) + (setting.reversed ? ", last warp first" : ""));
    std::memset(shared, 0, sizeof *shared);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) Child(c, setting.isa, setting.reversed, *shared);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(shared->finished) << "The process ended early, with status " << status;
    EXPECT_STREQ(shared->text, "");
    for (const std::string& kind : c.finds) {
      EXPECT_NE(std::string(shared->finds).find(kind), std::string::npos) << kind << " not found";
    }
    if (!shared->finished || *shared->text != 0 || want.empty()) continue;
    const Bytes got(shared->output, shared->output + corpus::OutBytes(c));
    EXPECT_EQ(corpus::Difference(c, want, got), "");
  }
  munmap(shared, sizeof(Shared));
}

INSTANTIATE_TEST_SUITE_P(All, SimCorpusTest, testing::ValuesIn(Names()),
                         [](const auto& test) { return test.param; });

// expected/COUNTERS, summed by case and kernel.
std::map<std::string, std::map<std::string, Counters>> CountersOfTheGpu() {
  std::map<std::string, std::map<std::string, Counters>> cases;
  std::ifstream file(Corpus() / "expected/COUNTERS");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::replace(line.begin(), line.end(), '|', ' ');
    std::istringstream words(line);
    std::string name, kernel;
    double loads, load_sectors, stores, store_sectors, shared_loads, load_waves, shared_stores,
        store_waves;
    words >> name >> kernel >> loads >> load_sectors >> stores >> store_sectors >> shared_loads >>
        load_waves >> shared_stores >> store_waves;
    Counters& sum = cases[name][kernel];
    sum.requests += loads + stores;
    sum.sectors += load_sectors + store_sectors;
    sum.shared += shared_loads + shared_stores;
    sum.wavefronts += load_waves + store_waves;
  }
  return cases;
}

// Cases whose machine code accesses shared memory otherwise than their PTX: the passes that the PTX
// needs, and what ptxas made of it.
struct Otherwise {
  std::string_view name;
  double wavefronts;
  std::string_view why;
};
constexpr Otherwise kOtherwise[] = {
    // Of the hardware's 1984, 1792 are loads: 16 of 128 bits for each of 64 keys, in halves.
    {"attention", 4288, "64 loads of a key and its value become 16 of 128 bits"},
    // 16 warps, 10 steps: two accesses of 2 passes become one of 2, for loads and for stores alike.
    {"bitonic_sort", 5266 + 16 * 10 * 4,
     "at a stride of one word, two accesses become one of 64 bits"},
    // Of the hardware's 5616, 5184 are loads: 4 of 128 bits, in halves, and 16 of 32 bits.
    {"matmul_tiled", 7344, "16 loads of a row of the left tile become 4 of 128 bits"},
};

// Sectors per request of global memory, within one percent of what the hardware counts. (Numbers of
// requests are PTX's: ptxas may merge neighbouring accesses.) Passes of shared memory, exactly: who
// takes part in no access needs none, however it is written.
TEST(SimCorpusCountersTest, SectorsAndPassesAreThoseOfTheGpu) {
  if (Objects::result == Objects::kNoNvcc) GTEST_SKIP() << "There is no nvcc.";
  Shared* shared = static_cast<Shared*>(
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(shared, MAP_FAILED);
  const auto cases = CountersOfTheGpu();
  EXPECT_GE(cases.size(), 15u);
  for (const auto& [name, kernels] : cases) {
    SCOPED_TRACE(name);
    const corpus::Case c = corpus::ReadCase(Corpus() / "cases" / (name + ".cu"));
    std::memset(shared, 0, sizeof *shared);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) Child(c, "avx2", false, *shared);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    std::map<std::string, Counters> counted;
    std::istringstream lines(shared->counters);
    for (std::string kernel; lines >> kernel;) {
      Counters& sum = counted[kernel];
      lines >> sum.requests >> sum.sectors >> sum.shared >> sum.wavefronts;
    }
    for (const auto& [kernel, gpu] : kernels) {
      SCOPED_TRACE(kernel);
      const Counters& sim = counted[kernel];
      EXPECT_NEAR(sim.sectors / sim.requests, gpu.sectors / gpu.requests,
                  0.01 * gpu.sectors / gpu.requests);
      const auto* otherwise =
          std::find_if(std::begin(kOtherwise), std::end(kOtherwise),
                       [&](const Otherwise& each) { return each.name == name; });
      if (otherwise == std::end(kOtherwise)) {
        EXPECT_EQ(sim.wavefronts, gpu.wavefronts);
      } else {
        EXPECT_EQ(sim.wavefronts, otherwise->wavefronts) << otherwise->why;
        EXPECT_NE(gpu.wavefronts, otherwise->wavefronts) << "no longer otherwise";
      }
    }
  }
  munmap(shared, sizeof(Shared));
}

TEST(SimCorpusExpectedTest, HoldsResultsOfNothingElse) {
  const std::vector<std::string> names = Names();
  const std::set<std::string> known(names.begin(), names.end());
  EXPECT_GE(known.size(), 70u);
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(Corpus() / "expected")) {
    if (entry.path().extension() != ".bin") continue;
    EXPECT_TRUE(known.count(entry.path().stem())) << entry.path();
    EXPECT_LE(entry.file_size(), 16u * 1024) << entry.path();
    bytes += entry.file_size();
  }
  EXPECT_LE(bytes, known.size() * 4096) << "4 KiB on average, so that the corpus can grow";
}

}  // namespace
}  // namespace caesar::sim
