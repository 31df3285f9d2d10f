// How fast the simulated GPU runs kernels: lane-instructions per second on one core, with counters
// and the shadow of shared memory on, for both instruction sets. See scripts/bench.d/sim.sh.
//
//   sim_bench KERNELS.ptx SOFTMAX.ptx LARGE.ptx [NAME [SECONDS]]
//
// Prints "what <tab> measured <tab> goal", the best of many repetitions in time of the processor:
// other programs may run beside this one. With NAME, only the kernels so called, for SECONDS each:
// for profilers. Exit code 1: a kernel cannot be run, or its result is wrong.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/arena.h"
#include "sim/launch.h"
#include "sim/module.h"

namespace caesar::sim {
namespace {

// Of the processor: other programs may run beside this one.
double Seconds() {
  std::timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "sim_bench: %s\n", why.c_str());
  std::exit(1);
}

template <class T>
T OrDie(Result<T> result) {
  if (!result.ok()) Die(result.error().message);
  return std::move(result).value();
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) Die("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A value for element i that depends on it and has few bits, so that sums of products are exact.
float Value(std::size_t i) { return static_cast<float>((i * 2654435761U >> 7) % 9) - 4.0f; }

struct Memory {
  template <class T>
  std::uint64_t Fill(std::size_t count, const std::function<T(std::size_t)>& value) {
    const std::uint64_t address = arena.Allocate(count * sizeof(T), "a tensor");
    for (std::size_t i = 0; i < count; ++i) At<T>(address)[i] = value(i);
    return address;
  }
  template <class T>
  T* At(std::uint64_t address) {
    return reinterpret_cast<T*>(arena.Host(address));
  }
  Arena& arena;
};

struct Params {
  template <class T>
  Params& Add(T value) {
    const std::size_t at = (bytes.size() + sizeof(T) - 1) / sizeof(T) * sizeof(T);
    bytes.resize(at + sizeof(T));
    std::memcpy(bytes.data() + at, &value, sizeof(T));
    return *this;
  }
  std::vector<std::byte> bytes;
};

struct Case {
  std::string what, kernel;  // `kernel`: part of its name
  bool in_softmax = false;   // in the second file
  LaunchShape shape;
  Params params;
  double goal = 0;                // 1e9 lane-instructions per second, or operations if flops != 0
  double flops = 0;               // of a launch
  std::function<bool()> right{};  // looks at the result of a launch
};

std::uint16_t HalfOf(float small_integer) {  // -4 .. 4
  const auto value = static_cast<int>(small_integer);
  const int magnitude = std::abs(value);
  const std::uint16_t bits[] = {0, 0x3C00, 0x4000, 0x4200, 0x4400};
  return static_cast<std::uint16_t>(bits[magnitude] | (value < 0 ? 0x8000 : 0));
}

LaunchShape Shape(Dim3 blocks, Dim3 threads) {
  LaunchShape shape;
  shape.blocks = blocks;
  shape.threads = threads;
  return shape;
}

Case VectorAdd(Memory& memory) {
  const int n = (1 << 21) + 5;
  const auto count = static_cast<std::size_t>(n);
  const std::uint64_t a = memory.Fill<float>(count, Value);
  const std::uint64_t b = memory.Fill<float>(count, [](std::size_t i) { return Value(i + 99); });
  const std::uint64_t c = memory.Fill<float>(count, [](std::size_t) { return 0.0f; });
  return {.what = "vector add",
          .kernel = "vector_add",
          .shape = Shape({static_cast<std::uint32_t>(n + 255) / 256}, {256}),
          .params = Params().Add(a).Add(b).Add(c).Add(n),
          .goal = 1.3,
          .right = [=, &memory] {
            for (std::size_t i = 0; i < count; ++i) {
              if (memory.At<float>(c)[i] != Value(i) + Value(i + 99)) return false;
            }
            return true;
          }};
}

Case Matmul(Memory& memory) {
  const int n = 512;
  const std::size_t side = 512, count = side * side;
  const std::uint64_t a = memory.Fill<float>(count, Value);
  const std::uint64_t b = memory.Fill<float>(count, [](std::size_t i) { return Value(i + 99); });
  const std::uint64_t c = memory.Fill<float>(count, [](std::size_t) { return 0.0f; });
  return {.what = "tiled matmul 512",
          .kernel = "matmul",
          .shape = Shape({16, 16}, {32, 32}),
          .params = Params().Add(a).Add(b).Add(c).Add(n),
          .goal = 1.3,
          .right = [=, &memory] {
            for (std::size_t i = 0; i < count; i += 97) {
              float sum = 0;
              for (std::size_t k = 0; k < side; ++k) {
                sum += Value(i / side * side + k) * Value(k * side + i % side + 99);
              }
              if (memory.At<float>(c)[i] != sum) return false;
            }
            return true;
          }};
}

Case Transpose(Memory& memory) {
  const int n = 2048;
  const std::size_t side = 2048, count = side * side;
  const std::uint64_t a = memory.Fill<float>(count, Value);
  const std::uint64_t b = memory.Fill<float>(count, [](std::size_t) { return 0.0f; });
  return {.what = "transpose through shared memory",
          .kernel = "transpose",
          .shape = Shape({64, 64}, {32, 8}),
          .params = Params().Add(a).Add(b).Add(n),
          .right = [=, &memory] {
            for (std::size_t i = 0; i < count; ++i) {
              if (memory.At<float>(b)[i] != Value(i % side * side + i / side)) return false;
            }
            return true;
          }};
}

Case Softmax(Memory& memory) {
  const int columns = 4096;
  const std::size_t rows = 256, width = 4096;
  const std::uint64_t x = memory.Fill<float>(rows * width, Value);
  const std::uint64_t y = memory.Fill<float>(rows * width, [](std::size_t) { return 0.0f; });
  return {.what = "softmax",
          .kernel = "softmax_registersILi4E",
          .in_softmax = true,
          .shape = Shape({static_cast<std::uint32_t>(rows)}, {256}),
          .params = Params().Add(x).Add(y).Add(columns / 4),
          .goal = 1.3,
          .right = [=, &memory] {
            for (std::size_t row = 0; row < rows; row += 17) {
              double sum = 0;
              for (std::size_t i = 0; i < width; ++i) sum += std::exp(Value(row * width + i));
              for (std::size_t i = 0; i < width; ++i) {
                const double wanted = std::exp(Value(row * width + i)) / sum;
                const double found = memory.At<float>(y)[row * width + i];
                if (!(std::abs(found - wanted) <= 5e-5 * wanted)) return false;
              }
            }
            return true;
          }};
}

Case BlockScan(Memory& memory) {
  const std::size_t blocks = 512, items = 1024;
  const std::uint64_t in =
      memory.Fill<int>(blocks * items, [](std::size_t i) { return static_cast<int>(Value(i)); });
  const std::uint64_t out = memory.Fill<int>(blocks * items, [](std::size_t) { return 0; });
  return {.what = "CUB block scan",
          .kernel = "block_scan",
          .shape = Shape({static_cast<std::uint32_t>(blocks)}, {256}),
          .params = Params().Add(in).Add(out),
          .goal = 0.8,
          .right = [=, &memory] {
            int sum = 0;
            for (std::size_t i = 0; i < blocks * items; ++i) {
              sum = (i % items == 0 ? 0 : sum) + static_cast<int>(Value(i));
              if (memory.At<int>(out)[i] != sum) return false;
            }
            return true;
          }};
}

Case Mma(Memory& memory) {
  const int n = 256;
  const std::size_t side = 256, count = side * side;
  const auto half = [](std::size_t i) { return HalfOf(Value(i)); };
  const std::uint64_t a = memory.Fill<std::uint16_t>(count, half);
  const std::uint64_t b = memory.Fill<std::uint16_t>(count, half);
  const std::uint64_t c = memory.Fill<float>(count, [](std::size_t) { return 0.0f; });
  return {.what = "mma.sync f16 256",
          .kernel = "mma_f16",
          .shape = Shape({8, 4}, {128}),
          .params = Params().Add(a).Add(b).Add(c).Add(n),
          .goal = 1.3,
          .flops = 2.0 * static_cast<double>(side * side * side),
          .right = [=, &memory] {
            for (std::size_t i = 0; i < count; ++i) {
              float sum = 0;
              for (std::size_t k = 0; k < side; ++k) {
                sum += Value(i / side * side + k) * Value(i % side * side + k);
              }
              if (memory.At<float>(c)[i] != sum) return false;
            }
            return true;
          }};
}

const Function* KernelOf(LoadedModule& module, const std::string& part) {
  for (const ptx::Function& function : module.source.functions) {
    if (function.kernel && function.name.find(part) != std::string_view::npos) {
      return OrDie(Prepare(module, function.name));
    }
  }
  Die("no kernel " + part);
}

// 1e9 lane-instructions, or floating-point operations, per second: the best of several launches,
// for other programs run as well.
double Measure(LoadedModule& module, const Case& one, double seconds) {
  const Function* kernel = KernelOf(module, one.kernel);
  LaunchOptions options;
  options.host_threads = 1;
  double best = 0;
  const double begin = Seconds();
  for (int i = 0; i < 3 || Seconds() - begin < seconds; ++i) {
    Findings findings;
    LaunchRecord record;
    const double start = Seconds();
    const int error =
        RunGrid(module, *kernel, one.shape, one.params.bytes, findings, options, &record);
    const double took = Seconds() - start;
    const std::vector<Finding> found = findings.Take();
    if (error != 0 || !found.empty()) {
      Die(one.what + ": " + (found.empty() ? std::to_string(error) : found.front().text));
    }
    std::uint64_t lanes = 0;
    for (const OpCounts& counts : record.counts) lanes += counts.lanes;
    const double work = one.flops != 0 ? one.flops : static_cast<double>(lanes);
    best = std::max(best, work / took / 1e9);
  }
  if (!one.right()) Die(one.what + ": a wrong result");
  return best;
}

// What a module costs before its first launch: to be parsed and loaded; and to have all of its
// kernels decoded, though a program pays only for those that it launches.
void MeasureLoad(const std::string& text, const char* what, Arena& arena) {
  double load = 1e9, decode = 1e9;
  std::size_t instructions = 0;
  for (int i = 0; i < 20; ++i) {
    std::string copy = text;
    const double begin = Seconds();
    const auto module = OrDie(LoadModule(std::move(copy), arena, BestIsa()));
    const double loaded = Seconds();
    instructions = 0;
    for (const ptx::Function& function : module->source.functions) {
      instructions += function.body.size();
      if (function.kernel) OrDie(Prepare(*module, function.name));
    }
    load = std::min(load, (loaded - begin) * 1e3);
    decode = std::min(decode, (Seconds() - loaded) * 1e3);
  }
  std::printf("parse and load %s, %zu instructions, %zu KB\t%.1f ms\tat most 10 ms\n", what,
              instructions, text.size() / 1000, load);
  std::printf("decode all of %s\t%.1f ms\t10 ms wanted\n", what, decode);
}

void RunAll(const std::string& kernels, const std::string& softmax, const std::string& large,
            const std::string& only, double seconds) {
  const auto arena = OrDie(Arena::Make(std::uint64_t{1} << 30));
  Memory memory{*arena};
  const bool vector_unit = BestIsa() == Isa::kAvx2;
  struct Modules {
    std::unique_ptr<LoadedModule> kernels, softmax;
  };
  const auto load = [&](Isa isa) {
    return Modules{OrDie(LoadModule(kernels, *arena, isa)),
                   OrDie(LoadModule(softmax, *arena, isa))};
  };
  const Modules best = load(BestIsa()), portable = load(Isa::kPortable);
  for (const auto make : {VectorAdd, Matmul, Transpose, Softmax, BlockScan, Mma}) {
    const Case one = make(memory);
    if (!only.empty() && one.kernel.find(only) == std::string::npos) continue;
    const auto measure = [&](const Modules& modules) {
      return Measure(one.in_softmax ? *modules.softmax : *modules.kernels, one, seconds);
    };
    const char* unit = one.flops != 0 ? "GFLOP/s" : "G lane-instructions/s";
    const double fast = measure(best);
    std::printf("%s\t%.2f %s\t", one.what.c_str(), fast, unit);
    if (one.goal != 0) std::printf("at least %.1f", one.goal);
    std::printf("\n");
    std::fflush(stdout);
    if (!vector_unit || !only.empty()) continue;
    const double slow = measure(portable);
    std::printf("%s, portable\t%.2f %s, %.1f times slower\tat most 4 times\n", one.what.c_str(),
                slow, unit, fast / slow);
  }
  if (!only.empty()) return;
  MeasureLoad(kernels, "the kernels above", *arena);
  MeasureLoad(softmax, "the candidate for softmax", *arena);
  MeasureLoad(large, "a candidate with CUB, Thrust and cuRAND", *arena);
}

}  // namespace
}  // namespace caesar::sim

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: sim_bench KERNELS.ptx SOFTMAX.ptx LARGE.ptx [NAME [SECONDS]]\n");
    return 2;
  }
  using namespace caesar::sim;
  RunAll(ReadFile(argv[1]), ReadFile(argv[2]), ReadFile(argv[3]), argc > 4 ? argv[4] : "",
         argc > 5 ? std::atof(argv[5]) : 1.0);
}
