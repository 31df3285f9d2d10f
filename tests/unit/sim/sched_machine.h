// Runs a kernel of a few lines of PTX on the simulated GPU and shows what it left behind.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/arena.h"
#include "sim/binder.h"
#include "sim/launch.h"
#include "sim/module.h"

namespace caesar::sim {

// The families that the scheduler's tests need.
inline Decode ScheduleFamilies(std::string_view opcode) {
  for (const std::string_view name :
       {"bra", "brx", "call", "ret", "exit", "trap", "bar", "barrier", "griddepcontrol", "pmevent",
        "brkpt", "alloca", "stacksave", "stackrestore"}) {
    if (opcode == name) return DecodeControl;
  }
  for (const std::string_view name :
       {"shfl", "vote", "match", "redux", "activemask", "elect", "nanosleep"}) {
    if (opcode == name) return DecodeWarp;
  }
  for (const std::string_view name :
       {"ld", "st", "atom", "red", "cvta", "membar", "fence", "isspacep", "mapa"}) {
    if (opcode == name) return DecodeMemory;
  }
  if (opcode == "cp" || opcode == "mbarrier") return DecodeAsync;
  if (opcode == "cvt") return DecodeConvert;
  return DecodeInteger;
}

class Machine {
 public:
  // A kernel k(.param .u64 out, .param .u32 n) with registers %p<16> %r<64> %rd<32> %h<8>; %rd0
  // holds `out`, %r0 the thread's number in the grid, %rd1 the address of out[%r0].
  static std::string Kernel(std::string_view body, std::string_view before = {},
                            std::string_view directives = {}) {
    return std::string(".version 9.0\n.target sm_90\n.address_size 64\n") + std::string(before) +
           "\n.visible .entry k(.param .u64 out, .param .u32 n)" + std::string(directives) +
           "\n{\n.reg .pred %p<16>; .reg .b32 %r<64>; .reg .b64 %rd<32>; .reg .b16 %h<8>;\n"
           "ld.param.u64 %rd0, [out]; mov.u32 %r60, %ctaid.x; mov.u32 %r61, %ntid.x;\n"
           "mov.u32 %r62, %tid.x; mad.lo.u32 %r0, %r60, %r61, %r62; mul.wide.u32 %rd1, %r0, 4;\n"
           "add.u64 %rd1, %rd0, %rd1;\n" +
           std::string(body) + "\nret;\n}\n";
  }

  // Runs k with words of zeros at `out`; the CUDA error, or -1 with `message` for what is not
  // simulated.
  int Run(const std::string& ptx, std::uint32_t blocks, std::uint32_t threads,
          std::size_t words = 4096) {
    if (arena == nullptr) arena = Arena::Make(std::uint64_t{256} << 20).value();
    auto loaded = LoadModule(ptx, *arena, BestIsa(), ScheduleFamilies);
    if (!loaded.ok()) return message = loaded.error().message, -1;
    module = std::move(loaded).value();
    auto kernel = Prepare(*module, "k");
    if (!kernel.ok()) return message = kernel.error().message, -1;
    const std::uint64_t address = arena->Allocate(words * 4, "out");
    std::vector<std::byte> params(12);
    std::memcpy(params.data(), &address, 8);
    std::memcpy(params.data() + 8, &n, 4);
    shape.blocks.x = blocks;
    shape.threads.x = threads;
    findings.Take();
    const int error = RunGrid(*module, *kernel.value(), shape, params, findings, options, &record);
    out.resize(words);
    std::memcpy(out.data(), arena->Host(address), words * 4);
    found = findings.Take();
    return error;
  }
  bool Found(FindingKind kind) const {
    for (const Finding& finding : found) {
      if (finding.kind == kind) return true;
    }
    return false;
  }
  std::string Text() const {
    std::string text = message;
    for (const Finding& finding : found) {
      text += std::string(Name(finding.kind)) + ": " + finding.text + "\n";
    }
    return text;
  }

  std::uint32_t n = 0;
  LaunchShape shape;
  LaunchOptions options;
  std::unique_ptr<Arena> arena;
  std::unique_ptr<LoadedModule> module;
  Findings findings;
  std::vector<Finding> found;
  LaunchRecord record;
  std::vector<std::uint32_t> out;
  std::string message;
};

}  // namespace caesar::sim
